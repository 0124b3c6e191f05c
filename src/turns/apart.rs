//! Large requests. A request that turns out to be large waits for a turn, and then continues on a separate thread, so that it does
//! not delay small requests.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    runtime::Handle,
    sync::{Semaphore, oneshot},
    task::JoinHandle,
};
use tracing::Instrument;

use super::{NoTurn, Principal, Turn, Turns};

/// The gate of one request. Its work passes the gate as soon as it is known to be large, and waits there for its turn.
#[derive(Clone, Debug)]
pub struct Gate(Arc<State>);

struct State {
    ask: Mutex<Option<Ask>>,
    is_asked: AtomicBool,
    /// Whether the queue of the request's principal is full.
    is_crowded: Box<dyn Fn() -> bool + Send + Sync>,
    /// Whether the request continues without a turn: see [`Gate::stay`].
    stays: AtomicBool,
    /// Closed when the gate opens: all work that waits for a permit continues.
    closed: Semaphore,
    turn: Mutex<Option<Turn>>,
}

impl fmt::Debug for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("State")
            .field("is_asked", &self.is_asked)
            .field("stays", &self.stays)
            .finish_non_exhaustive()
    }
}

/// The request for a turn. It contains the channel through which the turn is given.
type Ask = oneshot::Sender<oneshot::Sender<Turn>>;

impl Gate {
    /// A gate, and the channel through which it requests a turn. The gate opens when it receives the turn, or when the request for
    /// it is dropped.
    pub fn new() -> (Self, oneshot::Receiver<oneshot::Sender<Turn>>) {
        Self::crowded_if(|| false)
    }

    fn crowded_if(
        is_crowded: impl Fn() -> bool + Send + Sync + 'static,
    ) -> (Self, oneshot::Receiver<oneshot::Sender<Turn>>) {
        let (ask, asked) = oneshot::channel();
        let state = State {
            ask: Mutex::new(Some(ask)),
            is_asked: AtomicBool::new(false),
            is_crowded: Box::new(is_crowded),
            stays: AtomicBool::new(false),
            closed: Semaphore::new(0),
            turn: Mutex::default(),
        };
        (Self(Arc::new(state)), asked)
    }

    /// Declares that the request is large: waits for its turn, and continues on the separate thread. Returns immediately if the
    /// gate is open or the request stays.
    pub async fn pass(&self) {
        if self.is_passed() || self.stays() {
            return;
        }
        let ask = self.0.ask.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(ask) = ask else {
            // Another part of the request has requested the turn.
            let _ = self.0.closed.acquire().await;
            return;
        };
        self.0.is_asked.store(true, Ordering::Relaxed);
        let (through, is_through) = oneshot::channel();
        // Without a turn, the other side drops the channel.
        if ask.send(through).is_ok()
            && let Ok(turn) = is_through.await
        {
            self.hold(Some(turn));
        }
        self.0.closed.close();
    }

    /// Whether the gate is open: the request runs on a separate thread.
    pub fn is_passed(&self) -> bool {
        self.0.closed.is_closed()
    }

    /// Whether [`Gate::stay`] was called.
    pub fn stays(&self) -> bool {
        self.0.stays.load(Ordering::Relaxed)
    }

    /// Whether the queue of the request's principal is full. Then medium-sized requests pass the gate too, where they are refused
    /// before they use much time. Otherwise a client that immediately repeats refused requests would use the time of others.
    pub fn is_crowded(&self) -> bool {
        (self.0.is_crowded)()
    }

    /// Whether a part of the request waits at the gate.
    pub fn is_waited_at(&self) -> bool {
        self.0.is_asked.load(Ordering::Relaxed) && !self.is_passed()
    }

    /// Gives the turn back, and lets the request continue without waiting at the gate again. A write calls this before it changes
    /// data: a request that waits for a turn can be refused, and the refusal would say that nothing was changed.
    pub fn stay(&self) {
        self.0.stays.store(true, Ordering::Relaxed);
        self.hold(None);
    }

