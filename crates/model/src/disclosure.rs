//! What a provider had to give away without the release of the person: because a court or a statute compelled it, or because
//! the abuse of a child must be reported (28 CFR 90.4(b)(3), 94.115(b); 34 U.S.C. 12291(b)(2)(C)). It is written down as such, and
//! opens nothing: what was given left on paper.

use crate::{AgencyId, Change, DisclosureId, Grounds, Instant, Refused, Stamp, VictimId};

/// Why it was given, and what must be kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisclosureTerms {
    /// A court or a statute compelled it: the least that it asks for was given.
    Compelled {
        /// The number of the order, or the statute.
        order: String,
        /// The court; who asked, by a statute.
        court: String,
        /// The date of the order.
        issued: Instant,
        /// What was given, and to whom.
        given: Grounds,
        /// What was done for the safety of the person.
        safety: Grounds,
    },
    /// Abuse was reported, as the law demands. What was reported is not repeated here.
    Reported {
        /// To whom.
        to: String,
        /// Who reported it.
        by: String,
    },
}

/// An attempt to tell the person what was given of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// Who tried, and when.
    pub stamp: Stamp,
    /// Whether the person was reached.
    pub reached: bool,
    /// How it went.
    pub said: Grounds,
}

/// One disclosure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// Its id.
    pub id: DisclosureId,
    /// The provider, behind whose wall it is written down.
    pub provider: AgencyId,
    /// About which victim, when it is one who is known here.
    pub victim: Option<VictimId>,
    /// What the provider calls the person.
    pub called: String,
    /// When it was given or reported.
    pub at: Instant,
    /// Why, and what must be kept of it.
    pub terms: DisclosureTerms,
    /// Who wrote it down, and when.
    pub recorded: Stamp,
    told: Vec<Telling>,
    withdrawn: Option<(Stamp, Grounds)>,
}

/// What changed about a disclosure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisclosureChange {
    /// It was written down.
    Recorded,
    /// Somebody tried to tell the person.
    Told(Telling),
    /// It was written down by mistake.
    Withdrawn(Grounds),
}

impl Disclosure {
    /// Most characters of a name, a court or an order.
    pub const LONGEST: usize = 200;

    /// A member writes it down, by when it happened at the latest.
    pub fn record(
        id: DisclosureId,
        provider: AgencyId,
        (victim, called): (Option<VictimId>, &str),
        at: Instant,
        terms: DisclosureTerms,
        stamp: Stamp,
    ) -> Result<(Disclosure, Change<DisclosureChange>), Refused> {
        let refuse = |because: String| Err(Refused::new("disclosure", because));
        let called = called.trim().to_owned();
        if called.is_empty() {
            return refuse("say what the person is called".to_owned());
        }
        if at > stamp.at {
            return refuse(format!("{at} has not come yet"));
        }
        let named = match &terms {
            DisclosureTerms::Compelled { order, court, issued, .. } => {
                if *issued > at {
                    return refuse("what was given was given before the order".to_owned());
                }
                [("the order", order), ("the court", court)]
            }
            DisclosureTerms::Reported { to, by } => [("to whom", to), ("who reported it", by)],
        };
        for (what, text) in named {
            if text.trim().is_empty() {
                return refuse(format!("say {what}"));
            }
        }
        for text in named.iter().map(|(_, text)| text.as_str()).chain([called.as_str()]) {
            if text.chars().count() > Disclosure::LONGEST {
                return refuse(format!("names have at most {} characters", Disclosure::LONGEST));
            }
        }
        let (told, withdrawn) = (Vec::new(), None);
        let recorded =
            Disclosure { id, provider, victim, called, at, terms, recorded: stamp, told, withdrawn };
        Ok((recorded, Change { stamp, what: DisclosureChange::Recorded }))
    }

    /// The disclosure as the store kept it.
    #[must_use]
    pub fn stored(self, told: Vec<Telling>, withdrawn: Option<(Stamp, Grounds)>) -> Disclosure {
        Disclosure { told, withdrawn, ..self }
    }

