//! What it costs to find the services with an alignment among many.

use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::{
    alignment::{aligned, dsi, ward},
    app::{App, Asker},
};

/// The number of services.
const MANY: u32 = 10_000;

/// Copies of the service `meals`. Each hundredth is DISPUTED for both parties; of the others a tenth is OUTDATED.
async fn fill(app: &App) {
    let connection = app.connection().await;
    let is_postgres = app.url.starts_with("postgres");
    let numbers = match is_postgres {
        true => format!("SELECT generate_series(1, {MANY}) AS n"),
        false => format!(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY}) SELECT n FROM numbers"
        ),
    };
    let id = if is_postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    let services = format!(
        "INSERT INTO service (id, slug, provider_id, lifecycle, definition_id, revision, newest_revision, is_complete, alignment, contacts, sort_name, created_at, updated_at)
         SELECT {id}, 'meals-' || n, provider_id, lifecycle, definition_id, revision, newest_revision, is_complete,
             CASE WHEN n % 100 = 0 THEN 'DISPUTED' WHEN n % 10 = 0 THEN 'OUTDATED' ELSE 'ALIGNED' END,
             contacts, 'meals ' || (n * 7919 % {MANY}), created_at, updated_at
         FROM service, ({numbers}) AS numbers WHERE slug = 'meals'"
    );
    let consumers = format!(
        "INSERT INTO service_consumer (id, service_id, organization_id, contacts, since, confirmed_at, agreed_revision, objects)
         SELECT {id}, copy.id, consumer.organization_id, consumer.contacts, consumer.since, consumer.confirmed_at,
             CASE WHEN copy.alignment = 'OUTDATED' THEN 0 ELSE copy.revision END, copy.alignment = 'DISPUTED'
         FROM service AS original JOIN service_consumer AS consumer ON consumer.service_id = original.id, service AS copy
         WHERE original.slug = 'meals' AND copy.slug LIKE 'meals-%'"
    );
    for statement in [services, consumers] {
        connection.execute_unprepared(&statement).await.unwrap();
    }
    connection.execute_unprepared("ANALYZE").await.unwrap();
}

/// The shortest time of a page of 50, of several.
async fn time(asker: &Asker<'_>, filter: &str) -> Duration {
    let query = format!("{{ services(first: 50{filter}) {{ nodes {{ slug name alignment {{ state }} }} }} }}");
    let mut shortest = Duration::MAX;
    for _ in 0..15 {
        let started = Instant::now();
        let page = asker.data(&query, json!({})).await;
        shortest = shortest.min(started.elapsed());
        assert_eq!(page["services"]["nodes"].as_array().unwrap().len(), 50);
    }
    shortest
}

#[tokio::test]
async fn a_page_of_services_with_an_alignment_takes_at_most_twice_as_long_as_one_of_all() {
    let app = App::hospital().await;
    aligned(&app, "meals", &["emergency", "pharmacy"]).await;
    fill(&app).await;
    for (who, asker) in [("provider", dsi(&app)), ("consumer", ward(&app, "emergency")), ("admin", app.admin())] {
        let all = time(&asker, "").await;
        for states in ["DISPUTED", "OUTDATED", "ALIGNED", "DISPUTED, OUTDATED"] {
            let filtered = time(&asker, &format!(", filter: {{alignment: [{states}]}}")).await;
            println!("{who} {states}: {filtered:?}, {all:?} without the filter");
            // What else the machine does must not fail the test.
            assert!(
                filtered < all * 2 + Duration::from_millis(20),
                "{who} {states}: {filtered:?}, {all:?} without the filter"
            );
        }
    }
}
