//! The demo's care: a child recovered yesterday, with a specialist, a clock, a plan and two referrals; and an adult who waits
//! for a specialist. Nobody in it is real.

use crate::demo_record::{Cast, grounds, revision};
use crate::now;
use crate::record::random;
use anyhow::Result;
use homeward_access::{Purpose, PurposeKind};
use homeward_casework::{Casework, Context, ReferralStep, WrittenVictim};
use homeward_model::{
    Instant, Need, NoteId, PlanTerms, ProviderRecordId, ProviderTerms, RecoveryFactId, RecoveryKind,
    RecoveryStep, ReferralAsks, ReferralId, ServicePlanId, Span, VictimId,
};

/// So many hours ago.
fn ago(hours: u32) -> Instant {
    now().minus(Span::hours(hours))
}

/// Makes it.
pub async fn care(casework: &Casework, cast: &Cast) -> Result<()> {
    let (seeking, serving) =
        (Purpose::of(PurposeKind::Investigation), Purpose::of(PurposeKind::VictimService));
    let act = |account: &str| -> Result<Context<'_>> {
        Ok(Context { actor: cast.of(account)?, purpose: &seeking, from: "demo", now: now() })
    };
    let serve = |account: &str| -> Result<Context<'_>> { Ok(Context { purpose: &serving, ..act(account)? }) };
    let child = VictimId::new(now(), random()?);
    let written = WrittenVictim {
        called: "Avery Sampleton".to_owned(),
        met_at: ago(30).to_string(),
        age: "15".to_owned(),
        specialist: cast.of("specialist")?.member.to_string(),
        ..WrittenVictim::default()
    };
    casework.record_victim(&act("investigator")?, child, &written).await?;
    for (kind, hours, evidence) in [
        (RecoveryKind::Identified, 31, "named by the school, by a photograph of this year"),
        (RecoveryKind::Recovered, 30, "taken to the desk by two members"),
    ] {
        let fact = RecoveryFactId::new(now(), random()?);
        let happened = (kind, Some(ago(hours)));
        casework.record_recovery(&act("investigator")?, fact, child, happened, grounds(evidence)?).await?;
    }
    for (seen, step, hours) in
        [(3, RecoveryStep::Specialist, 30), (4, RecoveryStep::SafePlace, 27), (5, RecoveryStep::Medical, 10)]
    {
        casework.recovery_step(&act("specialist")?, child, revision(seen)?, (step, Some(ago(hours)))).await?;
    }
    let terms = PlanTerms {
        needs: vec![Need::Shelter, Need::Medical, Need::Legal, Need::Education],
        safety: "An aunt in the next county is safe to call. No contact by the old telephone.".to_owned(),
    };
    let plan = ServicePlanId::new(now(), random()?);
    casework.draft_service_plan(&serve("specialist")?, plan, child, terms).await?;
    let note = grounds("Wants to go back to the same school. Asked for a phone of her own.")?;
    casework
        .write_service_note(&serve("specialist")?, NoteId::new(now(), random()?), child, note, None)
        .await?;
    for (account, need, says, taken) in [
        ("partner", Need::Shelter, "A bed from tonight, on the ground floor.", true),
        ("law-partner", Need::Legal, "An advocate for the interview this week.", false),
    ] {
        let (id, provider) = (ReferralId::new(now(), random()?), cast.of(account)?.organisation);
        let asks = ReferralAsks { need, called: "Avery".to_owned(), says: grounds(says)? };
        casework.make_referral(&serve("specialist")?, id, child, provider, asks).await?;
        if taken {
            casework.answer_referral(&serve(account)?, id, revision(1)?, ReferralStep::Accept).await?;
            let terms =
                ProviderTerms { client: "A.".to_owned(), text: grounds("Room 4. Sleeps with a light on.")? };
            let record = ProviderRecordId::new(now(), random()?);
            casework.begin_provider_record(&serve(account)?, record, Some(child), terms).await?;
        }
    }
    let adult = WrittenVictim {
        called: "Jordan".to_owned(),
        age: "adult".to_owned(),
        without: "both specialists are at another event until noon".to_owned(),
        ..WrittenVictim::default()
    };
    casework.record_victim(&act("investigator")?, VictimId::new(now(), random()?), &adult).await?;
    Ok(())
}
