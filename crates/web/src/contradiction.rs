//! What an alarm contradicts, in words: who rejected the match, when and why, and what came since.

use crate::desk::at;
use homeward_casework::Rejected;
use homeward_model::Finding;
use serde::Serialize;
use utoipa::ToSchema;

/// The decision that an alarm contradicts.
#[derive(Serialize, ToSchema)]
pub(crate) struct RejectedView {
    /// Its name: of a judgement, of the dismissed finding, or `j3` of the command line.
    pub(crate) decision: String,
    /// `judgement`, `dismissal` or `decision`.
    pub(crate) kind: &'static str,
    /// Who decided, where you may see that.
    pub(crate) by: Option<String>,
    /// When.
    pub(crate) at: Option<String>,
    /// Why.
    pub(crate) why: Option<String>,
    /// What came since, a sentence each.
    pub(crate) since: Vec<String>,
}

/// The decision as it is shown.
pub(crate) fn shown(rejected: Rejected, finding: &Finding) -> RejectedView {
    let since = finding.reasons.iter().filter_map(|reason| match reason.factor.as_str() {
        "merged" => Some(format!("{} and {} are one network now", reason.left, reason.right)),
        "joined" => Some(format!("the child's {} stands in the network now", reason.left)),
        _ => None,
    });
    let Rejected { decision, kind, by, at: decided, why } = rejected;
    RejectedView { decision, kind, by, at: decided.map(at), why, since: since.collect() }
}
