//! The escalation clock: records missed deadlines and raises threads to due levels, with the database's time.

use std::time::Duration;

use crate::store::{Error, Store};

/// Time between two checks. Due events are recorded within two seconds.
const PERIOD: Duration = Duration::from_secs(1);

/// Runs the clock until `stop`. Any number of replicas can run it; what became due while none was running is recorded
/// later.
pub async fn run(store: Store, stop: impl Future<Output = ()> + Send) {
    tokio::pin!(stop);
    let mut period = tokio::time::interval(PERIOD);
    period.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut failing = None;
    loop {
        tokio::select! {
            biased;
            () = &mut stop => return,
            _ = period.tick() => {}
        }
        // A task, which continues if the clock is stopped, so that nothing remains half done.
        let store = store.clone();
        let ticked = tokio::select! {
            biased;
            () = &mut stop => return,
            ticked = tokio::spawn(async move { store.tick().await }) => ticked,
        };
        match ticked {
            Ok(looked) => tell(looked, &mut failing),
            Err(panic) => tracing::error!(%panic, "the escalation clock failed; it tries again"),
        }
    }
}

/// Logs the result of a check. If checks fail repeatedly for the same reason, only the first failure is logged, and the
/// recovery.
fn tell(looked: Result<u64, Error>, failing: &mut Option<String>) {
    match looked {
        Ok(recorded) => {
            if failing.take().is_some() {
                tracing::info!("the escalation clock works again");
            }
            if recorded > 0 {
                tracing::info!(recorded, "breaches and raises recorded");
            }
        }
        Err(error) => {
            let reason = error.to_string();
            if failing.as_ref() != Some(&reason) {
                tracing::warn!(reason, "the escalation clock cannot check threads; it tries again every second");
            }
            *failing = Some(reason);
        }
    }
}
