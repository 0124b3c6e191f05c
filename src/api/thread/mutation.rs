//! Changes of threads.

use async_graphql::{Context, Object, SimpleObject};

use crate::{
    api::{
        shared::error::{UserError, done_or_problems},
        thread::Thread,
    },
    store::{Error, ReadThreads, Refusal, Session, Step, ThreadAct, ThreadOpen, ThreadUpdate, ThreadWritten},
    thread::input::{ThreadActionInput, ThreadOpenInput, ThreadUpdateInput},
};

/// The thread that was written; nothing where there are user errors.
#[derive(SimpleObject)]
pub struct ThreadPayload {
    /// As it stands now; null where there are user errors.
    thread: Option<Thread>,
    /// What is wrong with the input.
    user_errors: Vec<UserError>,
}

/// Changes of threads, for the provider and the consumer, with the scope `threads:write`.
#[derive(Default)]
pub struct ThreadMutation;

/// Reads the payload once the write is committed.
async fn payload(ctx: &Context<'_>, written: Result<ThreadWritten, Refusal>) -> Result<ThreadPayload, Error> {
    Ok(match done_or_problems(ctx, written)? {
        Ok(ThreadWritten(id)) => {
            let thread = ctx.data_unchecked::<Session>().threads().by_id(id).await?.map(Thread);
            ThreadPayload { thread, user_errors: Vec::new() }
        }
        Err(user_errors) => ThreadPayload { thread: None, user_errors },
    })
}

async fn act(ctx: &Context<'_>, step: Step, input: ThreadActionInput) -> Result<ThreadPayload, Error> {
    payload(ctx, ctx.data_unchecked::<Session>().write(ThreadAct { step, input }).await).await
}

#[Object]
impl ThreadMutation {
    /// Opens a thread on a service or on one element of its definition. A consumer opens its own; the provider opens one
    /// for a consumer. With the ticket of a thread that is open for the same service, element and consumer, it answers
    /// with that thread.
    async fn thread_open(&self, ctx: &Context<'_>, input: ThreadOpenInput) -> Result<ThreadPayload, Error> {
        payload(ctx, ctx.data_unchecked::<Session>().write(ThreadOpen(input)).await).await
    }

    /// Changes the title, the severity, the assignee, or feedback to an escalation, before the thread is CLOSED. The
    /// assignee is the provider's to name.
    async fn thread_update(&self, ctx: &Context<'_>, input: ThreadUpdateInput) -> Result<ThreadPayload, Error> {
        payload(ctx, ctx.data_unchecked::<Session>().write(ThreadUpdate(input)).await).await
    }

    /// The provider has seen it: from OPEN to ACKNOWLEDGED.
    async fn thread_acknowledge(&self, ctx: &Context<'_>, input: ThreadActionInput) -> Result<ThreadPayload, Error> {
        act(ctx, Step::Acknowledge, input).await
    }

    /// The provider goes to work on it: from OPEN or ACKNOWLEDGED to IN_PROGRESS.
    async fn thread_start(&self, ctx: &Context<'_>, input: ThreadActionInput) -> Result<ThreadPayload, Error> {
        act(ctx, Step::Start, input).await
    }

    /// Raises an escalation to the next level by hand, before it is RESOLVED. A level that was reached is not raised to
    /// again.
    async fn thread_raise(&self, ctx: &Context<'_>, input: ThreadActionInput) -> Result<ThreadPayload, Error> {
        act(ctx, Step::Raise, input).await
    }

    /// The provider has solved it: to RESOLVED from any status before.
    async fn thread_resolve(&self, ctx: &Context<'_>, input: ThreadActionInput) -> Result<ThreadPayload, Error> {
        act(ctx, Step::Resolve, input).await
    }

    /// It is not solved after all: from RESOLVED or CLOSED to IN_PROGRESS. The deadlines go on where they stopped.
    async fn thread_reopen(&self, ctx: &Context<'_>, input: ThreadActionInput) -> Result<ThreadPayload, Error> {
        act(ctx, Step::Reopen, input).await
    }

    /// It is done with: from RESOLVED to CLOSED; for the consumer from any status.
    async fn thread_close(&self, ctx: &Context<'_>, input: ThreadActionInput) -> Result<ThreadPayload, Error> {
        act(ctx, Step::Close, input).await
    }
}
