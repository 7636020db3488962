//! Judgements: a person's decision that two records are the same, not the same, or unsure. They are appended, never
//! overwritten, and each can be undone; groups of same records are a pure function of the list.
//!
//! Combination: of several judgements on one pair the latest that stands holds. *Same* is transitive; *not the same* and
//! *unsure* are not. A *not the same* inside one group is a contradiction, which is shown and never resolved by itself. Order
//! of arrival does not matter.

use crate::words::words;
use crate::{Change, Grounds, JudgementId, Refused, Stamp};
use std::collections::{BTreeMap, BTreeSet};

words! {
    /// What a person decided about two records.
    Verdict {
        /// The same.
        Same = "same",
        /// Not the same.
        NotSame = "not the same",
        /// Looked at, undecided.
        Unsure = "unsure",
    }
    /// What kind of record is judged.
    JudgedKind {
        /// A missing report.
        Report = "missing report",
        /// A posting.
        Posting = "posting",
        /// A network, by its smallest member.
        Network = "network",
        /// A person of the record.
        Person = "person",
    }
}

/// One record that is judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Judged {
    /// What kind it is.
    pub kind: JudgedKind,
    /// Its id.
    pub id: String,
}

/// One decision on one pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Its id.
    pub id: JudgementId,
    /// The smaller and the larger record.
    pair: (Judged, Judged),
    /// What was decided.
    pub verdict: Verdict,
    /// Why.
    pub grounds: Grounds,
    /// Who decided, and when.
    pub stamp: Stamp,
    undone: Option<Stamp>,
}

impl Judgement {
    /// A decision on two different records, in either order.
    pub fn new(
        id: JudgementId,
        (a, b): (Judged, Judged),
        verdict: Verdict,
        grounds: Grounds,
        stamp: Stamp,
    ) -> Result<Judgement, Refused> {
        if a == b {
            return Err(Refused::new("judgement", format!("`{}` is one record", a.id)));
        }
        let pair = if a < b { (a, b) } else { (b, a) };
        Ok(Judgement { id, pair, verdict, grounds, stamp, undone: None })
    }

    /// The judgement as the store kept it.
    #[must_use]
    pub fn stored(self, undone: Option<Stamp>) -> Judgement {
        Judgement { undone, ..self }
    }

    /// The smaller and the larger record.
    pub const fn pair(&self) -> &(Judged, Judged) {
        &self.pair
    }

    /// Who undid it, and when.
    pub const fn undone(&self) -> Option<Stamp> {
        self.undone
    }
}

/// What changed in the list of judgements.
#[derive(Clone, Debug, PartialEq)]
pub enum JudgementChange {
    /// One was appended.
    Judged(Judgement),
    /// One was undone.
    Undone(JudgementId, Grounds),
}

/// What the list says about two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody looked.
    Open,
    /// The same, by a judgement or through others.
    Same,
    /// Not the same: never offered again.
    NotSame,
    /// Looked at, undecided.
    Unsure,
    /// The same through others, and yet judged not the same.
    Contradicted,
}

/// All judgements, and what follows from those that stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgements(BTreeMap<JudgementId, Judgement>);

impl Judgements {
    /// The judgements as the store kept them.
    pub fn stored(judgements: impl IntoIterator<Item = Judgement>) -> Judgements {
        Judgements(judgements.into_iter().map(|judgement| (judgement.id, judgement)).collect())
    }

    /// Every judgement, undone ones too, by id.
    pub fn all(&self) -> impl Iterator<Item = &Judgement> {
        self.0.values()
    }

    /// Appends one; one that is there already changes nothing.
    #[must_use]
    pub fn append(mut self, judgement: Judgement) -> (Judgements, Option<Change<JudgementChange>>) {
        if self.0.contains_key(&judgement.id) {
            return (self, None);
        }
        let change = Change { stamp: judgement.stamp, what: JudgementChange::Judged(judgement.clone()) };
        self.0.insert(judgement.id, judgement);
        (self, Some(change))
    }

    /// Undoes one; what held before it holds again.
    pub fn undo(
        mut self,
        id: JudgementId,
        grounds: Grounds,
        stamp: Stamp,
    ) -> Result<(Judgements, Change<JudgementChange>), Refused> {
        let refuse = |because: &str| Err(Refused::new("undoing of a judgement", because));
        let Some(judgement) = self.0.get_mut(&id) else { return refuse("there is none of this id") };
        if judgement.undone.is_some() {
            return refuse("it is undone already");
        }
        judgement.undone = Some(stamp);
        Ok((self, Change { stamp, what: JudgementChange::Undone(id, grounds) }))
    }

