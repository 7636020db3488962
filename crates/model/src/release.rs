//! Releases: the written, informed, time-limited and revocable consent of a victim, without which nothing that lies
//! behind a provider's wall leaves it (34 U.S.C. 12291(b)(2); 28 CFR 94.115).

use crate::words::words;
use crate::{
    AgeAt, AgencyId, Change, DateWindow, Digest, Grounds, IllegalMove, Instant, Refused, ReleaseId, Span,
    Stamp, VictimId,
};
use std::collections::BTreeMap;

words! {
    /// Records behind a provider's wall, each released by name. There is no "all".
    Walled {
        /// Notes of victim service.
        ServiceNote = "service note",
        /// Service plans, needs and safety plans.
        ServicePlan = "service plan",
        /// The provider's own record of the person.
        ProviderRecord = "provider record",
    }
}

/// Who signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signature {
    /// An adult victim.
    Adult,
    /// A minor together with a parent or guardian.
    MinorAndGuardian {
        /// The guardian's name.
        guardian: String,
        /// A member checked that the guardian is neither the abuser nor the abuser of the other parent.
        not_the_abuser: bool,
    },
    /// A minor alone, where the law lets the minor get the service alone.
    MinorAlone {
        /// That law.
        law: String,
    },
}

/// The terms of a release: from whom, to whom, what, why, until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseTerms {
    /// The victim.
    pub victim: VictimId,
    /// The provider that may open its records.
    pub provider: AgencyId,
    /// The agencies that may read them, each by name.
    pub receivers: Vec<AgencyId>,
    /// What they may read, each by name.
    pub covers: Vec<Walled>,
    /// What for.
    pub purpose: Grounds,
    /// From when until when.
    pub window: DateWindow,
    /// Where the signed paper is kept.
    pub kept: Option<Grounds>,
    /// The digest of the signed document, when it is a file.
    pub document: Option<Digest>,
    /// Whether the victim was told what it means, and that help does not depend on it.
    pub informed: bool,
    /// Who signed.
    pub signature: Signature,
}

/// A release.
#[derive(Clone, Debug, PartialEq)]
pub struct Release {
    /// Its id.
    pub id: ReleaseId,
    /// Who recorded it, and when.
    pub recorded: Stamp,
    terms: ReleaseTerms,
    revoked: Option<Stamp>,
}

/// What changed about a release.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a change is made, written down and dropped")]
pub enum ReleaseChange {
    /// It was recorded.
    Recorded(ReleaseTerms),
    /// It was revoked.
    Revoked,
}

impl Release {
    /// Records a release of a victim of this age at the time of signing. Refused when it is not written, informed and
    /// limited: to named receivers, to named kinds of records, and to `longest` at most (a number from rules); and when a
    /// minor's was signed as an adult's.
    pub fn record(
        id: ReleaseId,
        terms: ReleaseTerms,
        age: AgeAt,
        longest: Span,
        stamp: Stamp,
    ) -> Result<(Release, Change<ReleaseChange>), Refused> {
        let refuse = |because: &str| Err(Refused::new("release", because));
        if terms.receivers.is_empty() {
            return refuse("it names no receiver");
        }
        if terms.covers.is_empty() {
            return refuse("it names no kind of record");
        }
        let signed = terms.document.is_some_and(|document| document != Digest::default());
        if !signed && terms.kept.is_none() {
            return refuse("there is no signed document: say where the paper is kept, or name the file");
        }
        if !terms.informed {
            return refuse("the victim was not told what it means");
        }
        if terms.window.end() > terms.window.start().plus(longest) {
            return refuse(&format!("it runs longer than {longest}"));
        }
        match &terms.signature {
            Signature::Adult if age.may_be_child() => {
                return refuse("a minor signs with a parent or guardian, or alone by a law that lets them");
            }
            Signature::MinorAndGuardian { guardian, .. } if guardian.trim().is_empty() => {
                return refuse("it names no parent or guardian");
            }
            Signature::MinorAndGuardian { not_the_abuser: false, .. } => {
                return refuse("nobody checked that the guardian is not the abuser");
            }
            Signature::MinorAlone { law } if law.trim().is_empty() => {
                return refuse("it names no law by which the minor signs alone");
            }
            _ => {}
        }
        let change = Change { stamp, what: ReleaseChange::Recorded(terms.clone()) };
        Ok((Release { id, recorded: stamp, terms, revoked: None }, change))
    }

