//! How impact walks through the database: what it answers on graphs of any shape, and how many statements that takes.

use std::collections::BTreeSet;

use entente::api::Api;
use serde_json::{Value, json};

use crate::app::{App, Asker, run};

const ITEMS: usize = 40;
const SERVICES: usize = 6;

/// Numbers in no order, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn some(&mut self, most: usize) -> BTreeSet<usize> {
        (0..self.below(most + 1)).map(|_| self.below(ITEMS)).collect()
    }
}

/// The data of a CMDB, and the links of services; with cycles and redundancy.
struct World {
    depends_on: Vec<BTreeSet<usize>>,
    needed: Vec<Option<usize>>,
    runs_on: Vec<BTreeSet<usize>>,
}

impl World {
    fn new(numbers: &mut Numbers) -> Self {
        let mut depends_on: Vec<BTreeSet<usize>> = (0..ITEMS).map(|_| numbers.some(3)).collect();
        for (item, keys) in depends_on.iter_mut().enumerate() {
            keys.remove(&item);
        }
        let needed = depends_on.iter().map(|keys| (numbers.below(2) == 0).then(|| numbers.below(keys.len() + 1)));
        let needed = needed.collect();
        Self { depends_on, needed, runs_on: (0..SERVICES).map(|_| numbers.some(3)).collect() }
    }

    /// What has failed, and what has lost redundancy.
    fn spread(&self, failed: &BTreeSet<usize>) -> (BTreeSet<usize>, BTreeSet<usize>) {
        let (mut failed, mut lost) = (failed.clone(), BTreeSet::new());
        let fails = |item: &usize, failed: &BTreeSet<usize>| {
            let keys = &self.depends_on[*item];
            keys.difference(failed).count() < self.needed[*item].unwrap_or(keys.len())
        };
        while let Some(item) = (0..ITEMS).find(|item| !failed.contains(item) && fails(item, &failed)) {
            failed.insert(item);
        }
        let loses = |item: &usize, lost: &BTreeSet<usize>| {
            self.depends_on[*item].iter().any(|on| failed.contains(on) || lost.contains(on))
        };
        while let Some(item) =
            (0..ITEMS).find(|item| !failed.contains(item) && !lost.contains(item) && loses(item, &lost))
        {
            lost.insert(item);
        }
        (failed, lost)
    }
}

fn key(item: usize) -> Value {
    json!({ "system": "cmdb", "key": format!("i{item}") })
}

#[tokio::test]
async fn whatever_the_graph_the_services_that_are_hit_are_those_of_the_rules() {
    let app = App::hospital().await;
    let (provider, mut numbers) = (app.provider(), Numbers(7));
    for round in 0..3 {
        let world = World::new(&mut numbers);
        let item = |item: usize| {
            let depends_on: Vec<Value> = world.depends_on[item].iter().copied().map(key).collect();
            json!({ "ref": key(item), "name": format!("I{item}"), "class": "x", "dependsOn": depends_on,
                "dependenciesNeeded": world.needed[item] })
        };
        let payload = provider.items((0..ITEMS).map(item).collect(), json!({})).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        for (service, runs_on) in world.runs_on.iter().enumerate() {
            let items: Vec<Value> = runs_on.iter().map(|item| json!({ "ref": key(*item) })).collect();
            let slug = format!("s{service}");
            provider.applied(json!({ "slug": slug, "name": slug, "configurationItems": items })).await;
        }
        for _ in 0..6 {
            let mut failed = numbers.some(3);
            failed.insert(numbers.below(ITEMS));
            let (out, lost) = world.spread(&failed);
            let mut expected = BTreeSet::new();
            for (service, runs_on) in world.runs_on.iter().enumerate() {
                if !runs_on.is_disjoint(&out) {
                    expected.insert((format!("s{service}"), "OUTAGE"));
                } else if !runs_on.is_disjoint(&lost) {
                    expected.insert((format!("s{service}"), "REDUNDANCY_LOST"));
                }
            }
            let of: Vec<Value> = failed.iter().map(|item| json!({ "ref": key(*item) })).collect();
            let query = "query($of: [ConfigurationItemKey!]!) { impact(of: $of) { services { effect service { slug } path { name } } } }";
            let data = provider.data(query, json!({ "of": of })).await;
            let services = data["impact"]["services"].as_array().unwrap();
            let found = services
                .iter()
                .map(|it| (it["service"]["slug"].as_str().unwrap().to_owned(), it["effect"].as_str().unwrap()));
            assert_eq!(found.collect::<BTreeSet<_>>(), expected, "round {round}, {failed:?}");
            for service in services {
                let path = service["path"].as_array().unwrap().iter();
                let path: Vec<usize> = path.map(|it| it["name"].as_str().unwrap()[1..].parse().unwrap()).collect();
                let number: usize = service["service"]["slug"].as_str().unwrap()[1..].parse().unwrap();
                assert!(failed.contains(&path[0]) && world.runs_on[number].contains(path.last().unwrap()), "{path:?}");
                assert!(path.windows(2).all(|step| world.depends_on[step[1]].contains(&step[0])), "{path:?}");
            }
        }
    }
}