    /// What follows from the judgements that stand.
    pub fn conclude(&self) -> Conclusions {
        let mut latest: BTreeMap<&(Judged, Judged), &Judgement> = BTreeMap::new();
        for judgement in self.0.values().filter(|judgement| judgement.undone.is_none()) {
            let held = latest.entry(&judgement.pair).or_insert(judgement);
            if (judgement.stamp.at, judgement.id) > (held.stamp.at, held.id) {
                *held = judgement;
            }
        }
        let mut group: BTreeMap<&Judged, &Judged> = BTreeMap::new();
        for (pair, judgement) in &latest {
            if judgement.verdict == Verdict::Same {
                let (a, b) = (root(&group, &pair.0), root(&group, &pair.1));
                group.insert(a.max(b), a.min(b));
            }
        }
        let members: BTreeSet<&Judged> = latest.keys().flat_map(|pair| [&pair.0, &pair.1]).collect();
        let named = |record: &Judged| root(&group, record).clone();
        let mut conclusions = Conclusions::default();
        for record in members {
            conclusions.group.insert(record.clone(), named(record));
        }
        for (pair, judgement) in latest {
            let (a, b) = (named(&pair.0), named(&pair.1));
            let groups = if a < b { (a, b) } else { (b, a) };
            match judgement.verdict {
                Verdict::Same => {}
                Verdict::NotSame if groups.0 == groups.1 => {
                    conclusions.contradictions.insert(pair.clone());
                }
                Verdict::NotSame => {
                    conclusions.apart.insert(groups, Verdict::NotSame);
                }
                Verdict::Unsure => {
                    conclusions.apart.entry(groups).or_insert(Verdict::Unsure);
                }
            }
        }
        conclusions
    }
}

/// The smallest member of a record's group. Groups are joined smaller-first, so the walk ends.
fn root<'a>(group: &BTreeMap<&'a Judged, &'a Judged>, record: &'a Judged) -> &'a Judged {
    let mut at = record;
    while let Some(next) = group.get(at).copied().filter(|next| *next != at) {
        at = next;
    }
    at
}

/// What follows from a list of judgements.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conclusions {
    /// Each judged record with the smallest member of its group.
    group: BTreeMap<Judged, Judged>,
    /// Pairs of groups that a judgement keeps apart, or left undecided.
    apart: BTreeMap<(Judged, Judged), Verdict>,
    /// Pairs judged not the same inside one group.
    contradictions: BTreeSet<(Judged, Judged)>,
}

impl Conclusions {
    /// The smallest member of the group of a record; the record itself when nobody judged it.
    pub fn group<'a>(&'a self, record: &'a Judged) -> &'a Judged {
        self.group.get(record).unwrap_or(record)
    }

    /// Pairs judged not the same that others make the same.
    pub fn contradictions(&self) -> impl Iterator<Item = &(Judged, Judged)> {
        self.contradictions.iter()
    }

