//! Verification: the trail is hashed anew and held against every signed head, in the database and in the witness file. A
//! report of what was found; nothing is changed.

use super::{Auditor, Head, merkle, tail};
use crate::schema::{audit_entry, audit_head};
use crate::{Result, StoreError};
use aws_lc_rs::signature::{ED25519, KeyPair as _, UnparsedPublicKey};
use homeward_model::Instant;
use merkle::Tree;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use tokio::task::JoinSet;

/// Entries read at a time.
const PAGE: u64 = 2_000;

/// Breaches that are listed; a trail that was written anew breaks everywhere.
pub const MOST: usize = 1_000;

/// Pages of heads whose signatures are looked at while the walk goes on.
const AT_ONCE: usize = 4;

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

/// Whether an entry stands under what it says of itself: member, organisation, object, act, outcome and moment.
fn filed(row: &audit_entry::Model) -> bool {
    let Ok(entry) = serde_json::from_slice::<serde_json::Value>(&row.entry) else { return false };
    let text = |name: &str| entry.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    let id = |bytes: &Option<Vec<u8>>| match bytes.as_deref().map(<[u8; 16]>::try_from) {
        Some(Ok(bytes)) => super::entry::uuid(u128::from_be_bytes(bytes)),
        _ => String::new(),
    };
    text("member") == id(&row.member)
        && text("organisation") == id(&row.organisation)
        && text("object") == id(&row.object)
        && text("act") == row.act
        && text("outcome") == row.outcome
        && text("at") == Instant(row.at).to_string()
}

impl Auditor {
    /// Hashes the whole trail anew, a page at a time. `Ok(Err(..))` lists what does not fit, at most a thousand of it.
    pub async fn verify(
        &self,
        connection: &impl ConnectionTrait,
        witness: Option<&Path>,
    ) -> Result<std::result::Result<Verified, Vec<Breach>>> {
        let mut breaches = Breaches::default();
        let (loose, witnessed) = match witness {
            Some(path) => self.unmatched(connection, path, &mut breaches).await?,
            None => (BTreeMap::new(), 0),
        };
        let (tree, last, heads) = self.hash_anew(connection, &loose, &mut breaches).await?;
        let entries = tree.size();
        let signed = last.as_ref().map_or(0, |head| head.size);
        let most = loose.last_key_value().map_or(0, |(size, _)| *size).max(signed);
        if most > entries {
            breaches.add(Breach::CutOff { entries, size: most });
        }
        if signed < entries {
            breaches.add(Breach::Unsigned { entries, size: signed });
        }
        if !matches!(tail(connection).await, Ok(stored) if stored == tree) {
            breaches.add(Breach::Tail);
        }
        Ok(if breaches.0.is_empty() {
            Ok(Verified { entries, head: last, heads: heads + witnessed })
        } else {
            Err(breaches.0.into_iter().collect())
        })
    }

    /// Heads of the witness file that do not stand in the database as they are, by size; and how many lines it has. Those
    /// that do are held against the trail with those of the database.
    async fn unmatched(
        &self,
        connection: &impl ConnectionTrait,
        path: &Path,
        breaches: &mut Breaches,
    ) -> Result<(BTreeMap<u64, Vec<Head>>, u64)> {
        let failed = |error| StoreError::Audit(format!("witness `{}`: {error}", path.display()));
        let mut lines = BufReader::new(std::fs::File::open(path).map_err(failed)?).split(b'\n').zip(1..);
        let (mut loose, mut count) = (BTreeMap::<u64, Vec<Head>>::new(), 0);
        loop {
            let mut page = Vec::new();
            for (line, number) in lines.by_ref().take(PAGE as usize) {
                let line = line.map_err(failed)?;
                count += 1;
                match std::str::from_utf8(&line).ok().and_then(Head::parse) {
                    Some(head) => page.push(head),
                    None => breaches.add(Breach::Witness { line: number }),
                }
            }
            if page.is_empty() {
                return Ok((loose, count));
            }
            let sizes = page.iter().map(|head| head.size as i64);
            let rows = audit_head::Entity::find().filter(audit_head::Column::Size.is_in(sizes));
            let stored: HashMap<u64, Head> = rows
                .all(connection)
                .await?
                .into_iter()
                .map(Head::from)
                .map(|head| (head.size, head))
                .collect();
            for head in page.into_iter().filter(|head| stored.get(&head.size) != Some(head)) {
                if !self.signed(&head) {
                    breaches.add(Breach::NotSigned { size: head.size });
                }
                loose.entry(head.size).or_default().push(head);
            }
        }
    }

