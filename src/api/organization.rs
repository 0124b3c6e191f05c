//! Organizations: the parties.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entente_entity::{enums::DocumentFormat, scalar::Locale, text::Str};

use crate::{
    api::{
        reference::{self, ExternalReference, Referenced},
        service::{ServiceConnection, list::list},
        shared::{
            connection::{Slice, connection, count},
            error::{Nullable, nullable},
            list::List,
            price,
            reader::{read, shown},
            user_error::{UserError, done_or_problems},
        },
    },
    definition::{
        document::{OrganizationInput, OrganizationKey},
        filter::ServiceFilter,
    },
    store::{
        Error, ORGANIZATIONS_BY_SLUG, OrganizationRow, OrganizationsApplied, OrganizationsApply, Part,
        ReadOrganizations, ReadReferences, ReadServices, Session, page::Window,
    },
};

/// A party.
#[derive(Clone)]
pub struct Organization(pub(super) OrganizationRow);

connection!(OrganizationConnection, OrganizationEdge, Organization);

/// A party: an IT department, a supplier, a hospital ward, a business unit. The same organization can provide some
/// services and consume others. An organization has no access to what its parent or its children see.
#[Object]
impl Organization {
    /// The global id. It never changes.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The slug of the organization: its unique name in tokens, documents and scripts. It never changes.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// The display name.
    async fn name(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
        read(ctx, &self.0.name, locale)
    }

    /// The parent organization. Null if there is none, or if the viewer may not see it.
    async fn parent(&self, ctx: &Context<'_>) -> Nullable<Organization> {
        let parent = ctx.data_unchecked::<Session>().organizations().by_id(self.0.parent_id?).await;
        nullable(parent.map(|row| row.map(Organization)))
    }

    /// The services that the organization provides and that the viewer may see, by name.
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
        list(ctx.data_unchecked(), Some((self.0.id, Part::Provider)), filter, None, window).await
    }

    /// The services that the organization consumes, by name, if the viewer may see that it does.
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
        list(ctx.data_unchecked(), Some((self.0.id, Part::Consumer)), filter, None, window).await
    }

    /// The keys of the organization in other systems that the viewer may see.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    pub(super) async fn external_references(&self, ctx: &Context<'_>) -> Result<List<ExternalReference>, Error> {
        let rows = ctx.data_unchecked::<Session>().references().of_organization(self.0.id).await?;
        Ok(reference::all(&rows, &Referenced::Organization(self.clone())))
    }

    /// The organization as a document. If it is applied with `organizationsApply`, it changes nothing.
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

/// Organizations to create or update.
#[derive(InputObject)]
pub struct OrganizationsApplyInput {
    /// At most 1,000 organizations, in any order; a parent can follow its children. `slug` identifies an organization.
    /// Fields that are left out stay unchanged.
    organizations: Vec<OrganizationInput>,
    /// True checks the input and returns the result, but writes nothing.
    #[graphql(default = false)]
    dry_run: bool,
}

/// The result of `organizationsApply`. Nothing was written if there are user errors.
#[derive(SimpleObject)]
pub struct OrganizationsApplyPayload {
    /// The current organizations, in the order of the input. Null if there are user errors, and in a dry run.
    organizations: Option<Vec<Organization>>,
    /// Number created.
    created: i32,
    /// Number updated.
    updated: i32,
    /// Number unchanged, because the stored state was already the same.
    unchanged: i32,
    /// The errors in the input. Empty if the mutation succeeded.
    user_errors: Vec<UserError>,
}

/// Queries of organizations.
#[derive(Default)]
pub struct OrganizationQuery;

#[Object]
impl OrganizationQuery {
    /// The organization with this id, slug or external key. Null if it does not exist or the viewer may not see it. An
    /// external key that several organizations have is BAD_REQUEST.
    async fn organization(&self, ctx: &Context<'_>, by: OrganizationKey) -> Nullable<Organization> {
        nullable(ctx.data_unchecked::<Session>().organizations().by_key(&by).await.map(|row| row.map(Organization)))
    }

    /// The organizations that the viewer may see, by slug. The provider of a service sees all organizations; others see
    /// their own organization and its providers. With `text`: only organizations that contain every word in the name or
    /// slug; at most 200 characters and 32 words.
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

/// Mutations of organizations.
#[derive(Default)]
pub struct OrganizationMutation;

#[Object]
impl OrganizationMutation {
    /// Creates or updates organizations, all or none: the viewer's own organization, its descendants, and new
    /// organizations below them; with the scope `admin`, any organization. Organizations without changes are not
    /// written. Needs the scope `organizations:write`.
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
