//! Posting, editing and redacting messages.

use entente_entity::{
    agreement,
    change::{self, FieldChange, Fields},
    definition,
    enums::{ChangeAction, ChangeEntityType, ReferencedKind, ThreadStatus, Visibility},
    external_reference,
    id::{MessageId, ThreadId},
    message,
    scalar::DateTime,
    thread,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{ThreadWrites, WriteThreads, change::Changing, read::seen_by, references::any_of};
use crate::{
    definition::{
        at::At,
        document::ExternalReferenceInput,
        limits::{MAX_NAME, line_rule, reference_problems, text_rule},
    },
    policy::{Changed, Scope, Viewer},
    problem::{Problem, Rule, Thing},
    store::{
        db::error::{Error, Refusal, refuse},
        index::WriteIndex,
        write::{mutation::Write, rows::Row, writer::Writer},
    },
    thread::input::{MAX_BODY, MessageEditInput, MessagePostInput, MessageRedactInput, ThreadKey},
};

/// Maximum number of characters of the reason for a redaction.
const MAX_REASON: usize = 1_000;

/// A message to post.
#[derive(Clone, Debug, Serialize)]
pub struct MessagePost(pub MessagePostInput);

/// A message to edit.
#[derive(Clone, Debug, Serialize)]
pub struct MessageEdit(pub MessageEditInput);

/// A message to redact.
#[derive(Clone, Debug, Serialize)]
pub struct MessageRedact(pub MessageRedactInput);

/// The message that was written.
#[derive(Debug, Serialize, Deserialize)]
pub struct MessageWritten(pub MessageId);

/// The text of a new message, and who may read it.
pub(in crate::store) struct Said<'a> {
    body: &'a str,
    visibility: Visibility,
}

impl<'a> Said<'a> {
    /// A message that both sides may read.
    pub(in crate::store) fn shared(body: &'a str) -> Self {
        Self { body, visibility: Visibility::Shared }
    }
}

