//! Results: claims as people write them, figures with the facts behind them, and periods.

use crate::office::{office_id, office_named};
use crate::{Casework, Context, Done, Held, Listed, Page, Result, Revision, Step, Trouble};
use homeward_access::{Act, Kind, Purpose, PurposeKind, Resource};
use homeward_model::{
    By, CaseId, Count, Counted, CountedResult, DateWindow, Figures, Frozen, Grounds, InitiativeId, Instant,
    Judged, JudgedKind, Judgement, JudgementId, Ledger, Period, PeriodId, PersonId, Place, ResultId,
    ResultKind, Verdict, following,
};
use homeward_places::Places;
use homeward_store::countable::Countable;
use homeward_store::period::counts;
use homeward_store::result::Claim;
use std::sync::Arc;

/// A claim as somebody writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenResult {
    /// What is counted.
    pub kind: String,
    /// The id of the person, or of the case; empty for somebody whom nothing else in the record names.
    pub of: String,
    /// When it happened.
    pub happened: String,
    /// Name of the field office; may be empty.
    pub office: String,
    /// The state, by code or name; may be empty.
    pub state: String,
    /// The id of the initiative; may be empty.
    pub initiative: String,
}

fn named(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

impl WrittenResult {
    /// Reads it; says what must be mended.
    pub fn read(&self, id: ResultId) -> Result<Claim> {
        let kinds = || ResultKind::ALL.iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join(", ");
        let kind = ResultKind::parse(&self.kind)
            .ok_or_else(|| Trouble::invalid(format!("`kind` must be one of {}", kinds())))?;
        let fresh = following(id.bits(), 0, "of a result");
        let no_id = |_| Trouble::invalid("`of` must be a uuid: the id of a person, or of a case");
        let of = match (kind, named(&self.of)) {
            (ResultKind::CaseOpened, None) => Counted::Case(CaseId::from_bits(fresh)),
            (ResultKind::CaseOpened, Some(of)) => Counted::Case(of.parse().map_err(no_id)?),
            (_, None) => Counted::Person(PersonId::from_bits(fresh)),
            (_, Some(of)) => Counted::Person(of.parse().map_err(no_id)?),
        };
        let happened = moment("happened", &self.happened)?;
        Ok(Claim { id, kind, of, happened, place: self.place()? })
    }

    fn place(&self) -> Result<Place> {
        let office = named(&self.office).map(|office| {
            let id = office_id(office);
            office_named(id)
                .map(|_| id)
                .ok_or_else(|| Trouble::invalid(format!("`{office}` is no field office")))
        });
        let state = named(&self.state).map(|state| {
            let found = Places::embedded().state(state);
            found
                .map(|state| state.code.clone())
                .ok_or_else(|| Trouble::invalid(format!("`{state}` is no state")))
        });
        Ok(Place {
            office: office.transpose()?,
            state: state.transpose()?,
            initiative: initiative(&self.initiative)?,
        })
    }
}

fn moment(field: &str, text: &str) -> Result<Instant> {
    Instant::parse(text).ok_or_else(|| {
        Trouble::invalid(format!("`{field}` must be a date, YYYY-MM-DD, or a time as in RFC 3339"))
    })
}

fn initiative(text: &str) -> Result<Option<InitiativeId>> {
    let id = named(text).map(str::parse);
    id.transpose().map_err(|_| Trouble::invalid("`initiative` must be a uuid"))
}

/// What to count, as somebody writes it; an empty field does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenCount {
    /// As it was known at this moment; now when empty.
    pub as_of: String,
    /// Results that happened on this day or later.
    pub from: String,
    /// Results that happened earlier than this day.
    pub until: String,
    /// Only those of an initiative.
    pub initiative: String,
}

