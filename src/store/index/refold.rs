//! Recomputes the folded texts once after the folding rule changed.

use entente_entity::{
    configuration_item,
    id::{DefinitionId, ItemId, OrganizationId, ServiceId},
    organization, service,
    text::Text,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use crate::{
    fold::fold,
    store::{
        Store,
        db::{error::Error, parts::ROWS},
    },
};

impl Store {
    /// Recomputes the folded names of all organizations, services and configuration items. Only rows that differ are
    /// written.
    pub(in crate::store) async fn refold<C: ConnectionTrait>(&self, connection: &C) -> Result<(), Error> {
        self.refold_organizations(connection).await?;
        self.refold_services(connection).await?;
        self.refold_items(connection).await
    }

    async fn refold_organizations<C: ConnectionTrait>(&self, connection: &C) -> Result<(), Error> {
        use organization::Column;
        let rows = organization::Entity::find()
            .select_only()
            .columns([Column::Id, Column::Slug, Column::Name, Column::SearchText])
            .into_tuple::<(OrganizationId, String, Text, String)>()
            .all(connection)
            .await?;
        for (id, slug, name, current) in rows {
            let text = search_text(&slug, &name);
            if text != current {
                organization::Entity::update_many()
                    .col_expr(Column::SearchText, Expr::val(text))
                    .filter(Column::Id.eq(id))
                    .exec(connection)
                    .await?;
            }
        }
        Ok(())
    }

    async fn refold_services<C: ConnectionTrait>(&self, connection: &C) -> Result<(), Error> {
        use service::Column;
        let rows = service::Entity::find()
            .select_only()
            .columns([Column::Id, Column::DefinitionId, Column::SortName])
            .into_tuple::<(ServiceId, DefinitionId, String)>()
            .all(connection)
            .await?;
        for some in rows.chunks(100) {
            let definitions = self.definitions(connection, some.iter().map(|(_, definition, _)| *definition)).await?;
            for (id, definition, current) in some {
                let Some(definition) = definitions.get(definition) else { continue };
                let name = definition.terms.name.pick([self.default_locale()]);
                let sort_name = name.map(|name| fold(name.as_str())).unwrap_or_default();
                if sort_name != *current {
                    service::Entity::update_many()
                        .col_expr(Column::SortName, Expr::val(sort_name))
                        .filter(Column::Id.eq(*id))
                        .exec(connection)
                        .await?;
                }
            }
        }
        Ok(())
    }

    async fn refold_items<C: ConnectionTrait>(&self, connection: &C) -> Result<(), Error> {
        use configuration_item::Column;
        let mut last = ItemId(Uuid::nil());
        loop {
            let rows = configuration_item::Entity::find()
                .select_only()
                .columns([Column::Id, Column::Name, Column::SortName])
                .filter(Column::Id.gt(last))
                .order_by_asc(Column::Id)
                .limit(ROWS as u64)
                .into_tuple::<(ItemId, String, String)>()
                .all(connection)
                .await?;
            let Some((end, ..)) = rows.last() else { return Ok(()) };
            last = *end;
            for (id, name, current) in rows {
                let sort_name = fold(&name);
                if sort_name != current {
                    configuration_item::Entity::update_many()
                        .col_expr(Column::SortName, Expr::val(sort_name))
                        .filter(Column::Id.eq(id))
                        .exec(connection)
                        .await?;
                }
            }
        }
    }
}

/// The folded text by which an organization is found.
pub(in crate::store) fn search_text(slug: &str, name: &Text) -> String {
    let names = name.0.values().map(|name| fold(name.as_str()));
    std::iter::once(slug.to_owned()).chain(names).collect::<Vec<_>>().join("\n")
}
