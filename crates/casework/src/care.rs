//! Care: plans, notes and a provider's own records behind the wall, referrals into the network of services, and the releases
//! that alone let others read. No help waits for a release.

use crate::{Casework, Context, Done, Held, Listed, Page, Result, Revision, Trouble};
use homeward_access::{Kind, Purpose, PurposeKind};
use homeward_model::{
    AgencyId, Delivered, Disclosure, Grounds, MemberId, Need, NoteId, NoticeKind, PlanTerms, ProviderRecord,
    ProviderRecordId, ProviderTerms, Referral, ReferralAsks, ReferralId, Release, ReleaseId, ReleaseTerms,
    Role, ServiceNote, ServicePlan, ServicePlanId, VictimId, following,
};

/// What somebody may read of the care of one victim.
#[derive(Clone, Debug, Default)]
pub struct Care {
    /// Plans, of each organisation one.
    pub plans: Vec<Held<ServicePlan>>,
    /// Notes, newest first.
    pub notes: Vec<Held<ServiceNote>>,
    /// Referrals, newest first.
    pub referrals: Vec<Held<Referral>>,
    /// Releases, newest first.
    pub releases: Vec<Held<Release>>,
    /// Records of a provider, newest first.
    pub records: Vec<Held<ProviderRecord>>,
    /// What had to be given away without a release, newest first.
    pub disclosures: Vec<Held<Disclosure>>,
}

impl Care {
    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.plans.is_empty()
            && self.notes.is_empty()
            && self.referrals.is_empty()
            && self.releases.is_empty()
            && self.records.is_empty()
            && self.disclosures.is_empty()
    }
}

/// A change of a plan.
#[derive(Clone, Debug, PartialEq)]
pub enum PlanStep {
    /// Change what it says.
    Write(PlanTerms),
    /// A service was delivered, now.
    Deliver(Need),
    /// The victim agrees.
    Agree,
    /// Close it.
    Close(Grounds),
    /// Reopen it.
    Reopen(Grounds),
}

/// An answer to a referral.
#[derive(Clone, Debug, PartialEq)]
pub enum ReferralStep {
    /// Take it.
    Accept,
    /// Do not take it.
    Decline(Grounds),
    /// The service was delivered.
    Finish,
    /// Whoever made it takes it back.
    Revoke(Grounds),
}

impl Casework {
    /// What the actor may read of the care of a victim: all of it for those who serve them, and what a release covers for
    /// others. Whoever may read nothing finds nothing, not even that there is something.
    pub async fn care_of(&self, context: &Context<'_>, victim: VictimId) -> Result<Care> {
        let of = Listed { of: Some(victim.bits()), limit: 200, ..Listed::default() };
        let store = self.store();
        let (plans, notes, referrals, releases, records, disclosures) = tokio::join!(
            store.service_plans(context, &of),
            store.service_notes(context, &of),
            store.referrals(context, &of),
            store.releases(context, &of),
            store.provider_records(context, &of),
            store.disclosures(context, &of),
        );
        Ok(Care {
            plans: plans?.records,
            notes: notes?.records,
            referrals: referrals?.records,
            releases: releases?.records,
            records: records?.records,
            disclosures: disclosures?.records,
        })
    }

    /// One note. An attempt of somebody whom the wall keeps out is told to those behind it.
    pub async fn service_note(&self, context: &Context<'_>, id: NoteId) -> Result<Held<ServiceNote>> {
        let found = self.store().service_note(context, id).await.map_err(Trouble::from);
        self.watched(context, Kind::ServiceNote, id.bits(), found).await
    }

    /// One plan.
    pub async fn service_plan(&self, context: &Context<'_>, id: ServicePlanId) -> Result<Held<ServicePlan>> {
        let found = self.store().service_plan(context, id).await.map_err(Trouble::from);
        self.watched(context, Kind::ServicePlan, id.bits(), found).await
    }