    /// Walks entries and heads side by side; other threads hold the signatures of the heads against the key.
    async fn hash_anew(
        &self,
        connection: &impl ConnectionTrait,
        loose: &BTreeMap<u64, Vec<Head>>,
        breaches: &mut Breaches,
    ) -> Result<(Tree, Option<Head>, u64)> {
        let (mut tree, mut after, mut count) = (Tree::default(), 0, 0);
        let (mut heads, mut last) = (VecDeque::<Head>::new(), None);
        let mut signatures = JoinSet::new();
        loop {
            let page = audit_entry::Entity::find()
                .filter(audit_entry::Column::Seq.gt(after))
                .order_by_asc(audit_entry::Column::Seq)
                .limit(PAGE)
                .all(connection)
                .await?;
            let end = page.last().map_or(i64::MAX, |row| row.seq);
            // Every head up to the end of the page. Heads are at most as many as entries, gaps aside.
            let bound = if page.is_empty() { i64::MAX } else { tree.size() as i64 + page.len() as i64 };
            loop {
                let seen = last.as_ref().map_or(i64::MIN, |head: &Head| head.size as i64);
                let rows = audit_head::Entity::find()
                    .filter(audit_head::Column::Size.gt(seen))
                    .filter(audit_head::Column::Size.lte(bound))
                    .order_by_asc(audit_head::Column::Size)
                    .limit(PAGE)
                    .all(connection)
                    .await?;
                let more = rows.len() as u64 == PAGE;
                let read: Vec<Head> = rows.into_iter().map(Head::from).collect();
                count += read.len() as u64;
                if let Some(head) = read.last() {
                    last = Some(head.clone());
                    // The first heads of a broken table may have no size; they meet no entry.
                    heads.extend(read.iter().filter(|head| head.size as i64 > 0).cloned());
                    let public = self.key.public_key().as_ref().to_vec();
                    signatures.spawn_blocking(move || unsigned(&public, &read));
                }
                while signatures.len() > AT_ONCE {
                    answered(signatures.join_next().await, breaches)?;
                }
                if !more {
                    break;
                }
                if page.is_empty() {
                    heads.clear();
                }
            }
            if page.is_empty() {
                break;
            }
            for row in &page {
                let seq = row.seq as u64;
                if row.seq != after + 1 {
                    breaches.add(Breach::Gone { seq: after as u64 + 1 });
                }
                after = row.seq;
                let leaf = merkle::leaf(&row.entry);
                if leaf[..] != row.leaf[..] {
                    breaches.add(Breach::Edited { seq });
                }
                if !filed(row) {
                    breaches.add(Breach::Misfiled { seq });
                }
                tree.push(leaf);
                let size = tree.size();
                let other = |head: &Head| head.root.0 != tree.root();
                let own = heads.pop_front_if(|head| head.size == size);
                if own.is_some_and(|head| other(&head))
                    || loose.get(&size).is_some_and(|all| all.iter().any(other))
                {
                    breaches.add(Breach::OtherRoot { size });
                }
            }
            after = end;
        }
        while let Some(answer) = signatures.join_next().await {
            answered(Some(answer), breaches)?;
        }
        Ok((tree, last, count))
    }
}

/// Sizes of the heads that were not signed with a key.
fn unsigned(public: &[u8], heads: &[Head]) -> Vec<u64> {
    let key = UnparsedPublicKey::new(&ED25519, public);
    let signed = |head: &&Head| key.verify(&head.message(), &head.signature).is_err();
    heads.iter().filter(signed).map(|head| head.size).collect()
}

fn answered(
    answer: Option<std::result::Result<Vec<u64>, tokio::task::JoinError>>,
    breaches: &mut Breaches,
) -> Result<()> {
    let sizes = answer.transpose().map_err(|error| StoreError::Audit(error.to_string()))?;
    sizes.unwrap_or_default().into_iter().for_each(|size| breaches.add(Breach::NotSigned { size }));
    Ok(())
}

/// What was found, in order and each once.
#[derive(Default)]
struct Breaches(BTreeSet<Breach>);

impl Breaches {
    fn add(&mut self, breach: Breach) {
        if self.0.len() < MOST {
            self.0.insert(breach);
        }
    }
}
