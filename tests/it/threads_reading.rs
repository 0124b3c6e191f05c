//! Reading threads: lists, orders, what they are about, deadlines by the policy, and perception.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use entente_entity::{id::MessageId, message, scalar::DateTime};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use crate::{
    app::{App, Asker},
    threads::{act, desk, open, pass, post, read, thread, ward},
};

async fn numbers(asker: &Asker<'_>, arguments: &str) -> Vec<i64> {
    let data = asker.get(&format!("{{ threads({arguments}) {{ nodes {{ number }} }} }}")).await;
    data["threads"]["nodes"].as_array().unwrap().iter().map(|node| node["number"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn lists_are_filtered_ordered_and_paged() {
    let app = App::hospital().await;
    let (ward, desk) = (ward(&app, "emergency"), desk(&app));
    for (kind, severity) in [
        ("ESCALATION", "LOW"),
        ("FEEDBACK", "CRITICAL"),
        ("ESCALATION", "CRITICAL"),
        ("FEEDBACK", "MEDIUM"),
        ("ESCALATION", "HIGH"),
    ] {
        thread(
            &open(&ward, json!({ "kind": kind, "severity": severity, "title": format!("{severity} {kind}") })).await,
        );
        app.pass(TimeDelta::minutes(1));
    }
    for (arguments, expected) in [
        ("first: 9", vec![5, 4, 3, 2, 1]),
        ("orderBy: {field: OPENED_AT, direction: ASC}", vec![1, 2, 3, 4, 5]),
        ("orderBy: {field: RESOLVE_BY, direction: ASC}, first: 3", vec![3, 5, 1]),
        ("orderBy: {field: RESOLVE_BY, direction: DESC}, first: 3", vec![1, 5, 3]),
        ("filter: {kind: FEEDBACK}", vec![4, 2]),
        ("filter: {severity: [CRITICAL, HIGH]}", vec![5, 3, 2]),
        ("filter: {service: {slug: \"patient-management\"}, consumer: {slug: \"emergency\"}}", vec![5, 4, 3, 2, 1]),
        ("filter: {service: {slug: \"nothing-here\"}}", vec![]),
        ("filter: {consumer: {slug: \"pharmacy\"}}", vec![]),
        ("filter: {text: \"crit\"}", vec![3, 2]),
        ("filter: {text: \"minute record\"}", vec![5, 4, 3, 2, 1]),
        ("filter: {raised: true}", vec![]),
        ("filter: {status: [RESOLVED, CLOSED]}", vec![]),
    ] {
        assert_eq!(numbers(&desk, arguments).await, expected, "{arguments}");
        assert_eq!(numbers(&ward, arguments).await, expected, "{arguments}");
    }
    let severities = numbers(&desk, "orderBy: {field: SEVERITY}").await;
    assert_eq!(severities[2..], [5, 4, 1]);
    let last = numbers(&desk, "orderBy: {field: RESOLVE_BY, direction: ASC}, last: 2").await;
    assert!(last.iter().all(|number| [2, 4].contains(number)), "those without a deadline come last: {last:?}");
    let last = numbers(&desk, "orderBy: {field: RESOLVE_BY, direction: DESC}, last: 2").await;
    assert!(last.iter().all(|number| [2, 4].contains(number)), "either way: {last:?}");

    // Page by page, each thread once, for every order and direction.
    for field in ["OPENED_AT", "UPDATED_AT", "SEVERITY", "RESOLVE_BY"] {
        for direction in ["ASC", "DESC"] {
            let (mut after, mut seen) = (Value::Null, Vec::new());
            loop {
                let query = format!("query($after: String) {{ threads(first: 2, after: $after, orderBy: {{field: {field}, direction: {direction}}}) {{
                    nodes {{ number }} pageInfo {{ hasNextPage endCursor }} totalCount }} }}");
                let page = desk.data(&query, json!({ "after": after })).await["threads"].take();
                assert_eq!(page["totalCount"], 5);
                seen.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["number"].as_i64().unwrap()));
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                after = page["pageInfo"]["endCursor"].clone();
            }
            let whole = numbers(&desk, &format!("orderBy: {{field: {field}, direction: {direction}}}")).await;
            assert_eq!(seen, whole, "{field} {direction}");
        }
    }
    pass(&app, TimeDelta::hours(3)).await;
    assert_eq!(numbers(&desk, "filter: {raised: true}").await, [5, 3, 1]);
    assert_eq!(numbers(&desk, "filter: {breached: true}").await, [5, 3]);
    assert_eq!(numbers(&desk, "filter: {breached: false, kind: ESCALATION}").await, [1]);
    let since = app.store.time().await.unwrap();
    app.pass(TimeDelta::minutes(1));
    act(&desk, "threadStart", &json!(2), json!({})).await;
    assert_eq!(numbers(&ward, &format!("filter: {{updatedSince: \"{since}\"}}")).await, [2]);
    assert_eq!(numbers(&ward, "orderBy: {field: UPDATED_AT}, first: 1").await, [2]);
}

