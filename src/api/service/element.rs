//! The elements of a definition: the terms that they are read from, their ids and the fields that all of them have.

use std::sync::Arc;

use async_graphql::{ID, Interface};
use entente_entity::enums::ElementKind;

use crate::{
    api::service::{
        Service, benefit::Benefit, cost::Cost, expectation::Expectation, indicator::Indicator,
        journey_stage::JourneyStage, offering::ServiceOffering, outcome::Outcome, risk::Risk,
    },
    definition::terms::Terms,
    store::Definition,
};

/// The terms that contain an element.
pub struct Source {
    /// The service.
    pub service: Service,
    /// The parsed revision.
    pub definition: Arc<Definition>,
    /// Whether the terms were read as a revision (`Definition`), and not as the published terms of the service.
    pub frozen: bool,
}

impl Source {
    /// The content of the terms.
    pub fn terms(&self) -> &Terms {
        &self.definition.terms
    }

    /// The global id of an element. In published terms it is the id of the element; in frozen terms it is an id of the
    /// revision, so that one id always has the same content.
    pub fn id(&self, kind: ElementKind, id: entente_entity::id::ElementId, key: &str) -> ID {
        if self.frozen {
            ID(FrozenId { definition: self.definition.id, key }.to_string(kind))
        } else {
            ID(id.typeid(kind))
        }
    }
}

/// The id of an element of one revision: `outcome_`, the suffix of the revision's id, a dot and the key.
pub struct FrozenId<'a> {
    /// The revision.
    pub definition: entente_entity::id::DefinitionId,
    /// The key of the element.
    pub key: &'a str,
}

impl<'a> FrozenId<'a> {
    fn to_string(&self, kind: ElementKind) -> String {
        let definition = self.definition.to_string();
        let suffix = definition.rsplit('_').next().unwrap_or_default();
        format!("{}_{suffix}.{}", kind.prefix(), self.key)
    }

    /// Parses such an id. `None` if the text has another form.
    pub fn parse(text: &'a str) -> Option<(ElementKind, Self)> {
        let (id, key) = text.split_once('.')?;
        let (prefix, uuid) = entente_entity::id::parse_typeid(id)?;
        let kind = ElementKind::ALL.iter().find(|kind| kind.prefix() == prefix)?;
        Some((*kind, Self { definition: entente_entity::id::DefinitionId(uuid), key }))
    }
}

/// An element of a service's definition. `key` is unique within the service; `id` is global.
#[derive(Clone, Interface)]
#[graphql(
    field(
        name = "id",
        ty = "ID",
        desc = "The global id. A published element keeps its id through all revisions. An element read through a `Definition` has an id of that revision."
    ),
    field(
        name = "key",
        ty = "entente_entity::text::Str",
        desc = "The key of the element. It is unique within the service, for all kinds of element, and stays the same in all revisions."
    ),
    field(name = "service", ty = "Service", desc = "The service that the element belongs to.")
)]
pub enum DefinitionElement {
    /// A stage of the customer's journey.
    JourneyStage(JourneyStage),
    /// An outcome.
    Outcome(Outcome),
    /// A cost.
    Cost(Cost),
    /// A risk.
    Risk(Risk),
    /// A benefit.
    Benefit(Benefit),
    /// An expectation.
    Expectation(Expectation),
    /// A service offering.
    ServiceOffering(ServiceOffering),
    /// An indicator.
    Indicator(Indicator),
}

/// The first element of the terms that matches. `None` if no element matches.
pub fn find(
    source: &Arc<Source>,
    matches: impl Fn(ElementKind, entente_entity::id::ElementId, &str) -> bool,
) -> Option<DefinitionElement> {
    let terms = source.terms();
    macro_rules! look {
        ($($list:ident => $node:ident, $kind:ident;)*) => {
            $(for (index, element) in terms.$list.iter().enumerate() {
                if matches(ElementKind::$kind, element.id, element.key.as_str()) {
                    return Some(DefinitionElement::$node($node { source: source.clone(), index }));
                }
            })*
        };
    }
    look! {
        journey => JourneyStage, JourneyStage;
        outcomes => Outcome, Outcome;
        costs => Cost, Cost;
        risks => Risk, Risk;
        benefits => Benefit, Benefit;
        expectations => Expectation, Expectation;
        offerings => ServiceOffering, Offering;
    }
    let parents = (terms
        .outcomes
        .iter()
        .enumerate()
        .map(|(index, one)| ((ElementKind::Outcome, index), &one.indicators)))
    .chain(terms.benefits.iter().enumerate().map(|(index, one)| ((ElementKind::Benefit, index), &one.indicators)))
    .chain(terms.offerings.iter().enumerate().map(|(index, one)| ((ElementKind::Offering, index), &one.indicators)));
    for (parent, indicators) in parents {
        for (index, element) in indicators.iter().enumerate() {
            if matches(ElementKind::Indicator, element.id, element.key.as_str()) {
                let source = source.clone();
                return Some(DefinitionElement::Indicator(Indicator { source, parent, index }));
            }
        }
    }
    None
}

/// All elements of one list of the terms.
macro_rules! all {
    ($source:expr, $list:ident => $node:ident) => {{
        let source: &std::sync::Arc<$crate::api::service::element::Source> = $source;
        (0..source.terms().$list.len())
            .map(|index| $node { source: source.clone(), index })
            .collect::<$crate::api::shared::list::List<$node>>()
    }};
}

/// Defines the type of the elements of one list of the terms: the fields that all elements have, and its own fields.
macro_rules! element {
    ($(#[$doc:meta])* $node:ident = $list:ident: $terms:ident, $kind:ident { $($own:tt)* }) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $node {
            pub(in crate::api) source: std::sync::Arc<$crate::api::service::element::Source>,
            pub(in crate::api) index: usize,
        }

        impl $node {
            pub(in crate::api) fn terms(&self) -> &$crate::definition::terms::$terms {
                &self.source.terms().$list[self.index]
            }
        }

        $(#[$doc])*
        #[async_graphql::Object]
        impl $node {
            /// The global id. A published element keeps its id through all revisions. An element read through a
            /// `Definition` has an id of that revision.
            pub(in crate::api) async fn id(&self) -> async_graphql::ID {
                let terms = self.terms();
                self.source.id(entente_entity::enums::ElementKind::$kind, terms.id, terms.key.as_str())
            }

            /// The key of the element. It is unique within the service, for all kinds of element, and stays the same in
            /// all revisions.
            pub(in crate::api) async fn key(&self) -> entente_entity::text::Str {
                self.terms().key.clone()
            }

            /// The service that the element belongs to.
            pub(in crate::api) async fn service(&self) -> $crate::api::service::Service {
                self.source.service.clone()
            }

            $($own)*
        }
    };
}

pub(in crate::api) use {all, element};
