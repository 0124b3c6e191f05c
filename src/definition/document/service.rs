//! The definition of a service, with its consumers and contacts.

use std::io::{self, Write};

use async_graphql::{InputObject, MaybeUndefined};
use entente_entity::{
    enums::{ContactRole, ServiceLifecycle},
    scalar::{Duration, Locale},
    text::LocalizedText,
};
use serde::{Deserialize, Serialize};

use super::{
    BenefitInput, ConfigurationItemKey, CostInput, EscalationInput, ExpectationInput, ExternalReferenceInput,
    JourneyStageInput, OfferingInput, OrganizationKey, OutcomeInput, RiskInput,
};
use crate::definition::normalize;

input! {
    /// The definition of a service as a document. It has terms, which both parties agree to, and links, which are not
    /// part of the agreement. The YAML file of `entente apply` has the same fields.
    DefinitionInput
    {
        /// The slug of the service: its unique name in URLs, files and scripts. It never changes. Lower-case letters,
        /// digits and single hyphens, 64 characters at most.
        slug: String,
    }
    {
        /// The language of the plain strings in this document. If left out: the only language of the service's texts;
        /// if there are several or none, the server's default language.
        locale: Locale,
        /// The organization that provides the service. If left out for a new service: the viewer's organization.
        provider: OrganizationKey,
        /// The display name of the service. Required for a new service.
        name: LocalizedText,
        /// What the service does for its customers, in one or two sentences.
        summary: LocalizedText,
        /// The stages of the customer's journey, in order.
        journey: Vec<JourneyStageInput>,
        /// The results that the customer wants, in the order in which the customer experiences them.
        outcomes: Vec<OutcomeInput>,
        /// The costs that the service removes from the customer, or imposes on the customer.
        costs: Vec<CostInput>,
        /// The risks that the service removes from the customer, or imposes on the customer.
        risks: Vec<RiskInput>,
        /// The benefits that the service promises.
        benefits: Vec<BenefitInput>,
        /// The expectations: what each party expects the other party to do.
        expectations: Vec<ExpectationInput>,
        /// The offerings that consumers can choose from.
        offerings: Vec<OfferingInput>,
        /// The escalation policy of the service. If it is left out for a new service, the server's default policy
        /// applies.
        escalation: EscalationInput,
        /// How often the parties look at the terms again, for example `P1Y`. After this time without a publication or a
        /// decision, the alignment of the service has the gap REVIEW_OVERDUE.
        review_every: Duration,
        /// Link. The stage of the service in the service portfolio. Default for a new service: PIPELINE.
        lifecycle: ServiceLifecycle,
        /// Link. The provider's contacts, at most 100. The list replaces the current one.
        contacts: Vec<ContactInput>,
        /// Link. The organizations that consume the service. In mode MERGE, the list is merged by organization; in mode
        /// REPLACE, it replaces the current list.
        consumers: Vec<ConsumerInput>,
        /// Link. The provider's configuration items that the whole service depends on, at most 1,000. The list replaces
        /// the current one. A change also needs the scope `cmdb:write`.
        configuration_items: Vec<ConfigurationItemKey>,
        /// Link. The keys of the service in other systems, at most 100. Keys are only added, never deleted.
        external_references: Vec<ExternalReferenceInput>,
    }
}

input! {
    /// A service relationship: one organization that consumes the service.
    ConsumerInput
    {
        /// The organization that consumes the service.
        organization: OrganizationKey,
    }
    {
        /// The key of the offering that the consumer has chosen.
        offering: String,
        /// The consumer's contacts, at most 100. The list replaces the current one.
        contacts: Vec<ContactInput>,
        /// True ends the service relationship; only in mode MERGE.
        remove: bool,
    }
}

input! {
    /// A contact: a person or a team, with a role for the service.
    ContactInput
    {
        /// The role of the contact for the service.
        role: ContactRole,
        /// The name of the person or team. At most 200 characters.
        name: String,
    }
    {
        /// The e-mail address. At most 254 characters.
        #[graphql(process_with = "normalize::changed_optional_text")]
        #[serde(deserialize_with = "normalize::read_changed_optional_text")]
        email: String,
    }
}

impl DefinitionInput {
    /// Its size in bytes, as JSON without spaces.
    pub fn size(&self) -> usize {
        struct Count(usize);
        impl Write for Count {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 += bytes.len();
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut count = Count(0);
        // This cannot fail: a document has string keys only, and counting has no errors.
        let _ = serde_json::to_writer(&mut count, self);
        count.0
    }
}