    fn hold(&self, turn: Option<Turn>) {
        *self.0.turn.lock().unwrap_or_else(PoisonError::into_inner) = turn;
    }
}

/// Why a large request is refused.
pub trait Refusal: From<NoTurn> {
    /// Whether the reason is the principal's own requests, and not the requests of all principals together.
    fn is_for_own_work(&self) -> bool;
}

impl Refusal for NoTurn {
    fn is_for_own_work(&self) -> bool {
        *self == Self::Full
    }
}

/// Runs this work: in this task until it passes its gate, and then on a separate thread, with a turn of this principal. `admit` can
/// refuse a large request for another reason. Only refusals for the principal's own requests make the gate crowded: the requests of
/// others do not make small requests wait.
///
/// # Errors
///
/// If the request is large, and `admit` refuses it or there is no turn.
pub async fn run<F, E>(
    turns: &Arc<Turns>,
    who: impl Fn() -> Principal + Clone + Send + Sync + 'static,
    admit: impl Fn(&Principal) -> Result<(), E> + Clone + Send + Sync + 'static,
    work: impl FnOnce(Gate) -> F,
) -> Result<F::Output, E>
where
    F: Future<Output: Send> + Send + 'static,
    E: Refusal,
{
    let (gate, asked) = Gate::crowded_if({
        let (turns, who, admit) = (Arc::clone(turns), who.clone(), admit.clone());
        move || {
            let who = who();
            turns.is_full(&who) || admit(&who).is_err_and(|refusal| refusal.is_for_own_work())
        }
    });
    let mut work = Box::pin(work(gate.clone()));
    let through = tokio::select! {
        biased;
        done = &mut work => return Ok(done),
        Ok(through) = asked => through,
    };
    let who = who();
    admit(&who)?;
    // Meanwhile the other parts of the request continue until they reach the gate, and release what they hold, for example a
    // database connection.
    let turn = tokio::select! {
        biased;
        turn = turns.take(who) => turn?,
        done = &mut work => return Ok(done),
    };
    let apart = async move {
        // Other holders of the gate can live longer than the work.
        let _turn = GivesTurnBack(gate);
        let _ = through.send(turn);
        work.await
    };
    Ok(on_a_thread(apart).await)
}

/// Gives the turn of a gate back when it is dropped.
struct GivesTurnBack(Gate);

impl Drop for GivesTurnBack {
    fn drop(&mut self) {
        self.0.hold(None);
    }
}

/// Runs this work on a separate thread. It continues if the handle is dropped.
pub fn spawn<F>(work: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || runtime.block_on(work))
}

