//! Configuration items: the applications, servers and other components that services depend on.

pub mod impact;

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object};
use entente_entity::{enums::DocumentFormat, id::ItemId, scalar::DateTime};

use crate::{
    api::{
        item::impact::Impact,
        organization::Organization,
        reference::{self, ExternalReference, Referenced},
        service::Service,
        shared::{
            connection::{Count, Slice, connection, count},
            error::{Nullable, nullable},
            list::List,
            price,
            reader::shown,
            user_error::{UserError, done_or_problems},
        },
    },
    definition::{
        document::{ConfigurationItemInput, ConfigurationItemKey, OrganizationKey},
        filter::ConfigurationItemFilter,
    },
    store::{
        Direction, Error, ITEMS_BY_NAME, ITEMS_BY_PLACE, ItemRow, ItemsApplied, ItemsApply, ReadItems,
        ReadOrganizations, ServiceRow, Session,
        page::{Page, Window},
    },
};

/// A configuration item.
#[derive(Clone)]
pub struct ConfigurationItem(pub(in crate::api) ItemRow);

connection!(ConfigurationItemConnection, ConfigurationItemEdge, ConfigurationItem);

/// A configuration item: an application, a server, a database or anything else that services depend on. Only the
/// organization that applied it can see it, with the scope `cmdb:read`.
#[Object]
impl ConfigurationItem {
    /// The global id. It never changes.
    pub(in crate::api) async fn id(&self) -> ID {
        ID(self.0.row.id.to_string())
    }

    /// The organization that the item belongs to.
    async fn organization(&self) -> Result<Organization, Error> {
        self.0.session().organizations().party(self.0.row.organization_id).await.map(Organization)
    }

    /// The display name.
    async fn name(&self) -> &str {
        &self.0.row.name
    }

    /// The class of the item, as its source writes it, for example `cmdb_ci_appl` or `Server`.
    async fn class(&self) -> &str {
        &self.0.row.class
    }

    /// The environment in which the item is used, for example `production` or `test`. Null if not given.
    async fn environment(&self) -> Option<&str> {
        self.0.row.environment.as_deref()
    }

    /// The status of the item, as its source writes it. Null if not given. `impact` does not use it.
    async fn status(&self) -> Option<&str> {
        self.0.row.status.as_deref()
    }

    /// The known items that this item depends on, by name. `configurationItems(filter: {unresolved: true})` finds items
    /// with dependencies on unknown items.
    #[graphql(complexity = "price::page(first, last, child_complexity)")]
    async fn depends_on(
        &self,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<ConfigurationItemConnection, Error> {
        self.neighbours(Direction::DependsOn, Window::new(first, after, last, before)?).await
    }

    /// The items that depend on this item, by name.
    #[graphql(complexity = "price::page(first, last, child_complexity)")]
    async fn dependents(
        &self,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<ConfigurationItemConnection, Error> {
        self.neighbours(Direction::Dependents, Window::new(first, after, last, before)?).await
    }

    /// How many of its dependencies the item needs to work. Null: all of them. Example: 1 for a cluster of two nodes of
    /// which one is enough.
    async fn dependencies_needed(&self) -> Option<i32> {
        self.0.row.dependencies_needed
    }

    /// The number of dependencies on unknown items: the source named their key, but no item has this key.
    async fn unresolved_dependencies(&self) -> Result<i32, Error> {
        Ok(self.0.dependencies().await?.iter().filter(|row| row.dependency_id.is_none()).count() as i32)
    }

    /// The services that the viewer may see and that depend on this item directly, as a whole or with one of their
    /// outcomes; by name.
    #[graphql(complexity = "price::each(price::CONSUMERS, child_complexity)")]
    async fn services(&self) -> Result<List<Service>, Error> {
        Ok(self.0.services().await?.iter().cloned().map(Service).collect())
    }

    /// The impact if only this item failed.
    #[graphql(complexity = "price::each(price::CONSUMERS, child_complexity) + price::IMPACT_OF_ONE")]
    async fn impact_if_failed(&self) -> Result<Impact, Error> {
        let found = self.0.impact().await?;
        Ok(Impact { items: vec![self.0.clone()], not_found: Vec::new(), found: found.into() })
    }

    /// The keys of the item in other systems. The keys of its own organization identify it in
    /// `configurationItemsApply`.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    pub(in crate::api) async fn external_references(&self) -> Result<List<ExternalReference>, Error> {
        let entity = Referenced::ConfigurationItem(self.clone());
        Ok(reference::all(&self.0.references().await?, &entity))
    }

    /// The item as a document. If it is applied with `configurationItemsApply`, it changes nothing.
    async fn document(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "Some(DocumentFormat::Yaml)")] format: Option<DocumentFormat>,
    ) -> Result<String, Error> {
        shown(ctx, self.0.document(format.unwrap_or(DocumentFormat::Yaml)).await?)
    }

    /// When the item was last part of a `configurationItemsApply`, changed or not. `updatedAt` and the change log
    /// ignore this.
    async fn seen_at(&self) -> DateTime {
        self.0.row.seen_at
    }

    /// When the item last changed.
    async fn updated_at(&self) -> DateTime {
        self.0.row.updated_at
    }
}

