//! Indicators: measured quantities of an outcome, a benefit or an offering, with target values.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entente_entity::{
    enums::{Direction, ElementKind},
    scalar::{DateTime, Locale},
    text::Str,
};

use crate::{
    api::{
        measurement::{self, Attainment, Measurement, MeasurementConnection},
        service::{Service, element::Source},
        shared::{
            error::{Nullable, nullable},
            list::List,
            price,
            reader::read,
        },
    },
    definition::terms,
    store::{Error, ReadMeasurements, Span, page::Window},
};

/// A quantity that is measured, with its target value.
#[derive(Clone)]
pub struct Indicator {
    pub(in crate::api) source: Arc<Source>,
    pub(in crate::api) parent: (ElementKind, usize),
    pub(in crate::api) index: usize,
}

/// The indicators of a parent, which has `count` of them.
pub(in crate::api) fn all(source: &Arc<Source>, parent: (ElementKind, usize), count: usize) -> List<Indicator> {
    (0..count).map(|index| Indicator { source: source.clone(), parent, index }).collect()
}

impl Indicator {
    fn terms(&self) -> &terms::Indicator {
        let terms = self.source.terms();
        let (kind, parent) = self.parent;
        let indicators = match kind {
            ElementKind::Outcome => &terms.outcomes[parent].indicators,
            ElementKind::Benefit => &terms.benefits[parent].indicators,
            _ => &terms.offerings[parent].indicators,
        };
        &indicators[self.index]
    }
}

/// A quantity that is measured, with its target value.
#[Object]
impl Indicator {
    /// The global id. A published element keeps its id through all revisions. An element read through a `Definition`
    /// has an id of that revision.
    pub(in crate::api) async fn id(&self) -> ID {
        let terms = self.terms();
        self.source.id(ElementKind::Indicator, terms.id, terms.key.as_str())
    }

    /// The key of the element. It is unique within the service, for all kinds of element, and stays the same in all
    /// revisions.
    pub(in crate::api) async fn key(&self) -> Str {
        self.terms().key.clone()
    }

    /// The service that the element belongs to.
    pub(in crate::api) async fn service(&self) -> Service {
        self.source.service.clone()
    }

    /// The display name.
    async fn name(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
        read(ctx, &self.terms().name, locale)
    }

    /// The unit of the values, for example `min` or `%`.
    async fn unit(&self) -> Str {
        self.terms().unit.clone()
    }

    /// Whether higher or lower values are better.
    async fn direction(&self) -> Direction {
        self.terms().direction
    }

    /// The value before the service was introduced, in `unit`. Null if it is not known.
    async fn baseline(&self) -> Option<f64> {
        self.terms().baseline
    }

    /// The target value, in `unit`.
    async fn target(&self) -> f64 {
        self.terms().target
    }

    /// The latest measurement: the one with the greatest `at`. Null if there is none. An element that is read through a
    /// `Definition` has the latest measurement of now.
    async fn latest(&self) -> Nullable<Measurement> {
        let service = &self.source.service.0;
        let latest = service.session().measurements().latest(service, self.terms().id).await;
        nullable(latest.map(|row| row.map(Measurement)))
    }

    /// The measurements, oldest first. With `from`: only those at this instant or later. With `to`: only those before
    /// this instant.
    #[graphql(complexity = "price::page(first, last, child_complexity)")]
    async fn measurements(
        &self,
        from: Option<DateTime>,
        to: Option<DateTime>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<MeasurementConnection, Error> {
        let window = Window::new(first, after, last, before)?;
        measurement::list(&self.source.service.0, self.terms().id, Span { from, to }, &window).await
    }

    /// How far the latest measurement is from the target. An element that is read through a `Definition` is compared
    /// with the target and the baseline of its revision.
    async fn attainment(&self) -> Result<Attainment, Error> {
        measurement::attainment(&self.source.service.0, self.terms()).await
    }
}
