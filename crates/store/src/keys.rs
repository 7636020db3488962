//! Keys of sealed records: one for each, in a file of its own beside the database. Purging a record destroys its key; what
//! backups still hold of it can then be read by nobody.
//!
//! AES-256-GCM with a random nonce; the record's id and the place of the text are authenticated with it.
//!
//! Several processes may have the file open. Each only ever appends, and reads again when it meets an id that it does not
//! know; who destroys a key writes the file anew. A lock beside the file keeps the two apart.

use crate::audit::entry::uuid;
use crate::{Result, StoreError};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use homeward_model::AgencyId;
use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The key file. Each line is the id of a record and its key in hexadecimal, or `destroyed`; the last line of an id counts.
#[derive(Debug)]
pub struct Keys {
    path: PathBuf,
    known: Mutex<Known>,
    /// Keys that organisations hold for themselves, each in a file of its own beside this one.
    rings: Mutex<HashMap<AgencyId, Arc<Keys>>>,
}

/// What was read of the file so far. Lines are only appended; destroying a key puts another file in its place.
#[derive(Debug, Default)]
struct Known {
    keys: HashMap<u128, Option<[u8; 32]>>,
    /// The file that was read, held open so that no other can be taken for it.
    file: Option<File>,
    bytes: u64,
    lines: usize,
}

impl Keys {
    /// Opens the file, or begins one that only its owner can read.
    pub fn open(path: &Path) -> Result<Keys> {
        let keys = Keys { path: path.to_owned(), known: Mutex::default(), rings: Mutex::default() };
        if !path.exists() {
            private(path, true).map_err(|error| keys.failed(&error))?;
        }
        keys.refresh(&mut keys.held())?;
        Ok(keys)
    }

    /// Keys of the records that an organisation alone opens: the file named after it in the folder beside this file,
    /// `keys.d/ID` beside `keys`. Whoever has the database and this file, and not that one, reads none of them. It is begun
    /// with the first record when `begin` says so; taken away, it opens nothing from that moment on.
    pub fn of(&self, organisation: AgencyId, begin: bool) -> Result<Arc<Keys>> {
        let folder = self.path.with_extension("d");
        let path = folder.join(organisation.to_string());
        let mut rings = self.rings.lock().unwrap_or_else(PoisonError::into_inner);
        if !path.exists() {
            rings.remove(&organisation);
            let failed = |because: String| StoreError::Keys { path: path.display().to_string(), because };
            if !begin {
                return Err(failed("it is not here: the organisation holds it itself".to_owned()));
            }
            private_folder(&folder).map_err(|error| failed(error.to_string()))?;
        }
        if let Some(ring) = rings.get(&organisation) {
            return Ok(Arc::clone(ring));
        }
        let ring = Arc::new(Keys::open(&path)?);
        rings.insert(organisation, Arc::clone(&ring));
        Ok(ring)
    }

    fn held(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, because: &dyn std::fmt::Display) -> StoreError {
        StoreError::Keys { path: self.path.display().to_string(), because: because.to_string() }
    }

    /// Reads what this process or another one has written since.
    fn refresh(&self, known: &mut Known) -> Result<()> {
        let text = known.further(&self.path).map_err(|error| self.failed(&error))?;
        for line in text.lines() {
            let read = || -> Option<(u128, Option<[u8; 32]>)> {
                let (id, key) = line.split_once(' ')?;
                let id = u128::from_str_radix(id, 16).ok()?;
                let key = if key == "destroyed" { None } else { Some(homeward_model::Digest::parse(key)?.0) };
                Some((id, key))
            };
            known.lines += 1;
            let (id, key) = read().ok_or_else(|| self.failed(&format!("line {} is no key", known.lines)))?;
            known.keys.insert(id, key);
        }
        Ok(())
    }

    /// The key of a record; another process may have made it since.
    fn key(&self, noun: &'static str, id: u128) -> Result<Option<[u8; 32]>> {
        let mut known = self.held();
        if !known.keys.contains_key(&id) {
            self.refresh(&mut known)?;
        }
        match known.keys.get(&id) {
            Some(Some(key)) => Ok(Some(*key)),
            Some(None) => Err(StoreError::Purged { noun }),
            None => Ok(None),
        }
    }