impl WrittenCount {
    /// Reads it.
    pub fn read(&self, now: Instant) -> Result<Count> {
        let given = |field, text: &str, absent| named(text).map_or(Ok(absent), |text| moment(field, text));
        let as_of = given("as_of", &self.as_of, now)?;
        if as_of > now {
            return Err(Trouble::invalid("`as_of` has not come yet"));
        }
        let window = window(&self.from, &self.until, now)?;
        Ok(Count { window, as_of, initiative: initiative(&self.initiative)? })
    }
}

/// From one day to before another; all there is where a day is not said.
fn window(from: &str, until: &str, now: Instant) -> Result<DateWindow> {
    let given = |field, text: &str, absent| named(text).map_or(Ok(absent), |text| moment(field, text));
    let start = given("from", from, Instant(0))?;
    let end = given("until", until, Instant(now.0 + 1))?;
    Ok(DateWindow::new(start, end)?)
}

/// A table of figures with what is to be known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct FiguresSeen {
    /// What was counted.
    pub count: Count,
    /// The figures.
    pub figures: Figures,
    /// Pairs of persons that people judged the same and yet not the same.
    pub contradictions: usize,
}

/// A period with its figures.
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodSeen {
    /// The period.
    pub period: Held<Period>,
    /// Its figures, as they are known now or as they were fixed.
    pub seen: FiguresSeen,
    /// The hash of the counted facts, as they are read now.
    pub counted: homeward_model::Digest,
    /// Whether what was fixed is what the facts give again; always so while it is open.
    pub regenerates: bool,
}

/// Which facts are opened: those of one figure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The kind; all when not said.
    pub kind: Option<ResultKind>,
    /// What the line is one of, and its key.
    pub line: Option<(By, String)>,
    /// A figure of a period, as it was fixed the so manyth time: what is counted is the period's then.
    pub period: Option<(PeriodId, Option<usize>)>,
}

/// A fact behind a figure: a person or case with the claims that it rests on, the one that gives it its place first.
#[derive(Clone, Debug, PartialEq)]
pub struct FactSeen {
    /// What is counted.
    pub kind: ResultKind,
    /// Who or which.
    pub of: Counted,
    /// The claims.
    pub claims: Vec<CountedResult>,
    /// Nobody confirmed it yet: it is not in the figure.
    pub waits: bool,
}

fn table(ledger: &Ledger<'_>, count: Count, by: By) -> FiguresSeen {
    FiguresSeen { count, figures: ledger.figures(by), contradictions: ledger.contradictions }
}

