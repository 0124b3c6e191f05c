//! Helpers of the tests of writes: the stored rows of a database, and a small service.

#![expect(clippy::disallowed_methods, reason = "what the API wrote is looked at behind its back")]

use std::collections::BTreeMap;

use entente_entity::{
    agreement, change, configuration_item, definition, element, external_reference, id::ServiceId, idempotency,
    index_entry, item_dependency, item_link, item_words, measurement, message, organization, service, service_consumer,
    thread, thread_due, thread_event,
};
use sea_orm::{
    ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryOrder,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use serde_json::{Value, json};

use crate::app::App;

/// Every row of every table.
#[derive(PartialEq)]
pub struct Rows(BTreeMap<&'static str, Vec<String>>);

impl Rows {
    /// How many rows each table has.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        self.0.iter().map(|(table, rows)| (*table, rows.len())).collect()
    }

    /// How many rows a table has.
    pub fn count(&self, table: &str) -> usize {
        self.0[table].len()
    }
}

macro_rules! rows {
    ($connection:expr, $($table:ident),*) => {
        Rows(BTreeMap::from([$((
            stringify!($table),
            {
                let rows = $table::Entity::find().all($connection).await.unwrap();
                let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
                rows.sort();
                rows
            },
        )),*]))
    };
}

impl App {
    /// A connection of the test's own.
    pub async fn connection(&self) -> DatabaseConnection {
        Database::connect(sea_orm::ConnectOptions::new(&self.url).max_connections(1).to_owned()).await.unwrap()
    }

    /// Another writer, whom every write of a service must wait for.
    pub async fn other_writer(&self) -> DatabaseTransaction {
        let own = self.connection().await;
        let mode = Some(SqliteTransactionMode::Immediate);
        let begun = own.begin_with_options(TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() });
        let transaction = begun.await.unwrap();
        if transaction.get_database_backend() == DatabaseBackend::Postgres {
            transaction.execute_unprepared("LOCK TABLE service IN EXCLUSIVE MODE").await.unwrap();
        }
        transaction
    }

    /// Every row of every table.
    pub async fn rows(&self) -> Rows {
        let own = self.connection().await;
        let rows = rows!(
            &own,
            agreement,
            change,
            configuration_item,
            definition,
            element,
            external_reference,
            idempotency,
            index_entry,
            item_dependency,
            item_link,
            item_words,
            measurement,
            message,
            organization,
            service,
            service_consumer,
            thread,
            thread_due,
            thread_event
        );
        own.close().await.unwrap();
        rows
    }

    /// The log of changes after the first so many, oldest first.
    pub async fn logged(&self, after: usize) -> Vec<change::Model> {
        let own = self.connection().await;
        let rows = change::Entity::find().order_by_asc(change::Column::Id).all(&own).await.unwrap();
        own.close().await.unwrap();
        rows.into_iter().skip(after).collect()
    }

    /// Fails where anything was written since.
    pub async fn assert_unchanged(&self, since: &Rows) {
        let now = self.rows().await;
        assert!(now == *since, "rows were written: {:?} where there were {:?}", now.counts(), since.counts());
    }
}

/// The action and type of a change in the log: `CREATED OUTCOME`.
pub fn said(change: &change::Model) -> String {
    let word = |value: &dyn std::fmt::Debug| format!("{value:?}");
    format!("{} {}", word(&change.action), word(&change.entity_type))
}

/// The id of a service from the wire.
pub fn service_id(text: &Value) -> ServiceId {
    ServiceId::parse(text.as_str().unwrap()).unwrap()
}

/// A small service of the IT department, with one of everything.
pub fn laundry() -> Value {
    json!({
        "slug": "laundry",
        "name": { "en": "Laundry", "fr": "Blanchisserie" },
        "summary": { "en": "Clean linen" },
        "journey": [{ "key": "collect", "name": "Collect" }, { "key": "deliver", "name": "Deliver" }],
        "outcomes": [
            { "key": "clean", "statement": { "en": "Linen is clean", "fr": "Le linge est propre" }, "stage": "deliver",
              "indicators": [indicator("stains")] },
            { "key": "there", "statement": "Linen is there", "stage": "collect" },
        ],
        "costs": [{ "key": "soap", "statement": "Soap", "effect": "REMOVED", "amount": "12.50", "currency": "EUR" }],
        "risks": [{ "key": "shrinking", "statement": "Shrinking", "effect": "IMPOSED", "likelihood": "LOW" }],
        "benefits": [{ "key": "comfort", "statement": "Comfort", "stakeholder": "Patients" }],
        "expectations": [{ "key": "sort", "of": "CONSUMER", "statement": "Sort it" }],
        "offerings": [{ "key": "daily", "name": "Daily" }, { "key": "weekly", "name": "Weekly" }],
        "consumers": [{ "organization": { "slug": "emergency" }, "offering": "daily" }],
        "escalation": { "targets": [{ "severity": "HIGH", "acknowledgeWithin": "PT1H", "resolveWithin": "P1D" }] },
        "lifecycle": "LIVE",
    })
}

/// An indicator with this key.
pub fn indicator(key: &str) -> Value {
    json!({ "key": key, "name": key, "unit": "%", "direction": "LOWER_IS_BETTER", "target": 5.0 })
}

/// A reference to something in another system.
pub fn reference(key: &str) -> Value {
    json!({ "system": "servicenow", "type": "cmdb_ci_service", "key": key })
}

/// A document of the laundry with only this content.
pub fn of_laundry(more: Value) -> Value {
    let mut document = json!({ "slug": "laundry" });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    document
}
