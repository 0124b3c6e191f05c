//! Indicators: what tells whether an outcome, a benefit or an offering is what it should be.

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

/// Something measured, with the value that is aimed at.
#[derive(Clone)]
pub struct Indicator {
    pub(in crate::api) source: Arc<Source>,
    pub(in crate::api) parent: (ElementKind, usize),
    pub(in crate::api) index: usize,
}

/// The indicators of a parent that has so many.
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

/// Something measured, with the value that is aimed at.
#[Object]
impl Indicator {
    /// Global: of the published element, or of the element as a frozen revision has it.
    pub(in crate::api) async fn id(&self) -> ID {
        let terms = self.terms();
        self.source.id(ElementKind::Indicator, terms.id, terms.key.as_str())
    }

    /// Unique within the service over all kinds, and stable over revisions.
    pub(in crate::api) async fn key(&self) -> Str {
        self.terms().key.clone()
    }

    /// The service whose definition has the element.
    pub(in crate::api) async fn service(&self) -> Service {
        self.source.service.clone()
    }

    /// What people call it.
    async fn name(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
        read(ctx, &self.terms().name, locale)
    }

    /// The unit of its values: `min`, `%`.
    async fn unit(&self) -> Str {
        self.terms().unit.clone()
    }

    /// Which way it gets better.
    async fn direction(&self) -> Direction {
        self.terms().direction
    }

    /// Where it stood before the service; null where nobody knows.
    async fn baseline(&self) -> Option<f64> {
        self.terms().baseline
    }

    /// The value that is aimed at.
    async fn target(&self) -> f64 {
        self.terms().target
    }
}
