//! What is done to a victim's record: recorded with a specialist, paired, steps after the recovery, missing again.

use crate::desk::{Desk, Sent, grounds, id, purpose_for};
use crate::layout::Did;
use crate::report_acts::moment;
use crate::victim::{VICTIM, VictimView, shown};
use crate::{Site, act, errors};
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use homeward_access::Kind;
use homeward_casework::{Context, Held, Trouble, WrittenVictim};
use homeward_model::{RecoveryStep, Victim, VictimId};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};

/// Routes of these acts.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let routes = act(Router::new(), "/victims", record);
    let routes = act(routes, "/victims/{id}/pair", pair);
    let routes = act(routes, "/victims/{id}/step", step);
    let routes = act(routes, "/victims/{id}/take-back", take_back);
    act(routes, "/victims/{id}/missing-again", missing_again)
}

/// Their part of the document.
#[derive(OpenApi)]
#[openapi(paths(record, pair, step, take_back, missing_again))]
pub(crate) struct Document;

/// What a form of the care page says of where it stands.
const CARE: &str = "care";

/// Shows what an act made of a victim, on the page from which it came.
async fn acted(
    desk: &Desk,
    victim: &str,
    (typed, then): (&str, &str),
    act: impl AsyncFnOnce(&Context<'_>, VictimId) -> Result<Held<Victim>, Trouble>,
) -> Response {
    let purpose = purpose_for(Kind::Victim);
    let context = desk.context(&purpose);
    let done = async {
        let held = act(&context, id(victim, VICTIM)?).await?;
        shown(desk, &context, &held).await
    };
    match done.await {
        Ok(view) => {
            let back = if then == CARE { "/care" } else { "" };
            desk.done(&view, &format!("/victims/{}{back}", view.head.id), Did::Kept)
        }
        Err(trouble) => desk.trouble(&trouble, typed),
    }
}

/// A person who was met.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct VictimBody {
    /// A uuid made by the client, the id of the victim: sent again, it is the same one.
    request: String,
    /// The name, or what the person is called; with a report, its name when this is empty.
    called: String,
    /// Id of the missing report that names them.
    report: String,
    /// When they were met; empty: now.
    met_at: String,
    /// Id of the event, if it was one.
    event: String,
    /// Id of the lead, if it was one.
    lead: String,
    /// `15`, `14-17`, `unknown` or `adult`; with a report, its age when this is empty. Unknown counts as a child.
    age: String,
    /// Id of the victim specialist who stays with them.
    specialist: String,
    /// Why no specialist can come, when none is named.
    without: String,
}

/// Records a victim, paired with a victim specialist in the same act.
#[utoipa::path(post, path = "/api/v1/victims", tag = "victims", request_body = VictimBody, responses(
    (status = 200, description = "the victim", body = VictimView),
    errors::Refusals,
))]
pub(crate) async fn record(desk: Desk, sent: Sent<VictimBody>) -> Response {
    let request = match desk.request(&sent.fields.request) {
        Ok(request) => VictimId::from_bits(request).to_string(),
        Err(trouble) => return desk.trouble(&trouble, &sent.typed),
    };
    let VictimBody { called, report, met_at, event, lead, age, specialist, without, .. } = sent.fields;
    let written = WrittenVictim { called, report, met_at, event, lead, age, specialist, without };
    let recorded = acted(&desk, &request, (&sent.typed, ""), async |context, victim| {
        Ok(desk.casework.record_victim(context, victim, &written).await?.record)
    });
    Box::pin(recorded).await
}

/// To whom a victim is given.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PairBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Id of the victim specialist; empty: you.
    #[serde(default)]
    specialist: String,
}

