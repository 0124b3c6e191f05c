//! Reads the keys that the fields of a request ask for in rounds. During a round the keys are collected. When no field
//! can continue, the round ends: each relation is read once, for all its keys.
//!
//! The entries of a list reach the same field in the same round, so that the number of statements depends on the query
//! and not on the number of entries. Therefore no values are kept between rounds: entries with a kept value would be a
//! round ahead of the others.

use std::{
    any::Any,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures_util::{
    FutureExt, StreamExt,
    future::{BoxFuture, poll_fn},
    stream::FuturesUnordered,
};
use tokio::{sync::oneshot, task::unconstrained};

use super::{
    batch::{self, Relation},
    session::Session,
};
use crate::{store::db::error::Error, turns::apart::Gate};

/// The keys of the present round.
#[derive(Default)]
pub(in crate::store) struct Rounds {
    /// Whether [`Session::in_rounds`] runs. Otherwise keys are read at once.
    are_ended: AtomicBool,
    noted: Mutex<Noted>,
}

#[derive(Default)]
struct Noted {
    groups: Vec<Box<dyn Group>>,
    /// The index of the group that was used last. It is where the search for a group begins, because all entries ask in
    /// the same order.
    last: usize,
}

/// The waiting fields of one relation.
trait Group: Send {
    fn as_any(&mut self) -> &mut dyn Any;
    fn read(self: Box<Self>, session: Session) -> BoxFuture<'static, ()>;
}

/// The value of a key, if it has one.
type Answer<R> = Result<Option<<R as Relation>::Value>, Error>;

struct Waiting<R: Relation> {
    relation: R,
    who: Vec<(R::Key, oneshot::Sender<Answer<R>>)>,
}

impl<R: Relation> Group for Waiting<R> {
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    fn read(self: Box<Self>, session: Session) -> BoxFuture<'static, ()> {
        let Self { relation, who } = *self;
        async move {
            let found = batch::read(&relation, &session, who.iter().map(|(key, _)| key.clone())).await;
            for (key, sender) in who {
                let one = match &found {
                    Ok(found) => Ok(found.get(&key).cloned()),
                    Err(error) => Err(error.clone()),
                };
                // The receiver may be gone.
                let _ = sender.send(one);
            }
        }
        .boxed()
    }
}

impl Rounds {
    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note<R: Relation>(&self, relation: R, key: R::Key) -> oneshot::Receiver<Answer<R>> {
        let (sender, receiver) = oneshot::channel();
        let mut noted = self.noted();
        let Noted { groups, last } = &mut *noted;
        let count = groups.len();
        for at in (0..count).map(|step| (*last + 1 + step) % count) {
            if let Some(waiting) = groups[at].as_any().downcast_mut::<Waiting<R>>()
                && waiting.relation == relation
            {
                waiting.who.push((key, sender));
                *last = at;
                return receiver;
            }
        }
        groups.push(Box::new(Waiting { relation, who: vec![(key, sender)] }));
        *last = count;
        receiver
    }
}

impl Session {
    /// The value of a key, if it has one. It is read at the end of the round, together with the other keys.
    pub(in crate::store) async fn load<R: Relation>(
        &self,
        relation: R,
        key: R::Key,
    ) -> Result<Option<R::Value>, Error> {
        if !self.rounds().are_ended.load(Ordering::Relaxed) {
            return Ok(relation.read(self, vec![key.clone()]).await?.remove(&key));
        }
        let given_up = |_| Err(Error::Corrupt("a round was given up".into()));
        self.rounds().note(relation, key).await.unwrap_or_else(given_up)
    }

    /// Runs work that reads through this session. Ends a round whenever the work waits for nothing else.
    pub async fn in_rounds<F: Future>(&self, work: F) -> F::Output {
        // Tokio's cooperative budget must not suspend it: that would look like waiting for data.
        let mut work = pin!(unconstrained(work));
        let mut reads = FuturesUnordered::new();
        let woken = Arc::new(Woken::default());
        let _ended = Ended::begin(self);
        poll_fn(|cx| {
            woken.by(cx.waker());
            loop {
                woken.is.store(false, Ordering::SeqCst);
                let waker = Waker::from(woken.clone());
                if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return Poll::Ready(done);
                }
                loop {
                    let mut came = false;
                    while let Poll::Ready(Some(())) = reads.poll_next_unpin(cx) {
                        came = true;
                    }
                    if came {
                        break;
                    }
                    // Fields that wait at the gate belong to the same round.
                    let is_held_up = self.gate().is_some_and(Gate::is_waited_at);
                    let is_busy = !reads.is_empty() || self.read().is_busy() || is_held_up;
                    let waits = is_busy || woken.is.load(Ordering::SeqCst);
                    let groups = if waits { Vec::new() } else { std::mem::take(&mut self.rounds().noted().groups) };
                    if groups.is_empty() {
                        return Poll::Pending;
                    }
                    reads.extend(groups.into_iter().map(|group| group.read(self.clone())));
                }
            }
        })
        .await
    }
}

/// Marks that rounds are ended, until it is dropped.
struct Ended<'s>(&'s Session);

impl<'s> Ended<'s> {
    fn begin(session: &'s Session) -> Self {
        session.rounds().are_ended.store(true, Ordering::Relaxed);
        Self(session)
    }
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.rounds().are_ended.store(false, Ordering::Relaxed);
        self.0.rounds().noted().groups.clear();
    }
}

/// Whether the work was woken.
#[derive(Default)]
struct Woken {
    is: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Woken {
    /// Sets the task that polls the work.
    fn by(&self, waker: &Waker) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if !task.as_ref().is_some_and(|task| task.will_wake(waker)) {
            *task = Some(waker.clone());
        }
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is.store(true, Ordering::SeqCst);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).clone();
        task.iter().for_each(Waker::wake_by_ref);
    }
}

/// Yields to other tasks. Unlike `tokio::task::yield_now` it wakes the task at once, so that the round does not end.
pub async fn give_way() {
    let mut gave = false;
    poll_fn(|cx| match gave {
        true => Poll::Ready(()),
        false => {
            gave = true;
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await;
}
