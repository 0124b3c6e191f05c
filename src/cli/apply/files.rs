//! Reads the documents of a command line. All are read before any is sent.

use std::{
    collections::{HashMap, HashSet},
    fs,
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
};

use super::{
    problem::{Said, Told},
    validate,
};
use crate::{
    definition::{
        document::{
            ConfigurationItemInput, ConfigurationItems, DefinitionInput, Document, ExternalReferenceInput,
            OrganizationInput, OrganizationKey,
        },
        limits::MAX_PROBLEMS,
        read::{Located, Place, read_located},
    },
    words::{Speech, Words, translate},
};

/// Maximum size of a file, in bytes. Each document in it has its own limit.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// The content of the documents, by kind.
#[derive(Debug, Default, PartialEq)]
pub(in crate::cli) struct Documents {
    /// Every organization of every document.
    pub organizations: Vec<OrganizationSource>,
    /// The services.
    pub services: Vec<ServiceSource>,
    /// The configuration items.
    pub items: Vec<ItemsSource>,
    /// Services whose documents have fields that do not exist, without these. They are only checked.
    pub meant: Vec<ServiceSource>,
    /// Whether a document that could not be read may create objects that others refer to.
    pub lack_names: bool,
}

/// A document of a file.
#[derive(Debug, PartialEq)]
pub(in crate::cli) struct Origin {
    /// The name of the file in messages.
    pub file: String,
    /// Its position in the file.
    pub place: Place,
}

/// Configuration items of one document.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) struct ItemsSource {
    /// The document.
    pub origin: Rc<Origin>,
    /// The number of items before these in the document.
    pub before: usize,
    /// Their organization, if it is given.
    pub organization: Option<OrganizationKey>,
    /// Its content.
    pub items: Vec<ConfigurationItemInput>,
}

/// An organization, and the document that contains it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) struct OrganizationSource {
    /// The document.
    pub origin: Rc<Origin>,
    /// The number of organizations before it in the document.
    pub before: usize,
    /// Its content.
    pub organization: OrganizationInput,
}

/// A service's definition, and the document that it is.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) struct ServiceSource {
    /// The document.
    pub origin: Rc<Origin>,
    /// Its content.
    pub definition: Box<DefinitionInput>,
}

/// The content of files, and their problems.
#[derive(Debug, Default)]
pub(in crate::cli) struct Files {
    /// The documents that can be read.
    pub documents: Documents,
    /// The problems in the files.
    pub problems: Vec<Told>,
    /// Why files cannot be read, or contain no documents: a line for each.
    pub failures: Vec<String>,
}

impl Files {
    /// The documents; `None` if there are problems.
    pub fn faultless(self) -> Option<Documents> {
        (self.problems.is_empty() && self.failures.is_empty()).then_some(self.documents)
    }
}

/// Reads all files at the paths, each file once; and reports all problems in them.
pub(in crate::cli) fn read(paths: &[PathBuf], speech: Speech) -> Files {
    let Files { mut documents, mut problems, mut failures } = Files::default();
    let mut seen = HashSet::new();
    for path in paths {
        let mut found = Found::default();
        found.add(path);
        if found.files.is_empty() && found.unreadable.is_empty() {
            failures.push(Words::NoDocumentsIn { path: path.display().to_string() }.say(speech));
        }
        for file in found.files {
            // Different paths of the same file count as one file.
            if !seen.insert(fs::canonicalize(&file).unwrap_or_else(|_| file.clone())) {
                continue;
            }
            if let Err(error) = documents.add_file(&file, &mut problems, speech) {
                found.unreadable.push((file, error));
            }
        }
        let unreadable = found.unreadable.iter();
        failures.extend(unreadable.map(|(path, error)| failed(&path.display().to_string(), error, speech)));
    }
    documents.find_repeated(&mut problems, speech);
    Files { documents, problems, failures }
}

