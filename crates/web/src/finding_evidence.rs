//! What a finding rests on, as programs read it and as a page draws it.

use crate::finding_chart::{Timeline, Waterfall, timeline, waterfall};
use crate::finding_links::{LinkChart, LinkView, chart};
use crate::finding_map::{Ground, Way, ground, way};
use crate::finding_text::{Piece, shared};
use crate::posting::PostingView;
use homeward_casework::Evidence;
use serde::Serialize;
use utoipa::ToSchema;

/// Postings that a page shows whole.
const SHOWN: usize = 20;

/// The text that postings of a finding share.
#[derive(Serialize, ToSchema)]
pub(crate) struct TextView {
    /// Name of the template in the run.
    pub(crate) template: String,
    /// Postings of the run that are written on it.
    pub(crate) postings: usize,
    /// Owners who use it; more than one when it was copied.
    pub(crate) owners: usize,
    /// Postings of this finding that were compared.
    pub(crate) compared: usize,
    /// The text and its slots, in order.
    pub(crate) pieces: Vec<Piece>,
}

/// What a finding rests on.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct EvidenceView {
    /// The newest postings behind it, at most 20.
    pub(crate) postings: Vec<PostingView>,
    /// How many there are.
    pub(crate) total: usize,
    /// The text that most of them share.
    pub(crate) text: Option<TextView>,
    /// Links of the network, the strongest first.
    pub(crate) links: Vec<LinkView>,
    /// Links of the network in all.
    pub(crate) all_links: usize,
}

impl EvidenceView {
    /// Postings that are not shown whole.
    pub(crate) fn further(&self) -> usize {
        self.total.saturating_sub(self.postings.len())
    }
}

/// What the page draws.
pub(crate) struct Charts {
    pub(crate) waterfall: Option<Waterfall>,
    pub(crate) timeline: Option<Timeline>,
    pub(crate) way: Way,
    pub(crate) ground: &'static Ground,
    pub(crate) links: Option<LinkChart>,
    /// Postings that timeline and map speak of.
    pub(crate) read: usize,
}

/// Evidence as it is shown.
pub(crate) fn shown(evidence: &Evidence) -> EvidenceView {
    let text = evidence.shared.as_ref().and_then(|text| {
        let texts: Vec<String> =
            text.postings.iter().take(SHOWN).map(|at| evidence.postings[*at].full_text()).collect();
        Some(TextView {
            template: text.row.template.clone(),
            postings: text.row.postings,
            owners: text.row.owners,
            compared: texts.len(),
            pieces: shared(&texts)?,
        })
    });
    EvidenceView {
        postings: evidence.postings.iter().rev().take(SHOWN).map(PostingView::of).collect(),
        total: evidence.total,
        text,
        links: evidence.links.iter().map(LinkView::of).collect(),
        all_links: evidence.all_links,
    }
}

/// The drawings of a finding. The names of factors are of the rules, so nothing of a hidden report is in them.
pub(crate) fn charts(factors: &[(&str, f64)], evidence: &Evidence, view: &EvidenceView) -> Charts {
    Charts {
        waterfall: waterfall(factors),
        timeline: timeline(&evidence.postings),
        way: way(&evidence.postings),
        ground: ground(),
        links: chart(&view.links),
        read: evidence.postings.len(),
    }
}