impl ThreadWrites<'_> {
    /// Adds a checked message to a thread.
    pub(in crate::store) async fn say(self, thread: &mut Changing, said: Said<'_>) -> Result<message::Model, Error> {
        let Said { body, visibility } = said;
        let created_at = match visibility {
            Visibility::Shared => thread.shared_instant(self.now),
            // Does not change `updated_at`, which a consumer sees.
            Visibility::Internal => thread.internal_instant(self.now),
        };
        let row = message::Model {
            id: MessageId::new(),
            thread_id: thread.state.row.id,
            service_id: thread.state.row.service_id,
            author: self.actor(),
            body: body.to_owned(),
            visibility,
            created_at,
            edited_at: None,
            redacted_at: None,
        };
        self.insert(vec![row.clone().into_active_model()]).await?;
        self.index().write_message(&thread.state.row, &row).await?;
        let visibility = FieldChange::set("visibility", json!(row.visibility));
        let fields = [FieldChange::set("body", &*row.body), visibility];
        self.log(Changed::message(&thread.state.row, &row), ChangeAction::Created, fields);
        Ok(row)
    }

    /// The change of the terms that a thread asks for, as stored.
    pub(in crate::store) async fn suggestion_of(self, thread: ThreadId) -> Result<Option<String>, Error> {
        let of_it = thread::Entity::find().filter(thread::Column::Id.eq(thread));
        let of_it = of_it.select_only().column(thread::Column::Suggestion);
        let suggestion: Option<Option<String>> = of_it.into_tuple().one(&self.transaction).await?;
        Ok(suggestion.flatten())
    }

    /// Posts a message in a thread that is open. False if it is not open.
    pub(in crate::store) async fn go_on(self, thread: ThreadId, body: &str) -> Result<bool, Refusal> {
        let Some(mut thread) = self.open_one(thread).await? else { return Ok(false) };
        self.say(&mut thread, Said::shared(body)).await?;
        self.write(thread).await?;
        Ok(true)
    }

    /// The message with this id and its thread, if the viewer sees both. The thread is locked.
    pub(in crate::store) async fn change_message(
        self,
        id: &str,
        at: &str,
    ) -> Result<(Changing, message::Model), Refusal> {
        let not_found = || Refusal::from(Problem::at([at], Rule::not_found(Thing::Message)));
        seen_by(&self.viewer)?;
        let id = MessageId::parse(id).ok_or_else(not_found)?;
        let thread = message::Entity::find_by_id(id).one(&self.transaction).await?.ok_or_else(not_found)?.thread_id;
        let thread = self.change(&ThreadKey::Id(thread.to_string().into()), at).await;
        let thread = thread.map_err(|refusal| match refusal {
            Refusal::Problems(_) => not_found(),
            error => error,
        })?;
        // Read again, with the thread locked, because it may have been changed.
        let seen = message::Entity::find_by_id(id).filter(self.viewer.sees_messages()).one(&self.transaction).await?;
        Ok((thread, seen.ok_or_else(not_found)?))
    }

    /// The first message of a thread that already has one of these keys; keys without a type match any type.
    async fn posted_already(
        self,
        thread: &Changing,
        references: &[ExternalReferenceInput],
    ) -> Result<Option<MessageId>, Error> {
        use message::Column;
        if references.is_empty() {
            return Ok(None);
        }
        let named = external_reference::Entity::find()
            .select_only()
            .column(external_reference::Column::EntityId)
            .filter(external_reference::Column::OrganizationId.eq(self.links_to_thread_for(thread)))
            .filter(external_reference::Column::EntityKind.eq(ReferencedKind::Message))
            .filter(any_of(references));
        Ok(message::Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::ThreadId.eq(thread.state.row.id))
            .filter(Column::Id.in_subquery(named.into_query()))
            .filter(self.viewer.sees_messages())
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .limit(1)
            .into_tuple()
            .one(&self.transaction)
            .await?)
    }

    /// Writes a changed message.
    async fn write_message(self, mut thread: Changing, row: message::Model) -> Result<(), Error> {
        match row.visibility {
            Visibility::Shared => thread.shared_instant(self.now),
            Visibility::Internal => thread.internal_instant(self.now),
        };
        self.index().write_message(&thread.state.row, &row).await?;
        row.into_active_model().reset_all().update(&self.transaction).await?;
        self.write(thread).await
    }

    /// Deletes the text of a message from the log of changes. Returns all texts that the message had.
    async fn blank_changes(self, id: MessageId) -> Result<Vec<Value>, Error> {
        let mut texts = Vec::new();
        let rows = change::Entity::find()
            .filter(change::Column::EntityType.eq(ChangeEntityType::Message))
            .filter(change::Column::EntityId.eq(id.0))
            .all(&self.transaction)
            .await?;
        for row in rows {
            let bodies = row.fields.0.iter().filter(|field| field.name == "body");
            texts.extend(bodies.flat_map(|field| [field.before.clone(), field.after.clone()]).flatten());
            self.blank(row, |field| field.name == "body").await?;
        }
        Ok(texts)
    }

    /// Deletes these texts from the comments of objections that were said in a thread, and from the log of these decisions.
    async fn blank_comments(self, thread: &thread::Model, texts: &[Value]) -> Result<(), Error> {
        let is_blanked = |text: &Value| texts.contains(text);
        let said = agreement::Column::ThreadId.eq(thread.id);
        let decisions = agreement::Entity::find().filter(said).all(&self.transaction).await?;
        for row in decisions {
            if row.comment.clone().is_some_and(|comment| is_blanked(&comment.into())) {
                let blanked = agreement::ActiveModel { comment: Set(None), ..row.into() };
                agreement::Entity::update(blanked).exec(&self.transaction).await?;
            }
        }
        let revisions = definition::Entity::find()
            .select_only()
            .column(definition::Column::Id)
            .filter(definition::Column::ServiceId.eq(thread.service_id));
        let rows = change::Entity::find()
            // By the index over the objects: the object of an agreement's change is the revision.
            .filter(change::Column::EntityId.in_subquery(revisions.into_query()))
            .filter(change::Column::EntityType.eq(ChangeEntityType::Agreement))
            .filter(change::Column::OrganizationId.eq(thread.consumer_id))
            .all(&self.transaction)
            .await?;
        for row in rows {
            let holds = |field: &FieldChange| {
                field.name == "comment" && [&field.before, &field.after].into_iter().flatten().any(is_blanked)
            };
            if row.fields.0.iter().any(holds) {
                self.blank(row, holds).await?;
            }
        }
        Ok(())
    }

    /// Deletes the values of these fields from a row of the log.
    async fn blank(self, row: change::Model, is_blanked: impl Fn(&FieldChange) -> bool) -> Result<(), Error> {
        let blank = |field: FieldChange| if is_blanked(&field) { field.without_values() } else { field };
        let fields = Fields(row.fields.0.into_iter().map(blank).collect());
        let blanked = change::ActiveModel { id: Set(row.id), fields: Set(fields), ..Default::default() };
        change::Entity::update(blanked).exec(&self.transaction).await?;
        Ok(())
    }
}

impl Write for MessagePost {
    type Done = MessageWritten;

