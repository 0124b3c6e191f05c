//! The document: the input of `definitionApply`, and the content of a YAML file. Both use the same types. Every field
//! has three states: if it is left out, the stored value stays; `null` deletes it; a value replaces it.

/// The fields of one input type: each left out, `null`, or a value.
macro_rules! input {
    (
        $(#[$doc:meta])* $name:ident
        { $($(#[$required_doc:meta])* $required:ident : $required_ty:ty,)* }
        { $($(#[$field_doc:meta])* $field:ident : $ty:ty,)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, InputObject, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            $($(#[$required_doc])* pub $required: $required_ty,)*
            $(
                $(#[$field_doc])*
                #[serde(default, skip_serializing_if = "MaybeUndefined::is_undefined")]
                pub $field: MaybeUndefined<$ty>,
            )*
        }
    };
}

mod elements;
mod escalation;
mod item;
mod keys;
mod organization;
mod service;

pub use elements::{
    BenefitInput, CostInput, ExpectationInput, IndicatorInput, JourneyStageInput, OfferingInput, OutcomeInput,
    RiskInput,
};
pub use escalation::{EscalationInput, EscalationLevelInput, ResponseTargetInput};
pub use item::{ConfigurationItemInput, ConfigurationItems};
pub use keys::{ConfigurationItemKey, ExternalKey, ExternalReferenceInput, OrganizationKey, ServiceKey};
pub use organization::OrganizationInput;
pub use service::{ConsumerInput, ContactInput, DefinitionInput};

/// What a document of a file contains.
#[derive(Clone, Debug, PartialEq)]
pub enum Document {
    /// `kind: Organizations`.
    Organizations(Vec<OrganizationInput>),
    /// `kind: ServiceDefinition`.
    ServiceDefinition(Box<DefinitionInput>),
    /// `kind: ConfigurationItems`.
    ConfigurationItems(ConfigurationItems),
}

impl Document {
    /// The `kind` of a document of organizations.
    pub const ORGANIZATIONS: &'static str = "Organizations";
    /// The `kind` of a service's definition.
    pub const SERVICE_DEFINITION: &'static str = "ServiceDefinition";
    /// The `kind` of a document of configuration items.
    pub const CONFIGURATION_ITEMS: &'static str = "ConfigurationItems";
    /// Every kind of document.
    pub const KINDS: [&str; 3] = [Self::ORGANIZATIONS, Self::SERVICE_DEFINITION, Self::CONFIGURATION_ITEMS];
}
