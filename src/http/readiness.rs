//! Whether the database is ready. Many probes cause few statements.

use std::time::Duration;

use tokio::{sync::Mutex, time::Instant};

use super::engine::Engine;
use crate::api::Access;

/// For how long a result of the database is used again.
const FRESH: Duration = Duration::from_millis(500);

/// The last result of the database.
#[derive(Default)]
pub(super) struct Readiness(Mutex<Last>);

#[derive(Default)]
struct Last {
    /// When it was read, and what can be done; `None` inside if the database was not ready.
    read: Option<(Instant, Option<Access>)>,
    /// Why the database was not ready. `None` if it was ready.
    reason: Option<String>,
}

impl Readiness {
    /// What can be done with the database, at most [`FRESH`] old. `None` if the database is not ready.
    pub(super) async fn access(&self, engine: &dyn Engine) -> Option<Access> {
        let mut last = self.0.lock().await;
        if let Some((at, ready)) = last.read
            && at.elapsed() < FRESH
        {
            return ready;
        }
        let ready = engine.ready().await;
        let reason = ready.as_ref().err().cloned();
        // Each reason is logged once.
        match &reason {
            Some(reason) if last.reason.as_ref() != Some(reason) => tracing::warn!(reason, "not ready"),
            None if last.reason.is_some() => tracing::info!("ready again"),
            _ => {}
        }
        let ready = ready.ok();
        *last = Last { read: Some((Instant::now(), ready)), reason };
        ready
    }
}
