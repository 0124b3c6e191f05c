//! The service before a document is applied.

use std::sync::Arc;

use entente_entity::{service, service_consumer};

use crate::{
    definition::{links::Links, terms::Terms},
    store::service::definitions::Definition,
};

/// The service before a document is applied.
pub(in crate::store) struct Current {
    pub(in crate::store) row: service::Model,
    pub(in crate::store) definition: Arc<Definition>,
    pub(in crate::store) consumers: Vec<service_consumer::Model>,
    pub(in crate::store) links: Links,
    /// The terms with the renamed keys; `None` if the document renames none.
    pub(in crate::store) renamed: Option<Terms>,
}

impl Current {
    /// The terms with which the document is merged.
    pub(in crate::store) fn terms(&self) -> &Terms {
        self.renamed.as_ref().unwrap_or(&self.definition.terms)
    }
}
