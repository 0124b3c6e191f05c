//! `entente serve --demo`: the sample data in its own database, and tokens for three users.

mod agreement;

use std::{env, io, path::Path};

use anyhow::{Context, bail};
use chrono::TimeDelta;
use tempfile::TempDir;

use super::{
    apply::send::{How, UserError},
    endpoint::Endpoint,
    language::Language,
    measure::table::{self, Reading},
    out::Out,
};
use crate::{
    clock::Clock,
    config::{KeySource, Secret, ServeOptions},
    definition::{document::Document, read::read_documents},
    http::token::{Grant, Rules, mint},
    policy::Scope,
    store::Store,
    words::Speech,
};

/// The sample: documents for `entente apply`.
const SAMPLE: [&str; 3] = [
    include_str!("../../examples/hospital/organizations.yaml"),
    include_str!("../../examples/hospital/configuration-items.yaml"),
    include_str!("../../examples/hospital/patient-management.yaml"),
];
/// The service of the sample.
const SERVICE: &str = "patient-management";
/// Measurements of half a year, a file for `entente measure`.
const MEASUREMENTS: &str = include_str!("../../examples/hospital/measurements.csv");
/// The file system in memory of Linux and of containers.
const IN_MEMORY: &str = "/dev/shm";
const LIFETIME: TimeDelta = TimeDelta::hours(24);

/// The defaults of a demo for options that a real server requires.
pub(super) struct Demo {
    database_url: String,
    secret: Secret,
    /// Deleted with its content when the process ends.
    folder: Option<TempDir>,
}

impl Demo {
    /// A database in a temporary folder, and a random secret, unless the options give them.
    pub fn new(options: &ServeOptions) -> anyhow::Result<Self> {
        let (database_url, folder) = match &options.database.database_url {
            Some(url) => (url.expose().to_owned(), None),
            None => {
                let folder = temporary_folder().context("no temporary folder can be made for the database")?;
                let file = folder.path().join("entente.db").display().to_string();
                let file = file.replace('%', "%25").replace('?', "%3F");
                (format!("sqlite://{file}?mode=rwc"), Some(folder))
            }
        };
        let secret = options.token.jwt_secret.clone().unwrap_or_else(random_secret);
        Ok(Self { database_url, secret, folder })
    }

    /// The URL of the database.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// The secret that signs tokens.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Prints the address and the tokens.
    pub fn introduce(
        &self,
        keys: &KeySource,
        rules: &Rules,
        origin: &str,
        clock: &Clock,
        out: &mut Out,
    ) -> anyhow::Result<()> {
        let goes = if self.folder.is_some() { "; the database is deleted when it stops" } else { "" };
        out.said(&format!("Entente serves the sample data of a hospital at {origin}{goes}\n"))?;
        let KeySource::Secrets(secrets) = keys else {
            out.said("Create tokens with the configured keys; enter one at the top of the page.")?;
            return Ok(());
        };
        let secret = secrets.first().unwrap_or(&self.secret);
        let mut first = None;
        for (label, grant) in bearers() {
            let token = mint(secret, rules, &grant, LIFETIME, clock.now().0).context("no token can be signed")?;
            let scopes: Vec<&str> = grant.scopes.iter().map(|scope| scope.name()).collect();
            out.said(&format!("{label}: {}", scopes.join(" ")))?;
            out.line(&format!("  page   {origin}/#token={token}\n  token  {token}\n"))?;
            first.get_or_insert(token);
        }
        let token = first.unwrap_or_default();
        out.said("The tokens are valid for 24 hours. The hospital's outcomes in both languages:\n")?;
        out.line(&format!(
            "curl -sS -G {origin}/graphql -H 'Authorization: Bearer {token}' --data-urlencode 'query={QUERY}'\n"
        ))?;
        Ok(())
    }
}

/// A temporary folder; in memory if the root of the file system is read-only, as in a container.
fn temporary_folder() -> io::Result<TempDir> {
    let in_folder = |folder: &Path| tempfile::Builder::new().prefix("entente-demo-").tempdir_in(folder);
    in_folder(&env::temp_dir()).or_else(|error| in_folder(Path::new(IN_MEMORY)).map_err(|_| error))
}

/// It contains no single quote, so that it can be quoted in a shell.
const QUERY: &str = r#"{ service(by: {slug: "patient-management"}) { name outcomes { key en: statement(locale: "en") fr: statement(locale: "fr") } } }"#;

fn bearers() -> [(&'static str, Grant); 3] {
    let grant = |subject: &str, name: Option<&str>, organization: &str, scopes: &[Scope]| Grant {
        subject: subject.to_owned(),
        name: name.map(str::to_owned),
        organization: Some(organization.to_owned()),
        scopes: scopes.to_vec(),
    };
    let provider = [
        Scope::Read,
        Scope::DefinitionsWrite,
        Scope::OrganizationsWrite,
        Scope::ThreadsWrite,
        Scope::MeasurementsWrite,
        Scope::CmdbRead,
        Scope::CmdbWrite,
    ];
    [
        ("IT department", grant("claire.fontaine", Some("Claire Fontaine"), "dsi", &provider)),
        (
            "Emergency ward",
            grant(
                "ines.moreau",
                Some("Inès Moreau"),
                "emergency",
                &[Scope::Read, Scope::ThreadsWrite, Scope::AgreementsWrite],
            ),
        ),
        (
            "Integration, a program of the IT department",
            grant("ticketing-tool", None, "dsi", &[Scope::Read, Scope::ThreadsWrite, Scope::CmdbRead]),
        ),
    ]
}

/// Loads the sample as `entente apply`, `measure`, `propose`, `agree` and `object` do. A database of the options may have it
/// already.
pub(super) async fn load(store: &Store) -> anyhow::Result<()> {
    let endpoint = Endpoint::local(store.clone(), Speech::English);
    let how = How::default();
    for text in SAMPLE {
        for document in read_documents(text).context("the sample cannot be read")? {
            let problems = match document {
                Document::Organizations(all) => {
                    endpoint.apply_organizations(&all.iter().collect::<Vec<_>>(), how).await?.err()
                }
                Document::ServiceDefinition(definition) => endpoint.apply_definition(&definition, how).await?.err(),
                Document::ConfigurationItems(all) => {
                    endpoint.apply_items(all.organization.as_ref(), &all.items, how).await?.err()
                }
            };
            accepted(problems)?;
        }
    }
    let reading = Reading { locale: Language::En, service: None, source: None };
    let (mut measured, problems) = table::read("measurements.csv", MEASUREMENTS, reading, Speech::English);
    if let Some(problem) = problems.first() {
        bail!("the sample cannot be read: {}", problem.say());
    }
    // If the clock of this machine is behind, measurements in its future are left out.
    let now = store.time().await?;
    measured.retain(|one| one.at <= now);
    accepted(endpoint.record(&measured).await?.err())?;
    agreement::load(endpoint).await
}

/// An error if a part of the sample was refused.
fn accepted(problems: Option<Vec<UserError>>) -> anyhow::Result<()> {
    if let Some(problem) = problems.into_iter().flatten().next() {
        bail!("the sample is refused by the database that was named: {} ({})", problem.message, problem.code);
    }
    Ok(())
}

/// A random secret of 256 bits.
fn random_secret() -> Secret {
    let bytes: [u8; 32] = rand::random();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}