    /// A release as the store kept it.
    pub fn stored(id: ReleaseId, recorded: Stamp, terms: ReleaseTerms, revoked: Option<Stamp>) -> Release {
        Release { id, recorded, terms, revoked }
    }

    /// Its terms.
    pub const fn terms(&self) -> &ReleaseTerms {
        &self.terms
    }

    /// Who revoked it, and when.
    pub const fn revoked(&self) -> Option<Stamp> {
        self.revoked
    }

    /// Whether it stands at a moment: within its window and not revoked. Expiry needs no job to run.
    pub fn is_live(&self, at: Instant) -> bool {
        self.terms.window.contains(at) && self.revoked.is_none_or(|revoked| at < revoked.at)
    }

    /// From when until when it stands, cut at its revocation; none when it was revoked before it began.
    pub fn standing(&self) -> Option<DateWindow> {
        let end =
            self.revoked.map_or(self.terms.window.end(), |revoked| self.terms.window.end().min(revoked.at));
        DateWindow::new(self.terms.window.start(), end).ok()
    }

    /// Whether it lets members of an agency read a kind of record of a victim at a moment.
    pub fn opens(
        &self,
        victim: VictimId,
        provider: AgencyId,
        kind: Walled,
        receiver: AgencyId,
        at: Instant,
    ) -> bool {
        let ReleaseTerms { receivers, covers, .. } = &self.terms;
        self.is_live(at)
            && (self.terms.victim, self.terms.provider) == (victim, provider)
            && covers.contains(&kind)
            && receivers.contains(&receiver)
    }

    /// The victim takes it back; it works at once and for good.
    pub fn revoke(self, stamp: Stamp) -> Result<(Release, Change<ReleaseChange>), IllegalMove> {
        if self.revoked.is_some() {
            return Err(IllegalMove {
                noun: "a release",
                state: "revoked",
                refused: "be revoked",
                because: None,
                allowed: Vec::new(),
            });
        }
        Ok((Release { revoked: Some(stamp), ..self }, Change { stamp, what: ReleaseChange::Revoked }))
    }
}

