//! Perception: the ratings in feedback that the viewer sees.

use std::{collections::HashMap, sync::Arc};

use chrono::TimeDelta;
use entente_entity::{
    id::{ElementId, ServiceId},
    scalar::DateTime,
    thread,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::store::read::{
    batch::{Found, Relation},
    session::Session,
};

/// The number of ratings of each value, from 1 to 5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ratings(pub [u64; 5]);

/// The ratings of a service: all of them, and those of each element.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct RatingsOfService {
    pub(in crate::store) all: Ratings,
    pub(in crate::store) elements: HashMap<ElementId, Ratings>,
}

impl Ratings {
    /// The number of ratings.
    pub fn count(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The mean; `None` without ratings.
    pub fn average(&self) -> Option<f64> {
        let sum: u64 = (1..).zip(self.0).map(|(rating, count)| rating * count).sum();
        (self.count() > 0).then(|| sum as f64 / self.count() as f64)
    }

    fn add(&mut self, rating: i32, count: i64) {
        if let Some(slot) = usize::try_from(rating - 1).ok().and_then(|index| self.0.get_mut(index)) {
            *slot += count.unsigned_abs();
        }
    }
}

/// The ratings of services that the viewer sees, in threads that it sees, of the last period of this length.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store) struct RatingsOf(pub(in crate::store) TimeDelta);

impl Relation for RatingsOf {
    type Key = ServiceId;
    type Value = Arc<RatingsOfService>;

    async fn read(&self, session: &Session, services: Vec<ServiceId>) -> Found<Self> {
        let Ok(seen) = session.viewer()?.sees_threads() else { return Ok(HashMap::new()) };
        let since = DateTime::new(session.store().clock().now().0 - self.0);
        let counted: Vec<(ServiceId, Option<ElementId>, i32, i64)> = thread::Entity::find()
            .select_only()
            .columns([thread::Column::ServiceId, thread::Column::ElementId, thread::Column::Rating])
            .column_as(thread::Column::Id.count(), "given")
            .filter(seen)
            .filter(thread::Column::ServiceId.is_in(services))
            .filter(thread::Column::Rating.is_not_null())
            .filter(thread::Column::OpenedAt.gte(since))
            .group_by(thread::Column::ServiceId)
            .group_by(thread::Column::ElementId)
            .group_by(thread::Column::Rating)
            .into_tuple()
            .all(session.read())
            .await?;
        let mut ratings: HashMap<_, RatingsOfService> = HashMap::new();
        for (service, element, rating, count) in counted {
            let of_service = ratings.entry(service).or_default();
            of_service.all.add(rating, count);
            if let Some(element) = element {
                of_service.elements.entry(element).or_default().add(rating, count);
            }
        }
        Ok(ratings.into_iter().map(|(service, given)| (service, Arc::new(given))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_of_what_was_given() {
        let mut ratings = Ratings::default();
        assert_eq!(ratings.average(), None);
        for (rating, count) in [(1, 1), (4, 2), (5, 1), (9, 7)] {
            ratings.add(rating, count);
        }
        assert_eq!((ratings.count(), ratings.average()), (4, Some(3.5)));
    }
}
