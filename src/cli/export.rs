//! `entente export`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use entente_entity::words::Words;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Refused,
    apply::{parents_first, portions},
    endpoint::{Answered, Endpoint, EndpointOptions, Purpose},
    out::Out,
};
use crate::definition::{
    document::{ConfigurationItems, OrganizationInput},
    limits::is_key,
    nearest::nearest,
    read::Document,
    write,
};

const EXAMPLES: &str = "Examples:
  entente export > entente.yaml
  entente export --output definitions
  entente export --server https://entente.example --service patient-management --format json";

const ORGANIZATIONS: &str = "query ExportOrganizations($after: String) {
  organizations(first: 200, after: $after) {
    nodes { document(format: JSON) }
    pageInfo { hasNextPage endCursor }
  }
}";

const ITEMS: &str = "query ExportConfigurationItems($after: String) {
  configurationItems(first: 200, after: $after) {
    nodes { document(format: JSON) }
    pageInfo { hasNextPage endCursor }
  }
}";

const SERVICES: &str = "query ExportServices($after: String, $format: DocumentFormat!) {
  services(first: 50, after: $after, orderBy: {field: CREATED_AT}) {
    nodes { slug document(format: $format) }
    pageInfo { hasNextPage endCursor }
  }
}";

const REVISION: &str = "query ExportRevision($slug: String!, $format: DocumentFormat!, $revision: Int!) {
  service(by: {slug: $slug}) { slug definition(revision: $revision) { document(format: $format) } }
}";

const SLUGS: &str = "query ExportSlugs { services(first: 200) { nodes { slug } } }";

const SERVICE: &str = "query ExportService($slug: String!, $format: DocumentFormat!) {
  service(by: {slug: $slug}) { slug document(format: $format) }
}";

/// Write organizations, configuration items and services to files that `apply` takes back
///
/// All that the reader may see: the organizations in one document (more than 1,000 in several), those first that others
/// stand below, the configuration items in one document for each organization that has some, and one document a service. Applying what was exported changes nothing. External references are those of the reader's own
/// organization; on a database, those of the organization and of the service's provider.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExportOptions {
    /// Folder to write `organizations.yaml`, `configuration-items.yaml` and a file for each service to; "-" prints a stream of documents.
    /// Files that an earlier export wrote there, and that are no longer written, are removed
    #[arg(long, short, value_name = "DIR", default_value = "-")]
    output: PathBuf,

    /// Form of the documents
    #[arg(long, value_name = "FORMAT", default_value = "yaml")]
    format: Format,

    /// Only this service, and no organizations and configuration items; may be given several times
    #[arg(long = "service", value_name = "SLUG")]
    services: Vec<String>,

    /// The terms of this revision of the one service that --service names, without its links
    #[arg(long, value_name = "NUMBER", requires = "services")]
    revision: Option<u32>,

    #[command(flatten)]
    endpoint: EndpointOptions,
}

/// The form of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// YAML
    Yaml,
    /// JSON
    Json,
}

impl Format {
    /// The name of the format in the API.
    fn name(self) -> &'static str {
        match self {
            Self::Yaml => "YAML",
            Self::Json => "JSON",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Json => "json",
        }
    }
}

/// Exports what the options name.
pub(super) async fn run(options: ExportOptions, out: &mut Out) -> anyhow::Result<()> {
    let ExportOptions { output, format, services, revision, endpoint } = options;
    let speech = out.speech();
    if revision.is_some() && services.len() != 1 {
        bail!(Words::RevisionOfOne.say(speech));
    }
    let endpoint = endpoint.open(Purpose::Read, speech).await?;
    let folder = Some(output).filter(|folder| folder != Path::new("-"));
    let is_whole = services.is_empty();
    let mut writing = Writing { folder, format, out, written: BTreeSet::new() };
    let mut is_missing = false;
    if is_whole {
        writing.organizations(endpoint.organizations().await?)?;
        writing.items(endpoint.items().await?)?;
        endpoint.each_service(format, |slug, document| writing.service(slug, document)).await?;
    } else {
        for slug in &services {
            let document = match revision {
                Some(revision) => endpoint.revision_document(slug, revision, format).await?,
                None => endpoint.service_document(slug, format).await?,
            };
            match document {
                Some(document) => writing.service(slug, &document)?,
                None => {
                    is_missing = true;
                    let slugs = endpoint.slugs().await?;
                    let slug = slug.clone();
                    let words = match nearest(&slug, slugs.iter().map(String::as_str)) {
                        Some(nearest) => Words::NoSuchServiceNear { slug, nearest },
                        None => Words::NoSuchService { slug },
                    };
                    writing.out.error(&words.say(speech))?;
                }
            }
        }
    }
    writing.end(is_whole)?;
    if is_missing { Err(Refused.into()) } else { Ok(()) }
}