impl Casework {
    /// Claims results for the actor's agency.
    pub async fn claim_results(
        &self,
        context: &Context<'_>,
        claims: Vec<Claim>,
    ) -> Result<Done<Vec<Held<CountedResult>>>> {
        let record = self.store().claim_results(context, claims).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Confirms a claim of somebody else.
    pub async fn confirm_result(
        &self,
        context: &Context<'_>,
        id: ResultId,
        revision: Revision,
    ) -> Result<Done<Held<CountedResult>>> {
        let record = self.store().confirm_result(context, id, revision).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Withdraws a claim.
    pub async fn withdraw_result(
        &self,
        context: &Context<'_>,
        id: ResultId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Done<Held<CountedResult>>> {
        let record = self.store().withdraw_result(context, id, revision, grounds).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// One result.
    pub async fn result(&self, context: &Context<'_>, id: ResultId) -> Result<Held<CountedResult>> {
        Ok(self.store().result(context, id).await?)
    }

    /// What happened to a result.
    pub async fn result_history(&self, context: &Context<'_>, id: ResultId) -> Result<Vec<Step>> {
        Ok(self.store().result_history(context, id).await?)
    }

    /// Results that the actor may see, newest first.
    pub async fn results(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<CountedResult>> {
        Ok(self.store().results(context, listed).await?)
    }

    /// Claims of the actor's agency that wait for a second member, and that the actor may confirm.
    pub async fn claims_to_confirm(&self, context: &Context<'_>) -> Result<Vec<Held<CountedResult>>> {
        let purpose = Purpose::of(PurposeKind::Results);
        let context = &Context { purpose: &purpose, ..*context };
        let own = Resource::owned(Kind::Result, context.actor.organisation);
        if self.may(context, &own, &[Act::ConfirmResult]).is_empty() {
            return Ok(Vec::new());
        }
        let owner = Some(context.actor.organisation);
        let listed = Listed { states: vec!["claimed".to_owned()], owner, ..Listed::default() };
        let mut waiting = self.store().results(context, &listed).await?.records;
        waiting.retain(|held| held.noun.claimed.by != context.actor.member);
        Ok(waiting)
    }

    /// Figures over the results of the actor's organisation and those referred to it; of an initiative that it runs, also over
    /// those of the agencies in it.
    pub async fn figures(&self, context: &Context<'_>, count: Count, by: By) -> Result<FiguresSeen> {
        let countable = self.store().countable(context, count.initiative.is_some()).await?;
        Ok(table(&countable.ledger(&count), count, by))
    }

    /// The facts behind a figure, at most so many, in the order in which they are hashed, then those that wait; and how many
    /// there are. Opening them is in the trail.
    pub async fn facts(
        &self,
        context: &Context<'_>,
        count: Count,
        cell: &Cell,
        most: usize,
    ) -> Result<(usize, Vec<FactSeen>)> {
        let (countable, count) = match cell.period {
            Some((id, fixing)) => {
                let (period, countable, fixed) = self.period_as(context, id, fixing).await?;
                let as_of = fixed.map_or(context.now, |frozen| frozen.as_of);
                (countable, counts(&period.noun, as_of))
            }
            None => (self.store().countable(context, count.initiative.is_some()).await?, count),
        };
        let ledger = countable.ledger(&count);
        let within = |claims: &[&CountedResult]| {
            cell.line
                .as_ref()
                .is_none_or(|(by, key)| claims.first().is_some_and(|first| by.key(first) == *key))
        };
        let facts = ledger.facts.iter().map(|fact| (fact, false));
        let waiting = ledger.waiting.iter().map(|fact| (fact, true));
        let found: Vec<_> = facts
            .chain(waiting)
            .filter(|(fact, _)| cell.kind.is_none_or(|kind| kind == fact.kind) && within(&fact.claims))
            .collect();
        let seen: Vec<FactSeen> = found
            .iter()
            .take(most)
            .map(|(fact, waits)| FactSeen {
                kind: fact.kind,
                of: fact.of,
                claims: fact.claims.iter().copied().cloned().collect(),
                waits: *waits,
            })
            .collect();
        let shown: Vec<ResultId> =
            seen.iter().flat_map(|fact| fact.claims.iter().map(|claim| claim.id)).collect();
        self.store().show_results(context, &shown).await?;
        Ok((found.len(), seen))
    }

    /// A person judges that two persons of the record are one, or are not.
    pub async fn judge_persons(
        &self,
        context: &Context<'_>,
        id: JudgementId,
        (left, right): (PersonId, PersonId),
        verdict: Verdict,
        grounds: Grounds,
    ) -> Result<Done<Held<Judgement>>> {
        let judged = |person: PersonId| Judged { kind: JudgedKind::Person, id: person.to_string() };
        let pair = (judged(left), judged(right));
        let record = self.store().judge(context, id, pair, verdict, grounds).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Opens a period, from one day to before another.
    pub async fn open_period(
        &self,
        context: &Context<'_>,
        id: PeriodId,
        name: String,
        written: &WrittenCount,
    ) -> Result<Done<Held<Period>>> {
        if named(&written.from).is_none() || named(&written.until).is_none() {
            return Err(Trouble::invalid("a period needs `from` and `until`"));
        }
        let window = window(&written.from, &written.until, context.now)?;
        let initiative = initiative(&written.initiative)?;
        let record = self.store().open_period(context, id, name, window, initiative).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Fixes the figures of a period.
    pub async fn freeze_period(
        &self,
        context: &Context<'_>,
        id: PeriodId,
        revision: Revision,
    ) -> Result<Done<Held<Period>>> {
        let record = self.store().freeze_period(context, id, revision).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Corrects fixed figures.
    pub async fn amend_period(
        &self,
        context: &Context<'_>,
        id: PeriodId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Done<Held<Period>>> {
        let record = self.store().amend_period(context, id, revision, grounds).await?;
        Ok(Done { record, told: Vec::new() })
    }

    /// Periods that the actor may see, newest first.
    pub async fn periods(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Period>> {
        Ok(self.store().periods(context, listed).await?)
    }

    /// A period with its figures: as they were fixed the `fixing`th time (from 1), the last time when that is not said, or as
    /// they are known now while it is open.
    pub async fn period(
        &self,
        context: &Context<'_>,
        id: PeriodId,
        fixing: Option<usize>,
        by: By,
    ) -> Result<PeriodSeen> {
        let (period, countable, fixed) = self.period_as(context, id, fixing).await?;
        let as_of = fixed.as_ref().map_or(context.now, |frozen| frozen.as_of);
        let count = counts(&period.noun, as_of);
        let ledger = countable.ledger(&count);
        let counted = ledger.digest();
        let regenerates =
            fixed.is_none_or(|frozen| (frozen.counted, frozen.figures) == (counted, ledger.totals()));
        let seen = table(&ledger, count, by);
        Ok(PeriodSeen { period, seen, counted, regenerates })
    }

    /// A period with all that it counts, and how it was fixed that time.
    async fn period_as(
        &self,
        context: &Context<'_>,
        id: PeriodId,
        fixing: Option<usize>,
    ) -> Result<(Held<Period>, Arc<Countable>, Option<Frozen>)> {
        let (period, countable) = self.store().counted_period(context, id).await?;
        let fixings = period.noun.fixings();
        let fixed = match fixing {
            None => fixings.last(),
            Some(number) => Some(
                number
                    .checked_sub(1)
                    .and_then(|at| fixings.get(at))
                    .ok_or_else(|| Trouble::invalid(format!("it was fixed {} times", fixings.len())))?,
            ),
        };
        let fixed = fixed.map(|(frozen, _)| (*frozen).clone());
        Ok((period, countable, fixed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &WrittenResult, expected: &str) {
        let error = written.read(ResultId::from_bits(7)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_claim_is_read_or_says_what_to_mend() {
        let written = WrittenResult {
            kind: "child recovered".into(),
            happened: "2019-07-12".into(),
            office: "Charlotte".into(),
            state: "North Carolina".into(),
            ..WrittenResult::default()
        };
        let claim = written.read(ResultId::from_bits(7)).unwrap();
        assert_eq!(claim.place.state.as_deref(), Some("NC"));
        assert_eq!(written.read(ResultId::from_bits(7)).unwrap(), claim);
        assert_ne!(written.read(ResultId::from_bits(8)).unwrap().of, claim.of);
        check(&WrittenResult { kind: "rescue".into(), ..written.clone() }, "`child identified`");
        check(
            &WrittenResult { office: "Atlantis".into(), ..written.clone() },
            "`Atlantis` is no field office",
        );
        check(&WrittenResult { state: "Utopia".into(), ..written.clone() }, "`Utopia` is no state");
        check(&WrittenResult { happened: "soon".into(), ..written.clone() }, "`happened` must be a date");
        check(&WrittenResult { of: "somebody".into(), ..written }, "`of` must be a uuid");
    }

    #[test]
    fn a_count_is_of_what_was_known() {
        let now = Instant::parse("2019-08-06").unwrap();
        let read = |as_of: &str| WrittenCount { as_of: as_of.into(), ..WrittenCount::default() }.read(now);
        assert_eq!(read("").unwrap().as_of, now);
        assert!(read("2019-08-07").is_err() && read("2019-08-05").is_ok());
    }
}
