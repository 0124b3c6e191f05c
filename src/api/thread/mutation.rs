//! Mutations of threads.

use async_graphql::{Context, Object, SimpleObject};

use crate::{
    api::{
        shared::user_error::{UserError, done_or_problems},
        thread::Thread,
    },
    store::{Error, ReadThreads, Refusal, Session, ThreadAct, ThreadOpen, ThreadUpdate, ThreadWritten, Written},
    thread::{
        action::Action,
        input::{ThreadActionInput, ThreadOpenInput, ThreadUpdateInput},
    },
};

/// The result of a mutation of a thread. Nothing was written if there are user errors.
#[derive(SimpleObject)]
pub struct ThreadPayload {
    /// The current thread. Null if there are user errors.
    thread: Option<Thread>,
    /// The errors in the input. Empty if the mutation succeeded.
    user_errors: Vec<UserError>,
}

/// Mutations of threads, for the provider and the consumer, with the scope `threads:write`.
#[derive(Default)]
pub struct ThreadMutation;

/// Reads the payload after the commit.
async fn payload(ctx: &Context<'_>, written: Result<Written<ThreadWritten>, Refusal>) -> Result<ThreadPayload, Error> {
    Ok(match done_or_problems(ctx, written)? {
        Ok(ThreadWritten(id)) => {
            let thread = ctx.data_unchecked::<Session>().threads().by_id(id).await?.map(Thread);
            ThreadPayload { thread, user_errors: Vec::new() }
        }
        Err(user_errors) => ThreadPayload { thread: None, user_errors },
    })
}

async fn act(ctx: &Context<'_>, action: Action, input: ThreadActionInput) -> Result<ThreadPayload, Error> {
    payload(ctx, ctx.data_unchecked::<Session>().write(ThreadAct { action, input }).await).await
}

#[Object]
impl ThreadMutation {
    /// Opens a thread about a service or one element of its definition. A consumer opens a thread for itself; the
    /// provider opens one for a consumer. If an open thread for the same service, element and consumer has the same
    /// ticket already, the mutation returns that thread. Needs the scope `threads:write`.
    async fn thread_open(&self, ctx: &Context<'_>, input: ThreadOpenInput) -> Result<ThreadPayload, Error> {
        payload(ctx, ctx.data_unchecked::<Session>().write(ThreadOpen(input)).await).await
    }

    /// Changes the title, the severity or the assignee, or converts feedback into an escalation. Not possible when the
    /// thread is CLOSED (INVALID_STATE). Only the provider can change the assignee. Needs the scope `threads:write`.
    async fn thread_update(&self, ctx: &Context<'_>, input: ThreadUpdateInput) -> Result<ThreadPayload, Error> {
        payload(ctx, ctx.data_unchecked::<Session>().write(ThreadUpdate(input)).await).await
    }

    /// The provider acknowledges the thread. Status: from OPEN to ACKNOWLEDGED. Only for the provider; needs the scope
    /// `threads:write`.
    async fn thread_acknowledge(&self, ctx: &Context<'_>, input: ThreadActionInput) -> Result<ThreadPayload, Error> {
        act(ctx, Action::Acknowledge, input).await
    }

    /// The provider starts to work on the thread. Status: from OPEN or ACKNOWLEDGED to IN_PROGRESS. Only for the
    /// provider; needs the scope `threads:write`.
    async fn thread_start(&self, ctx: &Context<'_>, input: ThreadActionInput) -> Result<ThreadPayload, Error> {
        act(ctx, Action::Start, input).await
    }

    /// Raises an escalation to the next level by hand. Status: before RESOLVED; it does not change. A thread is raised
    /// to each level only once. Needs the scope `threads:write`.
    async fn thread_raise(&self, ctx: &Context<'_>, input: ThreadActionInput) -> Result<ThreadPayload, Error> {
        act(ctx, Action::Raise, input).await
    }

    /// The provider resolves the thread. Status: from OPEN, ACKNOWLEDGED or IN_PROGRESS to RESOLVED. Only for the
    /// provider; needs the scope `threads:write`.
    async fn thread_resolve(&self, ctx: &Context<'_>, input: ThreadActionInput) -> Result<ThreadPayload, Error> {
        act(ctx, Action::Resolve, input).await
    }

    /// Reopens a thread that is not solved. Status: from RESOLVED or CLOSED to IN_PROGRESS. The deadlines continue from
    /// where they stopped. Needs the scope `threads:write`.
    async fn thread_reopen(&self, ctx: &Context<'_>, input: ThreadActionInput) -> Result<ThreadPayload, Error> {
        act(ctx, Action::Reopen, input).await
    }

    /// Closes the thread. Status: from RESOLVED to CLOSED; the consumer can close from any status. Needs the scope
    /// `threads:write`.
    async fn thread_close(&self, ctx: &Context<'_>, input: ThreadActionInput) -> Result<ThreadPayload, Error> {
        act(ctx, Action::Close, input).await
    }
}