    /// What the judgements say about two records.
    pub fn standing(&self, a: &Judged, b: &Judged) -> Standing {
        let pair = if a < b { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) };
        if self.contradictions.contains(&pair) {
            return Standing::Contradicted;
        }
        let (a, b) = (self.group(a), self.group(b));
        if a == b {
            return Standing::Same;
        }
        let groups = if a < b { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) };
        match self.apart.get(&groups) {
            Some(Verdict::NotSame) => Standing::NotSame,
            Some(_) => Standing::Unsure,
            None => Standing::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp};
    use proptest::prelude::*;

    fn record(name: u8) -> Judged {
        Judged { kind: JudgedKind::Posting, id: name.to_string() }
    }

    fn judgement(number: u128, a: u8, b: u8, verdict: Verdict) -> Judgement {
        let at = stamp(number as i64);
        Judgement::new(id(number), (record(a), record(b)), verdict, grounds(), at).unwrap()
    }

    fn check(list: &[(u8, u8, Verdict)], (a, b): (u8, u8), expected: Standing) {
        let list = (1..).zip(list).map(|(number, (a, b, verdict))| judgement(number, *a, *b, *verdict));
        assert_eq!(Judgements::stored(list).conclude().standing(&record(a), &record(b)), expected);
    }

    #[test]
    fn judgements_combine_by_the_written_rule() {
        use Verdict::{NotSame, Same, Unsure};
        check(&[], (1, 2), Standing::Open);
        check(&[], (1, 1), Standing::Same);
        check(&[(2, 1, Same)], (1, 2), Standing::Same);
        check(&[(1, 2, Same), (2, 3, Same)], (1, 3), Standing::Same);
        check(&[(1, 2, Same), (2, 3, NotSame)], (1, 3), Standing::NotSame);
        check(&[(1, 2, Same), (2, 3, Unsure)], (1, 3), Standing::Unsure);
        check(&[(1, 2, NotSame), (2, 3, NotSame)], (1, 3), Standing::Open);
        check(&[(1, 2, NotSame), (1, 2, Same)], (1, 2), Standing::Same);
        check(&[(1, 2, Same), (2, 3, Same), (1, 3, NotSame)], (1, 3), Standing::Contradicted);
        check(&[(1, 2, Same), (2, 3, Same), (1, 3, NotSame)], (1, 2), Standing::Same);
        assert!(Judgement::new(id(1), (record(1), record(1)), Same, grounds(), stamp(0)).is_err());
    }

    fn lists() -> impl Strategy<Value = Vec<Judgement>> {
        proptest::collection::vec((0u8..6, 1u8..6, 0usize..3), 0..14).prop_map(|list| {
            let number = |(number, (a, step, verdict)): (u128, (u8, u8, usize))| {
                judgement(number, a, (a + step) % 6, Verdict::ALL[verdict])
            };
            (1..).zip(list).map(number).collect()
        })
    }

    proptest! {
        #[test]
        fn order_of_arrival_does_not_matter(list in lists().prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle()))) {
            let append = |list: Vec<Judgement>| {
                list.into_iter().fold(Judgements::default(), |judgements, next| judgements.append(next).0)
            };
            prop_assert_eq!(append(list.0).conclude(), append(list.1).conclude());
        }

        #[test]
        fn undo_gives_back_what_held_before(list in lists(), a in 0u8..6, step in 1u8..6, verdict in 0usize..3) {
            let before = Judgements::stored(list);
            let last = judgement(1000, a, (a + step) % 6, Verdict::ALL[verdict]);
            let (after, change) = before.clone().append(last.clone());
            prop_assert!(change.is_some());
            let (undone, _) = after.clone().undo(last.id, grounds(), stamp(1001)).unwrap();
            prop_assert_eq!(undone.conclude().standing(&record(a), &record((a + step) % 6)),
                before.conclude().standing(&record(a), &record((a + step) % 6)));
            prop_assert_eq!(undone.all().count(), before.all().count() + 1);
            prop_assert!(undone.clone().undo(last.id, grounds(), stamp(1002)).is_err());
            prop_assert_eq!(undone.append(last).1, None);
        }

        /// A rejected match never returns: judged not the same and nothing since, the pair is never open again.
        #[test]
        fn a_rejected_pair_is_never_open_again(list in lists(), a in 0u8..6, step in 1u8..6, more in lists()) {
            let (a, b) = (record(a), record((a + step) % 6));
            let last = Judgement::new(id(1000), (a.clone(), b.clone()), Verdict::NotSame, grounds(), stamp(1000)).unwrap();
            let pair = last.pair().clone();
            let others = list.into_iter().chain(more.into_iter().map(|judgement| {
                let number = judgement.id.bits() + 2000;
                Judgement::new(id(number), judgement.pair.clone(), judgement.verdict, grounds(), stamp(number as i64)).unwrap()
            })).filter(|judgement| *judgement.pair() != pair);
            let all = Judgements::stored(others.chain([last.clone()]));
            let standing = all.conclude().standing(&a, &b);
            prop_assert!(matches!(standing, Standing::NotSame | Standing::Contradicted), "{:?}", standing);
        }

        #[test]
        fn standing_is_symmetric_and_same_is_an_equivalence(list in lists()) {
            let conclusions = Judgements::stored(list).conclude();
            let same = |a: &Judged, b: &Judged| conclusions.group(a) == conclusions.group(b);
            for a in 0..6 {
                for b in 0..6 {
                    let (a, b) = (record(a), record(b));
                    prop_assert_eq!(conclusions.standing(&a, &b), conclusions.standing(&b, &a));
                    for c in (0..6).map(record) {
                        prop_assert!(!(same(&a, &b) && same(&b, &c)) || same(&a, &c));
                    }
                }
            }
        }
    }
}
