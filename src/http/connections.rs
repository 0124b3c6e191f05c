//! The open connections, and the choice of one that is closed when there is no place for a new one.
//!
//! Only a connection that waits for its client is closed: for the next request, for the rest of a request, or until the client has
//! read the answer. A connection whose request is being answered is not.

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

/// The factor for the time of a connection without a request: losing it costs its client less than losing a half-sent request.
const IDLE_COUNTS: u32 = 4;
/// The time that every client may take, so that a connection of a normal client is not closed.
const PATIENCE: Duration = Duration::from_secs(1);
/// The pause between two searches for a slow client, while a new connection waits for a place.
const LOOK: Duration = Duration::from_millis(100);

/// All connections of a server.
pub(super) struct Connections {
    places: Arc<Semaphore>,
    per_address: Option<usize>,
    open: Mutex<HashMap<u64, Arc<Connection>>>,
    next: AtomicU64,
    /// Notified when a connection begins to wait for its client.
    waits: Notify,
}

/// One connection, with its current state.
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
    /// Without a request, or with an incomplete head of one.
    Idle,
    /// The head of a request has arrived, its body has not.
    Receiving,
    /// A request is being answered.
    Working,
    /// An answer is being sent. `handed_over`: hyper has the complete answer; the client may not have it yet.
    Sending { handed_over: bool },
    /// The connection uses another protocol.
    Upgraded,
}

/// The place of a connection, until it is dropped.
pub(super) struct Open {
    id: u64,
    connection: Arc<Connection>,
    _place: OwnedSemaphorePermit,
}

impl Connections {
    /// At most `most` connections at a time, and at most `per_address` from one address.
    pub fn new(most: usize, per_address: Option<usize>) -> Arc<Self> {
        let (open, next, waits) = Default::default();
        Arc::new(Self { places: Arc::new(Semaphore::new(most)), per_address, open, next, waits })
    }

    /// Accepts a connection. If there is no place for it, closes the connection that has waited for its client the longest; if none
    /// waits, waits for one. `None` if its address has its maximum of connections, and none of them waits for its client.
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
            self.close_slowest();
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
    pub fn close_slowest(&self) {
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
    /// How long it has waited for its client, with [`IDLE_COUNTS`]. `None` if it does not wait, or not longer than [`PATIENCE`].
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
    /// The head of a request has arrived. `false` if the connection is being closed.
    pub fn begin(&self, has_body: bool) -> bool {
        self.turn_to(if has_body { At::Receiving } else { At::Working })
    }

    /// The complete request has arrived.
    pub fn work(&self) {
        self.turn_to(At::Working);
    }

    /// The answer is ready. The result must be dropped when hyper has the complete answer.
    pub fn send(self: &Arc<Self>) -> HandedOver {
        self.turn_to(At::Sending { handed_over: false });
        HandedOver(Arc::clone(self))
    }

    /// The connection changes to another protocol.
    pub fn upgrade(&self) {
        self.turn_to(At::Upgraded);
    }

    /// All that hyper has of the answer was sent.
    pub fn flushed(&self) {
        let is_sent = self.locked().at == At::Sending { handed_over: true };
        if is_sent {
            self.turn_to(At::Idle);
        }
    }

    /// Whether the head of a request has arrived and its answer is not ready.
    pub fn is_busy(&self) -> bool {
        matches!(self.locked().at, At::Receiving | At::Working | At::Upgraded)
    }

    /// Whether an answer is being sent.
    pub fn is_sending(&self) -> bool {
        matches!(self.locked().at, At::Sending { .. })
    }

    /// Whether the connection uses another protocol.
    pub fn is_upgraded(&self) -> bool {
        self.locked().at == At::Upgraded
    }

    /// Waits until the connection must be closed for a new one.
    pub async fn closed(&self) {
        self.closing.cancelled().await;
    }

    fn close(&self) -> bool {
        // A request may have arrived since the choice.
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

/// Records, when it is dropped, that hyper has the complete answer.
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