/// Why a file cannot be read.
pub(in crate::cli) fn failed(path: &str, error: &std::io::Error, speech: Speech) -> String {
    let path = path.to_owned();
    let words = match error.kind() {
        ErrorKind::NotFound => Words::NoSuchFile { path },
        ErrorKind::PermissionDenied => Words::MayNotRead { path },
        _ => {
            let error = error.to_string();
            Words::FileFails { path, error: translate(&error, speech).unwrap_or(error) }
        }
    };
    words.say(speech)
}

/// The files at a path, and the paths that cannot be read.
#[derive(Default)]
struct Found {
    files: Vec<PathBuf>,
    unreadable: Vec<(PathBuf, std::io::Error)>,
}

impl Found {
    /// Adds a file, or the documents in a folder and below it, by name. Hidden files are skipped.
    fn add(&mut self, path: &Path) {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() && path != Path::new("-") => {
                let entries = fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
                match entries {
                    Ok(entries) => self.add_entries(entries),
                    Err(error) => self.unreadable.push((path.to_owned(), error)),
                }
            }
            Err(error) if path != Path::new("-") => self.unreadable.push((path.to_owned(), error)),
            _ => self.files.push(path.to_owned()),
        }
    }

    fn add_entries(&mut self, mut entries: Vec<fs::DirEntry>) {
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            // A link to a folder is not followed: it may lead back. A link that leads nowhere is a file that cannot be read:
            // its service must not count as deleted from the folder.
            let is_folder = entry.file_type().is_ok_and(|it| it.is_dir());
            if is_folder || is_document(&path) && !fs::metadata(&path).is_ok_and(|it| !it.is_file()) {
                self.add(&path);
            }
        }
    }
}

/// Whether a file in a folder is read, by its name.
fn is_document(path: &Path) -> bool {
    let extension = path.extension().and_then(|it| it.to_str()).map(str::to_ascii_lowercase);
    extension.is_some_and(|it| ["yaml", "yml", "json"].contains(&&*it))
}

impl Documents {
    fn add_file(&mut self, file: &Path, problems: &mut Vec<Told>, speech: Speech) -> std::io::Result<()> {
        let name = name(file);
        let text = match read_text(file, &name, speech)? {
            Ok(text) => Arc::<str>::from(text),
            Err(problem) => {
                problems.push(*problem);
                return Ok(());
            }
        };
        let Located { documents: read, faults, meant, lacks_names } = read_located(&text, validate::problems_in);
        self.lack_names |= lacks_names;
        if read.is_empty() && faults.is_empty() {
            problems.push(Told::line(Words::NoDocument { path: name }.say(speech)));
            return Ok(());
        }
        problems.extend(faults.iter().take(MAX_PROBLEMS).map(|fault| Told::fault(&name, fault, speech)));
        self.meant.extend(meant.into_iter().map(|(definition, place)| {
            let origin = Rc::new(Origin { file: name.clone(), place });
            ServiceSource { origin, definition }
        }));
        for (document, place) in read {
            self.add(document, Rc::new(Origin { file: name.clone(), place }));
        }
        Ok(())
    }

    fn add(&mut self, document: Document, origin: Rc<Origin>) {
        match document {
            Document::Organizations(all) => {
                self.organizations.extend(all.into_iter().zip(0..).map(|(organization, before)| OrganizationSource {
                    origin: origin.clone(),
                    before,
                    organization,
                }));
            }
            Document::ServiceDefinition(definition) => self.services.push(ServiceSource { origin, definition }),
            Document::ConfigurationItems(ConfigurationItems { organization, items }) => {
                self.items.push(ItemsSource { origin, before: 0, organization, items });
            }
        }
    }

