//! Cases. One is opened by an act of its own, on a predicate of its own: of the lead that it is promoted from it knows the id,
//! and the lead's history says that it was.

use crate::body::Body;
use crate::fact_result;
use crate::record::{self, Held, Noun, Revision};
use crate::{Context, Count, Listed, Page, Result, Store};
use homeward_access::{Act, Kind, Resource};
use homeward_model::{
    AgeAt, Case, CaseDisposition, CaseEntry, CaseId, Charged, Grounds, Instant, Lead, LeadId, Matter,
    MemberId, PersonId, Predicate,
};

/// What a case is opened on.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCase {
    /// Its id.
    pub id: CaseId,
    /// The lead it is promoted from.
    pub lead: Option<LeadId>,
    /// What it is about.
    pub matter: Matter,
    /// The crime, by its section of law.
    pub crime: String,
    /// The facts.
    pub facts: Grounds,
}

impl Store {
    /// A member opens a case on a predicate of theirs. Promoted from a lead, both are changed or neither.
    pub async fn open_case(&self, context: &Context<'_>, new: NewCase) -> Result<Held<Case>> {
        let mut write = self.write(context).await?;
        let done = async {
            let stamp = write.stamp()?;
            let predicate = Predicate::new(&new.crime, new.facts, stamp)?;
            let owner = context.actor.organisation;
            let (case, change) = Case::open(new.id, owner, new.lead, new.matter, predicate, stamp);
            let mut resource = Resource::owned(Kind::Case, owner);
            if let Some(lead) = new.lead {
                let there = record::there(write.find::<Lead>(lead.bits()).await)?;
                // The case's id is the request: the same promotion again finds it done.
                let seen = there.map_or(0, |held| held.version);
                let revision = Revision { seen, request: new.id.bits() };
                let step = |lead: Lead, stamp| Ok(lead.promote(new.id, stamp)?);
                let from = write.alter(Act::PromoteLead, lead.bits(), revision, step).await?;
                resource.compartment = from.resource.compartment;
                resource.sealed = from.resource.sealed;
            }
            case.place(&mut resource);
            let held = write.create(Act::OpenCase, case, resource, &change.what.write()).await?;
            if held.version == 1 {
                fact_result::opened(&mut write, &held).await?;
            }
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// One case.
    pub async fn case(&self, context: &Context<'_>, id: CaseId) -> Result<Held<Case>> {
        self.view(context, Act::View, id.bits()).await
    }

    /// Cases that the actor may see, newest first.
    pub async fn cases(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Case>> {
        self.list(context, listed).await
    }

    /// How many cases the actor may see, by state.
    pub async fn count_cases(&self, context: &Context<'_>, listed: &Listed) -> Result<Vec<Count>> {
        self.counts::<Case>(context, listed).await
    }

    /// Accepts the predicate of a case that somebody else wrote, with the date of the certificate of who accepts it.
    pub async fn accept_predicate(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        certified: Instant,
    ) -> Result<Held<Case>> {
        let step = |case: Case, stamp| Ok(case.accept(certified, stamp)?);
        self.change(context, Act::AcceptPredicate, id.bits(), revision, step).await
    }

    /// Takes up the investigation.
    pub async fn take_up_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
    ) -> Result<Held<Case>> {
        let step = |case: Case, stamp| Ok(case.take_up(stamp)?);
        self.change(context, Act::WorkCase, id.bits(), revision, step).await
    }

    /// Gives a case to one more member, who may be of another agency: a prosecutor.
    pub async fn assign_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        to: MemberId,
    ) -> Result<Held<Case>> {
        let step = |case: Case, stamp| Ok(case.assign(to, stamp)?);
        self.change(context, Act::AssignCase, id.bits(), revision, step).await
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
        let step = |case: Case, stamp| Ok(case.unassign(from, grounds, stamp)?);
        self.change(context, Act::AssignCase, id.bits(), revision, step).await
    }

    /// Adds a subject by name and by the age at the time of the offence.
    pub async fn add_case_subject(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        (person, name): (PersonId, &str),
        age: AgeAt,
    ) -> Result<Held<Case>> {
        let step = |case: Case, stamp| Ok(case.add_subject(person, name, age, stamp)?);
        self.change(context, Act::WorkCase, id.bits(), revision, step).await
    }

    /// Records the age of a subject at the time of the offence as it was learnt later.
    pub async fn learn_case_age(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        person: PersonId,
        age: AgeAt,
    ) -> Result<Held<Case>> {
        let step = |case: Case, stamp| Ok(case.learn_age(person, age, stamp)?);
        self.change(context, Act::WorkCase, id.bits(), revision, step).await
    }

    /// Makes an entry in the file of a case. Who will charge it links evidence, sets tasks and writes notes, as who works it does.
    pub async fn enter_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        entry: CaseEntry,
    ) -> Result<Held<Case>> {
        let act = match entry {
            CaseEntry::EvidenceLinked(..)
            | CaseEntry::LinkWithdrawn(..)
            | CaseEntry::TaskSet(..)
            | CaseEntry::TaskDone(..)
            | CaseEntry::Noted(..) => Act::PrepareCase,
            _ => Act::WorkCase,
        };
        let step = |case: Case, stamp| Ok(case.enter(entry, stamp)?);
        self.change(context, act, id.bits(), revision, step).await
    }

    /// Records a charge.
    pub async fn charge_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        charged: Charged,
    ) -> Result<Held<Case>> {
        let step = |case: Case, stamp| Ok(case.charge(charged, stamp)?);
        self.change(context, Act::ChargeCase, id.bits(), revision, step).await
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
        let step = |case: Case, stamp| Ok(case.dispose(number, disposition, stamp)?);
        self.change(context, Act::ChargeCase, id.bits(), revision, step).await
    }

    /// Closes a case.
    pub async fn close_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Case>> {
        let step = |case: Case, stamp| Ok(case.close(grounds, stamp)?);
        self.change(context, Act::CloseCase, id.bits(), revision, step).await
    }

    /// Declines a case.
    pub async fn decline_case(
        &self,
        context: &Context<'_>,
        id: CaseId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Case>> {
        let step = |case: Case, stamp| Ok(case.decline(grounds, stamp)?);
        self.change(context, Act::CloseCase, id.bits(), revision, step).await
    }
}
