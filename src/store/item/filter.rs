//! Filtered lists of configuration items.

use entente_entity::{
    configuration_item, enums::ReferencedKind, external_reference, id::ServiceId, item_dependency, item_link,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait},
};

use super::{Items, ReadItems, read::BY_NAME, related::ItemRow, words};
use crate::{
    definition::filter::ConfigurationItemFilter,
    search::SearchWords,
    store::{
        db::error::Error,
        read::{
            page::{Page, Window},
            session::Session,
        },
        service::ReadServices,
    },
};

/// A list of configuration items.
#[derive(Clone)]
pub struct ItemList {
    session: Session,
    /// `None` if the filter names a service that the viewer does not see: then the list is empty.
    filter: Option<Resolved>,
}

/// A filter with the words of its text, and with the id of its key.
#[derive(Clone)]
struct Resolved {
    filter: ConfigurationItemFilter,
    text: Option<SearchWords>,
    service: Option<ServiceId>,
}

impl Items<'_> {
    /// The list of items that the viewer sees and that match a filter. BAD_REQUEST for a text that cannot be searched,
    /// and for a key with several services.
    pub async fn list(self, filter: ConfigurationItemFilter) -> Result<ItemList, Error> {
        Ok(ItemList { session: Session::clone(&self), filter: self.resolved(filter).await? })
    }

    async fn resolved(self, filter: ConfigurationItemFilter) -> Result<Option<Resolved>, Error> {
        let text = filter.text.as_deref().map(SearchWords::parse).transpose()?;
        let service = match &filter.service {
            None => None,
            Some(key) => match self.services().by_key(key).await? {
                Some(service) => Some(service.row.id),
                None => return Ok(None),
            },
        };
        Ok(Some(Resolved { filter, text, service }))
    }

    /// The items that the viewer sees and that match a filter.
    fn matching(self, resolved: &Resolved) -> Result<Select<configuration_item::Entity>, Error> {
        use configuration_item::Column;
        let Resolved { filter, text, service } = resolved;
        let ConfigurationItemFilter {
            class,
            environment,
            status,
            service: _,
            system,
            unresolved,
            not_seen_since,
            text: _,
            updated_since,
        } = filter;
        let mut matches = Condition::all();
        for (column, values) in [(Column::Class, class), (Column::Environment, environment), (Column::Status, status)] {
            if let Some(values) = values {
                let values = values.iter().map(String::as_str).filter(|text| !text.contains('\0'));
                matches = matches.add(column.is_in(values));
            }
        }
        if let Some(service) = service {
            let linked = item_link::Entity::find()
                .select_only()
                .column(item_link::Column::ItemId)
                .filter(item_link::Column::ServiceId.eq(*service));
            matches = matches.add(Column::Id.in_subquery(linked.into_query()));
        }
        if let Some(system) = system.as_ref().map(|system| system.replace('\0', " ")) {
            let named = external_reference::Entity::find()
                .select_only()
                .column(external_reference::Column::EntityId)
                .filter(external_reference::Column::EntityKind.eq(ReferencedKind::ConfigurationItem))
                .filter(external_reference::Column::System.eq(system))
                .filter(
                    Expr::col((external_reference::Entity, external_reference::Column::EntityId))
                        .equals((configuration_item::Entity, Column::Id)),
                );
            matches = matches.add(Expr::exists(named.into_query()));
        }
        if let Some(unresolved) = unresolved {
            let waiting = item_dependency::Entity::find()
                .select_only()
                .column(item_dependency::Column::ItemId)
                .filter(item_dependency::Column::DependencyId.is_null())
                .filter(
                    Expr::col((item_dependency::Entity, item_dependency::Column::ItemId))
                        .equals((configuration_item::Entity, Column::Id)),
                );
            let waits = Expr::exists(waiting.into_query());
            matches = matches.add(if *unresolved { waits } else { waits.not() });
        }
        if let Some(since) = not_seen_since {
            matches = matches.add(Column::SeenAt.lt(*since));
        }
        if let Some(text) = text.as_ref().filter(|text| !text.is_empty()) {
            matches = matches.add(words::has_all(self.read().backend(), text));
        }
        if let Some(since) = updated_since {
            matches = matches.add(Column::UpdatedAt.gte(*since));
        }
        Ok(self.seen()?.filter(matches))
    }
}

impl ItemList {
    /// A page of the list, by name.
    pub async fn page(&self, window: &Window) -> Result<Page<ItemRow>, Error> {
        use configuration_item::Column::{Id, SortName};
        let Some(filter) = &self.filter else { return Ok(window.page(Vec::new())) };
        let items = self.session.items();
        let query = window.cut(items.matching(filter)?, &BY_NAME, SortName.into_expr(), Id.into_expr())?;
        let Page { rows, has_next, has_previous } = window.page(query.all(self.session.read()).await?);
        Ok(Page { rows: items.rows(rows), has_next, has_previous })
    }

    /// The number of items in the list.
    pub async fn count(&self) -> Result<u64, Error> {
        match &self.filter {
            Some(filter) => Ok(self.session.items().matching(filter)?.count(self.session.read()).await?),
            None => Ok(0),
        }
    }
}