#[tokio::test]
async fn messages_and_the_timeline_are_paged_from_both_ends() {
    let app = App::hospital().await;
    let ward = ward(&app, "emergency");
    let opened = open(&ward, json!({})).await;
    let number = thread(&opened)["number"].clone();
    for n in 1..6 {
        post(&ward, &number, json!({ "body": n.to_string() })).await;
    }
    let page = async |arguments: String| {
        let query = format!(
            "{{ thread(by: {{number: {number}}}) {{ messages({arguments}) {{ totalCount nodes {{ body }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }}"
        );
        ward.get(&query).await["thread"]["messages"].take()
    };
    let bodies = |page: &Value| -> Vec<String> {
        page["nodes"].as_array().unwrap().iter().map(|node| node["body"].as_str().unwrap().to_owned()).collect()
    };
    let last = page("last: 2".into()).await;
    assert_eq!((bodies(&last), &last["pageInfo"]["hasPreviousPage"]), (vec!["4".into(), "5".into()], &json!(true)));
    let before = page(format!("last: 2, before: {}", last["pageInfo"]["startCursor"])).await;
    assert_eq!(bodies(&before), ["2", "3"]);
    let first = page("first: 2".into()).await;
    assert_eq!(bodies(&first)[1], "1");
    let after = page(format!("first: 9, after: {}", first["pageInfo"]["endCursor"])).await;
    assert_eq!((bodies(&after).len(), &after["pageInfo"]["hasNextPage"]), (4, &json!(false)));
    assert_eq!(after["totalCount"], 6);
}

