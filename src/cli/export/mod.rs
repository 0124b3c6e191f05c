//! `entente export`.

mod folder;
mod reader;
mod writing;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use anyhow::bail;
use clap::Args;

use self::{
    folder::{Extent, Folder},
    reader::Reader,
    writing::{Says, Writing},
};
use super::{
    Refused,
    endpoint::{
        Endpoint, EndpointOptions, Purpose,
        reading::{Format, Revision},
    },
    out::Out,
};
use crate::{definition::nearest::nearest, words::Words};

const EXAMPLES: &str = "Examples:
  entente export > entente.yaml
  entente export --output definitions
  entente export --server https://entente.example --service patient-management --format json";

/// Write organizations, configuration items and services to files for `apply`
///
/// Writes everything that the reader may see: the organizations in one document (more than 1,000 in several), parents
/// first, the configuration items in one document for each organization (with `cmdb:read`), and one document for each
/// service. Applying an export changes nothing, whatever the scopes of the token. External references are those of the
/// reader's own organization; with a database, those of the organization and of the provider of the service.
///
/// A folder belongs to the reader for whom it was written first: an export with a token that may see less is refused,
/// because it would delete what that token may not see.
///
/// Exit codes: 0 success; 1 refused, or not found; 2 the database, the server or the folder could not be used.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExportOptions {
    /// Folder for `organizations.yaml`, `configuration-items.yaml` and one file for each service; "-" prints a stream
    /// of documents. Files of an earlier export that are no longer written are deleted; other files are not changed,
    /// unless they are equal to what would be written under their name. A retired service whose file was deleted is not
    /// written
    #[arg(long, short, value_name = "DIR", default_value = "-")]
    output: PathBuf,

    /// Format of the documents
    #[arg(long, value_name = "FORMAT", default_value = "yaml")]
    format: Format,

    /// Only this service, without organizations and configuration items; can be repeated
    #[arg(long = "service", value_name = "SLUG")]
    services: Vec<String>,

    /// The terms of this revision of the service in --service, without its links
    #[arg(long, value_name = "NUMBER", requires = "services")]
    revision: Option<u32>,

    /// Overwrite an export of another reader: of another organization, or with scopes that this token lacks
    #[arg(long)]
    other_reader: bool,

    #[command(flatten)]
    endpoint: EndpointOptions,
}

/// Runs the command.
pub(super) async fn run(options: ExportOptions, out: &mut Out) -> anyhow::Result<()> {
    let ExportOptions { output, format, services, revision, other_reader, endpoint } = options;
    let speech = out.speech();
    if revision.is_some() && services.len() != 1 {
        bail!(Words::RevisionOfOne.say(speech));
    }
    let endpoint = endpoint.open(Purpose::Read, speech).await?;
    let reader = endpoint.reader().await?;
    if reader.is_nobody() {
        return refuse(&Words::NobodyReads.say(speech), out);
    }
    let folder = match &*output {
        path if path == Path::new("-") => None,
        path => Some(Folder::open(path, speech)?),
    };
    if let Some(folder) = &folder
        && let Some(refusal) = folder.is_of_another(&reader, speech).filter(|_| !other_reader)
    {
        return refuse(&refusal, out);
    }
    let writing = Writing { folder, format, out, written: BTreeSet::new() };
    match services.is_empty() {
        true => whole(&endpoint, writing, reader).await,
        false => some(&endpoint, writing, reader, &services, revision).await,
    }
}

/// Exports everything that the reader may see.
async fn whole(endpoint: &Endpoint, mut writing: Writing<'_>, reader: Reader) -> anyhow::Result<()> {
    let (organizations, items) = (endpoint.organizations().await?, endpoint.items().await?);
    let format = writing.format;
    let (items, sees_items) = (items.as_deref().unwrap_or_default(), items.is_some());
    let services = endpoint.services().await?;
    let speech = writing.out.speech();
    if organizations.is_empty() && items.is_empty() && services.is_empty() {
        return refuse(&Words::NothingToExport.say(speech), writing.out);
    }
    // If the file of a retired service was deleted, this was intended: it is not written again.
    let (left_out, services): (Vec<_>, Vec<_>) =
        services.into_iter().partition(|service| service.is_retired && writing.lacks(&service.slug));
    let left_out: BTreeSet<String> = left_out.into_iter().map(|service| service.slug).collect();
    let slugs: Vec<String> = services.into_iter().map(|service| service.slug).collect();
    let says = Says { organizations: organizations.len(), items, services: &slugs, stands: true };
    if let Some(refusal) = writing.in_the_way(&says, endpoint).await? {
        return refuse(&refusal, writing.out);
    }
    writing.organizations(organizations)?;
    writing.items(items)?;
    let mut take = |slug: &str, document: &str| match left_out.contains(slug) {
        true => Ok(()),
        false => writing.service(slug, document),
    };
    endpoint.each_service(format, &mut take).await?;
    if !left_out.is_empty() {
        let slugs = left_out.into_iter().collect::<Vec<_>>().join(", ");
        writing.out.error(&Words::RetiredLeftOut { slugs }.say(speech))?;
    }
    if !sees_items {
        writing.out.error(&Words::WithoutItems.say(speech))?;
    }
    writing.end(reader, Extent::Whole { sees_items })
}

/// Exports only these services.
async fn some(
    endpoint: &Endpoint,
    mut writing: Writing<'_>,
    reader: Reader,
    services: &[String],
    revision: Option<u32>,
) -> anyhow::Result<()> {
    let says = Says { organizations: 0, items: &[], services, stands: revision.is_none() };
    if let Some(refusal) = writing.in_the_way(&says, endpoint).await? {
        return refuse(&refusal, writing.out);
    }
    let (speech, mut is_missing) = (writing.out.speech(), false);
    for slug in services {
        let missing = match revision {
            None => match endpoint.service_document(slug, writing.format).await? {
                Some(document) => {
                    writing.service(slug, &document)?;
                    continue;
                }
                None => endpoint.no_such_service(slug).await?,
            },
            Some(revision) => match endpoint.revision_document(slug, revision, writing.format).await? {
                Revision::Found(document) => {
                    writing.service(slug, &document)?;
                    continue;
                }
                Revision::Beyond { last } => Words::NoSuchRevision { slug: slug.clone(), revision, last },
                Revision::OfNoService => endpoint.no_such_service(slug).await?,
            },
        };
        is_missing = true;
        writing.out.error(&missing.say(speech))?;
    }
    writing.end(reader, Extent::Some)?;
    if is_missing { Err(Refused.into()) } else { Ok(()) }
}

impl Endpoint {
    /// The message that a service does not exist, with the service that was probably meant.
    pub(super) async fn no_such_service(&self, slug: &str) -> anyhow::Result<Words> {
        let services = self.services().await?;
        Ok(match nearest(slug, services.iter().map(|service| &*service.slug)) {
            Some(nearest) => Words::NoSuchServiceNear { slug: slug.to_owned(), nearest },
            None => Words::NoSuchService { slug: slug.to_owned() },
        })
    }
}

/// Prints why nothing was exported.
fn refuse(why: &str, out: &mut Out) -> anyhow::Result<()> {
    out.lines_of_error(why)?;
    Err(Refused.into())
}
