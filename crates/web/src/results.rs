//! `/results`: the board of figures with their definitions, and the facts behind a figure.

use crate::desk::{Desk, at, id, purpose_for};
use crate::layout::Layout;
use crate::result_claim::{ClaimView, shown};
use crate::{Site, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::response::Response;
use homeward_access::{Act, Kind, Resource};
use homeward_casework::{
    Cell, FactSeen, FiguresSeen, Listed, Trouble, WrittenCount, office_id, office_named, records,
};
use homeward_model::{
    AgencyId, By, Count, Counted, InitiativeId, Instant, Line, OfficeId, ResultKind, publish,
};
use homeward_places::Places;
use homeward_rules::publication::Publication;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of figures and facts.
pub(crate) fn routes() -> Router<Arc<Site>> {
    view(view(Router::new(), "/results", board), "/results/facts", facts)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(board, facts))]
pub(crate) struct Document;

/// Facts that a page shows, at most.
const MOST: usize = 1000;

/// What to count.
#[derive(Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// A line for each `office`, `state`, `initiative`, `agency` or `month`; `office` when not said.
    #[serde(default)]
    pub(crate) by: String,
    /// As it was known at this moment; now when not said.
    #[serde(default)]
    as_of: String,
    /// Results that happened on this day or later.
    #[serde(default)]
    from: String,
    /// Results that happened before this day.
    #[serde(default)]
    until: String,
    /// Only those of an initiative, by its id.
    #[serde(default)]
    initiative: String,
    /// Not empty: as it may be published, with small figures hidden.
    #[serde(default)]
    pub(crate) publish: String,
}

impl Wanted {
    fn count(&self, now: Instant) -> Result<Count, Trouble> {
        let Wanted { as_of, from, until, initiative, .. } = self.clone();
        WrittenCount { as_of, from, until, initiative }.read(now)
    }

    /// The query of the page of facts that counts the same.
    fn facts(&self) -> String {
        let Wanted { as_of, from, until, initiative, .. } = self;
        let given = [("as_of", as_of), ("from", from), ("until", until), ("initiative", initiative)];
        let given: Vec<_> = given.into_iter().filter(|(_, text)| !text.trim().is_empty()).collect();
        serde_urlencoded::to_string(given).unwrap_or_default()
    }
}

/// States by code and name.
fn states() -> Vec<(&'static str, &'static str)> {
    Places::embedded().states().iter().map(|state| (state.code.as_str(), state.name.as_str())).collect()
}

/// What a table has lines for.
pub(crate) fn by(text: &str) -> Result<By, Trouble> {
    if text.is_empty() {
        return Ok(By::Office);
    }
    By::parse(text)
        .ok_or_else(|| Trouble::invalid("`by` must be `office`, `state`, `initiative`, `agency` or `month`"))
}

/// One figure.
#[derive(Clone, Copy, Default, Serialize, ToSchema)]
pub(crate) struct FigureView {
    /// Confirmed, and counted on this line; nothing where it is hidden because it is too small to be published.
    pub(crate) count: Option<u64>,
    /// Claimed on this line, and confirmed by nobody yet: not in the count.
    pub(crate) waiting: u64,
    /// Confirmed on this line too, and counted on another: not in the count, and never to be added.
    pub(crate) elsewhere: u64,
}

/// A line of figures.
#[derive(Serialize, ToSchema)]
pub(crate) struct LineView {
    /// The id, code or month that the line is of; empty for results that do not say.
    pub(crate) key: String,
    /// Its name.
    pub(crate) name: String,
    /// The figures by kind. They are never summed.
    pub(crate) figures: BTreeMap<&'static str, FigureView>,
    /// Children recovered, or identified and not recovered: each once. Nothing where it is hidden.
    pub(crate) identified_or_recovered: Option<u64>,
}

impl LineView {
    /// The figure of a kind.
    pub(crate) fn of(&self, kind: &str) -> FigureView {
        self.figures.get(kind).copied().unwrap_or_default()
    }
}

/// What a kind counts.
#[derive(Serialize, ToSchema)]
pub(crate) struct DefinitionView {
    /// The kind.
    pub(crate) kind: &'static str,
    /// What it counts.
    pub(crate) counts: &'static str,
}

