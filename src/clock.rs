//! The time, passed in wherever it is needed, so that a test can move it by hand.

use std::{fmt, sync::Arc};

use chrono::{TimeDelta, Utc};
use entente_entity::scalar::DateTime;

/// Tells the time.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> chrono::DateTime<Utc> + Send + Sync>,
    is_moved: bool,
}

impl Clock {
    /// The machine's time.
    pub fn system() -> Self {
        Self { now: Arc::new(machine), is_moved: false }
    }

    /// A time that something else moves.
    pub fn manual(now: impl Fn() -> chrono::DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(now), is_moved: true }
    }

    /// Now, cut to microseconds.
    pub fn now(&self) -> DateTime {
        DateTime::new((self.now)())
    }

    /// Now, according to another clock, such as the database's: its time plus the offset by which this clock was moved.
    pub fn beside(&self, other: chrono::DateTime<Utc>) -> DateTime {
        let moved = if self.is_moved { (self.now)() - machine() } else { TimeDelta::zero() };
        DateTime::new(other + moved)
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
fn machine() -> chrono::DateTime<Utc> {
    Utc::now()
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}
