//! Cases: opened on a predicate, accepted by somebody else, worked in the file, charged, disposed and closed.

use crate::written::Problems;
use crate::written_case::{
    WrittenCase, WrittenCaseCount, WrittenCaseVictim, WrittenCharge, WrittenExhibit, WrittenLink,
    WrittenSubject, WrittenTask, WrittenTransfer,
};
use crate::{Casework, Context, Done, Held, Listed, Page, Result, Revision, Trouble};
use homeward_model::{
    Case, CaseDisposition, CaseEntry, CaseId, Grounds, LeadId, MemberId, NoticeKind, PersonId, Role,
    following,
};
use homeward_store::case::NewCase;
use homeward_store::history::Step;
use homeward_store::release_log::{Logged, Released};

/// The person that a request adds when it names none.
fn fresh(revision: Revision) -> PersonId {
    PersonId::from_bits(following(revision.request, 1, "person of a case"))
}

impl Casework {
    /// Cases that the actor may see, newest first.
    pub async fn cases(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Case>> {
        Ok(self.store().cases(context, listed).await?)
    }

    /// One case.
    pub async fn case(&self, context: &Context<'_>, id: CaseId) -> Result<Held<Case>> {
        Ok(self.store().case(context, id).await?)
    }

    /// What was done with a case, oldest first.
    pub async fn case_history(&self, context: &Context<'_>, id: CaseId) -> Result<Vec<Step>> {
        Ok(self.store().case_history(context, id).await?)
    }

    /// Opens a case on a predicate; promoted from a lead, the lead's history says so. Supervisors are told that it waits.
    pub async fn open_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        written: &WrittenCase,
    ) -> Result<Done<Held<Case>>> {
        let lead: Option<LeadId> = match written.lead.trim() {
            "" => None,
            lead => Some(lead.parse().map_err(|_| Trouble::Missing { noun: "lead" })?),
        };
        let (matter, facts) = (written.matter()?, written.facts()?);
        let new = NewCase { id, lead, matter, crime: written.crime.clone(), facts };
        let record = self.store().open_case(context, new).await?;
        let owner = record.resource.owner;
        let who = self.who(context.now).await?;
        let told =
            who.members_of(owner, &[Role::Supervisor]).into_iter().map(|member| (member.id, owner)).collect();
        let told = self.tell(context, id.bits(), NoticeKind::Predicate, "case", id, told).await?;
        Ok(Done { record, told })
    }

    /// Accepts the predicate of a case, with the date of the certificate of who accepts it. Its author is told.
    pub async fn accept_predicate(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        certified: &str,
    ) -> Result<Done<Held<Case>>> {
        let mut problems = Problems::default();
        let certified = problems.moment("certified", certified);
        let certified = problems.or(certified)?;
        let certified = certified.ok_or_else(|| {
            Trouble::invalid("`certified`: give the date of your certificate in 28 CFR part 23, YYYY-MM-DD")
        })?;
        let record = self.store().accept_predicate(context, id, revision, certified).await?;
        let told = vec![(record.noun.predicate.written.by, record.resource.owner)];
        let told = self.tell(context, revision.request, NoticeKind::Assigned, "case", id, told).await?;
        Ok(Done { record, told })
    }

