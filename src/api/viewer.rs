//! The viewer: the sender of the request.

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

/// The sender of this request.
pub struct Viewer(policy::Viewer);

/// The sender of this request, as identified by the token.
#[Object]
impl Viewer {
    /// The person or program that sent the request.
    async fn actor(&self) -> Actor {
        Actor(self.0.actor())
    }

    /// The organization that the token names. Null if the token names none, or one that does not exist.
    async fn organization(&self, ctx: &Context<'_>) -> Nullable<Organization> {
        // A viewer may always see its own organization, with any scopes.
        let organization = ctx.data_unchecked::<Session>().organizations().party(self.0.organization?).await;
        nullable(organization.map(Organization).map(Some))
    }

    /// The scopes of the token that Entente knows, for example `read` or `definitions:write`.
    async fn scopes(&self) -> Vec<&'static str> {
        self.0.claims.scopes.iter().map(|scope| scope.name()).collect()
    }

    /// The language of texts for which no `locale` is given: the first language of the header `Accept-Language`,
    /// otherwise the server's default language.
    async fn locale(&self, ctx: &Context<'_>) -> Locale {
        Reader::of(ctx).locale()
    }

    /// When the token expires. Null for Entente itself.
    async fn token_expires_at(&self) -> Option<DateTime> {
        (self.0.claims.kind != ActorKind::System).then_some(self.0.claims.expires_at)
    }
}

/// Queries about the viewer.
#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// The sender of this request, as identified by the token.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer, Error> {
        Ok(Viewer(ctx.data_unchecked::<Session>().viewer()?.clone()))
    }
}
