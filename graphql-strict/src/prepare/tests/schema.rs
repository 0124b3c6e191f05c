//! A small schema whose fields return the arguments that they received.

use async_graphql::{
    Enum, ID, InputObject, Interface, MaybeUndefined, Object, OneofObject, Result, Schema, Subscription,
};
use futures_util::{Stream, stream};
use std::sync::atomic::{AtomicI32, Ordering};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Colour {
    Red,
    Green,
}

/// All fields except the last ones have three states.
#[derive(Clone, Debug, InputObject)]
pub struct Patch {
    pub name: MaybeUndefined<String>,
    pub size: MaybeUndefined<i32>,
    pub colour: MaybeUndefined<Colour>,
    pub tags: MaybeUndefined<Vec<Option<String>>>,
    pub inner: MaybeUndefined<Box<Patch>>,
    #[graphql(default = 7)]
    pub level: i32,
    #[graphql(default = 9)]
    pub depth: Option<i32>,
}

#[derive(Clone, Debug, InputObject)]
pub struct Exact {
    pub key: String,
    pub ratio: Option<f64>,
    pub ids: Option<Vec<ID>>,
}

#[derive(Clone, Debug, OneofObject)]
pub enum By {
    Id(ID),
    Name(String),
}

pub struct Person {
    pub name: &'static str,
}

pub struct Robot {
    pub name: &'static str,
}

#[Object]
impl Person {
    async fn name(&self) -> &str {
        self.name
    }
    async fn age(&self, #[graphql(default = 1)] times: i32) -> i32 {
        40 * times
    }
    async fn friend(&self) -> Being {
        Being::Robot(Robot { name: "Robby" })
    }
    async fn mate(&self) -> Person {
        Person { name: "Eve" }
    }
    async fn refused(&self) -> Option<Result<i32>> {
        Some(Err("refused".into()))
    }
    async fn broken(&self) -> Result<i32> {
        Err("broken".into())
    }
}

#[Object]
impl Robot {
    async fn name(&self) -> &str {
        self.name
    }
    async fn age(&self) -> String {
        "new".into()
    }
    async fn model(&self) -> i32 {
        5
    }
    async fn kind(&self) -> &str {
        "tin"
    }
    async fn friend(&self) -> Being {
        Being::Person(Person { name: "Ada" })
    }
    async fn mate(&self) -> Robot {
        Robot { name: "Gort" }
    }
}

#[derive(Interface)]
#[graphql(field(name = "name", ty = "&str"), field(name = "friend", ty = "Being"))]
pub enum Being {
    Person(Person),
    Robot(Robot),
}

pub struct Query;

#[Object]
impl Query {
    async fn patch(&self, input: Option<Patch>) -> String {
        input.map_or("none".into(), |patch| say(&patch))
    }
    async fn patches(&self, inputs: Vec<Option<Patch>>) -> Vec<String> {
        inputs.iter().map(|patch| patch.as_ref().map_or("null".into(), say)).collect()
    }
    async fn exact(&self, input: Exact) -> String {
        format!("{input:?}")
    }
    async fn by(&self, by: By) -> String {
        format!("{by:?}")
    }
    async fn number(&self, n: MaybeUndefined<i32>) -> String {
        format!("{n:?}")
    }
    async fn number_or_five(&self, #[graphql(default = 5)] n: i32) -> i32 {
        n
    }
    async fn numbers(&self, list: MaybeUndefined<Vec<Option<i32>>>) -> String {
        format!("{list:?}")
    }
    async fn exact_numbers(&self, list: Vec<i32>) -> String {
        format!("{list:?}")
    }
    async fn matrix(&self, rows: Vec<Vec<i32>>) -> String {
        format!("{rows:?}")
    }
    async fn colour(&self, colour: Colour) -> Colour {
        colour
    }
    async fn colours(&self, list: Vec<Colour>) -> String {
        format!("{list:?}")
    }
    async fn ratio(&self, of: f64) -> f64 {
        of
    }
    async fn text(&self, of: String) -> String {
        of
    }
    async fn flag(&self, of: bool) -> bool {
        of
    }
    async fn id(&self, of: ID) -> ID {
        of
    }
    async fn person(&self) -> Person {
        Person { name: "Ada" }
    }
    async fn maybe_person(&self) -> Option<Person> {
        Some(Person { name: "Ada" })
    }
    async fn beings(&self) -> Vec<Being> {
        vec![Being::Person(Person { name: "Ada" }), Being::Robot(Robot { name: "Robby" })]
    }
}

fn say(patch: &Patch) -> String {
    let Patch { name, size, colour, tags, inner, level, depth } = patch;
    let mut said = Vec::new();
    macro_rules! state {
        ($($field:ident),*) => { $( match $field {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => said.push(concat!(stringify!($field), " null").to_owned()),
            MaybeUndefined::Value(value) => said.push(format!(concat!(stringify!($field), " {:?}"), value)),
        } )* };
    }
    state!(name, size, colour, tags);
    match inner {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => said.push("inner null".into()),
        MaybeUndefined::Value(inner) => said.push(format!("inner ({})", say(inner))),
    }
    said.push(format!("level {level}"));
    said.push(format!("depth {depth:?}"));
    said.join(", ")
}

#[derive(Default)]
pub struct Mutation {
    count: AtomicI32,
}

pub struct Counter {
    now: i32,
}

#[Object]
impl Counter {
    async fn now(&self) -> i32 {
        self.now
    }
    async fn same(&self) -> i32 {
        self.now
    }
}

#[Object]
impl Mutation {
    async fn bump(&self, #[graphql(default = 1)] by: i32) -> Counter {
        Counter { now: self.count.fetch_add(by, Ordering::SeqCst) + by }
    }
}

pub struct Ticks;

#[Subscription]
impl Ticks {
    async fn ticks(&self, #[graphql(default = 1)] n: i32) -> impl Stream<Item = i32> {
        stream::iter(0..n)
    }
    async fn tocks(&self) -> impl Stream<Item = i32> {
        stream::iter(0..1)
    }
}

pub type Small = Schema<Query, Mutation, Ticks>;

pub fn small() -> Small {
    Schema::build(Query, Mutation::default(), Ticks).finish()
}
