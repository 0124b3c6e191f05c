//! The connections that are open, and which of them is closed so that a new client gets in.
//!
//! A connection that waits for its client, for the next request, for the rest of one or for its answer to be read, may be closed
//! when there is no place for another; one whose request is at work may not.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

/// A connection without a request costs its client less than one with half a request: its time counts so many times.
const IDLE_COUNTS: u32 = 4;
/// What a client may take for its part in any case, so that none is cut that only takes its turn.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it is looked who has become slow, while one waits for a place.
const LOOK: Duration = Duration::from_millis(100);

/// All connections of a server.
pub(super) struct Connections {
    places: Arc<Semaphore>,
    per_address: Option<usize>,
    open: Mutex<HashMap<u64, Arc<Connection>>>,
    next: AtomicU64,
    /// A connection has begun to wait for its client.
    waits: Notify,
}

/// One connection, as those who work on it say what it is at.
pub(super) struct Connection {
    address: IpAddr,
    state: Mutex<State>,
    closing: CancellationToken,
    all: Arc<Connections>,
}

#[derive(Clone, Copy, Debug)]
struct State {
    at: At,
    since: Instant,
    is_closing: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// No request, or half a head of one.
    Idle,
    /// The head of a request has come, and its body has not.
    Receiving,
    /// A request is at work.
    Working,
    /// There is an answer; `handed_over` once hyper has all of it, though the client may not.
    Sending { handed_over: bool },
    /// Another protocol is spoken.
    Upgraded,
}

/// A connection's place, until it is dropped.
pub(super) struct Open {
    id: u64,
    connection: Arc<Connection>,
    _place: OwnedSemaphorePermit,
}

impl Connections {
    /// So many at a time, and so many from one address.
    pub fn new(most: usize, per_address: Option<usize>) -> Arc<Self> {
        let (open, next, waits) = Default::default();
        Arc::new(Self { places: Arc::new(Semaphore::new(most)), per_address, open, next, waits })
    }

    /// Takes a connection in. Where there is no place for it, the one that has waited for its client the longest is closed;
    /// where none waits, it waits for one that does. `None` where its address has as many as it may, all of them at work.
    pub async fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Open> {
        if let Some(most) = self.per_address
            && self.of(address) >= most
            && !self.close_one(|connection| connection.address == address)
        {
            return None;
        }
        let place = loop {
            let waits = self.waits.notified();
            if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
                break place;
            }
            self.make_room();
            tokio::select! {
                place = Arc::clone(&self.places).acquire_owned() => break place.ok()?,
                () = waits => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        };
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let connection = Arc::new(Connection {
            address,
            state: Mutex::new(State { at: At::Idle, since: Instant::now(), is_closing: false }),
            closing: CancellationToken::new(),
            all: Arc::clone(self),
        });
        self.locked().insert(id, Arc::clone(&connection));
        Some(Open { id, connection, _place: place })
    }

    /// Closes the connection that has waited for its client the longest, unless one is closing already.
    pub fn make_room(&self) {
        if !self.locked().values().any(|connection| connection.locked().is_closing) {
            self.close_one(|_| true);
        }
    }

    fn of(&self, address: IpAddr) -> usize {
        let open = self.locked();
        open.values().filter(|connection| connection.address == address && !connection.locked().is_closing).count()
    }

    fn close_one(&self, fits: impl Fn(&Connection) -> bool) -> bool {
        let now = Instant::now();
        let open = self.locked();
        let waits = open.values().filter(|connection| fits(connection)).filter_map(|connection| {
            let waited = connection.locked().waited(now)?;
            Some((waited, connection))
        });
        waits.max_by_key(|(waited, _)| *waited).is_some_and(|(_, connection)| connection.close())
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<u64, Arc<Connection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// How long it has waited for its client, as far as that counts; `None` where it does not.
    fn waited(&self, now: Instant) -> Option<Duration> {
        let waited = now.saturating_duration_since(self.since);
        let counted = match self.at {
            At::Idle => waited * IDLE_COUNTS,
            At::Receiving | At::Sending { .. } => waited,
            At::Working | At::Upgraded => return None,
        };
        (counted >= PATIENCE && !self.is_closing).then_some(counted)
    }
}

impl Connection {
    /// A request's head has come. `false` where the connection is closing.
    pub fn begin(&self, has_body: bool) -> bool {
        self.turn_to(if has_body { At::Receiving } else { At::Working })
    }

    /// All of the request has come.
    pub fn work(&self) {
        self.turn_to(At::Working);
    }

    /// The answer is there. What is given is to be dropped when hyper has all of it.
    pub fn send(self: &Arc<Self>) -> HandedOver {
        self.turn_to(At::Sending { handed_over: false });
        HandedOver(Arc::clone(self))
    }

    /// What comes now is no HTTP.
    pub fn upgrade(&self) {
        self.turn_to(At::Upgraded);
    }

    /// What hyper has of the answer has been sent.
    pub fn flushed(&self) {
        let is_sent = self.locked().at == At::Sending { handed_over: true };
        if is_sent {
            self.turn_to(At::Idle);
        }
    }

    /// Whether the head of a request has come and its answer is not there yet.
    pub fn is_busy(&self) -> bool {
        matches!(self.locked().at, At::Receiving | At::Working | At::Upgraded)
    }

    /// Whether an answer is being sent.
    pub fn is_sending(&self) -> bool {
        matches!(self.locked().at, At::Sending { .. })
    }

    /// Whether another protocol is spoken.
    pub fn is_upgraded(&self) -> bool {
        self.locked().at == At::Upgraded
    }

    /// Comes when the connection is to be closed for another.
    pub async fn closed(&self) {
        self.closing.cancelled().await;
    }

    fn close(&self) -> bool {
        // What has begun to work meanwhile stays.
        let mut state = self.locked();
        if state.waited(Instant::now()).is_none() {
            return false;
        }
        state.is_closing = true;
        self.closing.cancel();
        true
    }

    fn turn_to(&self, at: At) -> bool {
        let mut state = self.locked();
        let is_open = !state.is_closing;
        *state = State { at, since: Instant::now(), ..*state };
        drop(state);
        if at != At::Working {
            self.all.waits.notify_one();
        }
        is_open
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells, when it is dropped, that hyper has all of an answer.
pub(super) struct HandedOver(Arc<Connection>);

impl Drop for HandedOver {
    fn drop(&mut self) {
        if let At::Sending { handed_over } = &mut self.0.locked().at {
            *handed_over = true;
        }
    }
}

impl Open {
    /// The connection that has the place.
    pub fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.connection.all.locked().remove(&self.id);
    }
}
