//! The common properties of all elements of a definition.

use entente_entity::{enums::ElementKind, id::ElementId, text::Str};

use super::terms::{Benefit, Cost, Expectation, Indicator, Offering, Outcome, Risk, Stage, Terms};

/// One element of the terms.
pub trait Element {
    /// Its kind.
    const KIND: ElementKind;

    /// Its id, stable over revisions.
    fn id(&self) -> ElementId;

    /// Its key, unique within the service.
    fn key(&self) -> &Str;

    /// The indicators below it.
    fn indicators(&self) -> &[Indicator] {
        &[]
    }
}

macro_rules! elements {
    ($($name:ident $(with $indicators:ident)?;)*) => {
        $(
            impl Element for $name {
                const KIND: ElementKind = ElementKind::$name;

                fn id(&self) -> ElementId {
                    self.id
                }

                fn key(&self) -> &Str {
                    &self.key
                }

                $(
                    fn indicators(&self) -> &[Indicator] {
                        &self.$indicators
                    }
                )?
            }
        )*
    };
}

type JourneyStage = Stage;

elements! {
    JourneyStage;
    Outcome with indicators;
    Cost;
    Risk;
    Benefit with indicators;
    Expectation;
    Offering with indicators;
    Indicator;
}

/// The identity of an element, with its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity<'t> {
    /// Its kind.
    pub kind: ElementKind,
    /// Its id.
    pub id: ElementId,
    /// Its key.
    pub key: &'t Str,
    /// For an indicator, its parent's kind and key.
    pub parent: Option<(ElementKind, &'t Str)>,
}

impl Identity<'_> {
    /// Its path in the terms: `outcomes/one-record/indicators/record-availability`.
    pub fn path(&self) -> String {
        let own = format!("{}/{}", self.kind.list(), self.key);
        match self.parent {
            Some((kind, key)) => format!("{}/{key}/{own}", kind.list()),
            None => own,
        }
    }
}

/// Every element of the terms, in order, each followed by its indicators.
pub fn identities(terms: &Terms) -> Vec<Identity<'_>> {
    fn list<'t, E: Element>(all: &mut Vec<Identity<'t>>, elements: &'t [E]) {
        for element in elements {
            all.push(Identity { kind: E::KIND, id: element.id(), key: element.key(), parent: None });
            all.extend(element.indicators().iter().map(|indicator| Identity {
                kind: Indicator::KIND,
                id: indicator.id,
                key: &indicator.key,
                parent: Some((E::KIND, element.key())),
            }));
        }
    }
    let Terms {
        provider: _,
        name: _,
        summary: _,
        journey,
        outcomes,
        costs,
        risks,
        benefits,
        expectations,
        offerings,
        escalation: _,
        review_every: _,
    } = terms;
    let mut all = Vec::new();
    list(&mut all, journey);
    list(&mut all, outcomes);
    list(&mut all, costs);
    list(&mut all, risks);
    list(&mut all, benefits);
    list(&mut all, expectations);
    list(&mut all, offerings);
    all
}