#[tokio::test]
async fn an_answer_has_so_much_text_and_no_more() {
    let app = App::hospital().await;
    let ward = ward(&app, "emergency");
    let opened = open(&ward, json!({ "body": "é".repeat(1_250) })).await;
    let number = &thread(&opened)["number"];
    let own = app.connection().await;
    let first = message::Entity::find().one(&own).await.unwrap().unwrap();
    let copies = (1..200).map(|n| {
        let created_at = DateTime(first.created_at.0 + TimeDelta::microseconds(n));
        message::Model { id: MessageId::new(), created_at, ..first.clone() }.into_active_model()
    });
    message::Entity::insert_many(copies).exec_without_returning(&own).await.unwrap();
    own.close().await.unwrap();
    let messages = |within: &str| format!("messages(first: 200) {{ nodes {{ {within} }} }}");
    let of_thread = |within: &str| format!("{{ thread(by: {{number: {number}}}) {{ {} }} }}", messages(within));
    let data = ward.get(&of_thread("body")).await;
    let bodies = data["thread"]["messages"]["nodes"].as_array().unwrap();
    assert_eq!(bodies.len(), 200);
    assert!(bodies.iter().all(|message| message["body"].as_str().unwrap().len() == 2_500));
    // 200 times half a megabyte.
    let nested = of_thread(&format!("thread {{ {} }}", messages("body")));
    let answer = ward.ask(&nested, json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED");
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1, "once");
    assert_eq!(answer["errors"][0]["message"], "the answer would have more than 16777216 bytes");
    assert!(answer["data"].as_object().is_none_or(|data| data.values().all(Value::is_null)), "nothing of it is there");
    // No text at all, but names of fields and values of enums: written in place, and made by the library. Of what is made
    // after it grew too large, nothing is told.
    let key = "k".repeat(250);
    let aliases: String = (0..28).map(|n| format!("{key}{n}: visibility ")).collect();
    let nullable: String = (0..28).map(|n| format!("{key}{n}: editedAt ")).collect();
    for within in [
        format!("nodes {{ {aliases} }}"),
        format!("nodes {{ {nullable} }}"),
        format!("edges {{ node {{ {aliases} }} }}"),
        format!("edges {{ node {{ {nullable} }} }}"),
    ] {
        let nested = of_thread(&format!("thread {{ messages(first: 30) {{ {within} }} }}"));
        let answer = ward.ask(&nested, json!({})).await;
        let error = &answer["errors"][0];
        assert_eq!(error["message"], "the answer would have more than 16777216 bytes", "{within}");
        assert_eq!((answer["errors"].as_array().unwrap().len(), &answer["data"]), (1, &Value::Null), "{within}");
    }
    assert_eq!(ward.get("{ threads { totalCount } }").await["threads"]["totalCount"], 1, "the next one has its own");
}

#[tokio::test]
async fn a_forged_cursor_is_no_cursor_of_the_list() {
    let app = App::hospital().await;
    let desk = desk(&app);
    let opened = open(&desk, json!({ "consumer": { "slug": "emergency" } })).await;
    let number = &thread(&opened)["number"];
    let of_thread = |list: &str| format!("{{ thread(by: {{number: {number}}}) {{ {list} }} }}");
    let ordered = |list: &str, field: &str| {
        format!("{{ {list}(ARGUMENTS, orderBy: {{field: {field}}}) {{ edges {{ cursor }} }} }}")
    };
    let mut lists: Vec<_> = ["messages", "timeline"]
        .map(|list| of_thread(&format!("{list}(ARGUMENTS) {{ edges {{ cursor }} }}")))
        .into_iter()
        .collect();
    lists.extend(["OPENED_AT", "UPDATED_AT", "SEVERITY", "RESOLVE_BY"].map(|field| ordered("threads", field)));
    lists.push("{ threads(ARGUMENTS, orderBy: {field: RESOLVE_BY, direction: ASC}) { edges { cursor } } }".into());
    lists.extend(["CREATED_AT", "UPDATED_AT"].map(|field| ordered("services", field)));
    for list in lists {
        let ask = async |arguments: &str| desk.ask(&list.replace("ARGUMENTS", arguments), json!({})).await;
        let page = ask("first: 1").await;
        let cursor = page.pointer("/data/thread/messages").or_else(|| page.pointer("/data/thread/timeline"));
        let cursor = cursor.or_else(|| page.pointer("/data/threads")).or_else(|| page.pointer("/data/services"));
        let cursor = cursor.unwrap()["edges"][0]["cursor"].as_str().unwrap();
        let place: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
        for side in ["after", "before"] {
            let forged = async |key: Value| {
                let mut place = place.clone();
                place[1] = key;
                let cursor = URL_SAFE_NO_PAD.encode(place.to_string());
                ask(&format!("{side}: \"{cursor}\"")).await
            };
            assert!(forged(place[1].clone()).await.get("errors").is_none(), "{list}");
            // The ends of what can be counted, and the first instants that no four digits write.
            for key in [i64::MAX, i64::MIN, 253_402_300_800_000_000, -62_135_596_800_000_001] {
                let error = forged(json!(key)).await["errors"][0].take();
                assert_eq!(error["extensions"]["code"], "BAD_REQUEST", "{list} {key}: {error}");
                assert_eq!(error["message"], format!("`{side}` is not a cursor of this list"));
            }
            for key in [json!("text"), json!(null), json!(1.5), json!([])] {
                assert_eq!(forged(key).await["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{list}");
            }
        }
    }
}

#[tokio::test]
async fn a_thread_about_a_removed_element_shows_it_as_it_last_was() {
    let app = App::hospital().await;
    let ward = ward(&app, "emergency");
    let opened = open(&ward, json!({ "element": "one-record" })).await;
    let outcome = |more: Value| {
        let mut outcome = json!({ "key": "one-record" });
        outcome.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "slug": "patient-management", "outcomes": [outcome] })
    };
    app.provider().applied(outcome(json!({ "statement": { "en": "One record for all." } }))).await;
    let by = json!({ "id": thread(&opened)["id"] });
    assert_eq!(read(&ward, by.clone()).await["subject"]["statement"], "One record for all.");
    app.provider().applied(outcome(json!({ "remove": true }))).await;
    app.provider().applied(json!({ "slug": "patient-management", "summary": { "en": "Something else." } })).await;
    let gone = read(&ward, by.clone()).await;
    assert_eq!(gone["subject"]["__typename"], "Outcome");
    assert_eq!(gone["subject"]["statement"], "One record for all.");
    let node = ward
        .data(
            "query($id: ID!) { node(id: $id) { ... on Outcome { statement } } }",
            json!({ "id": gone["subject"]["id"] }),
        )
        .await;
    assert_eq!(node["node"]["statement"], "One record for all.", "its id is one that is answered");
    app.provider().applied(outcome(json!({ "statement": { "en": "Back." } }))).await;
    let back = read(&ward, by).await;
    assert_eq!(back["subject"]["statement"], "Back.");
    assert_eq!(back["subject"]["id"], thread(&opened)["subject"]["id"]);
}

