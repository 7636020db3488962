//! `/results/periods`: a period is opened, its figures are fixed and, with a reason, corrected. What was fixed regenerates.

use crate::desk::{Desk, Sent, after, at, grounds, id, purpose_for};
use crate::layout::{Did, Layout};
use crate::lead::ReasonBody;
use crate::result_claim::SeenBody;
use crate::results::{FiguresView, by, fixing, initiative_name, initiatives, table};
use crate::{Site, act, errors, view};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use homeward_access::{Act, Kind};
use homeward_casework::{Context, Held, Listed, Trouble, WrittenCount};
use homeward_model::{By, Frozen, Grounds, Period, PeriodId, PeriodMove, ResultKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, OpenApi, ToSchema};

/// Routes of periods.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = view(Router::new(), "/results/periods", list);
    let routes = act(routes, "/results/periods", open);
    let routes = view(routes, "/results/periods/{id}", one);
    let routes = act(routes, "/results/periods/{id}/freeze", freeze);
    act(routes, "/results/periods/{id}/amend", amend)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(list, open, one, freeze, amend))]
pub(crate) struct Document;

const PERIOD: &str = "result period";

/// One fixing of a period.
#[derive(Serialize, ToSchema)]
pub(crate) struct FixingView {
    /// Which one it is, from 1.
    pub(crate) number: usize,
    /// Who fixed it.
    pub(crate) by: String,
    /// When.
    pub(crate) at: String,
    /// Facts recorded after this moment do not count.
    pub(crate) as_of: String,
    /// SHA-256 of the counted facts, in their order.
    pub(crate) counted: String,
    /// The figures by kind, as they were fixed.
    pub(crate) figures: BTreeMap<&'static str, u64>,
    /// Why it was corrected; the first has none.
    pub(crate) why: Option<String>,
}

/// A period.
#[derive(Serialize, ToSchema)]
pub(crate) struct PeriodView {
    /// Its id.
    pub(crate) id: String,
    /// Its version; a change names the version it was decided on.
    pub(crate) version: i64,
    /// Its name, as published.
    pub(crate) name: String,
    /// The first day.
    pub(crate) from: String,
    /// The first day after it.
    pub(crate) until: String,
    /// The initiative whose facts alone count.
    pub(crate) initiative: Option<String>,
    /// `open`, `frozen` or `amended`.
    pub(crate) state: &'static str,
    /// The organisation that counts.
    pub(crate) owner: String,
    /// Every fixing, the first one first.
    pub(crate) fixings: Vec<FixingView>,
}

fn fixed(desk: &Desk, number: usize, frozen: &Frozen, why: Option<&Grounds>) -> FixingView {
    FixingView {
        number,
        by: desk.who.member(frozen.frozen.by),
        at: at(frozen.frozen.at),
        as_of: frozen.as_of.to_string(),
        counted: frozen.counted.hex(),
        figures: frozen.figures.iter().map(|(kind, figure)| (kind.word(), *figure)).collect(),
        why: why.map(|why| why.as_str().to_owned()),
    }
}

fn shown(desk: &Desk, held: &Held<Period>) -> PeriodView {
    let period = &held.noun;
    let fixings = (1..).zip(period.fixings());
    PeriodView {
        id: period.id.to_string(),
        version: held.version,
        name: period.name.clone(),
        from: period.window.start().date(),
        until: period.window.end().date(),
        initiative: period.initiative.map(|initiative| initiative.to_string()),
        state: period.state().word(),
        owner: desk.who.agency(held.resource.owner),
        fixings: fixings.map(|(number, (frozen, why))| fixed(desk, number, frozen, why)).collect(),
    }
}

/// Which periods.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Those before this one: the last id of the page before.
    #[serde(default)]
    after: String,
}

/// A page of periods, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct PeriodPage {
    /// The periods.
    periods: Vec<PeriodView>,
    /// What to give as `after` for the next page, when there is one.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "results/periods.html")]
