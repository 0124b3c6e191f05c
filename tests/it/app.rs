//! The whole API over a database of its own, and those who ask it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use async_graphql::{Response, Variables};
use chrono::{TimeDelta, Utc};
use entente::{
    api::{Api, Caller, documents::refused},
    clock::Clock,
    policy::{Claims, Scope, Viewer},
    store::{Options, Store},
};
use entente_entity::{enums::ActorKind, scalar::DateTime, text::Lang};
use graphql_strict::{Guarded, Limits, Prepared, Refusal};
use serde_json::{Value, json};

use crate::database::Database;

/// The operation of a document of any size, or why it is refused.
pub fn prepared(query: &str, variables: Value) -> Result<Prepared, Refusal> {
    let guarded = Guarded::new(query, &Limits::NONE).unwrap();
    Api::documents().choose(&guarded, None)?.prepare(Variables::from_json(variables))
}

/// The answer of an API to a document of any size, which is prepared as the server does it.
pub async fn run(api: &Api, query: &str, variables: Value, caller: Caller) -> Response {
    match prepared(query, variables) {
        Ok(operation) => api.execute(operation, caller).await,
        Err(refusal) => Response::from_errors(vec![refused(&refusal)]),
    }
}

/// The API, its store, and a clock that is moved by hand.
pub struct App {
    pub api: Api,
    pub store: Store,
    pub url: String,
    ahead: Arc<AtomicI64>,
    pub database: Database,
}

/// Someone who asks.
#[derive(Clone)]
pub struct Asker<'a> {
    app: &'a App,
    pub caller: Caller,
}

/// The hospital, as its files have it.
pub const ORGANIZATIONS: &str = include_str!("../../examples/hospital/organizations.yaml");
pub const ITEMS: &str = include_str!("../../examples/hospital/configuration-items.yaml");
pub const SERVICE: &str = include_str!("../../examples/hospital/patient-management.yaml");

impl App {
    /// An empty database, migrated.
    pub async fn new() -> Self {
        Self::over(Database::copy("tables", Self::migrate).await).await
    }

    async fn migrate(&self) {
        self.store.migrate().await.unwrap();
    }

    /// A database without a table.
    pub async fn unmigrated() -> Self {
        Self::over(Database::empty().await).await
    }

    /// The API over this database, as it is.
    pub async fn over(database: Database) -> Self {
        let url = database.url();
        let ahead = Arc::new(AtomicI64::new(0));
        let store = open(&url, &ahead).await;
        Self { api: Api::new(store.clone()), store, url, ahead, database }
    }

    /// A database with the hospital in it.
    pub async fn hospital() -> Self {
        Self::over(Database::copy("hospital", Self::fill).await).await
    }

    async fn fill(&self) {
        self.migrate().await;
        let admin = self.admin();
        for text in [ORGANIZATIONS, ITEMS, SERVICE] {
            admin.apply_file(text).await;
        }
    }

    /// Another replica on the same database.
    pub async fn replica(&self) -> Store {
        open(&self.url, &self.ahead).await
    }

    /// Moves the clock on.
    pub fn pass(&self, time: TimeDelta) {
        self.ahead.fetch_add(time.num_microseconds().unwrap(), Ordering::SeqCst);
    }

    /// Nobody: no token.
    pub fn nobody(&self) -> Asker<'_> {
        Asker { app: self, caller: Caller::default() }
    }

    /// Entente itself.
    pub fn admin(&self) -> Asker<'_> {
        Asker { app: self, caller: Caller { claims: Some(Viewer::system().claims), ..Caller::default() } }
    }

    /// Someone of an organization, with these scopes.
    pub fn someone(&self, organization: &str, scopes: &[Scope]) -> Asker<'_> {
        let claims = Claims {
            subject: format!("somebody-of-{organization}"),
            display_name: format!("Somebody of {organization}"),
            organization: Some(organization.to_owned()),
            scopes: scopes.to_vec(),
            kind: ActorKind::Person,
            expires_at: DateTime(Utc::now() + TimeDelta::hours(1)),
        };
        Asker { app: self, caller: Caller { claims: Some(claims), ..Caller::default() } }
    }

    /// Someone of no organization, with these scopes.
    pub fn loner(&self, scopes: &[Scope]) -> Asker<'_> {
        let mut asker = self.someone("nowhere", scopes);
        asker.caller.claims.as_mut().unwrap().organization = None;
        asker
    }

    /// The provider: may read, and write definitions, organizations and configuration items.
    pub fn provider(&self) -> Asker<'_> {
        let scopes = [Scope::Read, Scope::DefinitionsWrite, Scope::OrganizationsWrite];
        self.someone("dsi", &[&scopes[..], &[Scope::CmdbRead, Scope::CmdbWrite]].concat())
    }

    /// A ward: may read.
    pub fn ward(&self, slug: &str) -> Asker<'_> {
        self.someone(slug, &[Scope::Read])
    }
}