#[tokio::test]
async fn deadlines_come_from_the_policy_as_it_stood_when_the_thread_became_an_escalation() {
    let app = App::hospital().await;
    let ward = ward(&app, "emergency");
    let minutes = |payload: &Value, field: &str| {
        let thread = thread(payload);
        let at = |value: &Value| chrono::DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap();
        (at(&thread["deadlines"][field]) - at(&thread["openedAt"])).num_minutes()
    };
    let before = open(&ward, json!({ "severity": "CRITICAL" })).await;
    assert_eq!((minutes(&before, "acknowledgeBy"), minutes(&before, "resolveBy")), (15, 240));
    let own = json!({ "slug": "patient-management", "offerings": [{ "key": "round-the-clock", "escalation": {
        "targets": [{ "severity": "CRITICAL", "acknowledgeWithin": "PT5M", "resolveWithin": "PT1H" }], "levels": [] } }] });
    app.provider().applied(own).await;
    let after = open(&ward, json!({ "severity": "CRITICAL" })).await;
    assert_eq!((minutes(&after, "acknowledgeBy"), minutes(&after, "resolveBy")), (5, 60));
    assert_eq!(thread(&after)["deadlines"]["nextRaiseAt"], Value::Null);
    let unchanged = read(&ward, json!({ "id": thread(&before)["id"] })).await;
    assert_eq!(unchanged["deadlines"], thread(&before)["deadlines"]);
    let none = open(&ward, json!({ "severity": "LOW" })).await;
    assert_eq!(thread(&none)["deadlines"]["resolveBy"], Value::Null, "the offering sets no time for it");
    let outpatients = open(&crate::threads::ward(&app, "outpatients"), json!({ "severity": "CRITICAL" })).await;
    assert_eq!(minutes(&outpatients, "resolveBy"), 240, "another offering, the service's policy");
    let feedback = open(&ward, json!({ "kind": "FEEDBACK", "severity": "CRITICAL", "rating": 1 })).await;
    assert_eq!(thread(&feedback)["deadlines"]["resolveBy"], Value::Null);
    app.pass(TimeDelta::minutes(30));
    let converted = act(
        &ward,
        "threadUpdate",
        &thread(&feedback)["number"],
        json!({ "kind": "ESCALATION", "comment": "No better." }),
    )
    .await;
    assert_eq!(minutes(&converted, "resolveBy"), 90);
    assert_eq!(thread(&converted)["rating"], 1);
    assert_eq!(thread(&converted)["timeline"]["nodes"][1]["kind"], "CONVERTED");
    assert_eq!(thread(&converted)["messages"]["nodes"][1]["body"], "No better.");
}