/// A table of figures.
#[derive(Serialize, ToSchema)]
pub(crate) struct FiguresView {
    /// As it was known at this moment.
    pub(crate) as_of: String,
    /// What the lines are of.
    pub(crate) by: &'static str,
    /// The lines.
    pub(crate) lines: Vec<LineView>,
    /// All lines together.
    pub(crate) total: LineView,
    /// What each kind counts.
    pub(crate) definitions: Vec<DefinitionView>,
    /// Pairs of persons that people judged the same and yet not the same: to be settled before anything is published.
    pub(crate) contradictions: usize,
    /// Figures from 1 up to this one are hidden; nothing when none are.
    pub(crate) hidden_up_to: Option<u64>,
}

/// Names of the initiatives that the reader may see, by their ids, newest first.
pub(crate) async fn initiatives(desk: &Desk) -> Result<Vec<(String, String)>, Trouble> {
    let purpose = purpose_for(Kind::Initiative);
    let listed = Listed { limit: 500, ..Listed::default() };
    let seen = records(desk.casework.initiatives(&desk.context(&purpose), &listed).await)?;
    Ok(seen.into_iter().map(|held| (held.noun.id.to_string(), held.noun.name)).collect())
}

/// The name of an initiative; its id for who may not see it.
pub(crate) fn initiative_name(named: &[(String, String)], id: &str) -> String {
    named.iter().find(|(known, _)| known == id).map_or(id, |(_, name)| name).to_owned()
}

/// The name of a line.
fn name(desk: &Desk, initiatives: &[(String, String)], by: By, key: &str) -> String {
    if key.is_empty() {
        return "not said".to_owned();
    }
    match by {
        By::Office => {
            key.parse().ok().and_then(office_named).map_or(key.to_owned(), |office| office.name.clone())
        }
        By::State => Places::embedded().state(key).map_or(key.to_owned(), |state| state.name.clone()),
        By::Agency => key.parse::<AgencyId>().map_or(key.to_owned(), |agency| desk.who.agency(agency)),
        By::Initiative => initiative_name(initiatives, key),
        By::Month => key.to_owned(),
    }
}

fn line(name: String, key: &str, line: &Line) -> LineView {
    let figure = |kind: &ResultKind| {
        let tally = line.of(*kind);
        let figure =
            FigureView { count: Some(tally.counted), waiting: tally.waiting, elsewhere: tally.elsewhere };
        (kind.word(), figure)
    };
    LineView {
        key: key.to_owned(),
        name,
        figures: ResultKind::ALL.iter().map(figure).collect(),
        identified_or_recovered: Some(line.identified_or_recovered()),
    }
}

/// A line as it may be published.
fn published(name: String, key: &str, cells: &[Option<u64>]) -> LineView {
    let figure = |(kind, count): (&ResultKind, &Option<u64>)| {
        (kind.word(), FigureView { count: *count, ..FigureView::default() })
    };
    LineView {
        key: key.to_owned(),
        name,
        figures: ResultKind::ALL.iter().zip(cells).map(figure).collect(),
        identified_or_recovered: cells.last().copied().flatten(),
    }
}

/// A table of figures as it is shown; small figures are hidden in what is to be published.
pub(crate) fn table(
    desk: &Desk,
    initiatives: &[(String, String)],
    by: By,
    seen: &FiguresSeen,
    to_publish: bool,
) -> FiguresView {
    let name = |key: &str| name(desk, initiatives, by, key);
    let FiguresSeen { count, figures, contradictions } = seen;
    let limit = Publication::embedded().largest_hidden.count;
    let (mut lines, total): (Vec<LineView>, LineView) = if to_publish {
        let hidden = publish(figures, limit);
        let lines = hidden.lines.iter().map(|(key, cells)| published(name(key), key, cells));
        (lines.collect(), published("all".to_owned(), "", &hidden.total))
    } else {
        let lines = figures.lines.iter().map(|(key, one)| line(name(key), key, one));
        (lines.collect(), line("all".to_owned(), "", &figures.total))
    };
    lines.sort_by(|a, b| (a.key.is_empty(), &a.name).cmp(&(b.key.is_empty(), &b.name)));
    let definition = |kind: &ResultKind| DefinitionView { kind: kind.word(), counts: kind.definition() };
    FiguresView {
        as_of: at(count.as_of),
        by: by.word(),
        lines,
        total,
        definitions: ResultKind::ALL.iter().map(definition).collect(),
        contradictions: *contradictions,
        hidden_up_to: to_publish.then_some(limit),
    }
}