/// Pairs a victim with a specialist, who is told. A specialist takes up a victim who has none.
#[utoipa::path(post, path = "/api/v1/victims/{id}/pair", tag = "victims", params(("id" = String, Path)),
    request_body = PairBody, responses(
    (status = 200, description = "the victim", body = VictimView),
    errors::Refusals,
))]
pub(crate) async fn pair(desk: Desk, Path(victim): Path<String>, sent: Sent<PairBody>) -> Response {
    let PairBody { seen, request, specialist } = sent.fields;
    acted(&desk, &victim, (&sent.typed, ""), async |context, victim| {
        let revision = desk.revision(seen, &request)?;
        let specialist = match specialist.trim() {
            "" => desk.actor.member,
            text => text.parse().map_err(|_| Trouble::invalid("choose a victim specialist"))?,
        };
        Ok(desk.casework.pair_specialist(context, victim, revision, specialist).await?.record)
    })
    .await
}

/// A step after a recovery.
#[derive(Deserialize, ToSchema)]
pub(crate) struct StepDoneBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// The step, as in `safe place`.
    step: String,
    /// When it was done; empty: now.
    #[serde(default)]
    at: String,
    /// Of a form: `care` when it stands on the care page, which is shown again.
    #[serde(default)]
    then: String,
}

fn step_of(word: &str) -> Result<RecoveryStep, Trouble> {
    RecoveryStep::parse(word).ok_or_else(|| {
        let steps: Vec<&str> = RecoveryStep::ALL.iter().map(|step| step.word()).collect();
        Trouble::invalid(format!("that is no step after a recovery; the steps are {}", steps.join(", ")))
    })
}

/// Records that a step after the recovery was done.
#[utoipa::path(post, path = "/api/v1/victims/{id}/step", tag = "victims", params(("id" = String, Path)),
    request_body = StepDoneBody, responses(
    (status = 200, description = "the victim", body = VictimView),
    errors::Refusals,
))]
pub(crate) async fn step(desk: Desk, Path(victim): Path<String>, sent: Sent<StepDoneBody>) -> Response {
    let StepDoneBody { seen, request, step, at, then } = sent.fields;
    acted(&desk, &victim, (&sent.typed, &then), async |context, victim| {
        let (revision, step) = (desk.revision(seen, &request)?, (step_of(&step)?, moment(&at)?));
        desk.casework.recovery_step(context, victim, revision, step).await
    })
    .await
}

/// A step that was recorded by mistake.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TakeBackBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// The step.
    step: String,
    /// Why it was a mistake.
    grounds: String,
    /// Of a form: `care` when it stands on the care page, which is shown again.
    #[serde(default)]
    then: String,
}

/// Takes back a step that was recorded by mistake.
#[utoipa::path(post, path = "/api/v1/victims/{id}/take-back", tag = "victims", params(("id" = String, Path)),
    request_body = TakeBackBody, responses(
    (status = 200, description = "the victim", body = VictimView),
    errors::Refusals,
))]
pub(crate) async fn take_back(desk: Desk, Path(victim): Path<String>, sent: Sent<TakeBackBody>) -> Response {
    let TakeBackBody { seen, request, step, grounds: why, then } = sent.fields;
    acted(&desk, &victim, (&sent.typed, &then), async |context, victim| {
        let (revision, step) = (desk.revision(seen, &request)?, step_of(&step)?);
        desk.casework.take_back_step(context, victim, revision, step, grounds(&why)?).await
    })
    .await
}

/// Since when somebody is missing again.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AgainBody {
    /// The version that was seen.
    seen: i64,
    /// A uuid made by the client: sent again, nothing happens again.
    #[serde(default)]
    request: String,
    /// Since when; empty: now.
    #[serde(default)]
    at: String,
}

/// Records that a victim is missing again. The report that names them goes on, and their plan is opened again.
#[utoipa::path(post, path = "/api/v1/victims/{id}/missing-again", tag = "victims", params(("id" = String, Path)),
    request_body = AgainBody, responses(
    (status = 200, description = "the victim", body = VictimView),
    errors::Refusals,
))]
pub(crate) async fn missing_again(desk: Desk, Path(victim): Path<String>, sent: Sent<AgainBody>) -> Response {
    let AgainBody { seen, request, at } = sent.fields;
    let again = acted(&desk, &victim, (&sent.typed, ""), async |context, victim| {
        let (revision, since) = (desk.revision(seen, &request)?, moment(&at)?);
        Ok(desk.casework.victim_missing_again(context, victim, revision, since).await?.record)
    });
    Box::pin(again).await
}
