//! Who may do what, and which rows. The only file that knows scopes and parties.

use std::fmt;

use entente_entity::{enums::ActorKind, id::OrganizationId, scalar::DateTime};

/// What a token lets its bearer do. Reading needs `read`; a write scope includes reading what it wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Read.
    Read,
    /// Write the definitions of the services that one's organization provides.
    DefinitionsWrite,
    /// Write one's organization, its descendants, and new ones under itself.
    OrganizationsWrite,
    /// All, across organizations.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: &'static [Self] = &[Self::Read, Self::DefinitionsWrite, Self::OrganizationsWrite, Self::Admin];

    /// As it stands in a token.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::DefinitionsWrite => "definitions:write",
            Self::OrganizationsWrite => "organizations:write",
            Self::Admin => "admin",
        }
    }
}

/// What a token says of its bearer, once it was checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims {
    /// `sub`.
    pub subject: String,
    /// `name`, else the subject.
    pub display_name: String,
    /// The slug of the bearer's organization.
    pub organization: Option<String>,
    /// The scopes that Entente knows, of those in the token.
    pub scopes: Vec<Scope>,
    /// A person, or a program with a token of its own.
    pub kind: ActorKind,
    /// `exp`.
    pub expires_at: DateTime,
}

/// Who is asking: the claims of a token, with the organization that they name, if it exists.
#[derive(Clone, Debug, PartialEq)]
pub struct Viewer {
    /// What the token says.
    pub claims: Claims,
    /// The viewer's organization.
    pub organization: Option<OrganizationId>,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
