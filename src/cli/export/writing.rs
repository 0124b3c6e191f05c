//! The target of exported documents: the standard output, or files in a folder.

use std::{collections::BTreeSet, path::Path};

use anyhow::bail;
use serde::Serialize;

use super::{
    folder::{Extent, Folder},
    reader::Reader,
};
use crate::{
    cli::{
        apply::{Content, Same, parents_first, portions, read},
        endpoint::{Endpoint, reading::Format},
        out::Out,
    },
    definition::{
        document::{ConfigurationItems, Document, OrganizationInput},
        limits::is_key,
        write,
    },
    words::Words,
};

/// The names of the files without a service.
const ORGANIZATIONS: &str = "organizations";
const ITEMS: &str = "configuration-items";

/// The content of an export.
pub(super) struct Says<'s> {
    /// Number of organizations.
    pub organizations: usize,
    /// The configuration items.
    pub items: &'s [ConfigurationItems],
    /// The services.
    pub services: &'s [String],
    /// Whether it is the current state, and not an earlier revision.
    pub stands: bool,
}

/// The target of documents.
pub(super) struct Writing<'a> {
    /// The standard output if none.
    pub folder: Option<Folder>,
    pub format: Format,
    pub out: &'a mut Out,
    /// The names of the files; with the standard output, the names that they would have.
    pub written: BTreeSet<String>,
}

impl Writing<'_> {
    /// Writes the organizations.
    pub fn organizations(&mut self, organizations: Vec<OrganizationInput>) -> anyhow::Result<()> {
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
        if text.is_empty() { Ok(()) } else { self.document(ORGANIZATIONS, &text) }
    }

    /// Writes the configuration items: one document for each organization with items.
    pub fn items(&mut self, documents: &[ConfigurationItems]) -> anyhow::Result<()> {
        let texts = documents.iter().map(|document| match self.format {
            Format::Yaml => write::to_yaml(Document::CONFIGURATION_ITEMS, document),
            Format::Json => write::to_json(Document::CONFIGURATION_ITEMS, document),
        });
        let text = texts.collect::<Vec<_>>().join("---\n");
        if text.is_empty() { Ok(()) } else { self.document(ITEMS, &text) }
    }

    /// Writes a service.
    pub fn service(&mut self, slug: &str, document: &str) -> anyhow::Result<()> {
        // The slug comes from the server, and is checked before it is used as the name of a file.
        if !is_key(slug) {
            bail!("{slug:?} is not the slug of a service");
        }
        self.document(&stem(slug), document)
    }

    fn name(&self, stem: &str) -> String {
        format!("{stem}.{}", self.format.extension())
    }

    fn document(&mut self, stem: &str, text: &str) -> anyhow::Result<()> {
        let name = self.name(stem);
        match &self.folder {
            None if self.written.is_empty() => self.out.text(text)?,
            None => self.out.text(&format!("---\n{text}"))?,
            Some(folder) => folder.write(&name, text)?,
        }
        self.written.insert(name);
        Ok(())
    }

    /// Whether the folder was exported before, but the file of this service was deleted.
    pub fn lacks(&self, slug: &str) -> bool {
        self.folder.as_ref().is_some_and(|folder| folder.lacks(&stem(slug)))
    }

    /// The files that prevent an export: files in the folder that no export wrote, and that it would overwrite, or
    /// whose services, organizations or items it would duplicate. A file with the name and the content of an exported
    /// file is taken over.
    pub async fn in_the_way(&self, says: &Says<'_>, endpoint: &Endpoint) -> anyhow::Result<Option<String>> {
        let Some(folder) = self.folder.as_ref().filter(|folder| folder.is_there()) else { return Ok(None) };
        let speech = self.out.speech();
        let mut written: Vec<(String, Content<'_>)> =
            says.services.iter().map(|slug| (stem(slug), Content::Service(slug))).collect();
        let (of_organizations, of_items) = (says.organizations > 0, !says.items.is_empty());
        written
            .extend(of_organizations.then(|| (ORGANIZATIONS.to_owned(), Content::Organizations(says.organizations))));
        written.extend(of_items.then(|| (ITEMS.to_owned(), Content::Items(says.items))));
        let (mut files, mut taken_over) = (BTreeSet::new(), BTreeSet::new());
        let mut same = Same::new(endpoint);
        for (stem, content) in written {
            let name = self.name(&stem);
            let file = folder.file(&name);
            if folder.owns(&name) || !file.exists() {
                continue;
            }
            let is_same = says.stands && same.says(&file, content).await?;
            let of_its_kind = if is_same { &mut taken_over } else { &mut files };
            of_its_kind.insert(file.display().to_string());
        }
        // Errors in other files do not matter here.
        let documents = read(&[folder.file("")], speech).documents;
        let services: BTreeSet<&str> = says.services.iter().map(String::as_str).collect();
        let of_services = documents.services.iter().filter(|it| services.contains(&*it.definition.slug));
        let again = of_services
            .map(|it| &it.origin)
            .chain(documents.organizations.iter().filter(|_| of_organizations).map(|it| &it.origin))
            .chain(documents.items.iter().filter(|_| of_items).map(|it| &it.origin));
        let is_own = |file: &str| {
            let name = Path::new(file).strip_prefix(folder.file("")).ok().and_then(Path::to_str);
            taken_over.contains(file) || name.is_some_and(|name| folder.owns(name))
        };
        files.extend(again.filter(|origin| !is_own(&origin.file)).map(|origin| origin.file.clone()));
        let listed: String = files.iter().map(|file| format!("\n  {file}")).collect();
        Ok((!files.is_empty()).then(|| Words::InTheWay { folder: folder.name() }.say(speech) + &listed))
    }

    /// Reports what was written, and stores the list of files. A complete export deletes files of an earlier export
    /// that are no longer written; other files do not change.
    pub fn end(self, reader: Reader, extent: Extent) -> anyhow::Result<()> {
        let Self { folder: Some(folder), out, written, .. } = self else { return Ok(()) };
        let (speech, count, name) = (out.speech(), written.len(), folder.name());
        let gone = folder.end(&written, reader, extent)?;
        let words = if count == 1 { Words::FileIn { folder: name } } else { Words::FilesIn { count, folder: name } };
        let gone_said = match &gone[..] {
            [] => String::new(),
            [one] => Words::FileGone { name: one.clone() }.say(speech),
            _ => Words::FilesGone { count: gone.len(), names: gone.join(", ") }.say(speech),
        };
        out.line(&format!("{}{gone_said}", words.say(speech)))?;
        Ok(())
    }
}

/// The name of a service's file, without its ending. A slug that is the name of another file gets `.service`; no slug
/// has a dot.
fn stem(slug: &str) -> String {
    match slug {
        ORGANIZATIONS | ITEMS => format!("{slug}.service"),
        _ => slug.to_owned(),
    }
}