struct ListPage {
    layout: Layout,
    page: PeriodPage,
}

/// Periods of your organisation, newest first.
#[utoipa::path(get, path = "/api/v1/results/periods", tag = "results", params(Wanted), responses(
    (status = 200, description = "a page of periods", body = PeriodPage),
    errors::Refusals,
))]
pub(crate) async fn list(desk: Desk, Query(wanted): Query<Wanted>) -> Response {
    let purpose = purpose_for(Kind::Period);
    let found = async {
        let after: Option<PeriodId> = after(&wanted.after, PERIOD)?;
        let listed = Listed { after: after.map(PeriodId::bits), ..Listed::default() };
        desk.casework.periods(&desk.context(&purpose), &listed).await
    };
    match found.await {
        Ok(found) => {
            let periods = found.records.iter().map(|held| shown(&desk, held)).collect();
            let next = found.next.map(|bits| PeriodId::from_bits(bits).to_string());
            desk.show(PeriodPage { periods, next }, |layout, page| ListPage { layout, page })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// A period to open.
#[derive(Deserialize, ToSchema)]
pub(crate) struct OpenBody {
    /// A uuid made by the client, the id of the period: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Its name, as it will be published.
    name: String,
    /// The first day.
    from: String,
    /// The first day after it.
    until: String,
    /// Only results of an initiative, by its id.
    #[serde(default)]
    initiative: String,
}

/// Opens a period.
#[utoipa::path(post, path = "/api/v1/results/periods", tag = "results", request_body = OpenBody, responses(
    (status = 200, description = "the period", body = PeriodView),
    errors::Refusals,
))]
pub(crate) async fn open(desk: Desk, sent: Sent<OpenBody>) -> Response {
    let purpose = purpose_for(Kind::Period);
    let OpenBody { request, name, from, until, initiative } = &sent.fields;
    let done = async {
        let period = PeriodId::from_bits(desk.request(request)?);
        let written = WrittenCount {
            from: from.clone(),
            until: until.clone(),
            initiative: initiative.clone(),
            ..WrittenCount::default()
        };
        desk.casework.open_period(&desk.context(&purpose), period, name.clone(), &written).await
    };
    match done.await {
        Ok(done) => {
            let to = format!("/results/periods/{}", done.record.noun.id);
            desk.done(&shown(&desk, &done.record), &to, Did::Kept)
        }
        Err(trouble) => desk.trouble(&trouble, &sent.typed),
    }
}

/// Which figures of a period.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WantedFigures {
    /// A line for each `office`, `state`, `initiative`, `agency` or `month`; `office` when not said.
    #[serde(default)]
    by: String,
    /// As it was fixed the first (1), second (2) and so on time; the last time when not said.
    #[serde(default)]
    fixing: String,
    /// Not empty: as it may be published, with small figures hidden.
    #[serde(default)]
    publish: String,
}

/// A period with its figures.
#[derive(Serialize, ToSchema)]
pub(crate) struct PeriodFigures {
    /// The period.
    period: PeriodView,
    /// SHA-256 of the facts, as they are read now.
    counted: String,
    /// Whether they give what was fixed; always so while it is open.
    regenerates: bool,
    /// The figures.
    table: FiguresView,
}

#[derive(Template)]
#[template(path = "results/period.html")]
struct OnePage {
    layout: Layout,
    wanted: WantedFigures,
    kinds: Vec<&'static str>,
    /// The name of the initiative whose facts alone count.
    initiative: Option<String>,
    /// The query of the page of facts that counts the same.
    facts: String,
    view: PeriodFigures,
    can_freeze: bool,
    can_amend: bool,
}

