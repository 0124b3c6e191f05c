//! Other systems' keys for threads and messages: one key may name several of them, and what is linked is told by the
//! timeline.

use entente_entity::{
    enums::{ChangeAction, ReferencedKind, ThreadEventKind, Visibility},
    id::{MessageId, OrganizationId, ThreadId, parse_typeid},
    message,
};
use sea_orm::Condition;
use serde_json::{Map, Value, json};

use super::{ThreadWrites, change::Changing};
use crate::{
    definition::{at::At, document::ExternalReferenceInput},
    policy::Changed,
    store::{
        db::error::{Error, Refusal},
        reference::{
            WriteReferences,
            link::{ReferenceWanted, Referenced},
            planned::{ReferencesPlanned, shown},
            read::is_called,
        },
    },
    thread::input::ThreadKey,
};

/// On `external_reference`: whether it is one of these; without a type, it is one whatever its type is.
pub(in crate::store) fn any_of(references: &[ExternalReferenceInput]) -> Condition {
    references.iter().fold(Condition::any(), |any, ExternalReferenceInput { system, r#type, key, url: _ }| {
        any.add(is_called(system, r#type.as_deref(), key))
    })
}

impl ThreadWrites<'_> {
    /// Links a key, which was checked, to the thread or the message with this id, or unlinks it. False if the id is of neither.
    pub(in crate::store) async fn refer_to(
        self,
        entity: &str,
        reference: &ExternalReferenceInput,
        is_link: bool,
    ) -> Result<bool, Refusal> {
        let (mut thread, message) = match parse_typeid(entity) {
            Some((prefix, _)) if prefix == ThreadId::PREFIX || prefix == MessageId::PREFIX => {
                if prefix == ThreadId::PREFIX {
                    (self.change(&ThreadKey::Id(entity.into()), "entity").await?, None)
                } else {
                    let (thread, message) = self.change_message(entity, "entity").await?;
                    (thread, Some(message))
                }
            }
            _ => return Ok(false),
        };
        let changed = match is_link {
            true => self.link(&mut thread, message.as_ref(), std::slice::from_ref(reference)).await?,
            false => self.unlink(&mut thread, message.as_ref(), reference).await?,
        };
        if changed {
            self.write(thread).await?;
        }
        Ok(true)
    }

    /// To whom a reference belongs that the viewer links to a thread or to one of its messages.
    pub(in crate::store) fn links_to_thread_for(self, thread: &Changing) -> OrganizationId {
        self.viewer.links_for(thread.provider)
    }

    /// Links keys, which were checked, to a thread or to one of its messages; whether that changed anything. Those that are linked already
    /// stay.
    pub(in crate::store) async fn link(
        self,
        thread: &mut Changing,
        message: Option<&message::Model>,
        references: &[ExternalReferenceInput],
    ) -> Result<bool, Refusal> {
        if references.is_empty() {
            return Ok(false);
        }
        let (owner, entity) = (self.links_to_thread_for(thread), referenced(thread, message));
        let wanted = ReferenceWanted::each_once(entity, references, &At::top("externalReferences"));
        let mut known = self.references().known_of(owner, entity).await?;
        let planned = self.references().plan(owner, wanted, &mut known).await?;
        Ok(self.write_references(thread, message, planned).await?)
    }

    /// Takes a key of the viewer's from a thread, or from one of its messages; without a type, under whatever type it
    /// was; whether that changed anything.
    async fn unlink(
        self,
        thread: &mut Changing,
        message: Option<&message::Model>,
        key: &ExternalReferenceInput,
    ) -> Result<bool, Error> {
        let (owner, entity) = (self.links_to_thread_for(thread), referenced(thread, message));
        let rows = self.references().linked(owner, entity, key).await?;
        self.write_references(thread, message, ReferencesPlanned::unlinked(rows, None)).await
    }

    /// Writes references of a thread or of one of its messages, logs them for its consumer, and tells of them in the timeline.
    async fn write_references(
        self,
        thread: &mut Changing,
        message: Option<&message::Model>,
        planned: ReferencesPlanned,
    ) -> Result<bool, Error> {
        let internal = message.is_some_and(|message| message.visibility == Visibility::Internal);
        for one in &planned.rows {
            let changed = Changed::reference_of_thread(&thread.state.row, message, &one.row);
            self.log(changed, one.action, one.fields.clone());
            let kind = match one.action {
                ChangeAction::Created => ThreadEventKind::ReferenceLinked,
                ChangeAction::Deleted => ThreadEventKind::ReferenceUnlinked,
                ChangeAction::Updated => continue,
            };
            let mut detail: Map<String, Value> = shown(&one.row);
            if let Some(message) = message {
                detail.insert("message".into(), json!(message.id.to_string()));
            }
            thread.tell(kind, detail.into(), self.actor(), self.now, internal);
        }
        let staged: Vec<_> = planned.rows.into_iter().map(|one| (one.action, one.row)).collect();
        let changed = !staged.is_empty();
        self.references().write_staged(staged).await?;
        Ok(changed)
    }
}

/// The thread, or one of its messages, as a thing that references name.
fn referenced(thread: &Changing, message: Option<&message::Model>) -> Referenced {
    let (kind, id) = match message {
        None => (ReferencedKind::Thread, thread.state.row.id.0),
        Some(message) => (ReferencedKind::Message, message.id.0),
    };
    Referenced { kind, id, service: Some(thread.state.row.service_id), provider: None }
}