async fn open(url: &str, ahead: &Arc<AtomicI64>) -> Store {
    let ahead = ahead.clone();
    Store::open(Options {
        url: url.to_owned(),
        readers: 4,
        writers: 4,
        definition_cache_bytes: 64 * 1024 * 1024,
        default_locale: Lang::parse("en").unwrap(),
        clock: Clock::manual(move || Utc::now() + TimeDelta::microseconds(ahead.load(Ordering::SeqCst))),
    })
    .await
    .unwrap()
}

impl Asker<'_> {
    /// Asks in this language.
    pub fn reading(mut self, accept_language: &str) -> Self {
        self.caller.accept_language = Some(accept_language.to_owned());
        self
    }

    /// Asks once only for this key.
    pub fn once(mut self, key: &str) -> Self {
        self.caller.idempotency_key = Some(key.to_owned());
        self
    }

    /// The whole answer, as JSON.
    pub async fn ask(&self, query: &str, variables: Value) -> Value {
        serde_json::to_value(self.answer(query, variables).await).unwrap()
    }

    /// The whole answer.
    pub async fn answer(&self, query: &str, variables: Value) -> Response {
        run(&self.app.api, query, variables, self.caller.clone()).await
    }

    /// The data of an answer without errors.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.ask(query, variables).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].take()
    }

    /// The code and the message of the only error of an answer without data.
    pub async fn refusal(&self, query: &str, variables: Value) -> (String, String) {
        let answer = self.ask(query, variables).await;
        let data = &answer["data"];
        assert!(data.as_object().is_none_or(|fields| fields.values().all(Value::is_null)), "{answer:#}");
        assert_eq!(answer["errors"].as_array().unwrap().len(), 1, "{answer:#}");
        let error = &answer["errors"][0];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&error["extensions"]["code"]), text(&error["message"]))
    }

    /// What was asked, and how many statements it took.
    pub async fn counted(&self, query: &str, variables: Value) -> (Value, u64) {
        let before = self.app.store.statements();
        let data = self.data(query, variables).await;
        (data, self.app.store.statements() - before)
    }

    /// The data of a query without variables.
    pub async fn get(&self, query: &str) -> Value {
        self.data(query, json!({})).await
    }

    /// Applies a definition; the payload.
    pub async fn apply(&self, definition: Value, more: Value) -> Value {
        let mut input = json!({ "definition": definition });
        merge(&mut input, more);
        let query = "mutation($input: DefinitionApplyInput!) { definitionApply(input: $input) {
            applied service { id slug revision } changes { action path before after } userErrors { code path message } } }";
        self.data(query, json!({ "input": input })).await["definitionApply"].take()
    }

    /// Applies a definition; it must be accepted.
    pub async fn applied(&self, definition: Value) -> Value {
        let payload = self.apply(definition, json!({})).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
        payload
    }

    /// Writes organizations; the payload.
    pub async fn organizations(&self, organizations: Value, dry_run: bool) -> Value {
        let query = "mutation($input: OrganizationsApplyInput!) { organizationsApply(input: $input) {
            organizations { id slug } created updated unchanged userErrors { code path message } } }";
        let input = json!({ "input": { "organizations": organizations, "dryRun": dry_run } });
        self.data(query, input).await["organizationsApply"].take()
    }

    /// Writes configuration items; the payload.
    pub async fn items(&self, items: Value, more: Value) -> Value {
        let mut input = json!({ "items": items });
        merge(&mut input, more);
        let query = "mutation($input: ConfigurationItemsApplyInput!) { configurationItemsApply(input: $input) {
            created updated unchanged removed unresolved userErrors { code message path } } }";
        self.data(query, json!({ "input": input })).await["configurationItemsApply"].take()
    }

    /// Applies a file of one document; it must be accepted.
    pub async fn apply_file(&self, text: &str) -> Value {
        let mut document = file(text);
        match document["kind"].take().as_str().unwrap() {
            "Organizations" => {
                let payload = self.organizations(document["organizations"].take(), false).await;
                assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
                payload
            }
            "ConfigurationItems" => {
                let payload = self.items(document["items"].take(), json!({ "organization": { "slug": "dsi" } })).await;
                assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
                payload
            }
            _ => {
                document.as_object_mut().unwrap().remove("kind");
                self.applied(document).await
            }
        }
    }
}

/// A file with one document.
pub fn file(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

/// The codes and paths of a payload's user errors.
pub fn problems(payload: &Value) -> Vec<(String, String)> {
    let errors = payload["userErrors"].as_array().unwrap().iter();
    errors
        .map(|error| {
            let path: Vec<&str> = error["path"].as_array().unwrap().iter().map(|step| step.as_str().unwrap()).collect();
            (error["code"].as_str().unwrap().to_owned(), path.join("/"))
        })
        .collect()
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}