    /// Takes up the investigation.
    pub async fn take_up_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
    ) -> Result<Held<Case>> {
        Ok(self.store().take_up_case(context, id, revision).await?)
    }

    /// Gives a case to one more member, who is told: an investigator of its agency, or a prosecutor of any.
    pub async fn assign_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        to: MemberId,
    ) -> Result<Done<Held<Case>>> {
        let who = self.who(context.now).await?;
        let member = who.known_member(to).filter(|member| member.active);
        let agency = context.actor.organisation;
        let fits = member.filter(|member| {
            member.roles.contains(&Role::Prosecutor)
                || (member.agency == agency && member.roles.contains(&Role::Investigator))
        });
        let Some(member) = fits else {
            return Err(Trouble::invalid("choose an active investigator of your agency, or a prosecutor"));
        };
        let record = self.store().assign_case(context, id, revision, to).await?;
        let told = vec![(to, member.agency)];
        let told = self.tell(context, revision.request, NoticeKind::Assigned, "case", id, told).await?;
        Ok(Done { record, told })
    }

    /// Takes a case from a member.
    pub async fn unassign_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        from: MemberId,
        grounds: Grounds,
    ) -> Result<Held<Case>> {
        Ok(self.store().unassign_case(context, id, revision, from, grounds).await?)
    }

    /// Adds a subject. Somebody who may have been a child is refused, with the law.
    pub async fn add_case_subject(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        written: &WrittenSubject,
    ) -> Result<Held<Case>> {
        let (person, age) = written.read(fresh(revision))?;
        Ok(self.store().add_case_subject(context, id, revision, (person, &written.name), age).await?)
    }

    /// Records the age of a subject that was learnt later; who may have been a child is a victim from then on.
    pub async fn learn_case_age(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        written: &WrittenSubject,
    ) -> Result<Held<Case>> {
        let (person, age) = written.read(fresh(revision))?;
        Ok(self.store().learn_case_age(context, id, revision, person, age).await?)
    }

    /// Adds a victim, by number.
    pub async fn add_case_victim(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        written: &WrittenCaseVictim,
    ) -> Result<Held<Case>> {
        let (person, victim, age) = written.read(fresh(revision))?;
        self.enter_case(context, id, revision, CaseEntry::VictimAdded(person, victim, age)).await
    }

    /// Records the age of a victim that was learnt later.
    pub async fn learn_victim_age(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        number: u32,
        written: &WrittenCaseVictim,
    ) -> Result<Held<Case>> {
        let (_, _, age) = written.read(fresh(revision))?;
        self.enter_case(context, id, revision, CaseEntry::VictimAgeLearned(number, age)).await
    }

    /// Alleges a count.
    pub async fn allege_count(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        written: &WrittenCaseCount,
    ) -> Result<Held<Case>> {
        self.enter_case(context, id, revision, CaseEntry::CountAlleged(written.read()?)).await
    }

    /// Enters an exhibit.
    pub async fn enter_exhibit(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        written: &WrittenExhibit,
    ) -> Result<Held<Case>> {
        self.enter_case(context, id, revision, CaseEntry::ExhibitEntered(written.read()?)).await
    }

    /// Records that an exhibit went from one holder to the next.
    pub async fn hand_over_exhibit(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        written: &WrittenTransfer,
    ) -> Result<Held<Case>> {
        let hop = written.read(&self.store().case(context, id).await?.noun)?;
        self.enter_case(context, id, revision, CaseEntry::HandedOver(written.exhibit, hop)).await
    }

    /// Links evidence to an element of a count.
    pub async fn link_evidence(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        written: &WrittenLink,
    ) -> Result<Held<Case>> {
        let shows = written.read(&self.store().case(context, id).await?.noun)?;
        self.enter_case(context, id, revision, CaseEntry::EvidenceLinked(shows)).await
    }

    /// Sets a task for a member, who is told.
    pub async fn set_task(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        written: &WrittenTask,
    ) -> Result<Done<Held<Case>>> {
        let (what, to, due) = written.read()?;
        let held = self.store().case(context, id).await?;
        if !held.noun.parts().team.contains(&to) {
            return Err(Trouble::invalid(
                "`to`: a task is for somebody who works the case: assign it to them first",
            ));
        }
        let record = self.enter_case(context, id, revision, CaseEntry::TaskSet(what, to, due)).await?;
        let who = self.who(context.now).await?;
        let agency = who.known_member(to).map_or(record.resource.owner, |member| member.agency);
        let told = vec![(to, agency)];
        let told = self.tell(context, revision.request, NoticeKind::Assigned, "case", id, told).await?;
        Ok(Done { record, told })
    }

    /// Makes an entry in the file that needs nothing read: a note, the end of a task, count or link.
    pub async fn enter_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        entry: CaseEntry,
    ) -> Result<Held<Case>> {
        Ok(self.store().enter_case(context, id, revision, entry).await?)
    }

    /// Records a charge; who works the case and its supervisors are told.
    pub async fn charge_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        written: &WrittenCharge,
    ) -> Result<Done<Held<Case>>> {
        let charged = written.read(&self.store().case(context, id).await?.noun)?;
        let record = self.store().charge_case(context, id, revision, charged).await?;
        let who = self.who(context.now).await?;
        let owner = record.resource.owner;
        let team = record.noun.parts().team.iter();
        let team =
            team.map(|member| (*member, who.known_member(*member).map_or(owner, |known| known.agency)));
        let directing =
            who.members_of(owner, &[Role::Supervisor]).into_iter().map(|member| (member.id, owner));
        let mut told: Vec<_> = team.chain(directing).collect();
        told.sort_unstable();
        told.dedup();
        let told = self.tell(context, revision.request, NoticeKind::Charged, "case", id, told).await?;
        Ok(Done { record, told })
    }

    /// Records how a charge ended.
    pub async fn dispose_charge(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        number: u32,
        disposition: CaseDisposition,
    ) -> Result<Held<Case>> {
        Ok(self.store().dispose_charge(context, id, revision, number, disposition).await?)
    }

    /// Closes a case.
    pub async fn close_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Case>> {
        Ok(self.store().close_case(context, id, revision, grounds).await?)
    }

    /// Declines a case.
    pub async fn decline_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Case>> {
        Ok(self.store().decline_case(context, id, revision, grounds).await?)
    }

    /// Releases a version of a case to another agency that takes part. It is in the log before it can be fetched.
    pub async fn release_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        seen: i64,
        released: Released,
    ) -> Result<Held<Case>> {
        let who = self.who(context.now).await?;
        if who.known_agency(released.receiver).is_none_or(|agency| !agency.active) {
            return Err(Trouble::invalid("there is no such agency that takes part"));
        }
        Ok(self.store().release_case(context, id, seen, released).await?)
    }

    /// Releases of a case, first to last.
    pub async fn case_releases(&self, context: &Context<'_>, id: CaseId) -> Result<Vec<Logged>> {
        Ok(self.store().case_releases(context, id).await?)
    }

    /// A case as it was released, last when no release is named.
    pub async fn released_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        release: Option<u128>,
    ) -> Result<(Held<Case>, Logged)> {
        Ok(self.store().released_case(context, id, release).await?)
    }
}
