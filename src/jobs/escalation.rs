//! The escalation clock: records missed deadlines and raises threads when their time comes, by the database's time.

use std::time::Duration;

use crate::store::Store;

/// How often the clock looks: what is due is recorded within two seconds.
const PERIOD: Duration = Duration::from_secs(1);

/// Runs the clock until `stop` comes. Any number of replicas may run it; what was missed while none did is made up for.
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
        // It goes on by itself where the clock is stopped: nothing is left half done.
        let store = store.clone();
        let ticked = tokio::select! {
            biased;
            () = &mut stop => return,
            ticked = tokio::spawn(async move { store.tick().await }) => ticked,
        };
        match ticked {
            Ok(Ok(0)) => {}
            Ok(Ok(recorded)) => tracing::info!(recorded, "breaches and raises recorded"),
            Ok(Err(error)) => tracing::warn!(?error, "the escalation clock could not look; it looks again"),
            Err(panic) => tracing::error!(%panic, "the escalation clock failed; it looks again"),
        }
    }
}
