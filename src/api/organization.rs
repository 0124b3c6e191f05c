//! Organizations: the parties.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entente_entity::{enums::DocumentFormat, scalar::Locale, text::Str};

use crate::{
    api::{
        reference::{self, ExternalReference, Referenced},
        service::{
            ServiceConnection,
            list::{self, ServiceFilter},
        },
        shared::{
            connection::{Slice, connection, count},
            error::{Nullable, UserError, done_or_problems, nullable},
            list::List,
            price,
            reader::{read, shown},
        },
    },
    definition::document::{OrganizationInput, OrganizationKey},
    store::{
        Error, ORGANIZATIONS_BY_SLUG, OrganizationRow, OrganizationsApplied, OrganizationsApply, Part,
        ReadOrganizations, ReadReferences, ReadServices, Session, page::Window,
    },
};

/// A party.
#[derive(Clone)]
pub struct Organization(pub(super) OrganizationRow);

connection!(OrganizationConnection, OrganizationEdge, Organization);

/// A party: an IT department, a supplier, a hospital ward, a business unit. The same one can provide some services and
/// consume others. It stands for itself alone: neither its parent nor its children see for it.
#[Object]
impl Organization {
    /// Global, and stable.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What it is called in tokens, documents and scripts; never changes.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// What people call it.
    async fn name(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
        read(ctx, &self.0.name, locale)
    }

    /// The organization above it; null for none, or for one that the viewer may not see.
    async fn parent(&self, ctx: &Context<'_>) -> Nullable<Organization> {
        let parent = ctx.data_unchecked::<Session>().organizations().by_id(self.0.parent_id?).await;
        nullable(parent.map(|row| row.map(Organization)))
    }

    /// The services that it provides, as far as the viewer may see them, by name.
    #[graphql(complexity = "price::page(first, last, child_complexity)")]
    async fn provided_services(
        &self,
        ctx: &Context<'_>,
        filter: Option<ServiceFilter>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<ServiceConnection, Error> {
        let window = Window::new(first, after, last, before)?;
        list::of_organization(ctx.data_unchecked(), (self.0.id, Part::Provider), filter, window).await
    }

    /// The services that it consumes, as far as the viewer may see that it does, by name.
    #[graphql(complexity = "price::page(first, last, child_complexity)")]
    async fn consumed_services(
        &self,
        ctx: &Context<'_>,
        filter: Option<ServiceFilter>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<ServiceConnection, Error> {
        let window = Window::new(first, after, last, before)?;
        list::of_organization(ctx.data_unchecked(), (self.0.id, Part::Consumer), filter, window).await
    }

    /// Other systems' keys for the organization, as far as the viewer may see them.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    pub(super) async fn external_references(&self, ctx: &Context<'_>) -> Result<List<ExternalReference>, Error> {
        let rows = ctx.data_unchecked::<Session>().references().of_organization(self.0.id).await?;
        Ok(reference::all(&rows, &Referenced::Organization(self.clone())))
    }

    /// The organization as a document that `organizationsApply` takes back unchanged.
    async fn document(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "Some(DocumentFormat::Yaml)")] format: Option<DocumentFormat>,
    ) -> Result<String, Error> {
        shown(
            ctx,
            ctx.data_unchecked::<Session>()
                .services()
                .organization_document(&self.0, format.unwrap_or(DocumentFormat::Yaml))
                .await?,
        )
    }
}

/// Organizations to write, in any order: a parent may come after its children.
#[derive(InputObject)]
pub struct OrganizationsApplyInput {
    /// Up to 1,000. Each is matched by its slug; fields left out stay as they are.
    organizations: Vec<OrganizationInput>,
    /// Tells what would be done, and does nothing.
    #[graphql(default = false)]
    dry_run: bool,
}

/// What was done to organizations; nothing where there are user errors.
#[derive(SimpleObject)]
pub struct OrganizationsApplyPayload {
    /// As they stand now, in the order of the input; null where there are user errors, or in a dry run.
    organizations: Option<Vec<Organization>>,
    /// How many came.
    created: i32,
    /// How many say something else now.
    updated: i32,
    /// How many stood so already.
    unchanged: i32,
    /// What is wrong with the input.
    user_errors: Vec<UserError>,
}

/// Questions about organizations.
#[derive(Default)]
pub struct OrganizationQuery;

#[Object]
impl OrganizationQuery {
    /// The organization with this id, slug or external key; null where there is none that the viewer may see.
    async fn organization(&self, ctx: &Context<'_>, by: OrganizationKey) -> Nullable<Organization> {
        nullable(ctx.data_unchecked::<Session>().organizations().by_key(&by).await.map(|row| row.map(Organization)))
    }

    /// The organizations that the viewer may see, by slug: to who provides a service all, to others themselves and
    /// their providers. With a text, those that have every word of it in their name or slug.
    #[graphql(complexity = "price::page(first, last, child_complexity)")]
    async fn organizations(
        &self,
        ctx: &Context<'_>,
        text: Option<String>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<OrganizationConnection, Error> {
        let session = ctx.data_unchecked::<Session>().clone();
        let page = session.organizations().page(text.as_deref(), &Window::new(first, after, last, before)?).await?;
        let count = count!(session, text => session.organizations().count(text.as_deref()).await);
        Ok(OrganizationConnection(Slice::new(
            page,
            Organization,
            |node: &Organization| ORGANIZATIONS_BY_SLUG.cursor(&node.0),
            count,
        )))
    }
}

/// Changes of organizations.
#[derive(Default)]
pub struct OrganizationMutation;

#[Object]
impl OrganizationMutation {
    /// Writes organizations: the viewer's own, its descendants, and new ones below it; with the scope `admin` any.
    /// Applying what stands already changes nothing. Needs the scope `organizations:write`.
    async fn organizations_apply(
        &self,
        ctx: &Context<'_>,
        input: OrganizationsApplyInput,
    ) -> Result<OrganizationsApplyPayload, Error> {
        let session = ctx.data_unchecked::<Session>();
        let OrganizationsApplyInput { organizations, dry_run } = input;
        let written = session.write(OrganizationsApply { organizations, dry_run }).await;
        let applied = match done_or_problems(ctx, written)? {
            Ok(applied) => applied,
            Err(user_errors) => {
                return Ok(OrganizationsApplyPayload {
                    organizations: None,
                    created: 0,
                    updated: 0,
                    unchanged: 0,
                    user_errors,
                });
            }
        };
        let OrganizationsApplied { ids, created, updated, unchanged } = applied;
        let organizations = match dry_run {
            true => None,
            false => Some(session.organizations().written(&ids).await?.into_iter().map(Organization).collect()),
        };
        Ok(OrganizationsApplyPayload { organizations, created, updated, unchanged, user_errors: Vec::new() })
    }
}
