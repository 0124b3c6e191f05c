//! Perceived value: the ratings in feedback.

use async_graphql::SimpleObject;
use entente_entity::{id::ElementId, scalar::Duration};

use crate::{
    definition::limits::deadline_rule,
    store::{Error, Ratings, ServiceRow},
};

/// Perceived value: the ratings from 1 (worst) to 5 (best) in feedback that the viewer may see, within a time window. A
/// token that may not read threads (neither `read` nor `threads:write`) sees no ratings; `count` is 0.
#[derive(SimpleObject)]
pub struct Perception {
    /// The mean of the ratings, from 1 to 5. Null if there are none.
    average: Option<f64>,
    /// The number of ratings.
    count: i32,
    /// Five numbers: how many ratings are 1, 2, 3, 4 and 5.
    distribution: Vec<i32>,
}

/// The default time window.
pub(in crate::api) fn window() -> Duration {
    Duration("P90D".into())
}

/// The ratings of a service, or of one of its elements, within the time `window` until now.
///
/// # Errors
///
/// [`Error::BadRequest`] if the window is not exact or longer than ten years.
pub(in crate::api) async fn of(
    service: &ServiceRow,
    element: Option<ElementId>,
    window: Duration,
) -> Result<Perception, Error> {
    let length = window.exact().filter(|_| deadline_rule(&window).is_none()).ok_or_else(|| {
        Error::BadRequest(format!(
            "`window` is {:?}; give weeks, days, hours, minutes or seconds, of ten years at most",
            window.0
        ))
    })?;
    let ratings: Ratings = service.ratings(element, length).await?;
    let number = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
    Ok(Perception {
        average: ratings.average(),
        count: number(ratings.count()),
        distribution: ratings.0.into_iter().map(number).collect(),
    })
}
