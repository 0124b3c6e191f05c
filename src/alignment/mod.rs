//! Alignment: whether the provider and the consumers of a service share one view of it, and what is missing for that. Pure.

mod check;
mod texts;
mod wording;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use entente_entity::{
    enums::{AlignmentGapCode, AlignmentState, ElementKind},
    id::{ElementId, OrganizationId},
    scalar::DateTime,
    text::{Lang, Str},
};

use crate::{agreement::Standing, definition::terms::Terms};

pub use check::check;
pub use texts::{Texts, texts};
pub use wording::{Named, Names};

/// What alignment is computed from, as far as the viewer sees it.
#[derive(Clone, Debug)]
pub struct Facts<'t> {
    /// The published terms.
    pub terms: &'t Terms,
    /// Their revision.
    pub revision: i32,
    /// When they were published. Only needed if the terms say how often they are reviewed.
    pub published_at: Option<DateTime>,
    /// Whether the viewer is the provider: it sees all consumers, and a consumer sees only itself.
    pub is_provider: bool,
    /// The consumers, in their order.
    pub consumers: Vec<Consumer>,
    /// The latest value of each indicator that has a measurement.
    pub values: HashMap<ElementId, f64>,
    /// The open escalations: the element, or the whole service, and the consumer. `None` if the viewer sees no threads.
    pub escalations: Option<Vec<(Option<ElementId>, OrganizationId)>>,
    /// The configuration items that the texts name. `None` if the viewer sees no items of the provider.
    pub named: Option<&'t Named>,
    /// The present time.
    pub now: DateTime,
}

/// A consumer, with its decisions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Consumer {
    /// Its organization.
    pub organization: OrganizationId,
    /// What its decisions amount to.
    pub standing: Standing,
    /// When it last decided.
    pub decided_at: Option<DateTime>,
    /// When the service relationship began.
    pub since: DateTime,
}

/// The alignment of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Alignment {
    /// The state.
    pub state: AlignmentState,
    /// The share of the checks that hold, from 0 to 1.
    pub score: f64,
    /// What is missing, in the order of the codes; of one code, in the order of the definition or of the consumers.
    pub gaps: Vec<Gap>,
}

/// Something that is missing for a shared view of the service.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// What is missing.
    pub code: AlignmentGapCode,
    /// The element that it concerns; `None`: the whole service.
    pub element: Option<Subject>,
    /// The consumer that it concerns; `None`: no consumer.
    pub organization: Option<OrganizationId>,
    /// The details for the message.
    pub detail: Detail,
}

/// An element of the definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its kind.
    pub kind: ElementKind,
    /// Its id.
    pub id: ElementId,
    /// Its key.
    pub key: Str,
}

/// The details of a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// None.
    None,
    /// The older revision that the consumer agreed to.
    Agreed(i32),
    /// The missing languages.
    Languages(Vec<Lang>),
    /// The names of configuration items.
    Names(Vec<String>),
}
