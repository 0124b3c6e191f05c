//! The time, passed in wherever it is needed, so that a test can move it by hand.

use std::{fmt, sync::Arc};

use chrono::Utc;
use entente_entity::scalar::DateTime;

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> chrono::DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The machine's time.
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
        Self(Arc::new(Utc::now))
    }

    /// A time that something else moves.
    pub fn manual(now: impl Fn() -> chrono::DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Now, cut to microseconds.
    pub fn now(&self) -> DateTime {
        DateTime::new((self.0)())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}
