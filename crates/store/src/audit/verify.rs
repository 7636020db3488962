//! Verification: the trail is hashed anew and held against every signed head, in the database and in the witness file. A
//! report of what was found; nothing is changed.

use super::{Auditor, Head, merkle, tail};
use crate::schema::{audit_entry, audit_head};
use crate::{Result, StoreError};
use homeward_model::{Digest, Instant};
use merkle::Tree;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Entries read at a time.
const PAGE: u64 = 10_000;

/// A sound trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries.
    pub entries: u64,
    /// The last head, when there is an entry.
    pub head: Option<Head>,
    /// How many heads were held against it.
    pub heads: u64,
}

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breach {
    /// An entry is not what was hashed when it was written: edited, or moved to another place.
    Edited {
        /// Its place.
        seq: u64,
    },
    /// The columns by which an entry is found are not those it was written with.
    Misfiled {
        /// Its place.
        seq: u64,
    },
    /// There is no entry at this place.
    Gone {
        /// The place.
        seq: u64,
    },
    /// The entries up to here do not have the root that was signed: edited, deleted, put in or put in another order.
    OtherRoot {
        /// Up to which entry.
        size: u64,
    },
    /// A head was not signed with the key of the trail.
    NotSigned {
        /// Its size.
        size: u64,
    },
    /// The trail ends before a head that was signed: cut off, or an old state of the database was put back.
    CutOff {
        /// How many entries there are.
        entries: u64,
        /// How many there were.
        size: u64,
    },
    /// Entries stand beyond the last signed head.
    Unsigned {
        /// How many entries there are.
        entries: u64,
        /// The size of the last head.
        size: u64,
    },
    /// The row that says how far the trail goes says something else.
    Tail,
    /// A line of the witness file cannot be read.
    Witness {
        /// The line, from 1.
        line: u64,
    },
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Breach::Edited { seq } => write!(f, "entry {seq} is not what was written"),
            Breach::Misfiled { seq } => write!(f, "entry {seq} stands under another member, record or time"),
            Breach::Gone { seq } => write!(f, "entry {seq} is gone"),
            Breach::OtherRoot { size } => {
                write!(f, "the first {size} entries are not those that were signed")
            }
            Breach::NotSigned { size } => {
                write!(f, "the head of {size} entries was not signed with this key")
            }
            Breach::CutOff { entries, size } => {
                write!(f, "there are {entries} entries where {size} were signed: cut off or rolled back")
            }
            Breach::Unsigned { entries, size } => {
                write!(f, "there are {entries} entries, but the last signed head has {size}")
            }
            Breach::Tail => f.write_str("the row of the tail does not fit the entries"),
            Breach::Witness { line } => write!(f, "line {line} of the witness file is no head"),
        }
    }
}

/// What an entry says of itself: member, object and moment.
fn filed(row: &audit_entry::Model) -> bool {
    let Ok(entry) = serde_json::from_slice::<serde_json::Value>(&row.entry) else { return false };
    let text =
        |name: &str| entry.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let id = |bytes: &Option<Vec<u8>>| match bytes.as_deref().map(<[u8; 16]>::try_from) {
        Some(Ok(bytes)) => super::entry::uuid(u128::from_be_bytes(bytes)),
        _ => String::new(),
    };
    text("member") == id(&row.member)
        && text("organisation") == id(&row.organisation)
        && text("object") == id(&row.object)
        && text("at") == Instant(row.at).to_string()
}

impl Auditor {
    /// Hashes the whole trail anew. `Ok(Err(..))` lists what does not fit.
    pub async fn verify(
        &self,
        connection: &impl ConnectionTrait,
        witness: Option<&Path>,
    ) -> Result<std::result::Result<Verified, Vec<Breach>>> {
        let mut breaches = Vec::new();
        let mut heads: BTreeMap<u64, Vec<Head>> = BTreeMap::new();
        let rows = audit_head::Entity::find().order_by_asc(audit_head::Column::Size).all(connection).await?;
        for row in rows {
            let root = Digest(row.root.try_into().unwrap_or_default());
            let head = Head { size: row.size as u64, root, at: Instant(row.at), signature: row.signature };
            heads.entry(head.size).or_default().push(head);
        }
        let last = heads.last_entry().and_then(|entry| entry.get().first().cloned());
        if let Some(path) = witness {
            let failed = |error| StoreError::Audit(format!("witness `{}`: {error}", path.display()));
            for (line, text) in (1..).zip(std::fs::read_to_string(path).map_err(failed)?.lines()) {
                match Head::parse(text) {
                    Some(head) => heads.entry(head.size).or_default().push(head),
                    None => breaches.push(Breach::Witness { line }),
                }
            }
        }
        for head in heads.values().flatten().filter(|head| !self.signed(head)) {
            breaches.push(Breach::NotSigned { size: head.size });
        }
        let tree = hash_anew(connection, &heads, &mut breaches).await?;
        let entries = tree.size();
        let most = heads.last_key_value().map_or(0, |(size, _)| *size);
        if most > entries {
            breaches.push(Breach::CutOff { entries, size: most });
        }
        if last.as_ref().map_or(0, |head| head.size) < entries {
            breaches.push(Breach::Unsigned { entries, size: last.as_ref().map_or(0, |head| head.size) });
        }
        if !matches!(tail(connection).await, Ok(stored) if stored == tree) {
            breaches.push(Breach::Tail);
        }
        breaches.sort_unstable();
        breaches.dedup();
        let count = heads.values().map(Vec::len).sum::<usize>() as u64;
        Ok(if breaches.is_empty() {
            Ok(Verified { entries, head: last, heads: count })
        } else {
            Err(breaches)
        })
    }
}

async fn hash_anew(
    connection: &impl ConnectionTrait,
    heads: &BTreeMap<u64, Vec<Head>>,
    breaches: &mut Vec<Breach>,
) -> Result<Tree> {
    let mut tree = Tree::default();
    let mut after = 0;
    loop {
        let page = audit_entry::Entity::find()
            .filter(audit_entry::Column::Seq.gt(after))
            .order_by_asc(audit_entry::Column::Seq)
            .limit(PAGE)
            .all(connection)
            .await?;
        let Some(end) = page.last() else { return Ok(tree) };
        for row in &page {
            let seq = row.seq as u64;
            if row.seq != after + 1 {
                breaches.push(Breach::Gone { seq: after as u64 + 1 });
            }
            after = row.seq;
            let leaf = merkle::leaf(&row.entry);
            if leaf[..] != row.leaf[..] {
                breaches.push(Breach::Edited { seq });
            }
            if !filed(row) {
                breaches.push(Breach::Misfiled { seq });
            }
            tree.push(leaf);
            let size = tree.size();
            if heads.get(&size).is_some_and(|heads| heads.iter().any(|head| head.root.0 != tree.root())) {
                breaches.push(Breach::OtherRoot { size });
            }
        }
        after = end.seq;
    }
}
