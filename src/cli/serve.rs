//! `entente serve`.

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{
    database::{Opened, Size},
    demo::{self, Demo},
    health::of_this_machine,
    out::Out,
};
use crate::{
    api::Api,
    clock::Clock,
    config::{ConfigError, KeySource, ServeOptions, ShareOptions, TokenOptions},
    http::{
        self, App, Settings,
        token::{Rules, Verifier},
    },
    jobs,
    store::{Location, Store, serve_alone},
    turns::Shares,
    words::{Speech, Words},
};

pub(super) const EXAMPLES: &str = "Examples:
  entente serve --demo
  ENTENTE_JWT_SECRET=$(openssl rand -hex 32) entente serve
  entente serve --database-url postgres://entente:PASSWORD@db.example/entente --jwks-url https://id.example/keys";

/// Serves until SIGTERM or SIGINT.
pub(super) async fn run(options: ServeOptions, unknown: &[Words], out: &mut Out) -> anyhow::Result<()> {
    http::log::init(&options.log)?;
    for variable in unknown {
        tracing::warn!("{}", variable.say(Speech::English));
    }
    let shutdown = http::shutdown_signal().context("signals cannot be listened to")?;
    tokio::pin!(shutdown);
    let started = tokio::select! {
        biased;
        () = &mut shutdown => return Ok(()),
        started = start(&options, out) => started?,
    };
    let ended = CancellationToken::new();
    let watch = tokio::spawn(jobs::watch::run(started.store.clone(), ended.clone().cancelled_owned()));
    let clock = tokio::spawn(jobs::escalation::run(started.store, ended.clone().cancelled_owned()));
    http::serve(started.listener, started.app, shutdown).await?;
    ended.cancel();
    clock.await?;
    watch.await?;
    tracing::info!("ended");
    Ok(())
}

/// Everything that serves.
struct Started {
    listener: TcpListener,
    app: App,
    store: Store,
    /// Shows another server on the same SQLite file that this one is running.
    _mark: Option<std::fs::File>,
    /// The database of a demo is deleted with this value.
    _demo: Option<Demo>,
}

async fn start(options: &ServeOptions, out: &mut Out) -> anyhow::Result<Started> {
    let mut keys = options.key_source()?;
    if options.is_public_demo()? {
        tracing::warn!(
            address = %options.listen,
            "THIS DEMO IS PUBLIC: everyone who can reach it can read and write its data, with the tokens that it prints for everyone"
        );
    }
    let demo = if options.demo { Some(Demo::new(options)?) } else { None };
    if let Some(demo) = &demo {
        keys = keys.or_else(|| Some(KeySource::Secrets(vec![demo.secret().clone()])));
    }
    // Everything that the options name is checked before the database is used.
    let clock = Clock::system();
    let keys = keys.ok_or(ConfigError::NoKey)?;
    let verifier = read_keys(keys.clone(), &options.token, &clock, false).await?;
    // Before the database is used, so that a port in use is reported first. Connections are refused until everything is
    // ready.
    let cannot_listen = || format!("{} cannot be listened on", options.listen);
    let bound = http::bind(options.listen).with_context(cannot_listen)?;
    let url = demo.as_ref().map_or(options.database.url(), Demo::database_url);
    let size = Size {
        readers: options.pool.database_readers,
        writers: options.pool.database_writers,
        cache_bytes: options.api.definition_cache_bytes,
    };
    let database = Opened::when_there(url, &options.locale.default_locale, size, options.wait.database_wait).await?;
    let mark = match &database.location {
        Location::SqliteFile(file) => serve_alone(file),
        _ => None,
    };
    database.prepare(options.wait.database_wait).await?;
    if demo.is_some() {
        demo::load(&database.store).await?;
    }
    let ShareOptions { writer_share, max_queued_writes } = options.share;
    let shares = Shares { part: writer_share, queue: max_queued_writes as usize };
    let store = database.store.share_writers(shares);
    let mut settings = Settings::from(options);
    let fits = http::files::make_room(settings.max_connections, size.readers + size.writers);
    settings.max_connections = fits.context("the limit of open files cannot be read")?;
    let api = Api::new(store.clone());
    let api = if options.demo { api.with_open_introspection() } else { api };
    let app = App::new(api, verifier, settings, clock.clone());
    let listener = bound.listen().with_context(cannot_listen)?;
    let address = listener.local_addr()?;
    tracing::info!(%address, database = %database.location, version = env!("CARGO_PKG_VERSION"), "ready");
    // Last, so that it stays visible on the terminal.
    if let Some(demo) = &demo {
        demo.introduce(
            &keys,
            &Rules::from(&options.token),
            &format!("http://{}", of_this_machine(address)),
            &clock,
            out,
        )?;
        out.flush()?;
    }
    Ok(Started { listener, app, store, _mark: mark, _demo: demo })
}

/// The keys that check tokens. An unreadable file of keys is an error; an issuer may be unavailable for a moment,
/// unless the keys are requested now.
pub(super) async fn read_keys(
    keys: KeySource,
    options: &TokenOptions,
    clock: &Clock,
    is_asked: bool,
) -> anyhow::Result<Verifier> {
    let (is_remote, from) = match &keys {
        KeySource::Secrets(_) => (false, "--jwt-secret".to_owned()),
        KeySource::JwksUrl(url) => (true, format!("--jwks-url {url}")),
        KeySource::JwksFile(file) => (false, format!("--jwks-file {}", file.display())),
    };
    let verifier = Verifier::new(keys, Rules::from(options))?;
    match verifier.warm(clock.now().0).await {
        Err(error) if is_remote && !is_asked => {
            tracing::warn!(%error, from, "the keys that check tokens will be read for the first token");
        }
        done => done.context(from)?,
    }
    Ok(verifier)
}