/// The windows in which organisations may read a kind of record that a provider keeps of a victim, by all releases of that
/// victim: of two that begin at once for one organisation the longer counts.
pub fn opened<'a>(
    releases: impl IntoIterator<Item = &'a Release>,
    provider: AgencyId,
    kind: Walled,
) -> Vec<(AgencyId, DateWindow)> {
    let mut windows: BTreeMap<(AgencyId, Instant), DateWindow> = BTreeMap::new();
    for release in releases {
        let ReleaseTerms { receivers, covers, .. } = release.terms();
        let Some(window) = release.standing() else { continue };
        if release.terms.provider != provider || !covers.contains(&kind) {
            continue;
        }
        for receiver in receivers {
            let known = windows.entry((*receiver, window.start())).or_insert(window);
            if known.end() < window.end() {
                *known = window;
            }
        }
    }
    windows.into_iter().map(|((receiver, _), window)| (receiver, window)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{grounds, id, stamp};
    use proptest::prelude::*;

    fn terms() -> ReleaseTerms {
        ReleaseTerms {
            victim: id(1),
            provider: id(2),
            receivers: vec![id(3)],
            covers: vec![Walled::ServiceNote],
            purpose: grounds(),
            window: DateWindow::new(stamp(10).at, stamp(20).at).unwrap(),
            kept: None,
            document: Some(Digest::of(b"signed")),
            informed: true,
            signature: Signature::Adult,
        }
    }

    fn refused(change: impl FnOnce(&mut ReleaseTerms), because: &str) {
        let mut terms = terms();
        change(&mut terms);
        let error =
            Release::record(id(9), terms, AgeAt::Known(30), Span::days(1), stamp(5)).unwrap_err().to_string();
        assert_eq!(error, format!("no release: {because}"));
    }

    #[test]
    fn a_blanket_release_is_none() {
        refused(|terms| terms.receivers.clear(), "it names no receiver");
        refused(|terms| terms.covers.clear(), "it names no kind of record");
        let unsigned = "there is no signed document: say where the paper is kept, or name the file";
        refused(|terms| terms.document = None, unsigned);
        refused(|terms| terms.document = Some(Digest::default()), unsigned);
        refused(|terms| terms.informed = false, "the victim was not told what it means");
        let long = DateWindow::new(stamp(10).at, stamp(10 + 86_401).at).unwrap();
        refused(|terms| terms.window = long, "it runs longer than 1 days");
        let abuser = Signature::MinorAndGuardian { guardian: "a name".into(), not_the_abuser: false };
        refused(|terms| terms.signature = abuser, "nobody checked that the guardian is not the abuser");
        let alone = Signature::MinorAlone { law: String::new() };
        refused(|terms| terms.signature = alone, "it names no law by which the minor signs alone");
    }

    #[test]
    fn a_minor_does_not_sign_as_an_adult() {
        let record = |signature, age| {
            Release::record(id(9), ReleaseTerms { signature, ..terms() }, age, Span::days(1), stamp(5))
        };
        let error = record(Signature::Adult, AgeAt::UnknownPossiblyChild).unwrap_err().to_string();
        assert!(error.contains("a minor signs with a parent or guardian"), "{error}");
        let guardian =
            |name: &str| Signature::MinorAndGuardian { guardian: name.into(), not_the_abuser: true };
        assert!(record(guardian(" "), AgeAt::Known(15)).is_err());
        assert!(record(guardian("a name"), AgeAt::Known(15)).is_ok());
    }

    #[test]
    fn it_opens_what_it_names_while_it_stands() {
        let release = Release::record(id(9), terms(), AgeAt::Known(30), Span::days(1), stamp(5)).unwrap().0;
        let opens = |release: &Release, kind, receiver, second| {
            release.opens(id(1), id(2), kind, id(receiver), stamp(second).at)
        };
        assert!(opens(&release, Walled::ServiceNote, 3, 10));
        assert!(!opens(&release, Walled::ServiceNote, 3, 9) && !opens(&release, Walled::ServiceNote, 3, 20));
        assert!(
            !opens(&release, Walled::ProviderRecord, 3, 10) && !opens(&release, Walled::ServiceNote, 4, 10)
        );
        assert_eq!(release.standing(), Some(release.terms().window));
        let (early, _) = release.clone().revoke(stamp(9)).unwrap();
        assert_eq!(early.standing(), None);
        let (release, _) = release.revoke(stamp(15)).unwrap();
        assert_eq!(release.standing().map(DateWindow::end), Some(stamp(15).at));
        assert!(opens(&release, Walled::ServiceNote, 3, 14) && !opens(&release, Walled::ServiceNote, 3, 15));
        let refusal = release.revoke(stamp(16)).unwrap_err().to_string();
        assert_eq!(refusal, "a release that is revoked cannot be revoked; allowed: nothing");
    }

    proptest! {
        /// What the windows open is what some release opens, at every moment.
        #[test]
        fn windows_are_what_the_releases_say(
            made in proptest::collection::vec((2u128..4, 3u128..6, 0usize..3, 0i64..8, 1i64..8, 0i64..20), 0..6),
        ) {
            let releases: Vec<Release> = made
                .into_iter()
                .map(|(provider, receiver, kind, start, length, revoked)| {
                    let window = DateWindow::new(stamp(start).at, stamp(start + length).at).unwrap();
                    let covers = vec![Walled::ALL[kind]];
                    let (provider, receivers) = (id(provider), vec![id(receiver)]);
                    let terms = ReleaseTerms { provider, receivers, covers, window, ..terms() };
                    let release = Release::record(id(9), terms, AgeAt::Known(30), Span::days(1), stamp(0));
                    let release = release.unwrap().0;
                    if revoked < 16 { release.revoke(stamp(revoked)).unwrap().0 } else { release }
                })
                .collect();
            for kind in Walled::ALL {
                let windows = opened(&releases, id(2), *kind);
                for (receiver, second) in (3..6).flat_map(|receiver| (0..20).map(move |at| (receiver, at))) {
                    let (to, at) = (id(receiver), stamp(second).at);
                    prop_assert_eq!(
                        windows.iter().any(|(known, window)| *known == to && window.contains(at)),
                        releases.iter().any(|release| release.opens(id(1), id(2), *kind, to, at)),
                    );
                }
            }
        }
    }
}
