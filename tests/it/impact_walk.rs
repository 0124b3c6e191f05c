//! How impact walks through the database: what it answers on graphs of any shape, and how many statements that takes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::app::App;

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

/// What a CMDB says, and what services run on; circles and redundancy included.
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