/// Where documents go.
struct Writing<'a> {
    /// The standard output if none.
    folder: Option<PathBuf>,
    format: Format,
    out: &'a mut Out,
    /// The names of the files, or of what would be files.
    written: BTreeSet<String>,
}

impl Writing<'_> {
    fn organizations(&mut self, organizations: Vec<OrganizationInput>) -> anyhow::Result<()> {
        #[derive(Serialize)]
        struct Organizations {
            organizations: Vec<OrganizationInput>,
        }
        let documents = portions(parents_first(organizations, |one| one), |one| one).into_iter().map(|portion| {
            let document = Organizations { organizations: portion };
            match self.format {
                Format::Yaml => write::to_yaml(Document::ORGANIZATIONS, &document),
                Format::Json => write::to_json(Document::ORGANIZATIONS, &document),
            }
        });
        let text = documents.collect::<Vec<_>>().join("---\n");
        if text.is_empty() { Ok(()) } else { self.document("organizations", &text) }
    }

    /// One document for each organization that has items.
    fn items(&mut self, documents: Vec<ConfigurationItems>) -> anyhow::Result<()> {
        let texts = documents.iter().map(|document| match self.format {
            Format::Yaml => write::to_yaml(Document::CONFIGURATION_ITEMS, document),
            Format::Json => write::to_json(Document::CONFIGURATION_ITEMS, document),
        });
        let text = texts.collect::<Vec<_>>().join("---\n");
        if text.is_empty() { Ok(()) } else { self.document("configuration-items", &text) }
    }

    fn service(&mut self, slug: &str, document: &str) -> anyhow::Result<()> {
        // A name of a file is no place for what a server makes up.
        if !is_key(slug) {
            bail!("{slug:?} is not the slug of a service");
        }
        // No slug has a dot.
        match slug {
            "organizations" | "configuration-items" => self.document(&format!("{slug}.service"), document),
            _ => self.document(slug, document),
        }
    }

    fn document(&mut self, name: &str, text: &str) -> anyhow::Result<()> {
        let name = format!("{name}.{}", self.format.extension());
        match &self.folder {
            None if self.written.is_empty() => self.out.text(text)?,
            None => self.out.text(&format!("---\n{text}"))?,
            Some(folder) => {
                let file = folder.join(&name);
                fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
                fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))?;
            }
        }
        self.written.insert(name);
        Ok(())
    }

    /// Says what was written, and keeps in mind which files. A whole export removes those that an earlier one wrote and this one
    /// did not; files of others are left alone.
    fn end(self, is_whole: bool) -> anyhow::Result<()> {
        let Self { folder: Some(folder), out, mut written, .. } = self else { return Ok(()) };
        let speech = out.speech();
        let count = written.len();
        let mut gone = 0;
        let manifest = folder.join(MANIFEST);
        let before = fs::read_to_string(&manifest).unwrap_or_default();
        for name in before.lines().filter(|line| is_name(line)) {
            if written.contains(name) {
                continue;
            }
            let file = folder.join(name);
            if !is_whole {
                written.insert(name.to_owned());
            } else if fs::symlink_metadata(&file).is_ok_and(|file| file.is_file()) {
                fs::remove_file(&file).with_context(|| format!("{} cannot be removed", file.display()))?;
                gone += 1;
            }
        }
        if count > 0 || gone > 0 {
            let names = written.iter().map(|name| format!("{name}\n")).collect::<String>();
            let text = format!("# Written by `entente export`, which removes these files when they are gone.\n{names}");
            fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
            fs::write(&manifest, text).with_context(|| format!("{} cannot be written", manifest.display()))?;
        }
        let folder = folder.display().to_string();
        let words = if count == 1 { Words::FileIn { folder } } else { Words::FilesIn { count, folder } };
        let gone = if gone > 0 { Words::FilesGone { count: gone }.say(speech) } else { String::new() };
        out.line(&format!("{}{gone}", words.say(speech)))?;
        Ok(())
    }
}