    /// One record of a provider.
    pub async fn provider_record(
        &self,
        context: &Context<'_>,
        id: ProviderRecordId,
    ) -> Result<Held<ProviderRecord>> {
        let found = self.store().provider_record(context, id).await.map_err(Trouble::from);
        self.watched(context, Kind::ProviderRecord, id.bits(), found).await
    }

    /// Tells the provider, and nobody of the agency, that somebody tried its wall: once for each member and record.
    pub(crate) async fn watched<T>(
        &self,
        context: &Context<'_>,
        kind: Kind,
        id: u128,
        found: Result<T>,
    ) -> Result<T> {
        if let Err(Trouble::Missing { .. }) = found
            && let Some(owner) = self.store().behind_wall_of(kind, id).await?
        {
            let who = self.who(context.now).await?;
            let behind = who.members_of(owner, &[Role::ServicePartner, Role::VictimSpecialist]);
            let to = behind.into_iter().map(|member| (member.id, owner)).collect();
            let cause = following(id, context.actor.member.bits(), "the wall was tried");
            let noun = if kind == Kind::ServiceNote { "note" } else { kind.word() };
            self.tell(context, cause, NoticeKind::WallTried, noun, NoteId::from_bits(id), to).await?;
        }
        found
    }

    /// Writes a note about a victim whom the actor serves.
    pub async fn write_service_note(
        &self,
        context: &Context<'_>,
        id: NoteId,
        victim: VictimId,
        text: Grounds,
        corrects: Option<NoteId>,
    ) -> Result<Held<ServiceNote>> {
        let made = self.store().write_service_note(context, id, victim, text, corrects).await;
        self.watched(context, Kind::ServiceNote, id.bits(), made.map_err(Trouble::from)).await
    }

    /// Drafts the plan of the actor's organisation for a victim whom they serve.
    pub async fn draft_service_plan(
        &self,
        context: &Context<'_>,
        id: ServicePlanId,
        victim: VictimId,
        terms: PlanTerms,
    ) -> Result<Held<ServicePlan>> {
        let made = self.store().draft_service_plan(context, id, victim, terms).await;
        self.watched(context, Kind::ServicePlan, id.bits(), made.map_err(Trouble::from)).await
    }

    /// Changes a plan.
    pub async fn change_service_plan(
        &self,
        context: &Context<'_>,
        id: ServicePlanId,
        revision: Revision,
        step: PlanStep,
    ) -> Result<Held<ServicePlan>> {
        let store = self.store();
        Ok(match step {
            PlanStep::Write(terms) => store.write_service_plan(context, id, revision, terms).await?,
            PlanStep::Deliver(need) => {
                let delivered = Delivered { need, at: context.now, referral: None };
                store.deliver_service(context, id, revision, delivered).await?
            }
            PlanStep::Agree => store.agree_service_plan(context, id, revision).await?,
            PlanStep::Close(grounds) => store.close_service_plan(context, id, revision, grounds).await?,
            PlanStep::Reopen(grounds) => store.reopen_service_plan(context, id, revision, grounds).await?,
        })
    }

    /// Refers a victim to a provider, whose partners are told.
    pub async fn make_referral(
        &self,
        context: &Context<'_>,
        id: ReferralId,
        victim: VictimId,
        provider: AgencyId,
        asks: ReferralAsks,
    ) -> Result<Done<Held<Referral>>> {
        let who = self.who(context.now).await?;
        if !who.providers().iter().any(|known| known.id == provider) {
            return Err(Trouble::invalid("choose a provider that takes part"));
        }
        let record = self.store().make_referral(context, id, victim, provider, asks).await?;
        let partners = who.members_of(provider, &[Role::ServicePartner]).into_iter();
        let to = partners.map(|member| (member.id, provider)).collect();
        let told = self.tell(context, id.bits(), NoticeKind::ReferralMade, "referral", id, to).await?;
        Ok(Done { record, told })
    }

