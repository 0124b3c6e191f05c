//! Configuration items: what services run on, as the provider's side sees it.

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
            error::{Nullable, UserError, done_or_problems, nullable},
            list::List,
            price,
            reader::shown,
        },
    },
    definition::document::{ConfigurationItemInput, ConfigurationItemKey, OrganizationKey, ServiceKey},
    search::Wanted,
    store::{
        Direction, Error, ITEMS_BY_NAME, ITEMS_BY_PLACE, ItemRow, ItemsApplied, ItemsApply, ItemsWanted, ReadItems,
        ReadOrganizations, ReadServices, ServiceRow, Session,
        page::{Page, Window},
    },
};

/// A configuration item.
#[derive(Clone)]
pub struct ConfigurationItem(pub(in crate::api) ItemRow);

connection!(ConfigurationItemConnection, ConfigurationItemEdge, ConfigurationItem);

/// An application, a server, a database: something that services run on. Only the organization that applied it sees it,
/// with the scope `cmdb:read`.
#[Object]
impl ConfigurationItem {
    /// Global, and stable.
    pub(in crate::api) async fn id(&self) -> ID {
        ID(self.0.row.id.to_string())
    }

    /// Whose it is: who applied it.
    async fn organization(&self) -> Result<Organization, Error> {
        self.0.session().organizations().party(self.0.row.organization_id).await.map(Organization)
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.row.name
    }

    /// What kind of thing it is, in the words of its source: `cmdb_ci_appl`, `Server`.
    async fn class(&self) -> &str {
        &self.0.row.class
    }

    /// Where it is used: `production`, `test`; null where its source does not say.
    async fn environment(&self) -> Option<&str> {
        self.0.row.environment.as_deref()
    }

    /// How it is, in the words of its source; null where that does not say. Impact does not look at it.
    async fn status(&self) -> Option<&str> {
        self.0.row.status.as_deref()
    }

    /// What it depends on, by name: those that are known. `configurationItems(filter: {unresolved: true})` finds the
    /// items of which some are not.
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

    /// What depends on it, by name.
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

    /// How many of its dependencies it needs to work; all of them if null. (Two database nodes, one needed: 1.)
    async fn dependencies_needed(&self) -> Option<i32> {
        self.0.row.dependencies_needed
    }

    /// How many of its dependencies are not known: their source named them, and nothing here has the key yet.
    async fn unresolved_dependencies(&self) -> Result<i32, Error> {
        Ok(self.0.dependencies().await?.iter().filter(|row| row.dependency_id.is_none()).count() as i32)
    }

    /// The services that run on it themselves, or of which an outcome does, by name, as far as the viewer may see them.
    #[graphql(complexity = "price::each(price::CONSUMERS, child_complexity)")]
    async fn services(&self) -> Result<List<Service>, Error> {
        Ok(self.0.services().await?.iter().cloned().map(Service).collect())
    }

    /// What it would mean if this item failed, and nothing else.
    #[graphql(complexity = "price::each(price::CONSUMERS, child_complexity) + price::IMPACT_OF_ONE")]
    async fn impact_if_failed(&self) -> Result<Impact, Error> {
        let found = self.0.impact().await?;
        Ok(Impact { items: vec![self.0.clone()], not_found: Vec::new(), found: found.into() })
    }

    /// Other systems' keys for it; those of its own organization are what it is matched by.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    pub(in crate::api) async fn external_references(&self) -> Result<List<ExternalReference>, Error> {
        let entity = Referenced::ConfigurationItem(self.clone());
        Ok(reference::all(&self.0.references().await?, &entity))
    }

    /// The item as a document that `configurationItemsApply` takes back unchanged.
    async fn document(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "Some(DocumentFormat::Yaml)")] format: Option<DocumentFormat>,
    ) -> Result<String, Error> {
        shown(ctx, self.0.document(format.unwrap_or(DocumentFormat::Yaml)).await?)
    }

    /// When it last came in a `configurationItemsApply`, changed or not. Not part of `updatedAt`, nor of the feed.
    async fn seen_at(&self) -> DateTime {
        self.0.row.seen_at
    }

    /// When it last changed.
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

/// Which configuration items are wanted: all of it must hold, and what is left out does not matter.
#[derive(Default, InputObject)]
pub struct ConfigurationItemFilter {
    /// Of one of these classes, as their source writes them.
    class: Option<Vec<String>>,
    /// In one of these environments.
    environment: Option<Vec<String>>,
    /// In one of these states.
    status: Option<Vec<String>>,
    /// Those that this service, or one of its outcomes, runs on itself.
    service: Option<ServiceKey>,
    /// Those for which this system has a key.
    system: Option<String>,
    /// Those that depend on something that is not known; false: the others.
    unresolved: Option<bool>,
    /// Those that last came before this instant: what a source no longer sends.
    not_seen_since: Option<DateTime>,
    /// Every word is in the name, the class or the key by which the item came, whole or as the beginning of a longer one;
    /// case and accents do not matter. At most 200 characters and 32 words.
    text: Option<String>,
    /// Those that changed at this instant or later. To follow changes, pass the
    /// `settledAt` of the request before, not the greatest `updatedAt` that was seen.
    updated_since: Option<DateTime>,
}