#[tokio::test]
async fn however_far_it_goes_and_however_much_fails_impact_takes_as_many_statements() {
    let app = App::hospital().await;
    let provider = app.provider();
    let link = |item: usize| {
        let below: Vec<Value> = item.checked_sub(1).map(key).into_iter().collect();
        json!({ "ref": key(item), "name": format!("I{item}"), "class": "x", "dependsOn": below })
    };
    provider.items((0..300).map(link).collect(), json!({})).await;
    provider.applied(json!({ "slug": "top", "name": "Top", "configurationItems": [{ "ref": key(299) }] })).await;
    let query = "query($of: [ConfigurationItemKey!]!) { impact(of: $of) { notFound services { effect
        service { slug provider { slug } } path { name } outcomes { effect path { name } } consumers { contacts { name } } } } }";
    let mut counted = Vec::new();
    for failed in [298..299, 0..1, 100..300] {
        let of: Vec<Value> = failed.clone().map(|item| json!({ "ref": key(item) })).collect();
        let (data, statements) = provider.counted(query, json!({ "of": of })).await;
        let service = &data["impact"]["services"][0];
        assert_eq!((&service["service"]["slug"], &service["effect"]), (&json!("top"), &json!("OUTAGE")));
        assert_eq!(service["path"].as_array().unwrap().len(), if failed.len() == 200 { 1 } else { 300 - failed.start });
        counted.push(statements);
    }
    assert!(counted.iter().all(|it| *it == counted[0] && *it <= 8), "{counted:?}");
}

/// The impact of failed items, as another replica returns it.
async fn told_by(api: &Api, asker: &Asker<'_>, of: &[&str]) -> Value {
    let of: Vec<Value> = of.iter().map(|item| json!({ "ref": { "system": "cmdb", "key": item } })).collect();
    let query = "query($of: [ConfigurationItemKey!]!) { impact(of: $of) { services {
        effect service { slug } path { name } outcomes { effect outcome { key } path { name } } } } }";
    let response = run(api, query, json!({ "of": of }), asker.caller.clone()).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    response.data.into_json().unwrap()["impact"]["services"].take()
}

