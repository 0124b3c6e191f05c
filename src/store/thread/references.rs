//! Keys of threads and messages in other systems. One key can have several of them; linking is recorded in the
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

/// A condition on `external_reference`: it has one of these keys; keys without a type match any type.
pub(in crate::store) fn any_of(references: &[ExternalReferenceInput]) -> Condition {
    references.iter().fold(Condition::any(), |any, ExternalReferenceInput { system, r#type, key, url: _ }| {
        any.add(is_called(system, r#type.as_deref(), key))
    })
}

impl ThreadWrites<'_> {
    /// Links a checked key to the thread or the message with this id, or unlinks it. False if the id belongs to
    /// neither.
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

    /// The organization to which references belong that the viewer links to a thread or to one of its messages.
    pub(in crate::store) fn links_to_thread_for(self, thread: &Changing) -> OrganizationId {
        self.viewer.links_for(thread.provider)
    }

    /// Links checked keys to a thread or to one of its messages. Keys that are linked already stay. Returns whether
    /// anything changed.
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

    /// Unlinks a key of the viewer from a thread or from one of its messages; of any type if the key has none. Returns
    /// whether anything changed.
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

    /// Writes references of a thread or of one of its messages, with the log and the timeline. Returns whether anything
    /// changed.
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

/// The thread, or one of its messages, as the object of a reference.
fn referenced(thread: &Changing, message: Option<&message::Model>) -> Referenced {
    let (kind, id) = match message {
        None => (ReferencedKind::Thread, thread.state.row.id.0),
        Some(message) => (ReferencedKind::Message, message.id.0),
    };
    Referenced { kind, id, service: Some(thread.state.row.service_id), provider: None }
}
