//! When the parties look at the terms again.

use chrono::Months;
use entente_entity::scalar::{DateTime, Duration};

/// When the terms are due for a review: the duration after the latest of these instants. `None` if the terms do not say how often they are
/// reviewed.
pub fn review_due_at(every: Option<&Duration>, since: impl IntoIterator<Item = Option<DateTime>>) -> Option<DateTime> {
    let from = since.into_iter().flatten().max()?;
    let (months, rest) = every?.calendar()?;
    let at = from.0.checked_add_months(Months::new(months))?.checked_add_signed(rest)?;
    Some(DateTime(at))
}

/// Whether the terms are due for a review now.
pub fn review_is_due(
    every: Option<&Duration>,
    since: impl IntoIterator<Item = Option<DateTime>>,
    now: DateTime,
) -> bool {
    review_due_at(every, since).is_some_and(|due| due <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_the_calendar() {
        let at = |text: &str| DateTime::of_text(text).unwrap();
        let due = |every: &str, since: &[Option<DateTime>]| {
            review_due_at(Some(&Duration(every.into())), since.iter().copied()).map(|at| at.to_string())
        };
        let published = at("2026-01-31T08:00:00Z");
        assert_eq!(due("P1M", &[Some(published), None]).as_deref(), Some("2026-02-28T08:00:00Z"));
        assert_eq!(due("P1Y", &[Some(published)]).as_deref(), Some("2027-01-31T08:00:00Z"));
        assert_eq!(due("P1Y2M1DT1H", &[Some(published)]).as_deref(), Some("2027-04-01T09:00:00Z"));
        assert_eq!(due("P0.5Y", &[Some(published)]).as_deref(), Some("2026-07-31T08:00:00Z"));
        let decided = at("2026-03-01T00:00:00Z");
        assert_eq!(due("P2W", &[Some(published), Some(decided)]).as_deref(), Some("2026-03-15T00:00:00Z"));
        assert_eq!(due("P1Y", &[None]), None);
        assert!(review_is_due(Some(&Duration("P2W".into())), [Some(decided)], at("2026-03-15T00:00:00Z")));
        assert!(!review_is_due(Some(&Duration("P2W".into())), [Some(decided)], at("2026-03-14T23:59:59Z")));
        assert!(!review_is_due(None, [Some(decided)], at("2099-01-01T00:00:00Z")));
    }
}