    /// Objects that are described twice: the second description would undo the first on each run.
    fn find_repeated(&self, problems: &mut Vec<Told>, speech: Speech) {
        type Place<'o> = (&'o Origin, Vec<String>);
        let mut twice =
            |(origin, path): Place<'_>, named: &[String], (first, at): Place<'_>, says: &dyn Fn(String) -> Words| {
                let (line, _) = first.place.locator()(&at);
                let words = says(format!("{}:{line}", first.file)).say(speech);
                problems.push(origin.told(&path, named, Said { code: "INVALID".into(), message: words }));
            };
        let (mut seen, mut told) = (HashMap::new(), 0);
        for OrganizationSource { origin, before, organization } in &self.organizations {
            let slug = &organization.slug;
            let path = || vec!["organizations".into(), before.to_string(), "slug".into()];
            if let Some((first, at)) = seen.insert(slug, (origin, path())).filter(|_| told < MAX_PROBLEMS) {
                told += 1;
                let named = ["organizations".into(), slug.clone(), "slug".into()];
                let says = |first| Words::OrganizationTwice { slug: slug.clone(), first };
                twice((origin, path()), &named, (first, at), &says);
            }
        }
        let (mut seen, mut told) = (HashMap::new(), 0);
        for ServiceSource { origin, definition } in &self.services {
            let slug = &definition.slug;
            let path = || vec!["slug".into()];
            if let Some(first) = seen.insert(slug, origin).filter(|_| told < MAX_PROBLEMS) {
                told += 1;
                twice((origin, path()), &path(), (first, path()), &|first| Words::ServiceTwice {
                    slug: slug.clone(),
                    first,
                });
            }
        }
        let (mut seen, mut told) = (HashMap::<_, Vec<(&Option<String>, &Origin, usize)>>::new(), 0);
        for ItemsSource { origin, before: _, organization, items } in &self.items {
            let path = |index: usize| vec!["items".into(), index.to_string(), "ref".into()];
            for (index, item) in items.iter().enumerate() {
                let ExternalReferenceInput { system, r#type, key, url: _ } = &item.r#ref;
                let before = seen.entry((organization, system, key)).or_default();
                // Without a type, the key matches the item of every type.
                let is_same = |other: &Option<String>| other == r#type || other.is_none() || r#type.is_none();
                let first = before.iter().find(|(other, ..)| is_same(other)).copied();
                before.push((r#type, origin, index));
                if let Some((other, first, at)) = first.filter(|_| told < MAX_PROBLEMS) {
                    told += 1;
                    twice((origin, path(index)), &path(index), (first, path(at)), &|first| {
                        let (system, key) = (system.clone(), key.clone());
                        match other == r#type {
                            true => Words::ItemTwice { system, key, first },
                            false => Words::ItemTwiceWithoutType { system, key, first },
                        }
                    });
                }
            }
        }
    }
}

/// The name of a file in messages.
pub(in crate::cli) fn name(file: &Path) -> String {
    if file == Path::new("-") { "stdin".to_owned() } else { file.display().to_string() }
}

/// The text of a file, or its problem.
pub(in crate::cli) fn read_text(file: &Path, name: &str, speech: Speech) -> std::io::Result<Result<String, Box<Told>>> {
    Ok(text(bytes(file)?, name, speech))
}

fn bytes(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = |from: &mut dyn Read, bytes: &mut Vec<u8>| from.take(MAX_BYTES + 1).read_to_end(bytes);
    match file == Path::new("-") {
        true => read(&mut std::io::stdin(), &mut bytes)?,
        false => fs::File::open(file).and_then(|mut file| read(&mut file, &mut bytes))?,
    };
    Ok(bytes)
}

fn text(bytes: Vec<u8>, name: &str, speech: Speech) -> Result<String, Box<Told>> {
    if bytes.len() as u64 > MAX_BYTES {
        let words = Words::FileTooLong { path: name.to_owned(), max: MAX_BYTES };
        return Err(Box::new(Told::line(words.say(speech))));
    }
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let column = String::from_utf8_lossy(&before[start..]).chars().count() as u64 + 1;
        Box::new(Told::at(name, line, column, Words::NotUtf8.say(speech)))
    })
}
