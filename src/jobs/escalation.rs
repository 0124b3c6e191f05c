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
    let mut failing = None;
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
            Ok(looked) => tell(looked, &mut failing),
            Err(panic) => tracing::error!(%panic, "the escalation clock failed; it looks again"),
        }
    }
}

/// Tells what a look came to; where looks fail one after the other for the same reason, of the first alone, and when it is over.
fn tell(looked: Result<u64, Error>, failing: &mut Option<String>) {
    match looked {
        Ok(recorded) => {
            if failing.take().is_some() {
                tracing::info!("the escalation clock looks again");
            }
            if recorded > 0 {
                tracing::info!(recorded, "breaches and raises recorded");
            }
        }
        Err(error) => {
            let reason = error.to_string();
            if failing.as_ref() != Some(&reason) {
                tracing::warn!(reason, "the escalation clock cannot look; it tries again every second");
            }
            *failing = Some(reason);
        }
    }
}
