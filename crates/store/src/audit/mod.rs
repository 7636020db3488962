//! The audit trail: every read and write, as a Merkle log (RFC 6962) whose heads are signed and witnessed outside the
//! database. An act whose entry cannot be written does not happen.
//!
//! Writes append their entries in the transaction of the change. Reads wait until their entry is committed; a writer in the
//! background commits all that wait in one transaction.

pub mod entry;
mod group;
pub mod merkle;
mod read;
mod verify;

pub use entry::{AuditEntry, Outcome};
pub(crate) use group::Group;
pub use read::{AuditFilter, AuditPage};
pub use verify::{Breach, Verified};

use crate::connection::bytes;
use crate::keys::random;
use crate::schema::{audit_entry, audit_head, audit_shown, audit_tail};
use crate::{Result, StoreError};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use entry::Entry;
use homeward_model::{Digest, Instant};
use merkle::Tree;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, QueryOrder, QuerySelect};
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A signed head: so many entries had this root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
    /// When the last of them was made.
    pub at: Instant,
    /// Ed25519 over size, root and moment.
    pub signature: Vec<u8>,
}

impl Head {
    /// What is signed.
    fn message(&self) -> Vec<u8> {
        format!("homeward audit head 1\n{} {} {}", self.size, self.root.hex(), self.at.0).into_bytes()
    }

    /// Reads a line of the witness file.
    pub(crate) fn parse(line: &str) -> Option<Head> {
        let fields: Vec<&str> = line.split(' ').collect();
        let [size, root, at, signature] = fields[..] else { return None };
        let signature = signature
            .as_bytes()
            .chunks(2)
            .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()));
        Some(Head {
            size: size.parse().ok()?,
            root: Digest::parse(root)?,
            at: Instant(at.parse().ok()?),
            signature: signature.collect::<Option<_>>()?,
        })
    }
}

impl fmt::Display for Head {
    /// A line of the witness file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} ", self.size, self.root.hex(), self.at.0)?;
        self.signature.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Appends to the trail and signs its heads.
pub struct Auditor {
    key: Ed25519KeyPair,
    key_path: PathBuf,
    witness: Option<Witness>,
}

/// The file outside the database to which every head is copied.
struct Witness {
    path: PathBuf,
    /// Lines that could not be written yet; nothing is done before they are.
    pending: Mutex<String>,
}

impl Auditor {
    /// An auditor with the key of a file. The file is begun when there is no trail yet.
    pub async fn open(
        connection: &impl ConnectionTrait,
        key: &Path,
        witness: Option<PathBuf>,
    ) -> Result<Auditor> {
        let failed = |because: String| StoreError::Audit(format!("key file `{}`: {because}", key.display()));
        if !key.exists() {
            if tail(connection).await?.size() > 0 {
                return Err(failed("it is missing, and a trail was signed with it".to_owned()));
            }
            let mut seed = [0; 32];
            random(&mut seed).map_err(|because| failed(because.to_owned()))?;
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options
                .open(key)
                .and_then(|mut file| {
                    file.write_all(Digest(seed).hex().as_bytes()).and_then(|()| file.sync_all())
                })
                .map_err(|error| failed(error.to_string()))?;
        }
        let text = std::fs::read_to_string(key).map_err(|error| failed(error.to_string()))?;
        let seed = Digest::parse(&text).ok_or_else(|| failed("it holds no key".to_owned()))?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed.0).map_err(|error| failed(error.to_string()))?;
        let witness = witness.map(|path| Witness { path, pending: Mutex::default() });
        let auditor = Auditor { key: pair, key_path: key.to_owned(), witness };
        auditor.ready()?;
        Ok(auditor)
    }

    /// Whether the witness can be written; asked before every act.
    pub fn ready(&self) -> Result<()> {
        let Some(witness) = &self.witness else { return Ok(()) };
        let mut pending = witness.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |error: std::io::Error| {
            StoreError::Audit(format!("witness `{}`: {error}", witness.path.display()))
        };
        let mut file =
            std::fs::OpenOptions::new().append(true).create(true).open(&witness.path).map_err(failed)?;
        file.write_all(pending.as_bytes()).map_err(failed)?;
        pending.clear();
        Ok(())
    }

    /// Copies a committed head to the witness. When that fails, the next act is refused until it succeeds.
    pub fn witness(&self, head: &Head) {
        let Some(witness) = &self.witness else { return };
        let line = format!("{head}\n");
        witness.pending.lock().unwrap_or_else(PoisonError::into_inner).push_str(&line);
        // A failure leaves the line pending, and `ready` reports it to the next act.
        let _ = self.ready();
    }

