//! A service desk: `cargo bench --bench threads`.
//!
//! There are 2,000 services with 10 threads each, and 5 messages in each thread. The query returns the 20 newest open escalations with their
//! service and last messages. It is measured in turns with a limit: one hand-written statement on plain tables. `TEST_DATABASE_URL` is a
//! PostgreSQL server, on which databases are created and dropped. `ENTENTE_BENCH_SERVICES`, `ENTENTE_BENCH_ROUNDS` and
//! `ENTENTE_BENCH_SECONDS` (of one measurement) change the duration.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "threads are written behind the back of the API, so many there are")]

mod limit;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the other benchmarks use the rest")]
mod support;

use std::env;

use chrono::{TimeDelta, Utc};
use entente::{definition::terms::Escalation, policy::Scope};
use entente_entity::{
    actor::Actor,
    enums::{ActorKind, Severity, ThreadKind, ThreadStatus, Visibility},
    id::{MessageId, ThreadId},
    message,
    scalar::DateTime,
    service, service_consumer, thread,
};
use sea_orm::{ActiveValue::NotSet, EntityTrait, IntoActiveModel, QueryOrder};
use serde_json::json;
use support::{
    client,
    compare::{self, Question},
    data,
    database::{Database, Kind},
    process::Process,
    serve, size,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Threads of a service.
const THREADS: usize = 10;
/// Messages of a thread.
const MESSAGES: usize = 5;

/// Q3: the newest open escalations.
const ASK: &str = "query Desk($kind: ThreadKind!) {
  threads(filter: {kind: $kind, status: [OPEN, ACKNOWLEDGED, IN_PROGRESS]}, first: 20) {
    nodes {
      id number title status severity openedAt
      service { id slug name }
      messages(last: 5) { nodes { id body createdAt author { displayName } } }
    }
  }
}";
/// The beginning of every successful answer.
const BEGINS: &str = r#"{"data":{"threads":{"nodes":[{"#;

/// A thread with its messages.
pub struct Written {
    thread: thread::Model,
    messages: Vec<message::Model>,
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve-limit", url, address] => support::limit::serve(url, address.parse().unwrap(), limit::STATEMENT),
        _ => Kind::available().into_iter().for_each(measure),
    }
}

fn measure(kind: Kind) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let services = size("ENTENTE_BENCH_SERVICES", 2_000);
    let (entente, limits) = runtime.block_on(async {
        let entente = Database::create(kind).await;
        data::fill(&serve::open(&entente.url).await, services).await;
        let written = fill(&entente.url).await;
        entente.analyze().await;
        let limits = Database::create(kind).await;
        let rows = limit::rows(&entente.url, &written).await;
        support::limit::fill(&limits, limit::TABLES, rows).await;
        (entente, limits)
    });
    println!("{}: {services} services, {} threads\n", kind.name(), services * THREADS);
    let program = env!("CARGO_BIN_EXE_entente").as_ref();
    let options = ["serve", "--database-url", &entente.url, "--jwt-secret", serve::SECRET, "--listen"];
    let server = Process::start_other(program, &options);
    let limit = Process::start(&["serve-limit", &limits.url]);
    let token = serve::token(&[Scope::Read]);
    let ours = client::graphql(&token, ASK, &json!({ "kind": "ESCALATION" }));
    // The required time was set on another machine: it is relative to the time of the limit there.
    let alone = if kind == Kind::Postgres { 1.5 / 0.86 } else { 1.5 / 0.49 };
    let question = Question {
        what: "Q3, a service desk",
        requests: [[ours].into(), [client::get("/ESCALATION")].into()],
        begins: BEGINS,
        bar: 0.6,
        alone: Some(alone),
    };
    compare::compare(&runtime, &[question], [(&server, &entente), (&limit, &limits)]);
    drop((server, limit));
    runtime.block_on(async {
        entente.remove().await;
        limits.remove().await;
    });
}

/// Writes threads about every service, for its consumers in turn: one of three is feedback, one of four is closed.
async fn fill(url: &str) -> Vec<Written> {
    let own = sea_orm::Database::connect(url).await.unwrap();
    let services = service::Entity::find().order_by_asc(service::Column::Slug).all(&own).await.unwrap();
    let consumers = service_consumer::Entity::find().all(&own).await.unwrap();
    let policy = serde_json::to_string(&Escalation::server_default()).unwrap();
    let start = DateTime::new(Utc::now() - TimeDelta::days(90));
    let mut written = Vec::new();
    for at in 0..services.len() * THREADS {
        let service = &services[at * 7919 % services.len()];
        let of_service: Vec<_> = consumers.iter().filter(|row| row.service_id == service.id).collect();
        let opened_at = DateTime(start.0 + TimeDelta::seconds(at as i64 * 60));
        let kind = if at % 3 == 0 { ThreadKind::Feedback } else { ThreadKind::Escalation };
        let status = if at % 4 == 0 { ThreadStatus::Closed } else { ThreadStatus::ALL[at % 3] };
        let actor = Actor {
            kind: ActorKind::Person,
            subject: format!("user-{}", at % 50),
            display_name: format!("User {}", at % 50),
            organization: Some(of_service[at % of_service.len()].organization_id),
            on_behalf_of: None,
        };
        let thread = thread::Model {
            number: at as i32 + 1,
            id: ThreadId::new(),
            service_id: service.id,
            consumer_id: of_service[at % of_service.len()].organization_id,
            element_id: None,
            kind,
            status,
            severity: Severity::ALL[at % Severity::ALL.len()],
            title: format!("The path is slow again, for the {at}th time"),
            rating: None,
            opened_by: actor.clone(),
            assignee: None,
            policy: (kind == ThreadKind::Escalation).then(|| policy.clone()),
            level: None,
            deadlines_from: Some(opened_at),
            levels_from: Some(opened_at),
            acknowledge_by: None,
            resolve_by: None,
            acknowledge_breached: false,
            resolve_breached: false,
            suggestion: None,
            opened_at,
            acknowledged_at: None,
            resolved_at: None,
            closed_at: None,
            updated_at: opened_at,
            last_at: opened_at,
        };
        let messages = (0..MESSAGES).map(|n| message::Model {
            id: MessageId::new(),
            thread_id: thread.id,
            service_id: service.id,
            author: actor.clone(),
            body: format!("Message {n} of thread {at}. {}", "It takes a minute to open a record. ".repeat(6)),
            visibility: Visibility::Shared,
            created_at: DateTime(opened_at.0 + TimeDelta::seconds(n as i64)),
            edited_at: None,
            redacted_at: None,
        });
        let messages = messages.collect();
        written.push(Written { thread, messages });
    }
    for some in written.chunks(500) {
        let threads =
            some.iter().map(|it| thread::ActiveModel { number: NotSet, ..it.thread.clone().into_active_model() });
        thread::Entity::insert_many(threads).exec_without_returning(&own).await.unwrap();
        let messages = some.iter().flat_map(|it| &it.messages).map(|row| row.clone().into_active_model());
        message::Entity::insert_many(messages).exec_without_returning(&own).await.unwrap();
    }
    written
}
