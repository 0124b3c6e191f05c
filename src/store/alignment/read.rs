//! Reads what the alignment of a service follows from: its consumers with their decisions, the latest measurements, the open
//! escalations, and the configuration items that its texts name.

use std::{collections::HashMap, sync::Arc};

use entente_entity::{
    enums::AlignmentState,
    id::{ElementId, ServiceId},
    scalar::DateTime,
};
use futures_util::future::try_join5;

use super::Alignments;
use crate::{
    agreement::{Standing, is_complete, state},
    alignment::{Alignment, Consumer, Facts, check},
    store::{db::error::Error, item::ReadItems, measurement::ReadMeasurements, service::related::ServiceRow},
};

impl Alignments<'_> {
    /// The state of a service, for the viewer.
    pub async fn state(self, service: &ServiceRow) -> Result<AlignmentState, Error> {
        let consumers = service.consumers().await?;
        let standings: Vec<Standing> = consumers.iter().map(|row| Standing::from(&**row)).collect();
        // From the terms, which are in memory: the column may be older, where a version without alignment wrote the terms.
        Ok(state(is_complete(&service.definition.terms), service.row.revision, &standings))
    }

    /// The alignment of a service, for the viewer. It is computed once in a request.
    pub async fn of(self, service: &ServiceRow) -> Result<Arc<Alignment>, Error> {
        let computed = async || self.computed(service).await.map(Arc::new);
        service.batch.kept().once(AlignmentOf(service.row.id), computed).await
    }

    async fn computed(self, service: &ServiceRow) -> Result<Alignment, Error> {
        let terms = &service.definition.terms;
        let published_at = async {
            match &terms.review_every {
                None => Ok(None),
                Some(_) => service.published().await.map(|row| row.published_at),
            }
        };
        // All in the same round, so that each is read in one statement for all services of a list.
        let (values, named, consumers, escalations, published_at) = try_join5(
            self.values(service),
            self.items().named_in(service),
            service.consumers(),
            service.escalations_by_element(),
            published_at,
        )
        .await?;
        let consumer = |row: &Arc<entente_entity::service_consumer::Model>| Consumer {
            organization: row.organization_id,
            standing: Standing::from(&**row),
            decided_at: row.decided_at,
            since: row.since,
        };
        Ok(check(&Facts {
            terms,
            revision: service.row.revision,
            published_at,
            is_provider: self.viewer()?.acts_for(service.row.provider_id),
            consumers: consumers.iter().map(consumer).collect(),
            values,
            escalations: escalations.map(|open| open.to_vec()),
            named: named.as_deref(),
            now: self.now(),
        }))
    }

    /// The latest value of each indicator that has a measurement.
    async fn values(self, service: &ServiceRow) -> Result<HashMap<ElementId, f64>, Error> {
        let ids: Vec<ElementId> = service.definition.terms.indicators().map(|indicator| indicator.id).collect();
        let values = self.measurements().latest_values(ids.iter().copied()).await?;
        Ok(ids.into_iter().zip(values).filter_map(|(id, value)| Some((id, value?))).collect())
    }

    fn now(self) -> DateTime {
        self.store().clock().now()
    }
}

/// The alignment of a service, kept with the list that it was read in.
#[derive(PartialEq, Eq, Hash)]
struct AlignmentOf(ServiceId);