    /// Encrypts a text of a record, at a place in it.
    pub fn seal(&self, noun: &'static str, id: u128, place: &str, text: &[u8]) -> Result<Vec<u8>> {
        let key = match self.key(noun, id)? {
            Some(key) => key,
            None => self.make(id)?,
        };
        let mut nonce = [0; NONCE_LEN];
        random(&mut nonce).map_err(|because| self.failed(&because))?;
        let mut sealed = text.to_vec();
        cipher(key)
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad(id, place), &mut sealed)
            .map_err(|_| self.failed(&"the text cannot be encrypted"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Decrypts it.
    pub fn open_text(&self, noun: &'static str, id: u128, place: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let broken = |because: &str| StoreError::Inconsistent {
            table: "record",
            row: uuid(id),
            because: because.to_owned(),
        };
        let key = self.key(noun, id)?.ok_or_else(|| broken("its key is not in the key file"))?;
        let (nonce, text) = sealed.split_first_chunk().ok_or_else(|| broken("it is too short"))?;
        let mut text = text.to_vec();
        let length = cipher(key)
            .open_in_place(Nonce::assume_unique_for_key(*nonce), aad(id, place), &mut text)
            .map_err(|_| broken("it was not encrypted with its key, or was changed"))?
            .len();
        text.truncate(length);
        Ok(text)
    }

    fn make(&self, id: u128) -> Result<[u8; 32]> {
        self.make_all(&[id])?;
        self.held()
            .keys
            .get(&id)
            .copied()
            .flatten()
            .ok_or_else(|| self.failed(&"a key was destroyed as it was made"))
    }

    /// Makes the keys that some records lack, all made durable in one step.
    pub fn make_all(&self, ids: &[u128]) -> Result<()> {
        let mut known = self.held();
        let _lock = self.lock()?;
        if ids.iter().any(|id| !known.keys.contains_key(id)) {
            self.refresh(&mut known)?;
        }
        let mut lines = Vec::new();
        for id in ids.iter().filter(|id| !known.keys.contains_key(id)) {
            let mut key = [0; 32];
            random(&mut key).map_err(|because| self.failed(&because))?;
            lines.push(format!("{id:032x} {}\n", homeward_model::Digest(key).hex()));
        }
        if lines.is_empty() {
            return Ok(());
        }
        let append = || -> std::io::Result<()> {
            let mut file = private(&self.path, false)?;
            // A line that a crash cut short sealed nothing yet: a key is durable before anything is written with it.
            file.set_len(known.bytes)?;
            file.write_all(lines.concat().as_bytes())?;
            file.sync_data()
        };
        append().map_err(|error| self.failed(&error))?;
        self.refresh(&mut known)
    }

    /// Held while the file is written, against other processes; it ends when the answer is dropped.
    fn lock(&self) -> Result<File> {
        let path = self.path.with_extension("lock");
        let mut options = std::fs::OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| self.failed(&error))?;
        file.lock().map_err(|error| self.failed(&error))?;
        Ok(file)
    }

    /// Whether it is known that the key of a record was destroyed.
    pub fn is_destroyed(&self, id: u128) -> bool {
        matches!(self.held().keys.get(&id), Some(None))
    }

    /// Records whose keys were destroyed: what was ever purged.
    pub fn destroyed(&self) -> Vec<u128> {
        let mut ids: Vec<u128> =
            self.held().keys.iter().filter(|(_, key)| key.is_none()).map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids
    }

    /// Writes what is known to another file that only its owner can read, which must not be there.
    pub fn copy_to(&self, path: &Path) -> Result<()> {
        let mut known = self.held();
        self.refresh(&mut known)?;
        let written = || -> std::io::Result<()> {
            let mut file = private(path, true)?;
            file.write_all(lines(&known.keys).as_bytes())?;
            file.sync_all()
        };
        written().map_err(|error| StoreError::Backup {
            path: path.display().to_string(),
            because: error.to_string(),
        })
    }

    /// Destroys the key of a record for good; that it was destroyed stays known.
    pub fn destroy(&self, id: u128) -> Result<()> {
        let mut known = self.held();
        let _lock = self.lock()?;
        self.refresh(&mut known)?;
        known.keys.insert(id, None);
        let written = self.path.with_extension("new");
        let write = || -> std::io::Result<()> {
            let _ = std::fs::remove_file(&written);
            let mut file = private(&written, true)?;
            file.write_all(lines(&known.keys).as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&written, &self.path)
        };
        write().map_err(|error| self.failed(&error))
    }
}