#[tokio::test]
async fn whoever_changes_the_graph_no_replica_tells_of_it_as_it_was() {
    let app = App::hospital().await;
    let (provider, other) = (app.provider(), Api::new(app.replica().await));
    let item = |name: &str, more: Value| {
        let mut item = json!({ "ref": { "system": "cmdb", "key": name }, "name": name, "class": "x" });
        item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        item
    };
    let on = |names: &[&str]| {
        let keys: Vec<Value> = names.iter().map(|name| json!({ "system": "cmdb", "key": name })).collect();
        json!({ "dependsOn": keys })
    };
    let linked = |items: &[&str]| -> Vec<Value> {
        items.iter().map(|name| json!({ "ref": { "system": "cmdb", "key": name } })).collect()
    };
    let items = async |items: Vec<Value>| {
        let payload = provider.items(items.into(), json!({})).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
    };
    let defined = async |more: Value| {
        let mut definition = json!({ "slug": "till", "name": "Till" });
        definition.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        provider.applied(definition).await;
    };
    let reference = async |mutation: &str, key: &str| {
        let id = provider
            .get(r#"{ configurationItem(by: {ref: {system: "cmdb", key: "disk"}}) { id } }"#)
            .await["configurationItem"]["id"]
            .take();
        let query = format!(
            r#"mutation($id: ID!) {{ {mutation}(input: {{entity: $id, reference: {{system: "cmdb", key: "{key}"}}}}) {{
                userErrors {{ message }} }} }}"#
        );
        let data = provider.data(&query, json!({ "id": id })).await;
        assert_eq!(data[mutation]["userErrors"], json!([]));
    };
    // The other replica is asked before and after each change, and after it a third that has kept nothing.
    let mut last = Value::Null;
    let mut changed = async |what: &str| {
        let now = told_by(&other, &provider, &["disk"]).await;
        let anew = Api::new(app.replica().await);
        assert_eq!(now, told_by(&anew, &provider, &["disk"]).await, "{what}");
        assert_ne!(now, last, "{what} changes nothing");
        last = now;
    };
    items(vec![item("disk", json!({})), item("host", json!({})), item("till", on(&["host"]))]).await;
    changed("items that nothing runs on").await;
    defined(json!({ "outcomes": [{ "key": "paid", "statement": "Paid" }], "configurationItems": linked(&["disk"]) }))
        .await;
    changed("a link").await;
    defined(json!({ "configurationItems": linked(&["till"]) })).await;
    changed("a link to another").await;
    items(vec![item("host", on(&["disk"]))]).await;
    changed("a dependency").await;
    let spare = on(&["disk", "spare"]);
    let needed = json!({ "dependsOn": spare["dependsOn"], "dependenciesNeeded": 1 });
    items(vec![item("host", needed)]).await;
    changed("redundancy").await;
    items(vec![item("host", on(&["array"]))]).await;
    changed("a dependency on what is not known").await;
    reference("referenceLink", "array").await;
    changed("a key by which it is known").await;
    reference("referenceUnlink", "array").await;
    changed("the key taken back").await;
    items(vec![item("host", on(&["disk"]))]).await;
    changed("the dependency again").await;
    defined(json!({ "outcomes": [{ "key": "paid", "configurationItems": linked(&["disk"]) }] })).await;
    changed("a link of an outcome").await;
    defined(json!({ "outcomes": [{ "key": "paid", "remove": true }] })).await;
    changed("an outcome that goes").await;
    items(vec![item("host", json!({ "remove": true }))]).await;
    changed("an item that goes").await;
}

#[tokio::test]
async fn an_item_that_goes_may_let_a_key_name_another_and_moves_the_graph() {
    let app = App::hospital().await;
    let (provider, other) = (app.provider(), Api::new(app.replica().await));
    let twin = |class: &str, name: &str, remove: bool| json!({ "ref": { "system": "cmdb", "type": class, "key": "twin" }, "name": name, "class": "x", "remove": remove });
    let on_twin = [json!({ "system": "cmdb", "key": "twin" })];
    let host =
        json!({ "ref": { "system": "cmdb", "key": "host" }, "name": "Host", "class": "x", "dependsOn": on_twin });
    let apply = async |items: Value| {
        let payload = provider.items(items, json!({})).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
    };
    apply(json!([twin("one", "One", false), host])).await;
    let on_host = json!([{ "ref": { "system": "cmdb", "key": "host" } }]);
    provider.applied(json!({ "slug": "till", "name": "Till", "configurationItems": on_host })).await;
    assert_eq!(told_by(&other, &provider, &["twin"]).await[0]["service"]["slug"], "till");
    apply(json!([twin("two", "Two", false)])).await;
    let one =
        r#"{ impact(of: [{ref: {system: "cmdb", type: "one", key: "twin"}}]) { services { service { slug } } } }"#;
    assert_eq!(provider.get(one).await["impact"]["services"], json!([]), "the dependency waits");
    apply(json!([twin("one", "One", true)])).await;
    let told = told_by(&other, &provider, &["twin"]).await;
    assert_eq!(told, told_by(&Api::new(app.replica().await), &provider, &["twin"]).await);
    assert_eq!(told[0]["service"]["slug"], "till");
}

#[tokio::test]
async fn what_was_walked_is_not_walked_again_until_the_graph_changes() {
    let app = App::hospital().await;
    let provider = app.provider();
    let query = r#"{ impact(of: [{ref: {system: "servicenow", key: "san-a"}}]) { services { service { slug } } } }"#;
    let count = async || provider.counted(query, json!({})).await.1;
    count().await;
    let known = count().await;
    let item = |name: &str| json!({ "ref": { "system": "cmdb", "key": "new" }, "name": name, "class": "x" });
    provider.items(json!([item("New")]), json!({})).await;
    assert_eq!([count().await, count().await], [known + 1, known]);
    // What changes nothing, not even the graph.
    provider.items(json!([item("New")]), json!({})).await;
    assert_eq!(count().await, known);
}