    /// Answers a referral, or takes it back; the other side is told.
    pub async fn answer_referral(
        &self,
        context: &Context<'_>,
        id: ReferralId,
        revision: Revision,
        step: ReferralStep,
    ) -> Result<Done<Held<Referral>>> {
        let store = self.store();
        let taken_back = matches!(step, ReferralStep::Revoke(_));
        let record = match step {
            ReferralStep::Accept => store.accept_referral(context, id, revision).await?,
            ReferralStep::Decline(grounds) => store.decline_referral(context, id, revision, grounds).await?,
            ReferralStep::Finish => store.finish_referral(context, id, revision).await?,
            ReferralStep::Revoke(grounds) => store.revoke_referral(context, id, revision, grounds).await?,
        };
        let to: Vec<(MemberId, AgencyId)> = if taken_back {
            let (who, provider) = (self.who(context.now).await?, record.noun.provider);
            let partners = who.members_of(provider, &[Role::ServicePartner]);
            partners.into_iter().map(|member| (member.id, provider)).collect()
        } else {
            record.resource.assigned.iter().map(|member| (*member, record.resource.owner)).collect()
        };
        let told =
            self.tell(context, revision.request, NoticeKind::ReferralAnswered, "referral", id, to).await?;
        Ok(Done { record, told })
    }

    /// Referrals that the actor may see, newest first.
    pub async fn referrals(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Referral>> {
        Ok(self.store().referrals(context, listed).await?)
    }

    /// One referral.
    pub async fn referral(&self, context: &Context<'_>, id: ReferralId) -> Result<Held<Referral>> {
        Ok(self.store().referral(context, id).await?)
    }

    /// Records a release of what the actor's organisation keeps of a victim whom they serve. Receivers are agencies that take
    /// part.
    pub async fn record_release(
        &self,
        context: &Context<'_>,
        id: ReleaseId,
        terms: ReleaseTerms,
    ) -> Result<Held<Release>> {
        let who = self.who(context.now).await?;
        let active = |id: &AgencyId| who.known_agency(*id).is_some_and(|agency| agency.active);
        if !terms.receivers.iter().all(active) {
            return Err(Trouble::invalid("every receiver is an agency that takes part"));
        }
        Ok(self.store().record_release(context, id, terms).await?)
    }

    /// The victim takes a release back.
    pub async fn revoke_release(
        &self,
        context: &Context<'_>,
        id: ReleaseId,
        revision: Revision,
    ) -> Result<Held<Release>> {
        Ok(self.store().revoke_release(context, id, revision).await?)
    }

    /// One release.
    pub async fn release(&self, context: &Context<'_>, id: ReleaseId) -> Result<Held<Release>> {
        Ok(self.store().release(context, id).await?)
    }

    /// Records of the actor's organisation, or released to it, newest first.
    pub async fn provider_records(
        &self,
        context: &Context<'_>,
        listed: &Listed,
    ) -> Result<Page<ProviderRecord>> {
        Ok(self.store().provider_records(context, listed).await?)
    }

    /// A provider begins a record of a person whom it serves.
    pub async fn begin_provider_record(
        &self,
        context: &Context<'_>,
        id: ProviderRecordId,
        victim: Option<VictimId>,
        terms: ProviderTerms,
    ) -> Result<Held<ProviderRecord>> {
        let made = self.store().begin_provider_record(context, id, victim, terms).await;
        self.watched(context, Kind::ProviderRecord, id.bits(), made.map_err(Trouble::from)).await
    }

    /// Writes such a record anew.
    pub async fn write_provider_record(
        &self,
        context: &Context<'_>,
        id: ProviderRecordId,
        revision: Revision,
        terms: ProviderTerms,
    ) -> Result<Held<ProviderRecord>> {
        Ok(self.store().write_provider_record(context, id, revision, terms).await?)
    }
}

/// What care is for.
pub(crate) fn for_service() -> Purpose {
    Purpose::of(PurposeKind::VictimService)
}