impl ConfigurationItem {
    async fn neighbours(&self, direction: Direction, window: Window) -> Result<ConfigurationItemConnection, Error> {
        let page = self.0.neighbours(direction, &window).await?;
        let item = self.0.clone();
        let count = count!(item => item.neighbour_count(direction).await);
        Ok(page_of(page, count))
    }
}

fn page_of(page: Page<ItemRow>, count: Count) -> ConfigurationItemConnection {
    let cursor = |item: &ConfigurationItem| ITEMS_BY_NAME.cursor(&item.0);
    ConfigurationItemConnection(Slice::new(page, ConfigurationItem, cursor, count))
}

/// The items of a service, or of one of its outcomes, in the order of its document.
pub(in crate::api) async fn linked(
    service: &ServiceRow,
    entity: uuid::Uuid,
    window: Result<Window, Error>,
) -> Result<Option<ConfigurationItemConnection>, Error> {
    let items = service.items(entity).await?;
    let total = items.len() as u64;
    let count = count!(total => Ok(total));
    let page = window?.of_all(&ITEMS_BY_PLACE, items.iter().cloned())?;
    let places: HashMap<ItemId, i32> = page.rows.iter().map(|(place, item)| (item.row.id, *place)).collect();
    let place = move |ConfigurationItem(item): &ConfigurationItem| {
        let place = places.get(&item.row.id).copied().unwrap_or_default();
        ITEMS_BY_PLACE.cursor(&(place, item.clone()))
    };
    Ok(Some(ConfigurationItemConnection(Slice::new(page, |(_, item)| ConfigurationItem(item), place, count))))
}

/// Configuration items to create, update or delete.
#[derive(InputObject)]
pub struct ConfigurationItemsApplyInput {
    /// The organization that the items belong to. Default: the viewer's organization. Another one needs the scope
    /// `admin`.
    organization: Option<OrganizationKey>,
    /// At most 1,000 items, in any order; an item can follow the items that depend on it. `ref` identifies an item.
    /// Fields that are left out stay unchanged.
    items: Vec<ConfigurationItemInput>,
    /// True checks the input and returns the result, but writes nothing.
    #[graphql(default = false)]
    dry_run: bool,
}

/// The result of `configurationItemsApply`. Nothing was written if there are user errors.
pub struct ConfigurationItemsApplyPayload {
    applied: ItemsApplied,
    dry_run: bool,
    user_errors: Vec<UserError>,
}

/// The result of `configurationItemsApply`. Nothing was written if there are user errors.
#[Object]
impl ConfigurationItemsApplyPayload {
    /// Number created.
    async fn created(&self) -> i32 {
        self.applied.created
    }