#[derive(Template)]
#[template(path = "results/board.html")]
struct BoardPage {
    layout: Layout,
    wanted: Wanted,
    bys: Vec<&'static str>,
    kinds: Vec<&'static str>,
    offices: Vec<&'static str>,
    states: Vec<(&'static str, &'static str)>,
    initiatives: Vec<(String, String)>,
    /// The query of the page of facts that counts the same.
    facts: String,
    /// The moment as it was known, as its field writes it.
    known: String,
    periods: Vec<(String, String, String)>,
    can_claim: bool,
    can_open: bool,
    /// Whether the reader may see how well matching does for whom.
    sees_fairness: bool,
    table: FiguresView,
}

/// Figures over all results that you may see, each child once.
#[utoipa::path(get, path = "/api/v1/results", tag = "results", params(Wanted), responses(
    (status = 200, description = "the figures", body = FiguresView),
    errors::Refusals,
))]
pub(crate) async fn board(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let purpose = purpose_for(Kind::Result);
    let context = desk.context(&purpose);
    let found = async {
        let by = by(&wanted.by)?;
        let seen = desk.casework.figures(&context, wanted.count(desk.now)?, by).await?;
        let periods = if desk.is_program() {
            Vec::new()
        } else {
            desk.casework.periods(&context, &Listed::default()).await?.records
        };
        // A page offers them to choose from; to a program they only name the lines.
        let named = by == By::Initiative || !desk.is_program();
        let initiatives = if named { initiatives(&desk).await? } else { Vec::new() };
        let table = table(&desk, &initiatives, by, &seen, !wanted.publish.is_empty());
        Ok::<_, Trouble>((table, periods, initiatives))
    };
    let (table, periods, initiatives) = match found.await {
        Ok(found) => found,
        Err(trouble) => return desk.trouble(&trouble, ""),
    };
    let own = |kind| Resource::owned(kind, desk.actor.organisation);
    let may = |kind, act| !desk.casework.may(&context, &own(kind), &[act]).is_empty();
    let audit = purpose_for(Kind::AuditTrail);
    let fairness = desk.casework.may(&desk.context(&audit), &own(Kind::AuditTrail), &[Act::ReadFairness]);
    let period = |held: &homeward_casework::Held<homeward_model::Period>| {
        (held.noun.id.to_string(), held.noun.name.clone(), held.noun.state().word().to_owned())
    };
    // The field of a moment takes minutes: an earlier second of it is not shown, and not lost as long as nothing is typed.
    let known = Instant::parse(&wanted.as_of).map(|moment| moment.to_string());
    desk.show(table, |layout, table| BoardPage {
        layout,
        facts: wanted.facts(),
        known: known.and_then(|known| known.get(..16).map(str::to_owned)).unwrap_or_default(),
        states: states(),
        initiatives,
        wanted,
        bys: By::ALL.iter().map(|by| by.word()).collect(),
        kinds: ResultKind::ALL.iter().map(|kind| kind.word()).collect(),
        offices: Places::embedded().offices().iter().map(|office| office.name.as_str()).collect(),
        periods: periods.iter().map(period).collect(),
        can_claim: may(Kind::Result, Act::ClaimResult),
        can_open: may(Kind::Period, Act::OpenPeriod),
        sees_fairness: !fairness.is_empty(),
        table,
    })
}

/// Which facts.
#[derive(Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WantedFacts {
    /// Of this kind; all when not said.
    #[serde(default)]
    kind: String,
    /// Of a field office, by its name or id.
    #[serde(default)]
    office: String,
    /// Of a state, by its code.
    #[serde(default)]
    state: String,
    /// Of an agency, by its id.
    #[serde(default)]
    agency: String,
    /// Of a month, as in `2019-07`.
    #[serde(default)]
    month: String,
    /// Of the line of an initiative, by its id; `none` of the line of those that name none.
    #[serde(default)]
    line: String,
    /// Only those of an initiative, by its id.
    #[serde(default)]
    initiative: String,
    /// What a period counts, by its id; `as_of`, `from`, `until` and `initiative` are its own then.
    #[serde(default)]
    period: String,
    /// As the period was fixed the first (1), second (2) and so on time; the last time when not said.
    #[serde(default)]
    fixing: String,
    /// As it was known at this moment; now when not said.
    #[serde(default)]
    as_of: String,
    /// Results that happened on this day or later.
    #[serde(default)]
    from: String,
    /// Results that happened before this day.
    #[serde(default)]
    until: String,
}

