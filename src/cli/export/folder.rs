//! The folder that an export writes to: which files are its own, and for whom it wrote them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use super::reader::Reader;
use crate::{
    definition::limits::is_key,
    words::{Speech, Words},
};

/// The file that names those that were written.
const MANIFEST: &str = ".entente-export";
const TITLE: &str = "# Files that `entente export` wrote, and removes once it writes them no more / \
                     Fichiers qu'`entente export` a écrits, et supprime quand il ne les écrit plus";

/// A folder, as an earlier export left it.
pub(super) struct Folder {
    path: PathBuf,
    /// The files that exports wrote.
    own: BTreeSet<String>,
    /// For whom.
    reader: Option<Reader>,
    /// Whether an export wrote here at all.
    is_exported: bool,
}

/// The extent of the export.
#[derive(Clone, Copy, Debug)]
pub(super) enum Extent {
    /// All that the reader may see.
    Whole {
        /// Whether it may see configuration items.
        sees_items: bool,
    },
    /// Some services.
    Some,
}

impl Folder {
    /// The folder, which need not be there yet.
    pub fn open(path: &Path, speech: Speech) -> anyhow::Result<Self> {
        if path.exists() && !path.is_dir() {
            bail!(Words::NotAFolder { path: path.display().to_string() }.say(speech));
        }
        let manifest = fs::read_to_string(path.join(MANIFEST));
        let (is_exported, manifest) = (manifest.is_ok(), manifest.unwrap_or_default());
        let own = manifest.lines().filter(|line| is_name(line)).map(str::to_owned).collect();
        Ok(Self { path: path.to_owned(), own, reader: manifest.lines().find_map(Reader::of_line), is_exported })
    }

    /// Its path, for people.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The path of a file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Whether an export wrote the file of this name.
    pub fn owns(&self, name: &str) -> bool {
        self.own.contains(name)
    }

    /// Whether an export wrote to this folder, and no file with this stem, in any format, exists any more.
    pub fn lacks(&self, stem: &str) -> bool {
        self.is_exported && !["yaml", "json"].iter().any(|form| self.file(&format!("{stem}.{form}")).exists())
    }

    /// Whether there is anything in it.
    pub fn is_there(&self) -> bool {
        self.path.is_dir()
    }

    /// Why this reader may not write here, if it does not see all that the one saw for whom the files are.
    pub fn is_of_another(&self, reader: &Reader, speech: Speech) -> Option<String> {
        if self.own.is_empty() || self.reader.as_ref().is_some_and(|before| reader.sees_as(before)) {
            return None;
        }
        let before = match &self.reader {
            Some(before) => before.say(speech),
            None => Words::UnknownReader.say(speech),
        };
        Some(Words::OtherReader { folder: self.name(), before, now: reader.say(speech) }.say(speech))
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let file = self.file(name);
        fs::create_dir_all(&self.path).with_context(|| format!("{} cannot be made", self.path.display()))?;
        fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))
    }

    /// Keeps in mind which files were written, and removes those that no longer are; their names.
    pub fn end(mut self, written: &BTreeSet<String>, reader: Reader, extent: Extent) -> anyhow::Result<Vec<String>> {
        let is_kept = |name: &str| match extent {
            Extent::Some => true,
            // They may be there all the same.
            Extent::Whole { sees_items } => !sees_items && is_of_items(name),
        };
        let before = self.own.len();
        let dropped: Vec<String> = self.own.difference(written).filter(|name| !is_kept(name)).cloned().collect();
        let mut gone = Vec::new();
        for name in dropped {
            let file = self.file(&name);
            if fs::symlink_metadata(&file).is_ok_and(|file| file.is_file()) {
                fs::remove_file(&file).with_context(|| format!("{} cannot be removed", file.display()))?;
                gone.push(name.clone());
            }
            self.own.remove(&name);
        }
        self.own.extend(written.iter().cloned());
        if !self.own.is_empty() || before > 0 {
            let reader = match (extent, self.reader.take()) {
                (Extent::Some, Some(before)) => before,
                _ => reader,
            };
            let names = self.own.iter().map(|name| format!("{name}\n")).collect::<String>();
            self.write(MANIFEST, &format!("{TITLE}\n{}\n{names}", reader.line()))?;
        }
        Ok(gone)
    }
}

/// Whether an export can have written a file of this name, in the folder itself.
fn is_name(name: &str) -> bool {
    let stem = name.strip_suffix(".yaml").or(name.strip_suffix(".json")).unwrap_or_default();
    is_key(stem.strip_suffix(".service").unwrap_or(stem))
}

fn is_of_items(name: &str) -> bool {
    matches!(name, "configuration-items.yaml" | "configuration-items.json")
}
