//! The manifest of a backup: which tables it has, with their rows and hashes, of which schema, and up to which head of the
//! audit trail. It is signed with the key of the trail, so that a backup that somebody edited is not taken for one.

use super::rows::{hex, unhex};
use crate::audit::{Auditor, Head};
use crate::{Result, StoreError, migration};
use homeward_model::Digest;
use serde_json::{Value, json};
use std::path::Path;

/// The form of the folder.
const FORM: &str = "homeward backup 1";
const NAME: &str = "manifest.json";
const SIGNATURE: &str = "manifest.signature";

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The table.
    pub table: String,
    /// How many rows.
    pub rows: u64,
    /// SHA-256 of the file.
    pub hash: Digest,
}

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The files.
    pub files: Vec<Copied>,
    /// The last head of the trail.
    pub head: Option<Head>,
}

pub(super) fn failed(path: &Path, because: &(impl ToString + ?Sized)) -> StoreError {
    StoreError::Backup { path: path.display().to_string(), because: because.to_string() }
}

impl Manifest {
    /// How many rows a table has.
    pub fn rows(&self, table: &str) -> u64 {
        self.files.iter().filter(|file| file.table == table).map(|file| file.rows).sum()
    }

    /// Writes it into a folder, last: a backup without one is no backup.
    pub fn write(&self, auditor: &Auditor, folder: &Path) -> Result<()> {
        let files: Vec<Value> = self
            .files
            .iter()
            .map(|file| json!({"table": file.table, "rows": file.rows, "sha256": file.hash.hex()}))
            .collect();
        let head = self.head.as_ref().map(ToString::to_string);
        let manifest = json!({"form": FORM, "schema": migration::newest(), "head": head, "files": files});
        let text = format!("{manifest:#}\n");
        let signature = hex(&auditor.sign_text(text.as_bytes()));
        for (name, text) in [(SIGNATURE, &signature), (NAME, &text)] {
            let path = folder.join(name);
            super::written(&path, text.as_bytes()).map_err(|error| failed(&path, &error))?;
        }
        Ok(())
    }

    /// Reads it, and holds it against its signature.
    pub fn read(auditor: &Auditor, folder: &Path) -> Result<Manifest> {
        let path = folder.join(NAME);
        let broken = |because: &str| failed(&path, because);
        let read = |name: &str| std::fs::read_to_string(folder.join(name));
        let text = read(NAME).map_err(|error| failed(&path, &error))?;
        let signature = read(SIGNATURE).ok().and_then(|signature| unhex(signature.trim()));
        if !signature.is_some_and(|signature| auditor.signed_text(text.as_bytes(), &signature)) {
            return Err(broken("it was not signed with the key of this audit trail, or was changed"));
        }
        let manifest: Value = serde_json::from_str(&text).map_err(|error| failed(&path, &error))?;
        if manifest["form"] != FORM {
            return Err(broken("it is not of a form that this version knows"));
        }
        if manifest["schema"] != migration::newest().as_str() {
            let schema = manifest["schema"].as_str().unwrap_or_default();
            return Err(broken(&format!(
                "it has the schema `{schema}`: restore it with the version that wrote it"
            )));
        }
        let file = |file: &Value| {
            let hash = Digest::parse(file["sha256"].as_str()?)?;
            Some(Copied { table: file["table"].as_str()?.to_owned(), rows: file["rows"].as_u64()?, hash })
        };
        let files = manifest["files"].as_array().and_then(|files| files.iter().map(file).collect());
        let head = match manifest["head"].as_str() {
            Some(line) => Some(Head::parse(line).ok_or_else(|| broken("its head is none"))?),
            None => None,
        };
        Ok(Manifest { files: files.ok_or_else(|| broken("it names no files"))?, head })
    }
}
