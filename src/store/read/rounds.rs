//! What is asked for by keys below lists, and read together. While a request is answered, what its fields ask for is noted;
//! once none of them can go on, a round ends: each kind of thing that was asked for is read for all who asked, at once.
//!
//! The entries of a list come to the same field in the same round, so that the number of statements depends on what is asked,
//! not on how much there is of it. For that, nothing is kept from one round to the next: what was read before would be
//! there for some entries and not for others, who would come a round later.

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

/// What was asked for in this round.
#[derive(Default)]
pub(in crate::store) struct Rounds {
    /// Whether there is somebody who ends rounds.
    are_ended: AtomicBool,
    noted: Mutex<Noted>,
}

#[derive(Default)]
struct Noted {
    groups: Vec<Box<dyn Group>>,
    /// The group that was asked last: the fields of an entry ask in the same order as those of the one before.
    last: usize,
}

/// Those who ask for one relation.
trait Group: Send {
    fn as_any(&mut self) -> &mut dyn Any;
    fn read(self: Box<Self>, session: Session) -> BoxFuture<'static, ()>;
}

/// What a key has, if anything.
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
                // Whoever does not wait any more needs none.
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
    /// What a key has; it is read at the end of the round, together with what others ask for.
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

    /// Does what reads through this session, and ends its rounds: whenever it waits for nothing else.
    pub async fn in_rounds<F: Future>(&self, work: F) -> F::Output {
        // Nothing of it may wait for a turn that nobody told us of.
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
                    // What waits at the gate comes to the same round once it is open.
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

/// Somebody ends rounds, until this is dropped.
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

/// Whether the work can go on.
#[derive(Default)]
struct Woken {
    is: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Woken {
    /// Who polls the work now.
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

/// Lets others have their turn. Unlike the runtime's own way it says so at once, and not when all others have had it: work that
/// can go on ends no round.
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
