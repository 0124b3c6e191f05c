//! The escalation clock: records missed deadlines and raises threads when their time comes, by the database's time.

use std::time::Duration;

use crate::store::{Error, Store};

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
        match tick(&store).await {
            Ok(0) => {}
            Ok(recorded) => tracing::info!(recorded, "breaches and raises recorded"),
            Err(error) => tracing::warn!(error = ?error, "the escalation clock could not look; it looks again"),
        }
    }
}

async fn tick(store: &Store) -> Result<u64, Error> {
    store.tick(store.time().await?).await
}
