//! Organizations.

use async_graphql::{InputObject, MaybeUndefined};
use entente_entity::text::LocalizedText;
use serde::{Deserialize, Serialize};

use super::{ExternalReferenceInput, OrganizationKey};

input! {
    /// A party: an IT department, a supplier, a hospital ward, a business unit.
    OrganizationInput
    {
        /// The slug of the organization: its unique name in URLs, files, tokens and scripts. It never changes.
        /// Lower-case letters, digits and single hyphens, 64 characters at most.
        slug: String,
    }
    {
        /// The display name. A plain string is in the server's default language. Required for a new organization.
        name: LocalizedText,
        /// The organization to which this one belongs. It can be created in the same call, in any order.
        parent: OrganizationKey,
        /// The keys of the organization in other systems, at most 100. Keys are only added, never deleted.
        external_references: Vec<ExternalReferenceInput>,
    }
}
