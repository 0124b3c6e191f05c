//! `entente export`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Refused,
    apply::{parents_first, portions},
    endpoint::{Endpoint, EndpointOptions, Purpose},
    out::Out,
};
use crate::definition::{document::OrganizationInput, limits::is_key, read::Document, write};

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

const SERVICES: &str = "query ExportServices($after: String, $format: DocumentFormat!) {
  services(first: 50, after: $after, orderBy: {field: CREATED_AT}) {
    nodes { slug document(format: $format) }
    pageInfo { hasNextPage endCursor }
  }
}";

const SERVICE: &str = "query ExportService($slug: String!, $format: DocumentFormat!) {
  service(by: {slug: $slug}) { slug document(format: $format) }
}";

/// Write organizations and services to files that `apply` takes back
///
/// All that the reader may see: the organizations in one document (more than 1,000 in several), those first that others
/// stand below, and one document a service. Applying what was exported changes nothing. External references are those of the reader's own
/// organization; on a database, those of the organization and of the service's provider.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExportOptions {
    /// Folder to write `organizations.yaml` and a file for each service to; "-" prints a stream of documents
    #[arg(long, short, value_name = "DIR", default_value = "-")]
    output: PathBuf,

    /// Form of the documents
    #[arg(long, value_name = "FORMAT", default_value = "yaml")]
    format: Format,

    /// Only this service, and no organizations; may be given several times
    #[arg(long = "service", value_name = "SLUG")]
    services: Vec<String>,

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
    let ExportOptions { output, format, services, endpoint } = options;
    let endpoint = endpoint.open(Purpose::Read).await?;
    let folder = Some(output).filter(|folder| folder != Path::new("-"));
    let mut writing = Writing { folder, format, out, written: 0 };
    let mut is_missing = false;
    if services.is_empty() {
        writing.organizations(endpoint.organizations().await?)?;
        endpoint.each_service(format, |slug, document| writing.service(slug, document)).await?;
    } else {
        for slug in &services {
            match endpoint.service_document(slug, format).await? {
                Some(document) => writing.service(slug, &document)?,
                None => {
                    is_missing = true;
                    writing.out.error(&format!("{slug}: names no service that you may see"))?;
                }
            }
        }
    }
    writing.end()?;
    if is_missing { Err(Refused.into()) } else { Ok(()) }
}

/// Where documents go.
struct Writing<'a> {
    /// The standard output if none.
    folder: Option<PathBuf>,
    format: Format,
    out: &'a mut Out,
    written: usize,
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

    fn service(&mut self, slug: &str, document: &str) -> anyhow::Result<()> {
        // A name of a file is no place for what a server makes up.
        if !is_key(slug) {
            bail!("{slug:?} is not the slug of a service");
        }
        // No slug has a dot.
        let name = if slug == "organizations" { "organizations.service" } else { slug };
        self.document(name, document)
    }

    fn document(&mut self, name: &str, text: &str) -> anyhow::Result<()> {
        match &self.folder {
            None if self.written == 0 => self.out.text(text)?,
            None => self.out.text(&format!("---\n{text}"))?,
            Some(folder) => {
                let file = folder.join(format!("{name}.{}", self.format.extension()));
                fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
                fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))?;
            }
        }
        self.written += 1;
        Ok(())
    }

    fn end(self) -> anyhow::Result<()> {
        if let Some(folder) = &self.folder {
            let files = if self.written == 1 { "file" } else { "files" };
            self.out.line(&format!("{} {files} in {}", self.written, folder.display()))?;
        }
        Ok(())
    }
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

    /// The document of a service, if there is one that the reader may see.
    pub(super) async fn service_document(&self, slug: &str, format: Format) -> anyhow::Result<Option<String>> {
        let data = self.execute(SERVICE, json!({ "slug": slug, "format": format.name() })).await?;
        match &data["service"] {
            Value::Null => Ok(None),
            service => Ok(Some(text(&service["document"])?.to_owned())),
        }
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
