//! Work that turns out to be much. It is done apart from the rest: on a thread of its own, when it is its turn. So what is
//! little work is not held up by what is much.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::{runtime::Handle, sync::oneshot};
use tracing::Instrument;

use super::{NoTurn, Principal, Turns};

/// Where work says that it is much.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Mutex<Option<Ask>>>);

/// Asks to be let through, with the way to be told.
type Ask = oneshot::Sender<oneshot::Sender<()>>;

impl Gate {
    /// A gate, and where it tells that somebody asks to pass. Who answers that lets them through.
    pub fn new() -> (Self, oneshot::Receiver<oneshot::Sender<()>>) {
        let (ask, asked) = oneshot::channel();
        (Self(Arc::new(Mutex::new(Some(ask)))), asked)
    }

    /// Says that the work is much, and goes on where and when it is done. At once, where that was said before.
    pub async fn pass(&self) {
        let ask = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (through, is_through) = oneshot::channel();
        if ask.is_some_and(|ask| ask.send(through).is_ok()) {
            // Whoever does not let it through drops it.
            let _ = is_through.await;
        }
    }
}

/// Does this work: here, until it says that it is much, and then apart, in a turn of this principal's.
pub async fn run<F>(
    turns: &Arc<Turns>,
    who: impl FnOnce() -> Principal,
    work: impl FnOnce(Gate) -> F,
) -> Result<F::Output, NoTurn>
where
    F: Future<Output: Send> + Send + 'static,
{
    let (gate, asked) = Gate::new();
    let mut work = Box::pin(work(gate));
    let through = tokio::select! {
        biased;
        done = &mut work => return Ok(done),
        Ok(through) = asked => through,
    };
    let turn = turns.take(who()).await?;
    let apart = async move {
        let _turn = turn;
        let _ = through.send(());
        work.await
    };
    Ok(on_a_thread(apart).await)
}

/// Does this work on a thread that is not one of those that answer requests. It ends when nobody waits for it any more.
async fn on_a_thread<F>(work: F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    let runtime = Handle::current();
    let (mut sender, done) = oneshot::channel();
    let work = async move {
        tokio::select! {
            done = work => drop(sender.send(done)),
            () = sender.closed() => {}
        }
    }
    .in_current_span();
    let thread = tokio::task::spawn_blocking(move || runtime.block_on(work));
    match (done.await, thread) {
        (Ok(done), _) => done,
        (Err(_), thread) => match thread.await {
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // The runtime ends, and whoever waits with it.
            _ => std::future::pending().await,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            atomic::{AtomicBool, Ordering},
            mpsc,
        },
        thread,
        time::Duration,
    };

    use futures_util::future::join;

    use super::*;

    #[tokio::test]
    async fn work_is_done_on_another_thread_while_this_one_does_something_else() {
        let here = thread::current().id();
        let (sender, receiver) = mpsc::channel();
        // It holds its thread until something comes.
        let work = on_a_thread(async move { (thread::current().id(), receiver.recv()) });
        let ((there, came), ()) = join(work, async { sender.send(7).unwrap() }).await;
        assert_eq!(came, Ok(7));
        assert_ne!(there, here);
    }

    #[tokio::test]
    async fn work_ends_when_nobody_waits_for_it() {
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
