//! Messages of threads.

use async_graphql::{Context, ID, Object, SimpleObject};
use entente_entity::{enums::Visibility, scalar::DateTime};

use crate::{
    api::{
        reference::{self, ExternalReference, Referenced},
        service::contact::Actor,
        shared::{
            connection::connection,
            list::List,
            price,
            reader::shown,
            user_error::{UserError, done_or_problems},
        },
        thread::Thread,
    },
    store::{
        Error, MessageEdit, MessagePost, MessageRedact, MessageRow, MessageWritten, ReadThreads, Refusal, Session,
        Written,
    },
    thread::input::{MessageEditInput, MessagePostInput, MessageRedactInput},
};

/// A message.
#[derive(Clone)]
pub struct Message(pub(in crate::api) MessageRow);

connection!(MessageConnection, MessageEdge, Message);

/// A message in a thread.
#[Object]
impl Message {
    /// The global id. It never changes.
    pub(in crate::api) async fn id(&self) -> ID {
        ID(self.0.row.id.to_string())
    }

    /// The thread that contains the message.
    async fn thread(&self) -> Thread {
        Thread(self.0.thread.clone())
    }

    /// The person or program that wrote the message.
    async fn author(&self) -> Actor {
        Actor(self.0.row.author.clone())
    }

    /// The text. Empty after the message was redacted.
    async fn body(&self, ctx: &Context<'_>) -> Result<&str, Error> {
        shown(ctx, self.0.row.body.as_str())
    }

    /// Who can read the message: both parties, or only the provider.
    async fn visibility(&self) -> Visibility {
        self.0.row.visibility
    }

    /// When the message was posted.
    async fn created_at(&self) -> DateTime {
        self.0.row.created_at
    }

    /// When the author last edited the message. Null if it was never edited.
    async fn edited_at(&self) -> Option<DateTime> {
        self.0.row.edited_at
    }

    /// When the text was deleted permanently. Null if it was not.
    async fn redacted_at(&self) -> Option<DateTime> {
        self.0.row.redacted_at
    }

    /// The keys in other systems that the viewer may see.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    pub(in crate::api) async fn external_references(&self) -> Result<List<ExternalReference>, Error> {
        Ok(reference::all(&self.0.references().await?, &Referenced::Message(self.clone())))
    }
}

/// The result of a mutation of a message. Nothing was written if there are user errors.
#[derive(SimpleObject)]
pub struct MessagePayload {
    /// The current message. Null if there are user errors.
    message: Option<Message>,
    /// The errors in the input. Empty if the mutation succeeded.
    user_errors: Vec<UserError>,
}

/// Mutations of messages, with the scope `threads:write`.
#[derive(Default)]
pub struct MessageMutation;

/// Reads the payload after the commit.
async fn payload(
    ctx: &Context<'_>,
    written: Result<Written<MessageWritten>, Refusal>,
) -> Result<MessagePayload, Error> {
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
    /// Posts a message in a thread. A consumer cannot see INTERNAL messages anywhere. Needs the scope `threads:write`.
    async fn message_post(&self, ctx: &Context<'_>, input: MessagePostInput) -> Result<MessagePayload, Error> {
        payload(ctx, ctx.data_unchecked::<Session>().write(MessagePost(input)).await).await
    }

    /// Changes the text of a message. Only for its author, and only while the thread is not CLOSED (otherwise
    /// INVALID_STATE). Needs the scope `threads:write`.
    async fn message_edit(&self, ctx: &Context<'_>, input: MessageEditInput) -> Result<MessagePayload, Error> {
        payload(ctx, ctx.data_unchecked::<Session>().write(MessageEdit(input)).await).await
    }

    /// Deletes the text of a message permanently: in the message, its history, the change log and the search. Only for
    /// the party that wrote the message (scope `threads:write`), and with the scope `admin`.
    async fn message_redact(&self, ctx: &Context<'_>, input: MessageRedactInput) -> Result<MessagePayload, Error> {
        payload(ctx, ctx.data_unchecked::<Session>().write(MessageRedact(input)).await).await
    }
}
