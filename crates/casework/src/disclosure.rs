//! What had to be given away without a release, and the record that a provider keeps of its own confidentiality: every release,
//! every disclosure, every attempt on its wall; and the figures that may leave it.

use crate::written::Problems;
use crate::{Casework, Context, Count, Held, Listed, Result, Revision, Trouble};
use homeward_access::Kind;
use homeward_model::{
    Disclosure, DisclosureId, DisclosureTerms, Grounds, Instant, NoticeKind, Notification, Release, Role,
    VictimId,
};

/// What had to be given away, as somebody types it.
#[derive(Clone, Debug, Default)]
pub struct WrittenDisclosure {
    /// Id of the victim, when it is one who is known here.
    pub victim: String,
    /// What the person is called.
    pub called: String,
    /// When it was given or reported; empty: now.
    pub at: String,
    /// `compelled release` or `mandatory report`.
    pub kind: String,
    /// The number of the order, or the statute.
    pub order: String,
    /// The court; by a statute, who asked.
    pub court: String,
    /// The date of the order.
    pub issued: String,
    /// What was given, and to whom.
    pub given: String,
    /// What was done for the safety of the person.
    pub safety: String,
    /// To whom abuse was reported.
    pub to: String,
    /// Who reported it.
    pub by: String,
}

/// A disclosure that was read: about whom, what they are called, when, and why.
type Read = (Option<VictimId>, String, Instant, DisclosureTerms);

impl WrittenDisclosure {
    /// The kinds, in words.
    pub const KINDS: [&'static str; 2] = ["compelled release", "mandatory report"];

    fn read(&self, now: Instant) -> Result<Read> {
        let mut problems = Problems::default();
        let victim = problems.word("victim", &self.victim, |text| text.parse().ok());
        let called = problems.text("called", &self.called, Disclosure::LONGEST);
        let at = problems.moment("at", &self.at).unwrap_or(now);
        let terms = if self.kind == WrittenDisclosure::KINDS[0] {
            let (order, court) = (self.order.trim().to_owned(), self.court.trim().to_owned());
            let issued = problems.moment("issued", &self.issued);
            let grounds = [("given", &self.given), ("safety", &self.safety)].map(|(name, text)| {
                let grounds = Grounds::new(text).ok();
                if grounds.is_none() {
                    problems.note(format!("`{name}`: say what, in 1 to {} characters", Grounds::MOST));
                }
                grounds
            });
            if issued.is_none() {
                problems.note("`issued`: say the date of the order");
            }
            match (issued, grounds) {
                (Some(issued), [Some(given), Some(safety)]) => {
                    Some(DisclosureTerms::Compelled { order, court, issued, given, safety })
                }
                _ => None,
            }
        } else if self.kind == WrittenDisclosure::KINDS[1] {
            let (to, by) = (self.to.trim().to_owned(), self.by.trim().to_owned());
            Some(DisclosureTerms::Reported { to, by })
        } else {
            problems.note(format!("`kind` is one of {}", WrittenDisclosure::KINDS.join(", ")));
            None
        };
        let read = problems.or((victim, called, at))?;
        let terms = terms.ok_or_else(|| Trouble::invalid("say what was given, and why"))?;
        Ok((read.0, read.1, read.2, terms))
    }
}

/// What a provider shows of how it kept the confidence of the people it serves.
#[derive(Clone, Debug, Default)]
pub struct Compliance {
    /// Releases, newest first.
    pub releases: Vec<Held<Release>>,
    /// Disclosures without a release, newest first.
    pub disclosures: Vec<Held<Disclosure>>,
    /// Attempts to open what lies behind the wall, as they were told to the actor, newest first.
    pub attempts: Vec<Held<Notification>>,
    /// Referrals to the organisation, by state.
    pub referrals: Vec<Count>,
    /// How many records of people it keeps.
    pub kept: u64,
}

impl Casework {
    /// Writes down what the actor's organisation had to give away of somebody whom it serves.
    pub async fn record_disclosure(
        &self,
        context: &Context<'_>,
        id: DisclosureId,
        written: &WrittenDisclosure,
    ) -> Result<Held<Disclosure>> {
        let (victim, called, at, terms) = written.read(context.now)?;
        Ok(self.store().record_disclosure(context, id, (victim, &called), at, terms).await?)
    }

    /// Keeps that the person was told what was given of them, or that somebody tried.
    pub async fn tell_of_disclosure(
        &self,
        context: &Context<'_>,
        id: DisclosureId,
        revision: Revision,
        (reached, said): (bool, Grounds),
    ) -> Result<Held<Disclosure>> {
        Ok(self.store().tell_of_disclosure(context, id, revision, (reached, said)).await?)
    }

    /// Withdraws one that was written down by mistake.
    pub async fn withdraw_disclosure(
        &self,
        context: &Context<'_>,
        id: DisclosureId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Disclosure>> {
        Ok(self.store().withdraw_disclosure(context, id, revision, grounds).await?)
    }

    /// One disclosure. An attempt of somebody whom the wall keeps out is told to those behind it.
    pub async fn disclosure(&self, context: &Context<'_>, id: DisclosureId) -> Result<Held<Disclosure>> {
        let found = self.store().disclosure(context, id).await.map_err(Trouble::from);
        self.watched(context, Kind::Disclosure, id.bits(), found).await
    }

    /// The record of confidentiality, as far as the actor keeps it: all of it for a partner of the provider, their own for a
    /// victim specialist, and nothing for anybody else.
    pub async fn compliance(&self, context: &Context<'_>) -> Result<Compliance> {
        let has = |role| context.actor.roles.has(role);
        if !(has(Role::ServicePartner) || has(Role::VictimSpecialist)) {
            return Err(Trouble::Missing { noun: "record of confidentiality" });
        }
        let own = Listed { owner: Some(context.actor.organisation), limit: 500, ..Listed::default() };
        let referred = Listed { referred: Some(context.actor.organisation), limit: 500, ..Listed::default() };
        let all = Listed { limit: 500, ..Listed::default() };
        let store = self.store();
        let (releases, disclosures, attempts, referrals) = tokio::join!(
            store.releases(context, &own),
            store.disclosures(context, &own),
            self.notices(context, &all),
            store.count_referrals(context, &referred),
        );
        let kept = if has(Role::ServicePartner) {
            store.count_provider_records(context, &own).await?.iter().map(|count| count.count).sum()
        } else {
            0
        };
        let mut attempts = attempts?.records;
        attempts.retain(|held| held.noun.kind == NoticeKind::WallTried);
        attempts.sort_by_key(|held| std::cmp::Reverse(held.noun.made));
        let (releases, disclosures) = (releases?.records, disclosures?.records);
        Ok(Compliance { releases, disclosures, attempts, referrals: referrals?, kept })
    }
}