impl Known {
    /// The whole lines of the file that were not read yet; all of them when another file has taken its place.
    fn further(&mut self, path: &Path) -> std::io::Result<String> {
        let there = std::fs::metadata(path)?;
        let held = self.file.as_ref().map(File::metadata).transpose()?;
        if !held.is_some_and(|held| is_same(&held, &there)) {
            *self = Known { file: Some(File::open(path)?), ..Known::default() };
        }
        let mut text = Vec::new();
        if let Some(file) = &mut self.file {
            file.seek(SeekFrom::Start(self.bytes))?;
            file.read_to_end(&mut text)?;
        }
        // What another process is about to write ends in no line end yet.
        text.truncate(text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
        self.bytes += text.len() as u64;
        String::from_utf8(text).map_err(std::io::Error::other)
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Where files cannot be told apart, all is read anew.
#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    false
}

/// The file's text, by id.
fn lines(known: &HashMap<u128, Option<[u8; 32]>>) -> String {
    let mut lines: Vec<String> = known
        .iter()
        .map(|(id, key)| match key {
            Some(key) => format!("{id:032x} {}\n", homeward_model::Digest(*key).hex()),
            None => format!("{id:032x} destroyed\n"),
        })
        .collect();
    lines.sort_unstable();
    lines.concat()
}

/// Makes a folder that only its owner can read, unless it is there.
pub fn private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens a file for appending that only its owner can read.
pub fn private(path: &Path, new: bool) -> std::io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create_new(new);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn cipher(key: [u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).expect("an AES-256 key has 32 bytes"))
}

fn aad(id: u128, place: &str) -> Aad<Vec<u8>> {
    Aad::from([&id.to_be_bytes()[..], place.as_bytes()].concat())
}

/// Random bytes of the operating system.
pub fn random(bytes: &mut [u8]) -> std::result::Result<(), &'static str> {
    aws_lc_rs::rand::fill(bytes).map_err(|_| "the system gives no random bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destroyed_key_opens_nothing_and_comes_back_never() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let keys = Keys::open(&path).unwrap();
        let sealed = keys.seal("missing report", 7, "body", b"R. Example").unwrap();
        let other = keys.seal("missing report", 8, "body", b"S. Example").unwrap();
        assert!(!sealed.windows(7).any(|window| window == b"Example"));
        let again = Keys::open(&path).unwrap();
        assert_eq!(again.open_text("missing report", 7, "body", &sealed).unwrap(), b"R. Example");
        assert!(again.open_text("missing report", 7, "change 1", &sealed).is_err());
        assert!(again.open_text("missing report", 8, "body", &sealed).is_err());
        again.destroy(7).unwrap();
        for keys in [again, Keys::open(&path).unwrap()] {
            let error = keys.open_text("missing report", 7, "body", &sealed).unwrap_err();
            assert_eq!(error.to_string(), "the missing report was purged");
            assert!(keys.seal("missing report", 7, "body", b"x").is_err());
            assert_eq!(keys.open_text("missing report", 8, "body", &other).unwrap(), b"S. Example");
        }
    }

    #[test]
    fn an_organisation_takes_its_keys_away() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(&folder.path().join("keys")).unwrap();
        let organisation = AgencyId::from_bits(7);
        assert!(keys.of(organisation, false).is_err());
        let sealed = keys.of(organisation, true).unwrap().seal("provider record", 1, "body", b"S.").unwrap();
        let ring = |keys: &Keys| {
            keys.of(organisation, false)
                .and_then(|ring| ring.open_text("provider record", 1, "body", &sealed))
        };
        assert_eq!(ring(&keys).unwrap(), b"S.");
        assert!(keys.open_text("provider record", 1, "body", &sealed).is_err(), "the other file has no key");
        let (there, away) = (folder.path().join("keys.d"), folder.path().join("elsewhere"));
        std::fs::rename(&there, &away).unwrap();
        let error = ring(&keys).unwrap_err().to_string();
        assert!(error.contains("the organisation holds it itself"), "{error}");
        std::fs::rename(&away, &there).unwrap();
        assert_eq!(ring(&keys).unwrap(), b"S.");
    }

    #[test]
    fn keys_that_others_made_are_met_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let (server, import) = (Keys::open(&path).unwrap(), Keys::open(&path).unwrap());
        let first = server.seal("missing report", 1, "body", b"a").unwrap();
        import.make_all(&[1, 2, 3]).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 3);
        assert_eq!(import.open_text("missing report", 1, "body", &first).unwrap(), b"a");
        let second = import.seal("missing report", 2, "body", b"b").unwrap();
        server.destroy(1).unwrap();
        assert_eq!(server.open_text("missing report", 2, "body", &second).unwrap(), b"b");
        server.make_all(&[1, 2]).unwrap();
        assert!(server.seal("missing report", 1, "body", b"c").is_err());
        import.make_all(&[4]).unwrap();
        assert!(import.is_destroyed(1), "the file that took the other's place was read from its start");
        assert_eq!(import.destroyed(), Keys::open(&path).unwrap().destroyed());
    }

    #[test]
    fn a_line_cut_short_by_a_crash_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        Keys::open(&path).unwrap().make_all(&[1]).unwrap();
        private(&path, false).unwrap().write_all(b"0000000000000000000000000000").unwrap();
        let after = Keys::open(&path).unwrap();
        after.make_all(&[2]).unwrap();
        let sealed = after.seal("missing report", 2, "body", b"b").unwrap();
        let again = Keys::open(&path).unwrap();
        assert_eq!(again.open_text("missing report", 2, "body", &sealed).unwrap(), b"b");
    }
}