    fn name(&self) -> &'static str {
        "messagePost"
    }

    fn check(&self, viewer: &Viewer) -> Result<(), Refusal> {
        viewer.require(Scope::ThreadsWrite)?;
        let MessagePostInput { body, on_behalf_of, external_references, .. } = &self.0;
        let mut problems = Vec::new();
        let mut look = |field: &str, rule: Option<Rule>| problems.extend(rule.map(|rule| Problem::at([field], rule)));
        look("body", text_rule(body, MAX_BODY));
        look("onBehalfOf", on_behalf_of.as_deref().and_then(|name| line_rule(name, MAX_NAME)));
        let references = external_references.as_deref().unwrap_or_default();
        problems.extend(reference_problems(references, &At::top("externalReferences")));
        refuse(problems)
    }

    fn row(&self) -> Option<Row> {
        Row::thread(&self.0.thread)
    }

    async fn run(&self, writer: &mut Writer) -> Result<MessageWritten, Refusal> {
        let MessagePostInput { thread, body, visibility, on_behalf_of, external_references } = &self.0;
        writer.on_behalf_of.clone_from(on_behalf_of);
        let references: &[ExternalReferenceInput] = external_references.as_deref().unwrap_or_default();
        let mut thread = writer.threads().change(thread, "thread").await?;
        if *visibility == Visibility::Internal && !writer.threads().side(&thread).provider {
            return Err(Problem::at(["visibility"], Rule::ProviderOnly).into());
        }
        if let Some(posted) = writer.threads().posted_already(&thread, references).await? {
            return Ok(MessageWritten(posted));
        }
        let row = writer.threads().say(&mut thread, Said { body, visibility: *visibility }).await?;
        writer.threads().link(&mut thread, Some(&row), references).await?;
        writer.threads().write(thread).await?;
        Ok(MessageWritten(row.id))
    }
}

impl Write for MessageEdit {
    type Done = MessageWritten;

    fn name(&self) -> &'static str {
        "messageEdit"
    }

    fn check(&self, viewer: &Viewer) -> Result<(), Refusal> {
        viewer.require(Scope::ThreadsWrite)?;
        refuse(text_rule(&self.0.body, MAX_BODY).map(|rule| Problem::at(["body"], rule)).into_iter().collect())
    }

    async fn run(&self, writer: &mut Writer) -> Result<MessageWritten, Refusal> {
        let MessageEditInput { message, body } = &self.0;
        let (thread, mut row) = writer.threads().change_message(message, "message").await?;
        let (author, actor) = (&row.author, writer.actor());
        if (author.kind, &author.subject, author.organization) != (actor.kind, &actor.subject, actor.organization) {
            return Err(Problem::at(["message"], Rule::AuthorOnly).into());
        }
        if row.redacted_at.is_some() {
            return Err(Problem::at(["message"], Rule::Redacted).into());
        }
        if thread.state.row.status == ThreadStatus::Closed {
            let status = thread.state.row.status.name();
            return Err(Problem::at(["message"], Rule::WrongStatus { status }).into());
        }
        let id = row.id;
        if row.body != *body {
            let field = FieldChange::between("body", Some(json!(row.body)), Some(json!(body)));
            row.body.clone_from(body);
            row.edited_at = Some(writer.now.max(row.created_at));
            writer.log(Changed::message(&thread.state.row, &row), ChangeAction::Updated, field);
            writer.threads().write_message(thread, row).await?;
        }
        Ok(MessageWritten(id))
    }
}

impl Write for MessageRedact {
    type Done = MessageWritten;

    fn name(&self) -> &'static str {
        "messageRedact"
    }

    fn check(&self, viewer: &Viewer) -> Result<(), Refusal> {
        viewer.require(Scope::ThreadsWrite)?;
        refuse(text_rule(&self.0.reason, MAX_REASON).map(|rule| Problem::at(["reason"], rule)).into_iter().collect())
    }

    async fn run(&self, writer: &mut Writer) -> Result<MessageWritten, Refusal> {
        let MessageRedactInput { message, reason } = &self.0;
        let (thread, mut row) = writer.threads().change_message(message, "message").await?;
        let is_own = row.author.organization.is_some_and(|author| writer.viewer.acts_for(author));
        if !is_own && !writer.viewer.is_admin() {
            return Err(Problem::at(["message"], Rule::OtherPartysMessage).into());
        }
        let id = row.id;
        if row.redacted_at.is_none() {
            let at: DateTime = writer.now.max(row.created_at);
            row.body.clear();
            row.redacted_at = Some(at);
            let texts = writer.threads().blank_changes(id).await?;
            writer.threads().blank_comments(&thread.state.row, &texts).await?;
            let fields = [FieldChange::set("redactedAt", at.to_string()), FieldChange::set("reason", reason.as_str())];
            writer.log(Changed::message(&thread.state.row, &row), ChangeAction::Updated, fields);
            writer.threads().write_message(thread, row).await?;
        }
        Ok(MessageWritten(id))
    }
}
