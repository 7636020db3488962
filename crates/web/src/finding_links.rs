//! A chart of who hangs together with whom: the report, the network, and the selectors that hold the network together.

use crate::finding_chart::short;
use homeward_casework::LinkRow;
use serde::Serialize;
use utoipa::ToSchema;

/// Height of a row of selectors.
const ROW: f64 = 34.0;

/// Selectors that are drawn.
const SELECTORS: usize = 10;

/// Why two selectors were held to be one owner's.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct LinkView {
    /// One selector.
    pub(crate) left: String,
    /// The other.
    pub(crate) right: String,
    /// Weight in bits.
    pub(crate) bits: f64,
    /// Probability that they are one owner's, 0 to 1.
    pub(crate) probability: f64,
    /// What spoke for it, in words.
    pub(crate) evidence: String,
}

impl LinkView {
    /// A link as it is shown.
    pub(crate) fn of(link: &LinkRow) -> LinkView {
        LinkView {
            left: link.left.clone(),
            right: link.right.clone(),
            bits: link.bits,
            probability: link.probability,
            evidence: link.evidence.join(", "),
        }
    }
}

/// A selector of the chart.
#[derive(Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) y: f64,
}

/// A line between two selectors, drawn as a curve at their right.
#[derive(Debug, PartialEq)]
pub(crate) struct Tie {
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// How far the curve swings out.
    pub(crate) bend: f64,
    /// Thickness: a line's strength.
    pub(crate) thickness: f64,
}

/// The chart.
#[derive(Debug, PartialEq)]
pub(crate) struct LinkChart {
    pub(crate) nodes: Vec<Node>,
    pub(crate) ties: Vec<Tie>,
    pub(crate) height: f64,
    pub(crate) middle: f64,
    /// Selectors that are in the list alone.
    pub(crate) left_out: usize,
}

/// The chart of a network's links, the strongest first; none without links.
pub(crate) fn chart(links: &[LinkView]) -> Option<LinkChart> {
    let mut names: Vec<&str> = Vec::new();
    for name in links.iter().flat_map(|link| [link.left.as_str(), link.right.as_str()]) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return None;
    }
    let shown = names.len().min(SELECTORS);
    let y = |at: usize| ROW * at as f64 + 24.0;
    let place = |name: &str| names[..shown].iter().position(|known| *known == name);
    let tie = |link: &LinkView| {
        let (from, to) = (place(&link.left)?, place(&link.right)?);
        let (from, to) = (from.min(to), from.max(to));
        let bend = 20.0 + 12.0 * (to - from) as f64;
        Some(Tie { from: y(from), to: y(to), bend, thickness: (link.bits / 12.0).clamp(1.0, 5.0) })
    };
    let height = ROW * shown as f64 + 24.0;
    Some(LinkChart {
        ties: links.iter().filter_map(tie).collect(),
        nodes: names[..shown]
            .iter()
            .enumerate()
            .map(|(at, name)| Node { name: short(name, 26), y: y(at) })
            .collect(),
        height: height.max(90.0),
        middle: height.max(90.0) / 2.0,
        left_out: names.len() - shown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_stands_once_however_often_it_is_linked() {
        let link = |left: &str, right: &str, bits: f64| LinkView {
            left: left.to_owned(),
            right: right.to_owned(),
            bits,
            probability: 0.9,
            evidence: String::new(),
        };
        let check = |links: &[LinkView], nodes: usize, ties: usize, left_out: usize| {
            let drawn = chart(links).unwrap();
            assert_eq!((drawn.nodes.len(), drawn.ties.len(), drawn.left_out), (nodes, ties, left_out));
            assert!(drawn.nodes.iter().all(|node| node.y < drawn.height));
            assert!(drawn.ties.iter().all(|tie| tie.from <= tie.to && tie.thickness <= 5.0));
        };
        check(&[link("a", "b", 9.0)], 2, 1, 0);
        check(&[link("a", "b", 90.0), link("c", "a", 2.0)], 3, 2, 0);
        let many: Vec<LinkView> = (0..12).map(|at| link("a", &format!("b{at}"), 3.0)).collect();
        check(&many, SELECTORS, SELECTORS - 1, 3);
        assert_eq!(chart(&[]), None);
    }
}
