//! Exhibits of a case and their custody. A chain is only ever added to, and has neither gap nor overlap: whoever gives an
//! exhibit away is the one who holds it, and whoever takes it takes it at that moment, as it was.

use crate::{Authority, Digest, Instant, Refused, Stamp};

/// By what an exhibit is known again. The file itself is never kept here: it stays in the evidence store of the agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A file, by its hash and size.
    File {
        /// SHA-256 of its bytes.
        digest: Digest,
        /// How many bytes.
        bytes: u64,
    },
    /// A thing, by the number of its seal.
    Seal(String),
}

impl Mark {
    /// A mark that marks something.
    pub fn checked(self) -> Result<Mark, Refused> {
        match &self {
            Mark::File { digest, .. } if *digest == Digest::default() => {
                Err(Refused::new("exhibit", "the hash of the file is missing"))
            }
            Mark::Seal(number) if number.trim().is_empty() => {
                Err(Refused::new("exhibit", "give the hash of the file or the number of the seal"))
            }
            _ => Ok(self),
        }
    }

    /// How this mark differs from the one that was expected.
    fn differs(&self, expected: &Mark) -> Option<String> {
        match (self, expected) {
            (found, expected) if found == expected => None,
            (Mark::File { digest, .. }, Mark::File { digest: known, .. }) if digest != known => {
                Some(format!("its hash is {} and was {}", digest.hex(), known.hex()))
            }
            (Mark::File { bytes, .. }, Mark::File { bytes: known, .. }) => {
                Some(format!("it has {bytes} bytes and had {known}"))
            }
            (Mark::Seal(number), Mark::Seal(known)) => Some(format!("its seal is {number} and was {known}")),
            (Mark::Seal(_), Mark::File { .. }) => Some("it is a file: give its hash".to_owned()),
            (Mark::File { .. }, Mark::Seal(_)) => {
                Some("it is sealed: give the number of the seal".to_owned())
            }
        }
    }
}

/// How an exhibit was collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// When collecting began.
    pub start: Instant,
    /// When it ended; not before the start.
    pub end: Instant,
    /// Who collected it, and so holds it first.
    pub performer: String,
    /// On what authority.
    pub authority: Authority,
    /// The warrant, consent or agreement, or the account that was open to everybody.
    pub basis: String,
}

/// An exhibit as somebody enters it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewExhibit {
    /// What it is.
    pub description: String,
    /// By what it is known again.
    pub mark: Mark,
    /// How it was collected.
    pub collected: Collection,
}

/// One hop of the chain: from one holder to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Who gave it.
    pub from: String,
    /// Who took it.
    pub to: String,
    /// When it was given.
    pub given: Instant,
    /// When it was taken; the same moment.
    pub taken: Instant,
    /// What for.
    pub purpose: String,
    /// The mark as the taker found it.
    pub found: Mark,
    /// The new seal, when the taker opened the old one.
    pub resealed: Option<String>,
}

/// An exhibit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exhibit {
    /// Its number in the case, from 1.
    pub number: u32,
    /// What it is, by what it is known again, how it was collected.
    pub what: NewExhibit,
    /// Who entered it, and when.
    pub entered: Stamp,
    chain: Vec<(Transfer, Stamp)>,
}

/// A text that says something, of at most so many characters.
pub(crate) fn told(what: &'static str, field: &str, text: &str, most: usize) -> Result<(), Refused> {
    match text.trim().chars().count() {
        0 => Err(Refused::new(what, format!("{field} is empty"))),
        count if count > most => {
            Err(Refused::new(what, format!("{field} has {count} characters, at most {most}")))
        }
        _ => Ok(()),
    }
}

impl Exhibit {
    /// An exhibit that was collected before it is entered.
    pub fn enter(number: u32, what: NewExhibit, entered: Stamp) -> Result<Exhibit, Refused> {
        const WHAT: &str = "exhibit";
        let Collection { start, end, performer, basis, .. } = &what.collected;
        told(WHAT, "the description", &what.description, 500)?;
        told(WHAT, "who collected it", performer, 200)?;
        told(WHAT, "what the authority rests on", basis, 500)?;
        if end < start {
            return Err(Refused::new(
                WHAT,
                format!("collecting it ended at {end}, before it began at {start}"),
            ));
        }
        if *end > entered.at {
            return Err(Refused::new(WHAT, "it was collected in the future"));
        }
        let mark = what.mark.checked()?;
        Ok(Exhibit { number, what: NewExhibit { mark, ..what }, entered, chain: Vec::new() })
    }

