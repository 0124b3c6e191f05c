//! What measurements cost: as many statements however many there are, and index reads however many are stored; and many who
//! record at once.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::{
    app::App,
    kit::laundry,
    measurements::{admission, at, meter, of, recorded, values},
};

#[tokio::test]
async fn a_thousand_take_as_many_statements_as_ten_and_a_list_as_many_as_one() {
    let app = App::hospital().await;
    let provider = app.provider();
    for number in 0..50 {
        let mut document = laundry();
        document["slug"] = json!(format!("laundry-{number}"));
        document["name"] = json!(format!("Unit {number}"));
        provider.applied(document).await;
    }
    let dsi = meter(&app, "dsi");
    let some = |count: u32, value: f64| -> Value {
        let one = |number: u32| json!({ "service": { "slug": format!("laundry-{}", number % 50) }, "indicator": "stains", "at": at(1 + number / 50), "value": value });
        (0..count).map(one).collect()
    };
    let query =
        "mutation($input: MeasurementsRecordInput!) { measurementsRecord(input: $input) { userErrors { message } } }";
    for (value, what) in [(1.0, "new"), (1.0, "unchanged"), (2.0, "replaced")] {
        let mut costs = Vec::new();
        for count in [10, 1_000] {
            let input = json!({ "input": { "measurements": some(count, value) } });
            let (data, cost) = dsi.counted(query, input).await;
            assert_eq!(data["measurementsRecord"]["userErrors"], json!([]));
            costs.push(cost);
        }
        // One more for each further 500 that are looked for, written and logged.
        assert!(costs[0] <= 12 && costs[1] <= costs[0] + 3, "{what}: {costs:?}");
    }
    for selected in [
        "outcomes { indicators { latest { value } attainment { status } } } value { realization { met } }",
        "outcomes { indicators { measurements(last: 2) { totalCount nodes { value recordedBy { displayName } } } } }",
    ] {
        let mut costs = Vec::new();
        for first in [1, 10, 50] {
            let query =
                format!("{{ services(first: {first}, filter: {{text: \"unit\"}}) {{ nodes {{ {selected} }} }} }}");
            dsi.get(&query).await;
            let (data, cost) = dsi.counted(&query, json!({})).await;
            assert_eq!(data["services"]["nodes"].as_array().unwrap().len(), first);
            costs.push(cost);
        }
        assert!(costs.iter().all(|cost| *cost == costs[0] && *cost <= 4), "{selected}: {costs:?}");
    }
}

#[tokio::test]
async fn writers_of_the_same_values_leave_one_of_each_and_a_log_without_gaps() {
    let app = App::hospital().await;
    let writes = (0..8).map(|writer| {
        let app = &app;
        async move {
            let all: Vec<Value> = (1..=20).map(|day| of("admission-time", day, f64::from(writer))).collect();
            recorded(&meter(app, if writer % 2 == 0 { "dsi" } else { "emergency" }), json!(all)).await;
        }
    });
    let before = app.rows().await.count("change");
    join_all(writes).await;
    assert_eq!(app.rows().await.count("measurement"), 20);
    // For each instant, what one wrote is what the next one found.
    let mut values = HashMap::<String, Value>::new();
    for change in app.logged(before).await {
        let fields = serde_json::to_value(&change.fields).unwrap();
        let (at, value) = (fields[0]["after"].to_string(), &fields[1]);
        assert_eq!(values.get(&at), value.get("before"), "{fields:#}");
        values.insert(at, value["after"].clone());
    }
}

/// However many there are, the latest of an indicator and a page of them are found by an index.
#[tokio::test]
async fn many_measurements_slow_neither_the_latest_nor_a_page() {
    let app = App::hospital().await;
    let dsi = meter(&app, "dsi");
    recorded(&dsi, json!([of("admission-time", 1, 1.0), of("triage-within-10", 1, 1.0)])).await;
    let read = async || {
        let started = Instant::now();
        for _ in 0..20 {
            admission(&dsi, "latest { value } measurements(last: 200) { nodes { value } } attainment { progress }")
                .await;
            values(&dsi, &format!("(first: 200, from: {:?}, to: {:?})", at(1), at(2))).await;
        }
        started.elapsed()
    };
    read().await;
    let few = read().await;
    let connection = app.connection().await;
    let is_postgres = app.url.starts_with("postgres");
    let many = 100_000;
    let numbers = match is_postgres {
        true => format!("SELECT generate_series(1, {many}) AS n"),
        false => format!(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {many}) SELECT n FROM numbers"
        ),
    };
    let (id, instant) = match is_postgres {
        true => ("gen_random_uuid()", "timestamptz '2021-01-01' + n * interval '1 minute'"),
        false => ("randomblob(16)", "strftime('%Y-%m-%dT%H:%M:%S+00:00', '2021-01-01', '+' || n || ' minutes')"),
    };
    let fill = format!(
        "INSERT INTO measurement (id, element_id, at, value, source, recorded_by, recorded_at)
         SELECT {id}, element_id, {instant}, n, '', recorded_by, recorded_at
         FROM measurement, ({numbers}) AS numbers WHERE at < '2020-06-01'"
    );
    connection.execute_unprepared(&fill).await.unwrap();
    if is_postgres {
        connection.execute_unprepared("ANALYZE measurement").await.unwrap();
    }
    let latest = admission(&dsi, "latest { value } measurements { totalCount }").await;
    assert_eq!(latest["latest"]["value"], f64::from(many));
    assert_eq!(latest["measurements"]["totalCount"], many + 1);
    read().await;
    let slow = read().await;
    // Pages are full now: 40 of 200. A scan of 200,000 rows would take some 20 ms each time, and much more in a debug build.
    assert!(slow < few + Duration::from_millis(1_500), "{few:?} for few, {slow:?} for many");
}