#[tokio::test]
async fn perception_is_what_was_rated_as_far_as_the_viewer_may_see() {
    let app = App::hospital().await;
    let (emergency, pharmacy) = (ward(&app, "emergency"), ward(&app, "pharmacy"));
    let rate = async |asker: &Asker<'_>, element: Value, rating: i32| {
        thread(&open(asker, json!({ "kind": "FEEDBACK", "element": element, "rating": rating })).await);
    };
    rate(&emergency, json!("one-record"), 1).await;
    app.pass(TimeDelta::days(60));
    rate(&emergency, json!("one-record"), 4).await;
    rate(&emergency, json!("satisfied-patients"), 5).await;
    rate(&pharmacy, json!("one-record"), 5).await;
    rate(&pharmacy, Value::Null, 2).await;
    let query = r#"{ service(by: {slug: "patient-management"}) {
        outcomes(stage: "care") { perception { average count distribution } month: perception(window: "P30D") { count } }
        value { perception { average count distribution } benefits { key perception { count } } } } }"#;
    let seen = async |asker: &Asker<'_>| asker.get(query).await["service"].take();
    let all = seen(&desk(&app)).await;
    assert_eq!(all["value"]["perception"], json!({ "average": 3.4, "count": 5, "distribution": [1, 1, 0, 1, 2] }));
    assert_eq!(all["outcomes"][0]["perception"]["distribution"], json!([1, 0, 0, 1, 1]));
    assert_eq!(all["outcomes"][0]["month"]["count"], 2);
    assert_eq!(all["value"]["benefits"][0]["perception"]["count"], 1);
    let own = seen(&pharmacy).await;
    assert_eq!(own["value"]["perception"], json!({ "average": 3.5, "count": 2, "distribution": [0, 1, 0, 0, 1] }));
    app.pass(TimeDelta::days(31));
    assert_eq!(seen(&emergency).await["outcomes"][0]["perception"]["count"], 1, "90 days are looked at");
    for window in ["P1M", "P0D", "nonsense", "P9999999W"] {
        let query = format!(
            r#"{{ service(by: {{slug: "patient-management"}}) {{ value {{ perception(window: "{window}") {{ count }} }} }} }}"#
        );
        assert_eq!(
            emergency.ask(&query, json!({})).await["errors"][0]["extensions"]["code"],
            "BAD_REQUEST",
            "{window}"
        );
    }
}

#[tokio::test]
async fn the_search_finds_what_threads_say() {
    let app = App::hospital().await;
    let ward = ward(&app, "emergency");
    let opened = open(&ward, json!({ "title": "Scanner en panne" })).await;
    post(&ward, &thread(&opened)["number"], json!({ "body": "Le radiologue attend." })).await;
    for text in ["scanner", "radiolog"] {
        let query = format!(
            "{{ search(text: {text:?}, types: [THREAD]) {{ totalCount nodes {{ node {{ id ... on Thread {{ title }} }} snippet }} }} }}"
        );
        for asker in [&ward, &desk(&app)] {
            let found = asker.get(&query).await;
            assert_eq!(found["search"]["totalCount"], 1, "{text}");
            assert_eq!(found["search"]["nodes"][0]["node"]["title"], "Scanner en panne");
        }
        let unseen = crate::threads::ward(&app, "pharmacy").get(&query).await;
        assert_eq!(unseen["search"]["totalCount"], 0);
    }
}
