//! A CMDB with stacks of ten items: an application that depends on nine parts, which depend on items that all stacks share.

use axum::body::Bytes;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde_json::{Value, json};

use crate::support::client;

/// Items of a stack.
const STACK: usize = 10;
/// Dependencies of each item of a stack.
const DEPENDENCIES: usize = 3;
/// Items that all stacks share.
const SHARED: usize = 1_000;
/// Items that depend on the first shared item, directly or through others.
pub const DEPENDENTS: usize = 10_000;
/// Services whose application is one of these items.
pub const HIT: usize = 20;
/// Items of one call.
const BATCH: usize = 1_000;

/// The dependencies of the items, by the number of the item.
pub struct Cmdb {
    items: usize,
    services: usize,
    pub depends_on: Vec<Vec<usize>>,
}

impl Cmdb {
    /// A CMDB with this number of items in stacks, and the shared items. A service depends on the application of the stack with its number.
    pub fn new(items: usize, services: usize) -> Self {
        let mut random = StdRng::seed_from_u64(17);
        let (hub, mut depends_on) = (items, Vec::with_capacity(items + SHARED));
        let from = services.saturating_sub(HIT);
        let on_hub = from * STACK..from * STACK + DEPENDENTS;
        for item in 0..items {
            let (stack, place) = (item / STACK * STACK, item % STACK);
            let below = [2 * place + 1, 2 * place + 2].into_iter().filter(|place| *place < STACK);
            let mut keys: Vec<usize> = below.map(|place| stack + place).collect();
            if on_hub.contains(&item) {
                keys.push(hub);
            }
            while keys.len() < DEPENDENCIES {
                let shared = hub + random.random_range(1..SHARED);
                if !keys.contains(&shared) {
                    keys.push(shared);
                }
            }
            depends_on.push(keys);
        }
        depends_on.resize(items + SHARED, Vec::new());
        Self { items, services, depends_on }
    }

    /// The number of dependencies.
    pub fn dependencies(&self) -> usize {
        self.depends_on.iter().map(Vec::len).sum()
    }

    /// The shared item with the most dependents.
    pub fn hub(&self) -> usize {
        self.items
    }

    /// The item that a service depends on.
    pub fn application(service: usize) -> usize {
        service * STACK
    }

    /// For each service, a part in the stack of its application. Its failure affects the service and only a few others.
    pub fn parts(&self) -> impl Iterator<Item = usize> {
        (0..self.services).map(|service| Self::application(service) + 1 + service % (STACK - 1))
    }

    /// The requests that send the whole CMDB, in the order of the keys, which is not the order of the dependencies.
    pub fn batches(&self, token: &str) -> Vec<Bytes> {
        let mut numbers: Vec<usize> = (0..self.depends_on.len()).collect();
        numbers.shuffle(&mut StdRng::seed_from_u64(23));
        let batch = |some: &[usize]| {
            let items: Vec<Value> = some.iter().map(|number| self.item(*number)).collect();
            client::graphql(token, APPLY, &json!({ "input": { "items": items } }))
        };
        numbers.chunks(BATCH).map(batch).collect()
    }

    fn item(&self, number: usize) -> Value {
        let depends_on: Vec<Value> =
            self.depends_on[number].iter().map(|it| json!({ "system": "servicenow", "key": key(*it) })).collect();
        let class = match number % STACK {
            _ if number >= self.items => "cmdb_ci_netgear",
            0 => "cmdb_ci_appl",
            _ => "cmdb_ci_linux_server",
        };
        json!({
            "ref": { "system": "servicenow", "type": "cmdb_ci", "key": key(number) },
            "name": format!("SRV-{:06}.chu.example", number.wrapping_mul(7_919) % 1_000_000),
            "class": class, "environment": "production", "status": "operational", "dependsOn": depends_on,
        })
    }
}

const APPLY: &str = "mutation Push($input: ConfigurationItemsApplyInput!) { configurationItemsApply(input: $input) {
    created updated unchanged removed unresolved userErrors { code message path } } }";

/// The key of an item in its source. No service has such a key.
pub fn key(number: usize) -> String {
    format!("{:032x}", (number as u128 + 1_000_000).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}
