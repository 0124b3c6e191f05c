//! Who is asking.

use async_graphql::{Context, Object};
use entente_entity::{
    enums::ActorKind,
    scalar::{DateTime, Locale},
};

use crate::{
    api::{
        organization::Organization,
        service::contact::Actor,
        shared::{
            error::{Nullable, nullable},
            reader::Reader,
        },
    },
    policy,
    store::{Error, ReadOrganizations, Session},
};

/// Who is asking.
pub struct Viewer(policy::Viewer);

/// Who is asking, as the token says.
#[Object]
impl Viewer {
    /// The person or program.
    async fn actor(&self) -> Actor {
        Actor(self.0.actor())
    }

    /// The organization that the token names; null where it names none, or one that does not exist.
    async fn organization(&self, ctx: &Context<'_>) -> Nullable<Organization> {
        // One's own organization is never a secret to oneself, whatever the scopes.
        let organization = ctx.data_unchecked::<Session>().organizations().party(self.0.organization?).await;
        nullable(organization.map(Organization).map(Some))
    }

    /// What the token lets its bearer do, of what Entente knows.
    async fn scopes(&self) -> Vec<&'static str> {
        self.0.claims.scopes.iter().map(|scope| scope.name()).collect()
    }

    /// The language in which texts are read where no `locale` is asked for: the first of `Accept-Language`, else the
    /// server's default.
    async fn locale(&self, ctx: &Context<'_>) -> Locale {
        Reader::of(ctx).locale()
    }

    /// When the token ends; null for Entente itself.
    async fn token_expires_at(&self) -> Option<DateTime> {
        (self.0.claims.kind != ActorKind::System).then_some(self.0.claims.expires_at)
    }
}

/// Questions about who is asking.
#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Who is asking.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer, Error> {
        Ok(Viewer(ctx.data_unchecked::<Session>().viewer()?.clone()))
    }
}
