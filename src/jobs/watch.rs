//! Monitors whether the database can be written to, so that another server is found before a write needs it, and logs
//! changes.

use std::time::Duration;

use crate::store::Store;

/// Time between two checks.
const PERIOD: Duration = Duration::from_secs(1);

/// Monitors until `stop`.
pub async fn run(store: Store, stop: impl Future<Output = ()> + Send) {
    tokio::pin!(stop);
    let mut period = tokio::time::interval(PERIOD);
    period.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => return,
            _ = period.tick() => {}
        }
        tokio::select! {
            biased;
            () = &mut stop => return,
            _ = store.watch() => {}
        }
    }
}
