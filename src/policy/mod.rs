//! Who may do what, and which rows are visible. This is the only room that knows scopes and parties: every write of the
//! store uses one of these checks, and every read contains one of the conditions in `rows`.

mod alignment;
mod changes;
mod references;
mod rows;

use std::fmt;

use entente_entity::{actor::Actor, enums::ActorKind, id::OrganizationId, scalar::DateTime};

use crate::problem::{Problem, Rule};

pub use changes::Changed;

/// A permission in a token. Reading needs `read`; a write scope includes reading the written objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Read.
    Read,
    /// Write the definitions of the services that the viewer's organization provides.
    DefinitionsWrite,
    /// Write the viewer's organization, its descendants, and new ones below it.
    OrganizationsWrite,
    /// Write the threads of the services that the viewer's organization provides, and its own threads.
    ThreadsWrite,
    /// Record measurements of the services that the viewer's organization provides or consumes.
    MeasurementsWrite,
    /// Decide on the terms of the services that the viewer's organization consumes.
    AgreementsWrite,
    /// Read the configuration items of the viewer's organization, and the impact of their failure.
    CmdbRead,
    /// Write the configuration items of the viewer's organization, and links of services to them.
    CmdbWrite,
    /// Everything, in all organizations.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: &'static [Self] = &[
        Self::Read,
        Self::DefinitionsWrite,
        Self::OrganizationsWrite,
        Self::ThreadsWrite,
        Self::MeasurementsWrite,
        Self::AgreementsWrite,
        Self::CmdbRead,
        Self::CmdbWrite,
        Self::Admin,
    ];

    /// Whether it allows any write.
    pub fn writes(self) -> bool {
        match self {
            Self::Read | Self::CmdbRead => false,
            Self::DefinitionsWrite
            | Self::OrganizationsWrite
            | Self::ThreadsWrite
            | Self::MeasurementsWrite
            | Self::AgreementsWrite
            | Self::CmdbWrite
            | Self::Admin => true,
        }
    }

    /// Its name in a token.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::DefinitionsWrite => "definitions:write",
            Self::OrganizationsWrite => "organizations:write",
            Self::ThreadsWrite => "threads:write",
            Self::MeasurementsWrite => "measurements:write",
            Self::AgreementsWrite => "agreements:write",
            Self::CmdbRead => "cmdb:read",
            Self::CmdbWrite => "cmdb:write",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The claims of a valid token.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims {
    /// `sub`.
    pub subject: String,
    /// `name`; if it is missing, the subject.
    pub display_name: String,
    /// The slug of the bearer's organization.
    pub organization: Option<String>,
    /// The scopes in the token, without those that Entente does not know.
    pub scopes: Vec<Scope>,
    /// Whether the bearer is a person, or a program with its own token.
    pub kind: ActorKind,
    /// `exp`; for Entente itself, the latest possible time.
    pub expires_at: DateTime,
}

impl Claims {
    /// Whether the token allows any write.
    pub fn may_write(&self) -> bool {
        self.scopes.iter().any(|scope| scope.writes())
    }
}

/// The client of a request: the claims of its token, with their organization if it exists.
#[derive(Clone, Debug, PartialEq)]
pub struct Viewer {
    /// The claims of the token.
    pub claims: Claims,
    /// The viewer's organization.
    pub organization: Option<OrganizationId>,
}

/// The policy refuses, independently of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The request has no token.
    #[error("this needs a token: Authorization: Bearer …")]
    Unauthenticated,
    /// The request has no token, and the schema is not public.
    #[error("reading the schema needs a token: Authorization: Bearer …, or the field \"Token\" of the page at /")]
    IntrospectionWithoutToken,
    /// The token lacks a scope.
    #[error("the token lacks the scope {0}")]
    ScopeNeeded(Scope),
    /// Only the provider may see it.
    #[error("only the provider of the service may see this")]
    ProviderOnly,
}

impl Viewer {
    /// Entente itself, on the command line or at start. It may do everything, and has no organization.
    pub fn system() -> Self {
        let claims = Claims {
            subject: "entente".into(),
            display_name: "Entente".into(),
            organization: None,
            scopes: vec![Scope::Admin],
            kind: ActorKind::System,
            expires_at: DateTime(chrono::DateTime::<chrono::Utc>::MAX_UTC),
        };
        Self { claims, organization: None }
    }

    /// A viewer who sees everything that any member of an organization may see.
    pub fn member_of(organization: OrganizationId) -> Self {
        let scopes = vec![Scope::Read, Scope::OrganizationsWrite, Scope::ThreadsWrite, Scope::CmdbRead];
        let mut viewer = Self::system();
        viewer.claims.scopes = scopes;
        Self { organization: Some(organization), ..viewer }
    }

    /// The viewer as an actor, stored with its changes.
    pub fn actor(&self) -> Actor {
        Actor {
            kind: self.claims.kind,
            subject: self.claims.subject.clone(),
            display_name: self.claims.display_name.clone(),
            organization: self.organization,
            on_behalf_of: None,
        }
    }

    /// Whether the token has the scope.
    pub fn has(&self, scope: Scope) -> bool {
        self.claims.scopes.contains(&scope)
    }

    /// Whether the viewer may do everything, in all organizations.
    pub fn is_admin(&self) -> bool {
        self.has(Scope::Admin)
    }

    /// Refuses a write if the token lacks its scope.
    pub fn require(&self, scope: Scope) -> Result<(), Problem> {
        if self.is_admin() || self.has(scope) {
            Ok(())
        } else {
            Err(Problem::at([] as [&str; 0], Rule::ScopeNeeded { scope: scope.name() }))
        }
    }

    /// Whether this is the viewer's organization, or the viewer is an admin.
    pub fn acts_for(&self, organization: OrganizationId) -> bool {
        self.is_admin() || self.organization == Some(organization)
    }

    /// Whether the viewer may write the definition of a service of this provider, which it sees.
    pub fn may_define(&self, provider: OrganizationId) -> Result<(), Problem> {
        if self.acts_for(provider) { Ok(()) } else { Err(Problem::at([] as [&str; 0], Rule::ProviderOnly)) }
    }

    /// Whether the viewer, who sees a service of this provider, is told who recorded a measurement of it, and from which source. A
    /// consumer sees every value, but neither the other consumers nor what they use.
    pub fn sees_who_measured(&self, by: Option<OrganizationId>, provider: OrganizationId) -> bool {
        self.acts_for(provider) || by.is_none_or(|by| by == provider || self.organization == Some(by))
    }

    /// The organization to which a reference belongs that the viewer links to an object of this owner.
    pub fn links_for(&self, owner: OrganizationId) -> OrganizationId {
        self.organization.unwrap_or(owner)
    }
}
