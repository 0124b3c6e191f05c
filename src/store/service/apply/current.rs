//! The service before a document is applied.

use std::{collections::HashMap, sync::Arc};

use entente_entity::{element, enums::ElementKind, id::ServiceId, service, service_consumer, text::Str};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    definition::{
        links::{Consumer, Links},
        terms::Terms,
    },
    store::{
        db::error::Error,
        item::WriteItems,
        service::{ServiceWrites, definitions::Definition},
    },
};

/// The service before a document is applied.
pub(in crate::store) struct Current {
    pub(in crate::store) row: service::Model,
    pub(in crate::store) definition: Arc<Definition>,
    pub(in crate::store) consumers: Vec<service_consumer::Model>,
    pub(in crate::store) links: Links,
    /// The terms with the renamed keys; `None` if the document renames none.
    pub(in crate::store) renamed: Option<Terms>,
}

impl Current {
    /// The terms with which the document is merged.
    pub(in crate::store) fn terms(&self) -> &Terms {
        self.renamed.as_ref().unwrap_or(&self.definition.terms)
    }
}

/// The present and former elements of a service, by kind and key.
pub(in crate::store) type Identities = HashMap<(ElementKind, String), element::Model>;

impl ServiceWrites<'_> {
    /// The service of this row, which is locked.
    pub(in crate::store) async fn current(self, row: service::Model) -> Result<Current, Error> {
        let definition = self.store.definition(&self.transaction, row.definition_id).await?;
        let consumers = service_consumer::Entity::find()
            .filter(service_consumer::Column::ServiceId.eq(row.id))
            .order_by_asc(service_consumer::Column::Since)
            .order_by_asc(service_consumer::Column::Id)
            .all(&self.transaction)
            .await?;
        let links = Links {
            lifecycle: row.lifecycle,
            contacts: row.contacts.0.clone(),
            consumers: consumers
                .iter()
                .map(|row| Consumer {
                    organization: row.organization_id,
                    offering: row.offering.as_deref().map(Str::from),
                    contacts: row.contacts.0.clone(),
                })
                .collect(),
            items: Some(self.items().links_of(row.id, &definition.terms).await?),
        };
        Ok(Current { row, definition, consumers, links, renamed: None })
    }

    /// The present and former elements of a service.
    pub(in crate::store) async fn known_elements(self, service: ServiceId) -> Result<Identities, Error> {
        let rows =
            element::Entity::find().filter(element::Column::ServiceId.eq(service)).all(&self.transaction).await?;
        Ok(rows.into_iter().map(|row| ((row.kind, row.key.clone()), row)).collect())
    }
}
