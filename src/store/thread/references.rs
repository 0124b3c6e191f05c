//! Other systems' keys for threads and messages: one key may name several of them, and what is linked is told by the
//! timeline.

use std::collections::HashSet;

use entente_entity::{
    change::FieldChange,
    enums::{ChangeAction, ChangeEntityType, ReferencedKind, ThreadEventKind, Visibility},
    external_reference,
    id::{MessageId, OrganizationId, ReferenceId, ThreadId, parse_typeid},
    message,
    scalar::URL,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use serde_json::{Map, Value, json};

use super::{ThreadWrites, change::Changing};
use crate::{
    definition::document::ExternalReferenceInput,
    store::{
        db::error::{Error, Refusal},
        reference::{WriteReferences, link::shown},
        write::changes::Logged,
    },
    thread::input::ThreadKey,
};

/// On `external_reference`: whether it is one of these; without a type, it is one whatever its type is.
pub(in crate::store) fn any_of(references: &[ExternalReferenceInput]) -> Condition {
    use external_reference::Column;
    references.iter().fold(Condition::any(), |any, ExternalReferenceInput { system, r#type, key, url: _ }| {
        let named = Condition::all().add(Column::System.eq(system)).add(Column::Key.eq(key));
        any.add(named.add_option(r#type.as_ref().map(|class| Column::Class.eq(class))))
    })
}

impl ThreadWrites<'_> {
    /// Links a key, which was checked, to the thread or the message with this id, or unlinks it; whether that changed
    /// anything. `None` where the id is of neither.
    pub(in crate::store) async fn refer_to(
        self,
        entity: &str,
        reference: &ExternalReferenceInput,
        is_link: bool,
    ) -> Result<Option<bool>, Refusal> {
        let (thread, message) = match parse_typeid(entity) {
            Some((prefix, _)) if prefix == ThreadId::PREFIX || prefix == MessageId::PREFIX => {
                if prefix == ThreadId::PREFIX {
                    (self.change(&ThreadKey::Id(entity.into()), "entity").await?, None)
                } else {
                    let (thread, message) = self.change_message(entity, "entity").await?;
                    (thread, Some(message))
                }
            }
            _ => return Ok(None),
        };
        let (mut thread, logged) = (thread, self.logged());
        if is_link {
            self.link(&mut thread, message.as_ref(), std::slice::from_ref(reference)).await?;
        } else {
            self.unlink(&mut thread, message.as_ref(), reference).await?;
        }
        let changed = self.logged() > logged;
        if changed {
            self.write(thread).await?;
        }
        Ok(Some(changed))
    }

    /// To whom a reference belongs that the viewer links to a thread or to one of its messages.
    pub(in crate::store) fn links_to_thread_for(self, thread: &Changing) -> OrganizationId {
        self.viewer.links_for(thread.provider)
    }

    /// Links keys, which were checked, to a thread or to one of its messages. Those that are linked already stay.
    pub(in crate::store) async fn link(
        self,
        thread: &mut Changing,
        message: Option<&message::Model>,
        references: &[ExternalReferenceInput],
    ) -> Result<(), Error> {
        if references.is_empty() {
            return Ok(());
        }
        let owner = self.links_to_thread_for(thread);
        let (kind, id) = match message {
            None => (ReferencedKind::Thread, thread.state.row.id.0),
            Some(message) => (ReferencedKind::Message, message.id.0),
        };
        let mut current = external_reference::Entity::find()
            .filter(external_reference::Column::EntityId.eq(id))
            .filter(external_reference::Column::OrganizationId.eq(owner))
            .all(&self.transaction)
            .await?;
        let (mut new, mut changed) = (HashSet::new(), HashSet::new());
        for ExternalReferenceInput { system, r#type, key, url } in references {
            let (class, url) = (r#type.clone().unwrap_or_default(), url.clone().map(|URL(url)| url));
            let same =
                |row: &&mut external_reference::Model| (&row.system, &row.class, &row.key) == (system, &class, key);
            match current.iter_mut().find(same) {
                Some(row) if url.is_none() || row.url == url => {}
                Some(row) => {
                    let before = std::mem::replace(&mut row.url, url);
                    let field = FieldChange {
                        name: "url".into(),
                        before: before.map(Value::from),
                        after: row.url.clone().map(Value::from),
                    };
                    let row = row.clone();
                    self.log_thread_reference(thread, message, ChangeAction::Updated, &row, vec![field]);
                    changed.insert(row.id);
                }
                None => {
                    let row = external_reference::Model {
                        id: ReferenceId::new(),
                        organization_id: owner,
                        system: system.clone(),
                        class,
                        key: key.clone(),
                        url,
                        entity_kind: kind,
                        entity_id: id,
                        service_id: Some(thread.state.row.service_id),
                        slot: id.to_string(),
                        created_at: self.now,
                    };
                    let fields = shown(&row).into_iter();
                    let fields = fields.map(|(name, value)| FieldChange { name, before: None, after: Some(value) });
                    self.log_thread_reference(thread, message, ChangeAction::Created, &row, fields.collect());
                    self.tell_of_reference(thread, message, ThreadEventKind::ReferenceLinked, &row);
                    new.insert(row.id);
                    current.push(row);
                }
            }
        }
        // A key that is named twice is one row, as it stands in the end.
        let staged = current.into_iter().filter_map(|row| match (new.contains(&row.id), changed.contains(&row.id)) {
            (true, _) => Some((ChangeAction::Created, row)),
            (false, true) => Some((ChangeAction::Updated, row)),
            (false, false) => None,
        });
        self.references().write_staged(staged.collect()).await
    }

    /// Takes a key of the viewer's from a thread, or from one of its messages; without a type, under whatever type it
    /// was. One that is not there is none to take.
    pub(in crate::store) async fn unlink(
        self,
        thread: &mut Changing,
        message: Option<&message::Model>,
        key: &ExternalReferenceInput,
    ) -> Result<(), Error> {
        let id = message.map_or(thread.state.row.id.0, |message| message.id.0);
        let rows = external_reference::Entity::find()
            .filter(external_reference::Column::EntityId.eq(id))
            .filter(external_reference::Column::OrganizationId.eq(self.links_to_thread_for(thread)))
            .filter(external_reference::Column::System.eq(&key.system))
            .filter(external_reference::Column::Key.eq(&key.key))
            .filter(
                Condition::all()
                    .add_option(key.r#type.as_ref().map(|class| external_reference::Column::Class.eq(class))),
            )
            .all(&self.transaction)
            .await?;
        self.references().write_staged(rows.iter().map(|row| (ChangeAction::Deleted, row.clone())).collect()).await?;
        for row in rows {
            let fields = shown(&row).into_iter();
            let fields = fields.map(|(name, value)| FieldChange { name, before: Some(value), after: None });
            self.log_thread_reference(thread, message, ChangeAction::Deleted, &row, fields.collect());
            self.tell_of_reference(thread, message, ThreadEventKind::ReferenceUnlinked, &row);
        }
        Ok(())
    }

    fn tell_of_reference(
        self,
        thread: &mut Changing,
        message: Option<&message::Model>,
        kind: ThreadEventKind,
        row: &external_reference::Model,
    ) {
        let mut detail: Map<String, Value> = shown(row);
        if let Some(message) = message {
            detail.insert("message".into(), json!(message.id.to_string()));
        }
        thread.tell(kind, detail.into(), self.actor(), self.now, is_internal(message));
    }

    fn log_thread_reference(
        self,
        thread: &Changing,
        message: Option<&message::Model>,
        action: ChangeAction,
        row: &external_reference::Model,
        fields: Vec<FieldChange>,
    ) {
        let change = Logged {
            action,
            entity_type: ChangeEntityType::ExternalReference,
            entity_id: row.id.0,
            service_id: row.service_id,
            organization_id: Some(thread.state.row.consumer_id),
            fields,
        };
        self.log_for(change, is_internal(message));
    }
}

fn is_internal(message: Option<&message::Model>) -> bool {
    message.is_some_and(|message| message.visibility == Visibility::Internal)
}