    /// Number updated.
    async fn updated(&self) -> i32 {
        self.applied.updated
    }

    /// Number unchanged: the stored state was already the same, or an item to delete did not exist.
    async fn unchanged(&self) -> i32 {
        self.applied.unchanged
    }

    /// Number deleted.
    async fn removed(&self) -> i32 {
        self.applied.removed
    }

    /// The number of dependencies of these items on unknown items. They become active when an item with the key is
    /// created.
    async fn unresolved(&self) -> i32 {
        self.applied.unresolved
    }

    /// The current items, in the order of the input, without the deleted ones. Null if there are user errors, and in a
    /// dry run.
    #[graphql(complexity = "price::each(50, child_complexity)")]
    async fn items(&self, ctx: &Context<'_>) -> Nullable<List<ConfigurationItem>> {
        if self.dry_run || !self.user_errors.is_empty() {
            return None;
        }
        let items = ctx.data_unchecked::<Session>().items().written(&self.applied.ids).await;
        nullable(items.map(|items| Some(items.into_iter().map(ConfigurationItem).collect())))
    }

    /// The errors in the input. Empty if the mutation succeeded.
    async fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// Queries of configuration items.
#[derive(Default)]
pub struct ConfigurationItemQuery;

#[Object]
impl ConfigurationItemQuery {
    /// The configuration item with this id or external key. Null if it does not exist or the viewer may not see it. An
    /// external key that several items have is BAD_REQUEST.
    async fn configuration_item(&self, ctx: &Context<'_>, by: ConfigurationItemKey) -> Nullable<ConfigurationItem> {
        nullable(ctx.data_unchecked::<Session>().items().by_key(&by).await.map(|item| item.map(ConfigurationItem)))
    }

    /// The configuration items of the viewer's organization, by name. Needs the scope `cmdb:read`; null and a FORBIDDEN
    /// error without it.
    #[graphql(complexity = "price::page(first, last, child_complexity)")]
    async fn configuration_items(
        &self,
        ctx: &Context<'_>,
        filter: Option<ConfigurationItemFilter>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Nullable<ConfigurationItemConnection> {
        let window = Window::new(first, after, last, before);
        nullable(list(ctx.data_unchecked(), filter.unwrap_or_default(), window).await.map(Some))
    }
}

async fn list(
    session: &Session,
    filter: ConfigurationItemFilter,
    window: Result<Window, Error>,
) -> Result<ConfigurationItemConnection, Error> {
    session.viewer()?.sees_items()?;
    let window = window?;
    let list = session.items().list(filter).await?;
    let page = list.page(&window).await?;
    let count = count!(list => list.count().await);
    Ok(page_of(page, count))
}

/// Mutations of configuration items.
#[derive(Default)]
pub struct ConfigurationItemMutation;

#[Object]
impl ConfigurationItemMutation {
    /// Creates, updates or deletes configuration items of the viewer's organization, all or none: if one item is wrong,
    /// nothing is written, and `path` of the user error contains its index. A dependency on an unknown item is stored;
    /// it becomes active when that item is created. For items without changes, only `seenAt` is updated. Needs the
    /// scope `cmdb:write`.
    async fn configuration_items_apply(
        &self,
        ctx: &Context<'_>,
        input: ConfigurationItemsApplyInput,
    ) -> Result<ConfigurationItemsApplyPayload, Error> {
        let session = ctx.data_unchecked::<Session>();
        let ConfigurationItemsApplyInput { organization, items, dry_run } = input;
        let written = session.write(ItemsApply { organization, items, dry_run }).await;
        let (applied, user_errors) = match done_or_problems(ctx, written)? {
            Ok(applied) => (applied, Vec::new()),
            Err(user_errors) => (ItemsApplied::default(), user_errors),
        };
        Ok(ConfigurationItemsApplyPayload { applied, dry_run, user_errors })
    }
}