impl WantedFacts {
    fn count(&self, now: Instant) -> Result<Count, Trouble> {
        let WantedFacts { as_of, from, until, initiative, .. } = self.clone();
        WrittenCount { as_of, from, until, initiative }.read(now)
    }

    fn cell(&self) -> Result<Cell, Trouble> {
        let kind = Some(self.kind.trim()).filter(|kind| !kind.is_empty()).map(|kind| {
            ResultKind::parse(kind).ok_or_else(|| Trouble::invalid(format!("there is no kind `{kind}`")))
        });
        let office = |text: &str| {
            text.parse::<OfficeId>().map_or_else(|_| office_id(text).to_string(), |id| id.to_string())
        };
        let lines = [
            (By::Office, &self.office),
            (By::State, &self.state),
            (By::Agency, &self.agency),
            (By::Month, &self.month),
            (By::Initiative, &self.line),
        ];
        let line = lines.into_iter().find(|(_, text)| !text.is_empty());
        let key = |(by, text): (By, &String)| {
            let (known, what) = match by {
                By::Office => (
                    text.parse::<OfficeId>().is_ok() || office_named(office_id(text)).is_some(),
                    "`office` must be the name or id of a field office",
                ),
                By::State => (
                    states().iter().any(|(code, _)| code == text),
                    "`state` must be the code of a state, as in `NC`",
                ),
                By::Month => (
                    Instant::parse(&format!("{text}-01T00:00:00Z")).is_some(),
                    "`month` must be a month, as in `2019-07`",
                ),
                By::Agency => (text.parse::<AgencyId>().is_ok(), "`agency` must be the id of an agency"),
                By::Initiative => {
                    (text.parse::<InitiativeId>().is_ok(), "`line` must be the id of an initiative")
                }
            };
            match (by, text.as_str()) {
                (_, "none") => Ok((by, String::new())),
                _ if !known => Err(Trouble::invalid(what)),
                (By::Office, text) => Ok((by, office(text))),
                (_, text) => Ok((by, text.to_owned())),
            }
        };
        let period = match self.period.trim() {
            "" => None,
            period => Some((id(period, "result period")?, fixing(&self.fixing)?)),
        };
        Ok(Cell { kind: kind.transpose()?, line: line.map(key).transpose()?, period })
    }
}

/// Which fixing of a period.
pub(crate) fn fixing(text: &str) -> Result<Option<usize>, Trouble> {
    let number = Some(text.trim()).filter(|text| !text.is_empty()).map(str::parse::<usize>);
    number.transpose().map_err(|_| Trouble::invalid("`fixing` must be a number from 1"))
}

/// A fact behind a figure.
#[derive(Serialize, ToSchema)]
pub(crate) struct FactView {
    /// What is counted.
    kind: &'static str,
    /// The id of the person or case; of persons judged the same, one for all.
    of: String,
    /// Nobody confirmed it yet: it is not in the figure.
    waits: bool,
    /// The claims that it rests on; the first gives it its place.
    claims: Vec<ClaimView>,
}

/// Facts behind a figure.
#[derive(Serialize, ToSchema)]
pub(crate) struct FactsView {
    /// How many there are.
    total: usize,
    /// The facts, at most 1000.
    facts: Vec<FactView>,
}

fn fact(desk: &Desk, seen: &FactSeen) -> FactView {
    let of = match seen.of {
        Counted::Person(person) => person.to_string(),
        Counted::Case(case) => case.to_string(),
    };
    let claims = seen.claims.iter().map(|held| shown(desk, held)).collect();
    FactView { kind: seen.kind.word(), of, waits: seen.waits, claims }
}

#[derive(Template)]
#[template(path = "results/facts.html")]
struct FactsPage {
    layout: Layout,
    view: FactsView,
}

/// The facts behind a figure: ids and dates, no name.
#[utoipa::path(get, path = "/api/v1/results/facts", tag = "results", params(WantedFacts), responses(
    (status = 200, description = "the facts", body = FactsView),
    errors::Refusals,
))]
pub(crate) async fn facts(desk: Desk, Query(wanted): Query<WantedFacts>) -> Response {
    let purpose = purpose_for(Kind::Result);
    let found = async {
        desk.casework.facts(&desk.context(&purpose), wanted.count(desk.now)?, &wanted.cell()?, MOST).await
    };
    match found.await {
        Ok((total, seen)) => {
            let facts = seen.iter().map(|seen| fact(&desk, seen)).collect();
            desk.show(FactsView { total, facts }, |layout, view| FactsPage { layout, view })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}