/// One period with its figures: as they were fixed, or as they are known now while it is open.
#[utoipa::path(get, path = "/api/v1/results/periods/{id}", tag = "results",
    params(("id" = String, Path), WantedFigures), responses(
    (status = 200, description = "the period", body = PeriodFigures),
    errors::Refusals,
))]
pub(crate) async fn one(
    desk: Desk,
    Path(period): Path<String>,
    Query(wanted): Query<WantedFigures>,
) -> Response {
    let purpose = purpose_for(Kind::Period);
    let context = desk.context(&purpose);
    let found = async {
        let by = by(&wanted.by)?;
        let (period, fixing) = (id(&period, PERIOD)?, fixing(&wanted.fixing)?);
        let seen = desk.casework.period(&context, period, fixing, by).await?;
        let named = by == By::Initiative || seen.period.noun.initiative.is_some();
        let initiatives = if named { initiatives(&desk).await? } else { Vec::new() };
        Ok::<_, Trouble>((by, seen, initiatives))
    };
    match found.await {
        Ok((by, seen, initiatives)) => {
            let held = &seen.period;
            let acts = [Act::FreezePeriod, Act::AmendPeriod];
            let may = desk.casework.may(&context, &held.resource, &acts);
            let can = |step: PeriodMove, act| held.noun.allowed().contains(&step) && may.contains(&act);
            let can_freeze = can(PeriodMove::Freeze, Act::FreezePeriod);
            let can_amend = can(PeriodMove::Amend, Act::AmendPeriod);
            let view = PeriodFigures {
                period: shown(&desk, held),
                counted: seen.counted.hex(),
                regenerates: seen.regenerates,
                table: table(&desk, &initiatives, by, &seen.seen, !wanted.publish.is_empty()),
            };
            let kinds = ResultKind::ALL.iter().map(|kind| kind.word()).collect();
            let initiative = view.period.initiative.as_ref().map(|id| initiative_name(&initiatives, id));
            let facts = [("period", &view.period.id), ("fixing", &wanted.fixing)];
            let facts = serde_urlencoded::to_string(facts).unwrap_or_default();
            desk.show(view, |layout, view| OnePage {
                layout,
                wanted,
                kinds,
                initiative,
                facts,
                view,
                can_freeze,
                can_amend,
            })
        }
        Err(trouble) => desk.trouble(&trouble, ""),
    }
}

/// Shows what an act made of a period.
async fn acted(
    desk: &Desk,
    period: &str,
    typed: &str,
    act: impl AsyncFnOnce(&Context<'_>, PeriodId) -> Result<Held<Period>, Trouble>,
) -> Response {
    let shown = |held: &Held<Period>| (shown(desk, held), format!("/results/periods/{}", held.noun.id));
    desk.act((Kind::Period, PERIOD, period), (typed, Did::Kept), act, shown).await
}

/// Fixes the figures of a period as they are known now.
#[utoipa::path(post, path = "/api/v1/results/periods/{id}/freeze", tag = "results", params(("id" = String, Path)),
    request_body = SeenBody, responses(
    (status = 200, description = "the period", body = PeriodView),
    errors::Refusals,
))]
pub(crate) async fn freeze(desk: Desk, Path(period): Path<String>, sent: Sent<SeenBody>) -> Response {
    let SeenBody { seen, request } = &sent.fields;
    acted(&desk, &period, &sent.typed, async |context, id| {
        Ok(desk.casework.freeze_period(context, id, desk.revision(*seen, request)?).await?.record)
    })
    .await
}

/// Corrects the figures of a period to what is known now; those before stay, and the reason is kept.
#[utoipa::path(post, path = "/api/v1/results/periods/{id}/amend", tag = "results", params(("id" = String, Path)),
    request_body = ReasonBody, responses(
    (status = 200, description = "the period", body = PeriodView),
    errors::Refusals,
))]
pub(crate) async fn amend(desk: Desk, Path(period): Path<String>, sent: Sent<ReasonBody>) -> Response {
    let ReasonBody { seen, request, grounds: why } = &sent.fields;
    acted(&desk, &period, &sent.typed, async |context, id| {
        let revision = desk.revision(*seen, request)?;
        Ok(desk.casework.amend_period(context, id, revision, grounds(why)?).await?.record)
    })
    .await
}