impl ConfigurationItemFilter {
    /// What the filter asks of the store; `None` where it names a service that the viewer may not see, so that nothing
    /// fits it.
    async fn wanted(self, session: &Session) -> Result<Option<ItemsWanted>, Error> {
        let Self { class, environment, status, service, system, unresolved, not_seen_since, text, updated_since } =
            self;
        let text = text.map(|text| Wanted::parse(&text)).transpose()?;
        let service = match service {
            None => None,
            Some(key) => match session.services().by_key(&key).await? {
                Some(service) => Some(service.row.id),
                None => return Ok(None),
            },
        };
        let wanted = ItemsWanted {
            class,
            environment,
            status,
            service,
            system,
            unresolved,
            not_seen_since,
            text,
            updated_since,
        };
        Ok(Some(wanted))
    }
}

/// Configuration items to write, in any order: what an item depends on may come after it.
#[derive(InputObject)]
pub struct ConfigurationItemsApplyInput {
    /// Whose items these are; the viewer's organization unless another is named, which takes the scope `admin`.
    organization: Option<OrganizationKey>,
    /// Up to 1,000. Each is matched by its `ref`; fields left out stay as they are.
    items: Vec<ConfigurationItemInput>,
    /// Tells what would be done, and does nothing.
    #[graphql(default = false)]
    dry_run: bool,
}

/// What was done to configuration items; nothing where there are user errors.
pub struct ConfigurationItemsApplyPayload {
    applied: ItemsApplied,
    dry_run: bool,
    user_errors: Vec<UserError>,
}

/// What was done to configuration items; nothing where there are user errors.
#[Object]
impl ConfigurationItemsApplyPayload {
    /// How many came.
    async fn created(&self) -> i32 {
        self.applied.created
    }

    /// How many say something else now.
    async fn updated(&self) -> i32 {
        self.applied.updated
    }

    /// How many stood so already, or were to be removed and were not there.
    async fn unchanged(&self) -> i32 {
        self.applied.unchanged
    }

    /// How many went.
    async fn removed(&self) -> i32 {
        self.applied.removed
    }

    /// How many dependencies of these items name something that is not known yet; they hold once it comes.
    async fn unresolved(&self) -> i32 {
        self.applied.unresolved
    }

    /// As they stand now, in the order of the input, without those that went; null where there are user errors, or in a
    /// dry run.
    #[graphql(complexity = "price::each(50, child_complexity)")]
    async fn items(&self, ctx: &Context<'_>) -> Nullable<List<ConfigurationItem>> {
        if self.dry_run || !self.user_errors.is_empty() {
            return None;
        }
        let items = ctx.data_unchecked::<Session>().items().written(&self.applied.ids).await;
        nullable(items.map(|items| Some(items.into_iter().map(ConfigurationItem).collect())))
    }

    /// What is wrong with the input.
    async fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// Questions about configuration items.
#[derive(Default)]
pub struct ConfigurationItemQuery;

#[Object]
impl ConfigurationItemQuery {
    /// The item with this id or external key; null where there is none that the viewer may see.
    async fn configuration_item(&self, ctx: &Context<'_>, by: ConfigurationItemKey) -> Nullable<ConfigurationItem> {
        nullable(ctx.data_unchecked::<Session>().items().by_key(&by).await.map(|item| item.map(ConfigurationItem)))
    }

    /// The items of the viewer's organization, by name. Needs the scope `cmdb:read`; null without it.
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
        let session = ctx.data_unchecked::<Session>().clone();
        nullable(list(session, filter.unwrap_or_default(), Window::new(first, after, last, before)).await.map(Some))
    }
}

async fn list(
    session: Session,
    filter: ConfigurationItemFilter,
    window: Result<Window, Error>,
) -> Result<ConfigurationItemConnection, Error> {
    session.viewer()?.sees_items()?;
    let window = window?;
    let wanted = filter.wanted(&session).await?;
    let page = match &wanted {
        None => window.page(Vec::new()),
        Some(wanted) => session.items().page(wanted, &window).await?,
    };
    let count = count!(session, wanted => match &wanted {
        None => Ok(0),
        Some(wanted) => session.items().count(wanted).await,
    });
    Ok(page_of(page, count))
}

/// Changes of configuration items.
#[derive(Default)]
pub struct ConfigurationItemMutation;

#[Object]
impl ConfigurationItemMutation {
    /// Writes configuration items of the viewer's organization, whole or not at all: one item that is wrong refuses the
    /// call, and is named by its index. A dependency on an item that is not known yet is kept, and holds once that item
    /// comes. Applying what stands already changes nothing but `seenAt`. Needs the scope `cmdb:write`.
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
