//! The folder of an export, with the list of files that exports wrote, and their reader.

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

/// The file with the list of written files.
const MANIFEST: &str = ".entente-export";
const TITLE: &str = "# Files that `entente export` wrote, and removes once it writes them no more / \
                     Fichiers qu'`entente export` a écrits, et supprime quand il ne les écrit plus";

/// A folder with the state after the last export.
pub(super) struct Folder {
    path: PathBuf,
    /// The files that exports wrote.
    own: BTreeSet<String>,
    /// The reader of the last export; `None` if unknown.
    reader: Option<Reader>,
    /// Whether any export wrote to this folder.
    is_exported: bool,
}

/// The extent of the export.
#[derive(Clone, Copy, Debug)]
pub(super) enum Extent {
    /// Everything that the reader may see.
    Whole {
        /// Whether it may see configuration items.
        sees_items: bool,
    },
    /// Some services.
    Some,
}

impl Folder {
    /// Opens a folder, which may not exist yet.
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

    /// Whether the folder exists.
    pub fn is_there(&self) -> bool {
        self.path.is_dir()
    }

    /// Why this reader may not write to the folder: it may see less than the reader of the last export. `None` if it
    /// may write.
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

    /// Stores the list of written files, and deletes files of earlier exports that are no longer written; returns their
    /// names.
    pub fn end(mut self, written: &BTreeSet<String>, reader: Reader, extent: Extent) -> anyhow::Result<Vec<String>> {
        let is_kept = |name: &str| match extent {
            Extent::Some => true,
            // Files with items stay if the reader may not see items: the items may still exist.
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

/// Whether an export can have written a file with this name.
fn is_name(name: &str) -> bool {
    let stem = name.strip_suffix(".yaml").or(name.strip_suffix(".json")).unwrap_or_default();
    is_key(stem.strip_suffix(".service").unwrap_or(stem))
}

fn is_of_items(name: &str) -> bool {
    matches!(name, "configuration-items.yaml" | "configuration-items.json")
}