    /// An exhibit as the store kept it. Its chain is held to the same rules as when it was made.
    pub fn stored(self, chain: Vec<(Transfer, Stamp)>) -> Result<Exhibit, Refused> {
        chain.into_iter().try_fold(self, |exhibit, (transfer, stamp)| exhibit.hand_over(transfer, stamp))
    }

    /// The hops, first to last, each with who recorded it.
    pub fn chain(&self) -> &[(Transfer, Stamp)] {
        &self.chain
    }

    /// Who holds it, and since when.
    pub fn holder(&self) -> (&str, Instant) {
        match self.chain.last() {
            Some((hop, _)) => (&hop.to, hop.taken),
            None => (&self.what.collected.performer, self.what.collected.end),
        }
    }

    /// By what it is known again now: its hash, or the seal that it bears since it was last opened.
    pub fn mark(&self) -> Mark {
        let resealed = self.chain.iter().rev().find_map(|(hop, _)| hop.resealed.clone());
        resealed.map_or_else(|| self.what.mark.clone(), Mark::Seal)
    }

    /// Adds a hop to the chain. Refused by name: a gap or an overlap in holder or time, and a mark that is not the same.
    pub fn hand_over(mut self, hop: Transfer, stamp: Stamp) -> Result<Exhibit, Refused> {
        let refuse = |because: String| Err(Refused::new("transfer", because));
        for (field, text, most) in
            [("the giver", &hop.from, 200), ("the taker", &hop.to, 200), ("the purpose", &hop.purpose, 500)]
        {
            told("transfer", field, text, most)?;
        }
        let number = self.number;
        let (holder, since) = self.holder();
        let Transfer { from, given, taken, .. } = &hop;
        if holder != from {
            return refuse(format!("gap in holder: exhibit {number} is held by {holder}, not by {from}"));
        }
        if *given < since {
            return refuse(format!(
                "overlap in time: {holder} holds exhibit {number} since {since} and cannot give it at {given}"
            ));
        }
        if taken < given {
            return refuse(format!(
                "overlap in time: exhibit {number} was taken at {taken}, before it was given at {given}"
            ));
        }
        if taken > given {
            return refuse(format!(
                "gap in time: nobody holds exhibit {number} from {given} to {taken}; who carried it is a holder"
            ));
        }
        if hop.to == hop.from {
            return refuse(format!("overlap in holder: {from} gives exhibit {number} to themselves"));
        }
        if *taken > stamp.at {
            return refuse("it lies in the future".to_owned());
        }
        if let Some(difference) = hop.found.differs(&self.mark()) {
            return refuse(format!("exhibit {number} is not as it was: {difference}"));
        }
        match (&hop.resealed, &hop.found) {
            (Some(_), Mark::File { .. }) => return refuse("a file bears no seal".to_owned()),
            (Some(seal), Mark::Seal(_)) => told("transfer", "the new seal", seal, 100)?,
            (None, _) => {}
        }
        self.chain.push((hop, stamp));
        Ok(self)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::testing::stamp;
    use proptest::prelude::*;

    /// A file that Ines collected from second 10 to 20, entered at 30.
    pub(crate) fn new_exhibit() -> NewExhibit {
        let collected = Collection {
            start: stamp(10).at,
            end: stamp(20).at,
            performer: "Ines".into(),
            authority: Authority::LegalProcess,
            basis: "warrant 19-MJ-1".into(),
        };
        let mark = Mark::File { digest: Digest::of(b"page"), bytes: 4 };
        NewExhibit { description: "captured page".into(), mark, collected }
    }

    pub(crate) fn hop(from: &str, to: &str, second: i64) -> Transfer {
        Transfer {
            from: from.into(),
            to: to.into(),
            given: stamp(second).at,
            taken: stamp(second).at,
            purpose: "storage".into(),
            found: Mark::File { digest: Digest::of(b"page"), bytes: 4 },
            resealed: None,
        }
    }

    fn exhibit() -> Exhibit {
        Exhibit::enter(1, new_exhibit(), stamp(30)).unwrap()
    }

    #[test]
    fn a_chain_has_neither_gap_nor_overlap() {
        let held = exhibit().hand_over(hop("Ines", "evidence room", 40), stamp(100)).unwrap();
        assert_eq!(held.holder(), ("evidence room", stamp(40).at));
        let check = |change: &dyn Fn(&mut Transfer), because: &str| {
            let mut next = hop("evidence room", "laboratory", 50);
            change(&mut next);
            let refused = held.clone().hand_over(next, stamp(100)).unwrap_err().to_string();
            assert!(refused.contains(because), "{refused}");
        };
        check(
            &|hop| hop.from = "Ines".into(),
            "gap in holder: exhibit 1 is held by evidence room, not by Ines",
        );
        check(&|hop| hop.given = stamp(39).at, "overlap in time: evidence room holds exhibit 1 since");
        check(&|hop| hop.taken = stamp(49).at, "overlap in time: exhibit 1 was taken at");
        check(&|hop| hop.taken = stamp(51).at, "gap in time: nobody holds exhibit 1 from");
        check(&|hop| hop.to = "evidence room".into(), "overlap in holder");
        check(&|hop| hop.purpose = " ".into(), "the purpose is empty");
        check(&|hop| (hop.given, hop.taken) = (stamp(200).at, stamp(200).at), "it lies in the future");
        let other = Mark::File { digest: Digest::of(b"another"), bytes: 4 };
        check(&|hop| hop.found = other.clone(), "exhibit 1 is not as it was: its hash is");
        check(&|hop| hop.found = Mark::Seal("S-1".into()), "it is a file: give its hash");
        let longer = Mark::File { digest: Digest::of(b"page"), bytes: 5 };
        check(&|hop| hop.found = longer.clone(), "it has 5 bytes and had 4");
        check(&|hop| hop.resealed = Some("S-2".into()), "a file bears no seal");
    }

    #[test]
    fn an_opened_seal_is_replaced_by_a_new_one() {
        let phone = NewExhibit { mark: Mark::Seal("S-1".into()), ..new_exhibit() };
        let phone = Exhibit::enter(2, phone, stamp(30)).unwrap();
        let found = |seal: &str, from: &str, to: &str, second| Transfer {
            found: Mark::Seal(seal.into()),
            ..hop(from, to, second)
        };
        let opened = Transfer { resealed: Some("S-2".into()), ..found("S-1", "Ines", "laboratory", 40) };
        let phone = phone.hand_over(opened, stamp(100)).unwrap();
        let late = phone.clone().hand_over(found("S-1", "laboratory", "court", 50), stamp(100)).unwrap_err();
        assert!(late.to_string().contains("its seal is S-1 and was S-2"), "{late}");
        assert!(phone.hand_over(found("S-2", "laboratory", "court", 50), stamp(100)).is_ok());
    }

    #[test]
    fn an_exhibit_says_how_it_was_collected() {
        let check = |change: &dyn Fn(&mut NewExhibit), because: &str| {
            let mut new = new_exhibit();
            change(&mut new);
            let refused = Exhibit::enter(1, new, stamp(30)).unwrap_err().to_string();
            assert!(refused.contains(because), "{refused}");
        };
        check(&|new| new.description = " ".into(), "the description is empty");
        check(&|new| new.collected.performer = String::new(), "who collected it is empty");
        check(&|new| new.collected.end = stamp(9).at, "before it began");
        check(&|new| new.collected.end = stamp(31).at, "in the future");
        check(
            &|new| new.mark = Mark::File { digest: Digest::default(), bytes: 1 },
            "the hash of the file is missing",
        );
        check(&|new| new.mark = Mark::Seal(" ".into()), "the number of the seal");
    }

    proptest! {
        /// Whatever is tried, every hop that stands follows from the one before it, and the store's reading agrees.
        #[test]
        fn every_chain_that_stands_is_whole(
            steps in proptest::collection::vec((0usize..3, 0usize..3, 15i64..60, -1i64..2), 0..40),
        ) {
            let people = ["Ines", "evidence room", "laboratory"];
            let mut exhibit = exhibit();
            for (from, to, second, slip) in steps {
                let taken = stamp(second + slip).at;
                let next = Transfer { taken, ..hop(people[from], people[to], second) };
                if let Ok(held) = exhibit.clone().hand_over(next, stamp(100)) {
                    exhibit = held;
                }
            }
            let (mut holder, mut since) = ("Ines", stamp(20).at);
            for (hop, _) in exhibit.chain() {
                prop_assert!(hop.from == holder && hop.given >= since && hop.given == hop.taken);
                (holder, since) = (&hop.to, hop.taken);
            }
            let chain = exhibit.chain().to_vec();
            let again = Exhibit::enter(1, new_exhibit(), stamp(30)).unwrap().stored(chain);
            prop_assert_eq!(again, Ok(exhibit.clone()));
        }
    }
}
