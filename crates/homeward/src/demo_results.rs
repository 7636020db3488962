//! The demo's provider directory and results: invented providers, and a month that was frozen beside one that is open.

use crate::demo_record::Cast;
use crate::now;
use crate::record::{outside, random};
use anyhow::{Result, bail};
use homeward_access::{Purpose, PurposeKind};
use homeward_casework::{Casework, Context, Revision, WrittenCount, WrittenResult};
use homeward_directory::read_json;
use homeward_model::{InitiativeId, Instant, PeriodId, PersonId, ResultId};

/// Providers that nobody will find.
const SERVICES: &str = include_str!("demo_services.json");

/// Takes the directory in; what it says of free beds is of an hour ago.
pub async fn services(casework: &Casework) -> Result<()> {
    let text = SERVICES.replace("UPDATED", &now().plus_days(-0.04).to_string());
    let (listings, refusals) = read_json(&text, "demo").map_err(anyhow::Error::msg)?;
    if let Some(refusal) = refusals.first() {
        bail!("the demo's directory: {}: {}", refusal.what, refusal.because);
    }
    casework.take_listings(outside(), "demo", listings).await?;
    Ok(())
}

/// What was reached by office: kind, office, state, how many last month and this month.
const REACHED: &[(&str, &str, &str, usize, usize)] = &[
    ("child recovered", "Charlotte", "NC", 3, 1),
    ("child recovered", "Houston", "TX", 4, 2),
    ("child identified", "Charlotte", "NC", 1, 1),
    ("child located", "Atlanta", "GA", 2, 0),
    ("adult assisted", "Houston", "TX", 2, 1),
    ("arrest", "Charlotte", "NC", 2, 1),
    ("arrest", "Houston", "TX", 3, 0),
    ("case opened", "Houston", "TX", 2, 1),
];

/// Claims of the desk, confirmed by its supervisor but for the last, in a frozen month and an open one.
pub async fn results(casework: &Casework, cast: &Cast, initiative: InitiativeId) -> Result<()> {
    let purpose = Purpose::of(PurposeKind::Results);
    let (officer, supervisor) = (cast.of("records")?, cast.of("desk-supervisor")?);
    let officer = Context { actor: officer, purpose: &purpose, from: "demo", now: now() };
    let supervisor = Context { actor: supervisor, ..officer };
    let (last, this) = (now().plus_days(-35.0), now().plus_days(-2.0));
    for (kind, office, state, before, lately) in REACHED {
        let days = std::iter::repeat_n(last, *before).chain(std::iter::repeat_n(this, *lately));
        for day in days {
            claim(casework, [&officer, &supervisor], [kind, office, state], day).await?;
        }
    }
    // One waits for somebody to confirm it.
    let waiting = written(["child recovered", "Atlanta", "GA"], this);
    casework.claim_results(&officer, vec![waiting.read(ResultId::from_bits(random()?))?]).await?;
    together(casework, cast, initiative, this).await?;
    let day = |days: f64| now().plus_days(days).date();
    for (name, from, until, freeze) in
        [("Last month", day(-45.0), day(-20.0), true), ("This month", day(-20.0), day(10.0), false)]
    {
        let id = PeriodId::from_bits(random()?);
        let window = WrittenCount { from, until, ..WrittenCount::default() };
        // Counted at a moment after the last claim: nothing is recorded at the moment at which a period is fixed.
        let officer = Context { now: now(), ..officer };
        casework.open_period(&officer, id, name.to_owned(), &window).await?;
        if freeze {
            let revision = Revision { seen: 1, request: random()? };
            casework.freeze_period(&officer, id, revision).await?;
        }
    }
    Ok(())
}

/// What Westhaven claims in the initiative of Eastfield: a child whom the desk claims too, confirmed, and an arrest that waits.
async fn together(casework: &Casework, cast: &Cast, initiative: InitiativeId, day: Instant) -> Result<()> {
    let purpose = Purpose::of(PurposeKind::Results);
    let act = |account| -> Result<Context<'_>> {
        Ok(Context { actor: cast.of(account)?, purpose: &purpose, from: "demo", now: now() })
    };
    let child = PersonId::from_bits(random()?).to_string();
    let of = |what, of: &str| WrittenResult {
        of: of.to_owned(),
        initiative: initiative.to_string(),
        ..written(what, day)
    };
    let recovered = ["child recovered", "Houston", "TX"];
    for (officer, supervisor) in [("records", "desk-supervisor"), ("west-records", "west-supervisor")] {
        let id = ResultId::from_bits(random()?);
        casework.claim_results(&act(officer)?, vec![of(recovered, &child).read(id)?]).await?;
        let revision = Revision { seen: 1, request: random()? };
        casework.confirm_result(&act(supervisor)?, id, revision).await?;
    }
    let arrest = of(["arrest", "Houston", "TX"], "");
    casework.claim_results(&act("west-records")?, vec![arrest.read(ResultId::from_bits(random()?))?]).await?;
    Ok(())
}

fn written([kind, office, state]: [&str; 3], day: Instant) -> WrittenResult {
    WrittenResult {
        kind: kind.to_owned(),
        happened: day.date(),
        office: office.to_owned(),
        state: state.to_owned(),
        ..WrittenResult::default()
    }
}

async fn claim(
    casework: &Casework,
    [officer, supervisor]: [&Context<'_>; 2],
    what: [&str; 3],
    day: Instant,
) -> Result<()> {
    let id = ResultId::from_bits(random()?);
    casework.claim_results(officer, vec![written(what, day).read(id)?]).await?;
    let revision = Revision { seen: 1, request: random()? };
    casework.confirm_result(supervisor, id, revision).await?;
    Ok(())
}
