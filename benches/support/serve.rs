//! The server for the benchmarks: the complete program with its default options, and with its log.

use std::net::SocketAddr;

use chrono::TimeDelta;
use clap::{Args, Command, FromArgMatches};
use entente::{
    api::Api,
    clock::Clock,
    config::{KeySource, Secret, ServeOptions},
    http::{
        self, App,
        token::{Grant, Rules, Verifier, mint},
    },
    policy::Scope,
    store::{Options, Store},
};
use entente_entity::text::Lang;

/// Connections to the database.
pub const CONNECTIONS: u32 = 16;
/// The size of the cache of definitions, in bytes: the default.
pub const CACHE_BYTES: u64 = 256 * 1024 * 1024;

/// The secret for tokens.
pub const SECRET: &str = "a secret of forty characters for the benchmark";

/// Opens a store.
pub async fn open(url: &str) -> Store {
    let store = Store::open(Options {
        url: url.to_owned(),
        readers: CONNECTIONS,
        writers: CONNECTIONS,
        definition_cache_bytes: CACHE_BYTES,
        default_locale: Lang::parse("en").unwrap(),
        clock: Clock::system(),
    })
    .await
    .unwrap();
    store.migrate().await.unwrap();
    store
}

/// Serves a database until the process ends.
pub fn entente(url: &str, address: SocketAddr) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let matches = ServeOptions::augment_args(Command::new("serve")).get_matches_from(["serve"]);
        let options = ServeOptions::from_arg_matches(&matches).unwrap();
        http::log::init(&options.log).unwrap();
        let verifier = Verifier::new(KeySource::Secrets(vec![Secret::from(SECRET.to_owned())]), rules()).unwrap();
        let app = App::new(Api::new(open(url).await), verifier, (&options).into(), Clock::system());
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        http::serve(listener, app, std::future::pending()).await.unwrap();
    });
}

/// A token of the provider's.
pub fn token(scopes: &[Scope]) -> String {
    let grant = Grant {
        subject: "bench".to_owned(),
        name: Some("Benchmark".to_owned()),
        organization: Some("provider".to_owned()),
        scopes: scopes.to_vec(),
    };
    let secret = Secret::from(SECRET.to_owned());
    mint(&secret, &rules(), &grant, TimeDelta::days(1), Clock::system().now().0).unwrap()
}

fn rules() -> Rules {
    Rules {
        issuer: "entente".to_owned(),
        audiences: vec!["entente".to_owned()],
        organization: "org".to_owned(),
        scope: "scope".to_owned(),
        name: "name".to_owned(),
    }
}