    /// Appends entries in a transaction, at least one, and signs the new head.
    pub async fn append(&self, transaction: &impl ConnectionTrait, entries: &[Entry]) -> Result<Head> {
        let mut tree = tail(transaction).await?;
        let mut rows = Vec::with_capacity(entries.len());
        let mut shown = Vec::new();
        for entry in entries {
            let written = entry.bytes();
            let leaf = merkle::leaf(&written);
            tree.push(leaf);
            let seq = tree.size() as i64;
            let mut ids: Vec<u128> = entry.shown().collect();
            ids.sort_unstable();
            ids.dedup();
            shown.extend(
                ids.into_iter().map(|id| audit_shown::ActiveModel { object: Set(bytes(id)), seq: Set(seq) }),
            );
            rows.push(audit_entry::ActiveModel {
                seq: Set(seq),
                at: Set(entry.at.0),
                member: Set(entry.member.map(|id| bytes(id.bits()))),
                organisation: Set(entry.organisation.map(|id| bytes(id.bits()))),
                object: Set(entry.object.map(bytes)),
                act: Set(entry.word("act")),
                outcome: Set(entry.word("outcome")),
                entry: Set(written),
                leaf: Set(leaf.to_vec()),
            });
        }
        audit_entry::Entity::insert_many(rows).exec_without_returning(transaction).await?;
        // Two values a row: far below what either database takes in one statement.
        for part in shown.chunks(5_000) {
            audit_shown::Entity::insert_many(part.to_vec()).exec_without_returning(transaction).await?;
        }
        let at = entries.last().map_or(Instant::default(), |entry| entry.at);
        let head = self.sign(&tree, at);
        let size = tree.size() as i64;
        audit_tail::ActiveModel { id: Set(1), size: Set(size), peaks: Set(tree.peaks()) }
            .update(transaction)
            .await?;
        let row = audit_head::ActiveModel {
            size: Set(size),
            at: Set(at.0),
            root: Set(head.root.0.to_vec()),
            signature: Set(head.signature.clone()),
        };
        audit_head::Entity::insert(row).exec_without_returning(transaction).await?;
        Ok(head)
    }

    fn sign(&self, tree: &Tree, at: Instant) -> Head {
        let head = Head { size: tree.size(), root: Digest(tree.root()), at, signature: Vec::new() };
        let signature = self.key.sign(&head.message()).as_ref().to_vec();
        Head { signature, ..head }
    }

    /// What the key file says, for a copy of it.
    pub(crate) fn key_text(&self) -> Result<String> {
        std::fs::read_to_string(&self.key_path).map_err(|error| StoreError::Keys {
            path: self.key_path.display().to_string(),
            because: error.to_string(),
        })
    }

    /// Signs a text that is not a head.
    pub(crate) fn sign_text(&self, text: &[u8]) -> Vec<u8> {
        self.key.sign(text).as_ref().to_vec()
    }

    /// Whether a text was signed with this key.
    pub(crate) fn signed_text(&self, text: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.key.public_key().as_ref()).verify(text, signature).is_ok()
    }

    /// Whether a head was signed with this key.
    fn signed(&self, head: &Head) -> bool {
        let public = UnparsedPublicKey::new(&ED25519, self.key.public_key().as_ref());
        public.verify(&head.message(), &head.signature).is_ok()
    }
}

/// The last head.
pub(crate) async fn last_head(connection: &impl ConnectionTrait) -> Result<Option<Head>> {
    let row = audit_head::Entity::find().order_by_desc(audit_head::Column::Size).one(connection).await?;
    Ok(row.map(Head::from))
}

impl From<audit_head::Model> for Head {
    fn from(row: audit_head::Model) -> Head {
        let root = Digest(row.root.try_into().unwrap_or_default());
        Head { size: row.size as u64, root, at: Instant(row.at), signature: row.signature }
    }
}

/// How far the trail goes. The row stays locked until the transaction ends, so that one writer appends at a time.
pub(crate) async fn tail(connection: &impl ConnectionTrait) -> Result<Tree> {
    let broken = |because: &str| StoreError::Inconsistent {
        table: "audit_tail",
        row: "1".to_owned(),
        because: because.to_owned(),
    };
    let row = audit_tail::Entity::find_by_id(1).lock_exclusive().one(connection).await?;
    let row = row.ok_or_else(|| broken("it is gone"))?;
    Tree::stored(row.size as u64, &row.peaks).ok_or_else(|| broken("size and peaks do not fit"))
}
