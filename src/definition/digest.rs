//! The digest of terms: what a printed or exported copy is compared with.
//!
//! It is the SHA-256 of the canonical JSON (RFC 8785) of the document of the terms, which `Definition.document(format: JSON)` returns: its
//! `kind`, its `slug` and the terms, every text with its languages, no links.

use async_graphql::MaybeUndefined::{self, Undefined};
use sha2::{Digest, Sha256};

use super::{
    document::{DefinitionInput, Document},
    render::{self, References},
    terms::Terms,
    write,
};

/// The digest of the terms of the service with this slug, in hexadecimal. `provider` is the slug of their provider.
pub fn of(slug: &str, terms: &Terms, provider: &str) -> String {
    of_document(&render::document(slug, terms, None, &References::default(), |_| provider.to_owned()))
}

/// The digest of a document of terms.
pub fn of_document(document: &DefinitionInput) -> String {
    let tree = write::with_kind(Document::SERVICE_DEFINITION, document);
    // This cannot fail: a tree of JSON has only finite numbers and keys that are strings.
    let canonical = serde_json_canonicalizer::to_vec(&tree).unwrap_or_default();
    hex::encode(Sha256::digest(canonical))
}

/// A document without its links: only the terms remain.
pub fn terms_of(document: &DefinitionInput) -> DefinitionInput {
    let mut terms = DefinitionInput {
        lifecycle: Undefined,
        contacts: Undefined,
        consumers: Undefined,
        configuration_items: Undefined,
        external_references: Undefined,
        ..document.clone()
    };
    for outcome in list(&mut terms.outcomes) {
        outcome.configuration_items = Undefined;
        outcome.external_references = Undefined;
    }
    for offering in list(&mut terms.offerings) {
        offering.external_references = Undefined;
    }
    terms
}

fn list<T>(field: &mut MaybeUndefined<Vec<T>>) -> &mut [T] {
    match field {
        MaybeUndefined::Value(list) => list,
        _ => &mut [],
    }
}