    /// Attempts to tell the person, first to last.
    pub fn told(&self) -> &[Telling] {
        &self.told
    }

    /// Who withdrew it as a mistake, when and why.
    pub const fn withdrawn(&self) -> Option<&(Stamp, Grounds)> {
        self.withdrawn.as_ref()
    }

    /// The word for where it stands. Of a report of abuse nobody must be told: that may be what endangers them.
    pub fn word(&self) -> &'static str {
        match (&self.withdrawn, &self.terms) {
            (Some(_), _) => "withdrawn",
            (None, DisclosureTerms::Reported { .. }) => "reported",
            (None, DisclosureTerms::Compelled { .. }) if self.told.iter().any(|one| one.reached) => "told",
            (None, DisclosureTerms::Compelled { .. }) => "not told",
        }
    }

    /// Somebody told the person what was given of them, or tried to.
    pub fn tell(
        mut self,
        reached: bool,
        said: Grounds,
        stamp: Stamp,
    ) -> Result<(Disclosure, Change<DisclosureChange>), Refused> {
        if self.withdrawn.is_some() || matches!(self.terms, DisclosureTerms::Reported { .. }) {
            return Err(Refused::new("telling", format!("it is {}: there is nothing to tell", self.word())));
        }
        let telling = Telling { stamp, reached, said };
        self.told.push(telling.clone());
        Ok((self, Change { stamp, what: DisclosureChange::Told(telling) }))
    }

    /// Withdraws it as a mistake; it stays where it is, marked.
    pub fn withdraw(
        self,
        grounds: Grounds,
        stamp: Stamp,
    ) -> Result<(Disclosure, Change<DisclosureChange>), Refused> {
        if self.withdrawn.is_some() {
            return Err(Refused::new("withdrawal of a disclosure", "it is withdrawn already"));
        }
        let what = DisclosureChange::Withdrawn(grounds.clone());
        Ok((Disclosure { withdrawn: Some((stamp, grounds)), ..self }, Change { stamp, what }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp};

    fn compelled(order: &str, issued: i64) -> DisclosureTerms {
        DisclosureTerms::Compelled {
            order: order.into(),
            court: "Superior Court, Example County".into(),
            issued: stamp(issued).at,
            given: grounds(),
            safety: grounds(),
        }
    }

    fn recorded(terms: DisclosureTerms) -> Result<Disclosure, Refused> {
        let whom = (Some(id(2)), "Rowan");
        Disclosure::record(id(1), id(3), whom, stamp(10).at, terms, stamp(20)).map(|(made, _)| made)
    }

    #[test]
    fn the_person_is_told_until_they_are_reached() {
        let order = recorded(compelled("26 CR 104", 5)).unwrap();
        assert_eq!(order.word(), "not told");
        let (order, _) = order.tell(false, grounds(), stamp(21)).unwrap();
        assert_eq!(order.word(), "not told");
        let (order, _) = order.tell(true, grounds(), stamp(22)).unwrap();
        assert_eq!((order.word(), order.told().len()), ("told", 2));
        let (order, _) = order.withdraw(grounds(), stamp(23)).unwrap();
        assert_eq!(order.word(), "withdrawn");
        assert!(order.clone().tell(true, grounds(), stamp(24)).is_err());
        assert!(order.withdraw(grounds(), stamp(24)).is_err());
    }

    #[test]
    fn what_must_be_kept_is_asked_for() {
        let check = |terms, because: &str| {
            assert_eq!(recorded(terms).unwrap_err().to_string(), format!("no disclosure: {because}"));
        };
        check(compelled(" ", 5), "say the order");
        check(compelled("26 CR 104", 11), "what was given was given before the order");
        let to = |to: &str, by: &str| DisclosureTerms::Reported { to: to.into(), by: by.into() };
        check(to("", "A. Exampleton"), "say to whom");
        check(to("the county", " "), "say who reported it");
        let report = recorded(to("the county", "A. Exampleton")).unwrap();
        assert_eq!(report.word(), "reported");
        assert!(report.tell(true, grounds(), stamp(22)).is_err());
    }
}
