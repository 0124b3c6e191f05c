//! The documents that a command line names, all read before any is sent.

use std::{
    collections::HashMap,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use crate::definition::{
    document::{
        ConfigurationItemInput, ConfigurationItems, DefinitionInput, ExternalReferenceInput, OrganizationInput,
        OrganizationKey,
    },
    limits::MAX_PROBLEMS,
    read::{Document, read_documents},
};

/// Bytes of a file; each document in it has a limit of its own.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// The documents, organizations and services apart.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Documents {
    /// Every organization of every document.
    pub organizations: Vec<OrganizationSource>,
    /// The services.
    pub services: Vec<ServiceSource>,
    /// The configuration items.
    pub items: Vec<ItemsSource>,
}

/// Configuration items of one document.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ItemsSource {
    /// The document, as people know it.
    pub name: String,
    /// Whose they are, if it says so.
    pub organization: Option<OrganizationKey>,
    /// What it says.
    pub items: Vec<ConfigurationItemInput>,
}

/// An organization, and the document that it stands in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OrganizationSource {
    /// The document, as people know it.
    pub name: String,
    /// What it says.
    pub organization: OrganizationInput,
}

/// A service's definition, and the document that it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ServiceSource {
    /// The document, as people know it.
    pub name: String,
    /// What it says.
    pub definition: Box<DefinitionInput>,
}

/// Reads all that the paths name; or everything that is wrong, a line each.
pub(super) fn read(paths: &[PathBuf]) -> Result<Documents, Vec<String>> {
    let (mut documents, mut problems) = (Documents::default(), Vec::new());
    for path in paths {
        match files(path) {
            Ok(files) if files.is_empty() => {
                problems.push(format!("{}: no .yaml, .yml or .json in it", path.display()))
            }
            Ok(files) => files.iter().for_each(|file| documents.add_file(file, &mut problems)),
            Err(error) => problems.push(format!("{}: {error}", path.display())),
        }
    }
    documents.find_repeated(&mut problems);
    if problems.is_empty() { Ok(documents) } else { Err(problems) }
}

/// A file itself, or the documents in a folder and below it, by name. What is hidden is passed over.
fn files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if path == Path::new("-") || !fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut entries = fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        // A link to a folder is not followed: it may lead back.
        if entry.file_type()?.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|it| it == "yaml" || it == "yml" || it == "json") && path.is_file() {
            found.push(path);
        }
    }
    Ok(found)
}

impl Documents {
    fn add_file(&mut self, file: &Path, problems: &mut Vec<String>) {
        let name = if file == Path::new("-") { "stdin".to_owned() } else { file.display().to_string() };
        let text = match text(file) {
            Ok(text) => text,
            Err(problem) => return problems.push(format!("{name}: {problem}")),
        };
        match read_documents(&text) {
            Ok(read) if read.is_empty() => problems.push(format!("{name}: there is no document in it")),
            Ok(read) => self.add_documents(&name, read),
            Err(problem) => problems.push(format!("{name}: {problem}")),
        }
    }

    fn add_documents(&mut self, file: &str, read: Vec<Document>) {
        let is_one = read.len() == 1;
        for (document, number) in read.into_iter().zip(1..) {
            let name = if is_one { file.to_owned() } else { format!("{file} (document {number})") };
            match document {
                Document::Organizations(all) => {
                    let sources = all.into_iter();
                    self.organizations
                        .extend(sources.map(|organization| OrganizationSource { name: name.clone(), organization }));
                }
                Document::ServiceDefinition(definition) => self.services.push(ServiceSource { name, definition }),
                Document::ConfigurationItems(ConfigurationItems { organization, items }) => {
                    self.items.push(ItemsSource { name, organization, items });
                }
            }
        }
    }

    /// Whatever is said twice: the second would undo the first, again and again.
    fn find_repeated(&self, problems: &mut Vec<String>) {
        let services = self.services.iter().map(|it| ("service", &it.definition.slug, &it.name));
        let organizations = self.organizations.iter().map(|it| ("organization", &it.organization.slug, &it.name));
        let mut seen = HashMap::new();
        for (kind, slug, name) in organizations.chain(services) {
            if let Some(first) = seen.insert((kind, slug), name) {
                problems.push(format!("{name}: the {kind} \"{slug}\" stands in {first} already"));
            }
        }
        let items = self.items.iter().flat_map(|source| source.items.iter().map(move |item| (source, &item.r#ref)));
        let mut seen = HashMap::new();
        let repeated = items.filter_map(|(ItemsSource { name, organization, items: _ }, reference)| {
            let ExternalReferenceInput { system, r#type, key, url: _ } = reference;
            let first = seen.insert((organization, system, r#type, key), name)?;
            Some(format!("{name}: the configuration item \"{key}\" of {system} stands in {first} already"))
        });
        problems.extend(repeated.take(MAX_PROBLEMS));
    }
}

fn text(file: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read = |from: &mut dyn Read, bytes: &mut Vec<u8>| from.take(MAX_BYTES + 1).read_to_end(bytes);
    let done = match file == Path::new("-") {
        true => read(&mut std::io::stdin(), &mut bytes),
        false => fs::File::open(file).and_then(|mut file| read(&mut file, &mut bytes)),
    };
    done.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("has more than {MAX_BYTES} bytes"));
    }
    String::from_utf8(bytes).map_err(|error| format!("is not UTF-8 after byte {}", error.utf8_error().valid_up_to()))
}
