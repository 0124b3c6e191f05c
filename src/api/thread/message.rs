//! Messages of threads.

use async_graphql::{Context, ID, Object, SimpleObject};
use entente_entity::{enums::Visibility, scalar::DateTime};

use crate::{
    api::{
        reference::{self, ExternalReference, Referenced},
        service::contact::Actor,
        shared::{
            connection::connection,
            error::{UserError, done_or_problems},
            list::List,
            price,
            reader::shown,
        },
        thread::Thread,
    },
    store::{
        Error, MessageEdit, MessagePost, MessageRedact, MessageRow, MessageWritten, ReadThreads, Refusal, Session,
    },
    thread::input::{MessageEditInput, MessagePostInput, MessageRedactInput},
};

/// A message.
#[derive(Clone)]
pub struct Message(pub(in crate::api) MessageRow);

connection!(MessageConnection, MessageEdge, Message);

/// Something that was written in a thread.
#[Object]
impl Message {
    /// Global, and stable.
    pub(in crate::api) async fn id(&self) -> ID {
        ID(self.0.row.id.to_string())
    }

    /// The thread that it belongs to.
    async fn thread(&self) -> Thread {
        Thread(self.0.thread.clone())
    }

    /// Who wrote it.
    async fn author(&self) -> Actor {
        Actor(self.0.row.author.clone())
    }

    /// What it says; empty once it is redacted.
    async fn body(&self, ctx: &Context<'_>) -> Result<&str, Error> {
        shown(ctx, self.0.row.body.as_str())
    }

    /// Who reads it: both sides, or the provider's side only.
    async fn visibility(&self) -> Visibility {
        self.0.row.visibility
    }

    /// When it was written.
    async fn created_at(&self) -> DateTime {
        self.0.row.created_at
    }

    /// When its author last changed it; null where it is as it was written.
    async fn edited_at(&self) -> Option<DateTime> {
        self.0.row.edited_at
    }

    /// When its text was taken out for good; null where it was not.
    async fn redacted_at(&self) -> Option<DateTime> {
        self.0.row.redacted_at
    }

    /// Other systems' keys for it, as far as the viewer may see them.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    pub(in crate::api) async fn external_references(&self) -> Result<List<ExternalReference>, Error> {
        Ok(reference::all(&self.0.references().await?, &Referenced::Message(self.clone())))
    }
}

/// The message that was written; nothing where there are user errors.
#[derive(SimpleObject)]
pub struct MessagePayload {
    /// As it stands now; null where there are user errors.
    message: Option<Message>,
    /// What is wrong with the input.
    user_errors: Vec<UserError>,
}

/// Changes of messages, with the scope `threads:write`.
#[derive(Default)]
pub struct MessageMutation;

/// Reads the payload once the write is committed.
async fn payload(ctx: &Context<'_>, written: Result<MessageWritten, Refusal>) -> Result<MessagePayload, Error> {
    Ok(match done_or_problems(ctx, written)? {
        Ok(MessageWritten(id)) => {
            let message =
                ctx.data_unchecked::<Session>().threads().messages_by_ids(vec![id]).await?.remove(&id).map(Message);
            MessagePayload { message, user_errors: Vec::new() }
        }
        Err(user_errors) => MessagePayload { message: None, user_errors },
    })
}

#[Object]
impl MessageMutation {
    /// Writes in a thread. INTERNAL messages are the provider's: no consumer meets them in any way.
    async fn message_post(&self, ctx: &Context<'_>, input: MessagePostInput) -> Result<MessagePayload, Error> {
        payload(ctx, ctx.data_unchecked::<Session>().write(MessagePost(input)).await).await
    }

    /// Changes what a message says: for its author, while the thread is not CLOSED.
    async fn message_edit(&self, ctx: &Context<'_>, input: MessageEditInput) -> Result<MessagePayload, Error> {
        payload(ctx, ctx.data_unchecked::<Session>().write(MessageEdit(input)).await).await
    }

    /// Blanks the text of a message for good, in the message, its history, the log of changes and the search: for the
    /// party whose message it is, and for an admin.
    async fn message_redact(&self, ctx: &Context<'_>, input: MessageRedactInput) -> Result<MessagePayload, Error> {
        payload(ctx, ctx.data_unchecked::<Session>().write(MessageRedact(input)).await).await
    }
}