/// Runs this work on a thread that does not answer other requests. It ends if this future is dropped.
async fn on_a_thread<F>(work: F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    let (mut sender, done) = oneshot::channel();
    let work = async move {
        tokio::select! {
            done = work => drop(sender.send(done)),
            () = sender.closed() => {}
        }
    }
    .in_current_span();
    let thread = spawn(work);
    match done.await {
        Ok(done) => done,
        Err(_) => match thread.await {
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // The runtime is shutting down, and this task with it.
            _ => std::future::pending().await,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    use futures_util::future::join;

    use super::*;
    use crate::turns::Shares;

    async fn run<F>(turns: &Arc<Turns>, work: impl FnOnce(Gate) -> F) -> Result<F::Output, NoTurn>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        super::run(turns, Principal::default, |_| Ok::<_, NoTurn>(()), work).await
    }

    #[tokio::test]
    async fn work_runs_on_another_thread_while_this_one_continues() {
        let here = thread::current().id();
        let (sender, receiver) = mpsc::channel();
        // It blocks its thread until it receives a value.
        let work = on_a_thread(async move { (thread::current().id(), receiver.recv()) });
        let ((there, came), ()) = join(work, async { sender.send(7).unwrap() }).await;
        assert_eq!(came, Ok(7));
        assert_ne!(there, here);
    }

    #[tokio::test]
    async fn a_turn_is_held_until_the_work_leaves_it_or_ends() {
        let turns = Turns::new(1, Shares { part: 1.0, queue: 1 });
        let is_free = || turns.take_now(&Principal::default()).is_some();
        let (sender, receiver) = oneshot::channel();
        let work = |gate: Gate| async move {
            assert!(!gate.is_passed());
            gate.pass().await;
            assert!(gate.is_passed());
            receiver.await.unwrap();
            gate.clone()
        };
        let look = async {
            while is_free() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            sender.send(()).unwrap();
        };
        let (gate, ()) = join(run(&turns, work), look).await;
        assert!(is_free(), "it has ended, whoever knows the gate");
        assert!(gate.unwrap().is_passed());
        let left = run(&turns, async |gate| {
            gate.pass().await;
            gate.stay();
        });
        left.await.unwrap();
        assert!(is_free());
    }

    #[tokio::test]
    async fn other_parts_of_a_request_continue_while_it_waits_for_its_turn() {
        let turns = Turns::new(1, Shares { part: 1.0, queue: 1 });
        let taken = turns.take(Principal::default()).await.unwrap();
        let (statement, rows) = oneshot::channel();
        let (came, has_come) = oneshot::channel();
        let work = |gate: Gate| async move {
            let under_way = async {
                rows.await.unwrap();
                came.send(()).unwrap();
            };
            join(gate.pass(), under_way).await;
        };
        let others = async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            statement.send(()).unwrap();
            has_come.await.unwrap();
            drop(taken);
        };
        let (done, ()) = join(run(&turns, work), others).await;
        done.unwrap();
    }

    #[tokio::test]
    async fn only_the_gate_of_a_principal_with_a_full_queue_is_crowded() {
        let turns = Turns::new(1, Shares { part: 1.0, queue: 1 });
        let is_crowded = async |gate: Gate| gate.is_crowded();
        let taken = turns.take(Principal::default()).await.unwrap();
        assert!(!run(&turns, is_crowded).await.unwrap(), "nobody waits");
        let mut waits = Box::pin(turns.take(Principal::default()));
        assert!(futures_util::poll!(&mut waits).is_pending());
        assert!(run(&turns, is_crowded).await.unwrap());
        let other = || Principal::subject("other");
        let admit = |_: &Principal| Ok::<_, NoTurn>(());
        assert!(!super::run(&turns, other, admit, is_crowded).await.unwrap());
        let passes = async |gate: Gate| gate.pass().await;
        for (refusal, own) in [(NoTurn::Full, true), (NoTurn::Late, false)] {
            let refuse = move |_: &Principal| Err(refusal);
            assert_eq!(super::run(&turns, other, refuse, is_crowded).await.unwrap(), own, "{refusal}");
            assert_eq!(super::run(&turns, other, refuse, passes).await.unwrap_err(), refusal);
        }
        drop(waits);
        assert!(!run(&turns, is_crowded).await.unwrap(), "whoever is gone does not wait");
        drop(taken);
    }

    #[tokio::test]
    async fn work_ends_when_its_future_is_dropped() {
        struct Ends(Arc<AtomicBool>);
        impl Drop for Ends {
            fn drop(&mut self) {
                self.0.store(true, Ordering::SeqCst);
            }
        }
        let is_over = Arc::new(AtomicBool::new(false));
        let ends = Ends(is_over.clone());
        let work = on_a_thread(async move {
            let _ends = ends;
            std::future::pending::<()>().await;
        });
        assert!(tokio::time::timeout(Duration::from_millis(50), work).await.is_err());
        while !is_over.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    #[should_panic(expected = "on its thread")]
    async fn a_panic_is_the_callers() {
        on_a_thread(async { panic!("on its thread") }).await
    }
}
