//! Typed ids: a UUIDv7 in the database, a TypeID (`service_01jd…`) in the API.

use std::fmt;

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use type_safe_id::{DynamicType, TypeSafeId};
use uuid::Uuid;

/// Writes a UUID as a [TypeID](https://github.com/jetify-com/typeid) with this prefix.
fn typeid(prefix: &'static str, uuid: Uuid) -> String {
    match DynamicType::new(prefix) {
        Ok(kind) => TypeSafeId::from_type_and_uuid(kind, uuid).to_string(),
        // Prefixes are literals of this crate, all valid; a test reads each of them back.
        Err(_) => uuid.to_string(),
    }
}

/// Reads a TypeID: its prefix and its UUID. `None` if the text is not a TypeID.
pub fn parse_typeid(text: &str) -> Option<(String, Uuid)> {
    let id: TypeSafeId<DynamicType> = text.parse().ok()?;
    Some((id.type_prefix().to_string(), id.uuid()))
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType)]
            #[serde(transparent)]
            pub struct $name(pub Uuid);

            impl $name {
                /// The part of the id before the underscore.
                pub const PREFIX: &'static str = $prefix;

                /// A new id. It is greater than all earlier ids of this process.
                #[expect(clippy::new_without_default, reason = "a default id would be a surprise")]
                pub fn new() -> Self {
                    Self(Uuid::now_v7())
                }

                /// Reads an id of the API; `None` if it is not of this type.
                pub fn parse(text: &str) -> Option<Self> {
                    parse_typeid(text).filter(|(prefix, _)| prefix == $prefix).map(|(_, uuid)| Self(uuid))
                }
            }

            impl sea_orm::TryFromU64 for $name {
                fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                    Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(&typeid($prefix, self.0))
                }
            }
        )*

        #[cfg(test)]
        const PREFIXES: &[&str] = &[$($prefix),*];
    };
}

typed_ids! {
    /// A party.
    OrganizationId = "organization";
    /// A service.
    ServiceId = "service";
    /// A revision of a service's terms.
    DefinitionId = "definition";
    /// A service relationship.
    ConsumerId = "consumer";
    /// A key of an object in another system.
    ReferenceId = "reference";
    /// A configuration item.
    ItemId = "item";
    /// A thread.
    ThreadId = "thread";
    /// A message of a thread.
    MessageId = "message";
    /// An event of a thread.
    ThreadEventId = "event";
    /// A measurement of an indicator.
    MeasurementId = "measurement";
}

/// The decision of a consumer on a revision: the revision and the consumer. In the API it is `agreement_`, the suffix of the revision's id,
/// a dot and the suffix of the consumer's id. It exists before the consumer decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AgreementId(pub DefinitionId, pub OrganizationId);

impl AgreementId {
    const PREFIX: &'static str = "agreement";

    /// Reads an id of the API; `None` if it is not of this type.
    pub fn parse(text: &str) -> Option<Self> {
        let (definition, organization) = text.split_once('.')?;
        let (prefix, definition) = parse_typeid(definition)?;
        let organization = OrganizationId::parse(&format!("{}_{organization}", OrganizationId::PREFIX))?;
        (prefix == Self::PREFIX).then_some(Self(DefinitionId(definition), organization))
    }
}

impl fmt::Display for AgreementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let organization = self.1.to_string();
        let suffix = organization.rsplit('_').next().unwrap_or_default();
        write!(f, "{}.{suffix}", typeid(Self::PREFIX, self.0.0))
    }
}

/// An element of a service's definition; its kind is in its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType)]
#[serde(transparent)]
pub struct ElementId(pub Uuid);

impl sea_orm::TryFromU64 for ElementId {
    fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
        Err(sea_orm::DbErr::ConvertFromU64("ElementId"))
    }
}

impl ElementId {
    /// A new id. It is greater than all earlier ids of this process.
    #[expect(clippy::new_without_default, reason = "a default id would be a surprise")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// The id in the API: its prefix is that of its kind.
    pub fn typeid(self, kind: crate::enums::ElementKind) -> String {
        typeid(kind.prefix(), self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enums::ElementKind;

    #[test]
    fn every_prefix_is_read_back() {
        let uuid = Uuid::now_v7();
        let kinds = ElementKind::ALL.iter().map(|kind| kind.prefix());
        for prefix in PREFIXES.iter().copied().chain(kinds) {
            let text = typeid(prefix, uuid);
            assert!(text.starts_with(&format!("{prefix}_")), "{text}");
            assert_eq!(parse_typeid(&text), Some((prefix.to_owned(), uuid)));
        }
    }

    #[test]
    fn an_id_of_another_type_is_not_read() {
        let service = ServiceId::new().to_string();
        assert!(ServiceId::parse(&service).is_some());
        assert!(OrganizationId::parse(&service).is_none());
        assert!(ServiceId::parse("service_").is_none());
        assert!(ServiceId::parse("").is_none());
    }
}
