//! Indicators: measured quantities of an outcome, a benefit or an offering, with target values.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entente_entity::{
    enums::{Direction, ElementKind},
    scalar::Locale,
    text::Str,
};

use crate::{
    api::{
        service::{Service, element::Source},
        shared::{list::List, reader::read},
    },
    definition::terms,
    store::Error,
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
}