/// The file that names those that were written.
const MANIFEST: &str = ".entente-export";

/// Whether an export can have written a file of this name, in the folder itself.
fn is_name(name: &str) -> bool {
    let stem = name.strip_suffix(".yaml").or(name.strip_suffix(".json")).unwrap_or_default();
    is_key(stem.strip_suffix(".service").unwrap_or(stem))
}

impl Endpoint {
    /// Every organization that the reader may see, by slug.
    pub(super) async fn organizations(&self) -> anyhow::Result<Vec<OrganizationInput>> {
        let mut organizations = Vec::new();
        let mut after = Value::Null;
        loop {
            let data = self.execute(ORGANIZATIONS, json!({ "after": after })).await?;
            let page = &data["organizations"];
            for node in nodes(page)? {
                let mut document: Value = serde_json::from_str(text(&node["document"])?)?;
                organizations.extend(serde_json::from_value::<Vec<_>>(document["organizations"].take())?);
            }
            match next(page) {
                Some(cursor) => after = cursor,
                None => return Ok(organizations),
            }
        }
    }

    /// Every configuration item that the reader may see, by organization; none where it may see none at all.
    async fn items(&self) -> anyhow::Result<Vec<ConfigurationItems>> {
        let (mut documents, mut after) = (Vec::<ConfigurationItems>::new(), Value::Null);
        loop {
            let data = match self.execute(ITEMS, json!({ "after": after })).await {
                Ok(data) => data,
                Err(error) if error.downcast_ref::<Answered>().is_some_and(|it| it.code == "FORBIDDEN") => {
                    return Ok(documents);
                }
                Err(error) => return Err(error),
            };
            let page = &data["configurationItems"];
            for node in nodes(page)? {
                let mut document: Value = serde_json::from_str(text(&node["document"])?)?;
                document.as_object_mut().context("a document has fields")?.remove("kind");
                let one: ConfigurationItems = serde_json::from_value(document)?;
                match documents.iter_mut().find(|other| other.organization == one.organization) {
                    Some(other) => other.items.extend(one.items),
                    None => documents.push(one),
                }
            }
            match next(page) {
                Some(cursor) => after = cursor,
                None => return Ok(documents),
            }
        }
    }

    /// The document of a service, if there is one that the reader may see.
    pub(super) async fn service_document(&self, slug: &str, format: Format) -> anyhow::Result<Option<String>> {
        let data = self.execute(SERVICE, json!({ "slug": slug, "format": format.name() })).await?;
        match &data["service"] {
            Value::Null => Ok(None),
            service => Ok(Some(text(&service["document"])?.to_owned())),
        }
    }

    /// The document of one revision of a service, if there is one that the reader may see.
    async fn revision_document(&self, slug: &str, revision: u32, format: Format) -> anyhow::Result<Option<String>> {
        let variables = json!({ "slug": slug, "format": format.name(), "revision": revision });
        let data = self.execute(REVISION, variables).await?;
        match &data["service"]["definition"] {
            Value::Null => Ok(None),
            definition => Ok(Some(text(&definition["document"])?.to_owned())),
        }
    }

    /// The slugs of the first services that the reader may see.
    async fn slugs(&self) -> anyhow::Result<Vec<String>> {
        let data = self.execute(SLUGS, json!({})).await?;
        nodes(&data["services"])?.iter().map(|node| Ok(text(&node["slug"])?.to_owned())).collect()
    }

    async fn each_service(
        &self,
        format: Format,
        mut take: impl FnMut(&str, &str) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut after = Value::Null;
        loop {
            let data = self.execute(SERVICES, json!({ "after": after, "format": format.name() })).await?;
            let page = &data["services"];
            for node in nodes(page)? {
                take(text(&node["slug"])?, text(&node["document"])?)?;
            }
            match next(page) {
                Some(cursor) => after = cursor,
                None => return Ok(()),
            }
        }
    }
}

fn nodes(page: &Value) -> anyhow::Result<&[Value]> {
    page["nodes"].as_array().map(Vec::as_slice).context("the answer is not as the schema has it")
}

fn text(value: &Value) -> anyhow::Result<&str> {
    value.as_str().context("the answer is not as the schema has it")
}

/// The cursor of the next page, if there is one.
fn next(page: &Value) -> Option<Value> {
    let info = &page["pageInfo"];
    (info["hasNextPage"] == true && info["endCursor"].is_string()).then(|| info["endCursor"].clone())
}
