//! Who writes when: nobody's writes keep another's waiting, and what a write holds it holds to its end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use entente::{
    policy::Viewer,
    store::{Error, Refusal, Session, Store, Write, Writer},
    turns::Shares,
};
use futures_util::future::join_all;
use serde::Serialize;
use tokio::sync::{Notify, Semaphore};

use crate::app::App;

/// Holds its transaction for a while, or until it must end.
#[derive(Clone, Serialize)]
struct Slow {
    #[serde(skip)]
    begun: Arc<AtomicUsize>,
    #[serde(skip)]
    done: Arc<AtomicUsize>,
    #[serde(skip)]
    until: Option<Arc<Notify>>,
}

impl Slow {
    fn new() -> Self {
        Self { begun: Arc::default(), done: Arc::default(), until: None }
    }
}

impl Write for Slow {
    type Done = ();

    fn name(&self) -> &'static str {
        "slow"
    }

    fn check(&self, _: &Viewer) -> Result<(), Refusal> {
        Ok(())
    }

    async fn run(&self, _: &mut Writer) -> Result<(), Refusal> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        match &self.until {
            Some(until) => until.notified().await,
            None => tokio::time::sleep(Duration::from_millis(20)).await,
        }
        self.done.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

async fn session(app: &App, store: &Store, subject: &str) -> Session {
    let mut claims = app.loner(&[]).caller.claims.unwrap();
    subject.clone_into(&mut claims.subject);
    Session::open(store, Some(store.viewer(claims).await.unwrap()), None, None, None)
}

async fn until(done: impl Fn() -> bool) {
    for _ in 0..2000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("it did not come to pass within 4 s");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_write_of_another_waits_for_few_of_whoever_writes_much() {
    let app = App::new().await;
    let (many, one) = (session(&app, &app.store, "many").await, session(&app, &app.store, "one").await);
    let slow = Slow::new();
    let writes: Vec<_> = (0..40)
        .map(|_| {
            let (many, slow) = (many.clone(), slow.clone());
            tokio::spawn(async move { many.write(slow).await })
        })
        .collect();
    until(|| slow.begun.load(Ordering::SeqCst) > 0).await;
    let before = slow.done.load(Ordering::SeqCst);
    one.write(Slow::new()).await.unwrap();
    let meanwhile = slow.done.load(Ordering::SeqCst) - before;
    assert!(meanwhile <= 4, "{meanwhile} writes of another came before");
    assert!(join_all(writes).await.into_iter().all(|write| write.unwrap().is_ok()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_is_full_says_so_and_who_is_gone_leaves_it() {
    let app = App::new().await;
    let store = app.store.clone().share_writers(Shares { part: 0.25, queue: 2 });
    let (many, one) = (session(&app, &store, "many").await, session(&app, &store, "one").await);
    let end = Arc::new(Notify::new());
    let held = Slow { until: Some(end.clone()), ..Slow::new() };
    let write = |slow: &Slow| {
        let (many, slow) = (many.clone(), slow.clone());
        tokio::spawn(async move { many.write(slow).await })
    };
    let first = write(&held);
    until(|| held.begun.load(Ordering::SeqCst) == 1).await;
    let abandoned = Slow::new();
    let waiting = [write(&abandoned), write(&abandoned)];
    tokio::time::sleep(Duration::from_millis(50)).await;
    let refused = many.write(Slow::new()).await;
    assert!(matches!(refused, Err(Refusal::Error(Error::RateLimited))), "{refused:?}");
    for write in waiting {
        write.abort();
        let _ = write.await;
    }
    // There is room again, for those who still wait.
    let last = Slow::new();
    let (again, other) = (write(&last), tokio::spawn(async move { one.write(Slow::new()).await }));
    tokio::time::sleep(Duration::from_millis(50)).await;
    end.notify_one();
    for write in [first, again, other] {
        write.await.unwrap().unwrap();
    }
    assert_eq!((abandoned.begun.load(Ordering::SeqCst), last.done.load(Ordering::SeqCst)), (0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_has_begun_goes_on_without_its_client_and_holds_its_place() {
    let app = App::new().await;
    let places = Arc::new(Semaphore::new(1));
    let place = Arc::new(places.clone().try_acquire_owned().unwrap());
    let viewer = app.store.viewer(app.loner(&[]).caller.claims.unwrap()).await.unwrap();
    let session = Session::open(&app.store, Some(viewer), None, Some(place), None);
    let end = Arc::new(Notify::new());
    let slow = Slow { until: Some(end.clone()), ..Slow::new() };
    let begun = slow.begun.clone();
    let done = slow.done.clone();
    let client = tokio::spawn(async move { session.write(slow).await });
    until(|| begun.load(Ordering::SeqCst) == 1).await;
    client.abort();
    let _ = client.await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(places.available_permits(), 0);
    end.notify_one();
    until(|| places.available_permits() == 1).await;
    assert_eq!(done.load(Ordering::SeqCst), 1);
}
