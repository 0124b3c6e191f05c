//! A CMDB: stacks of ten items, an application on top of nine parts, which stand on items that all stacks share.

use axum::body::Bytes;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde_json::{Value, json};

use crate::support::client;

/// How many items a stack has.
const STACK: usize = 10;
/// How many dependencies each item of a stack has.
const DEPENDENCIES: usize = 3;
/// How many items all stacks share.
const SHARED: usize = 1_000;
/// How many items of stacks depend on the first shared item, each directly; those above them are among them.
pub const DEPENDENTS: usize = 10_000;
/// How many services have their application among those.
pub const HIT: usize = 20;
/// How many items a call may have.
const BATCH: usize = 1_000;

/// Items by number; what each depends on.
pub struct Cmdb {
    items: usize,
    services: usize,
    pub depends_on: Vec<Vec<usize>>,
}

impl Cmdb {
    /// So many items in stacks, and those that they share. A service runs on the application of the stack of its number.
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

    /// How many dependencies there are.
    pub fn dependencies(&self) -> usize {
        self.depends_on.iter().map(Vec::len).sum()
    }

    /// The shared item on which most depend.
    pub fn hub(&self) -> usize {
        self.items
    }

    /// The item that a service runs on.
    pub fn application(service: usize) -> usize {
        service * STACK
    }

    /// A part of the stack under each service's application: its failure stops the service, and a few others at most.
    pub fn parts(&self) -> impl Iterator<Item = usize> {
        (0..self.services).map(|service| Self::application(service) + 1 + service % (STACK - 1))
    }

    /// The requests that send all of it, in no order of its own, as a source sorted by its keys has it.
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

/// The key by which its source knows an item: none that a service has.
pub fn key(number: usize) -> String {
    format!("{:032x}", (number as u128 + 1_000_000).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}
