//! A synthetic nation with known truth: postings by independents, organisers, spammers and digest makers, and
//! missing-child reports of which one in eight is present. Neutral wording only; no person, number or address is real.
//!
//! The same options give the same bytes. What makes it hard is listed in `docs/world.md`: edited, disguised and copied
//! texts, rotating and shared numbers, digests, stock photos, changed names and raised ages, look-alikes.

pub mod baseline;
pub mod families;
pub mod messages;
mod oracle;
mod people;
mod plan;
mod posts;
mod rng;
pub mod score;
mod text;
mod tongue;
mod words;
mod write;

pub use oracle::Best;
pub use people::Report;
pub use posts::{Post, PostTruth, Shown};

use homeward_model::{Instant, key64};

/// The day on which the nation's records end: `2019-08-01T00:00:00Z`.
pub const AS_OF: Instant = Instant(1_564_617_600_000_000);
/// Days of postings before [`AS_OF`].
pub const DAYS: i64 = 210;

/// What nation to make.
#[derive(Clone, Copy, Debug)]
pub struct WorldOptions {
    /// Number of postings.
    pub postings: usize,
    /// Number of missing reports; one for every forty postings when not said.
    pub reports: Option<usize>,
    /// Seed; the same seed gives the same bytes.
    pub seed: u64,
}

/// A nation: what an agency would see, and the truth behind it.
#[derive(Clone, Debug)]
pub struct World {
    /// Postings in the order of collection.
    pub posts: Vec<Post>,
    /// Missing reports.
    pub reports: Vec<Report>,
    /// Who places the postings.
    owners: Vec<plan::Owner>,
}

impl World {
    /// Makes the nation.
    pub fn generate(options: WorldOptions) -> World {
        let mut plan = plan::Plan::new(options);
        let mut posts = posts::write_all(&mut plan, options);
        // The plan is a little large. What is too much is left out by chance, not by date: the last days stay full.
        posts.sort_by_key(|post| key64(post.id.as_bytes()));
        posts.truncate(options.postings);
        posts.sort_by(|a, b| (a.posted_at, &a.id).cmp(&(b.posted_at, &b.id)));
        let mut reports = plan.reports;
        people::draw_races(&mut rng::Rng::new(options.seed, 4), &mut reports);
        people::attach_postings(&mut reports, &posts);
        World { posts, reports, owners: plan.owners }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_model::Digest;

    fn bytes(seed: u64) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
        let world = World::generate(WorldOptions { postings: 2_000, reports: None, seed });
        let (mut postings, mut missing, mut truth) = (Vec::new(), Vec::new(), Vec::new());
        world.write_postings(&mut postings).unwrap();
        world.write_missing(&mut missing).unwrap();
        world.write_truth(&mut truth).unwrap();
        (postings, missing, truth)
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let first = bytes(7);
        assert_eq!(first, bytes(7));
        assert_ne!(Digest::of(&first.0), Digest::of(&bytes(8).0));
    }

    #[test]
    fn the_nation_has_the_shape_it_should() {
        let world = World::generate(WorldOptions { postings: 8_000, reports: None, seed: 3 });
        assert_eq!(world.posts.len(), 8_000);
        assert_eq!(world.reports.len(), 200);
        let independent = world.posts.iter().filter(|post| post.truth.owner.starts_with("ind")).count();
        assert!(independent * 100 / world.posts.len() >= 60, "{independent}");
        let present = world.reports.iter().filter(|report| report.network.is_some()).count();
        assert!((20..=30).contains(&present), "{present}");
        let words: usize = world.posts.iter().map(|post| post.body.split_whitespace().count()).sum();
        assert!((60..=130).contains(&(words / world.posts.len())), "{}", words / world.posts.len());
    }

    #[test]
    fn race_is_drawn_apart_from_all_else() {
        let world = World::generate(WorldOptions { postings: 400, reports: Some(4_000), seed: 3 });
        let white = |keep: &dyn Fn(&Report) -> bool| {
            let kept: Vec<&Report> = world.reports.iter().filter(|report| keep(report)).collect();
            kept.iter().filter(|report| report.race == 0).count() as f64 / kept.len() as f64
        };
        for keep in [&(|_: &Report| true) as &dyn Fn(&Report) -> bool, &|report| report.female, &|report| {
            report.hair == 0
        }] {
            assert!((white(keep) - 0.593).abs() < 0.04, "{}", white(keep));
        }
        for pair in world.reports.windows(2).filter(|pair| pair[1].trap == Some("second report")) {
            assert_eq!(pair[0].race, pair[1].race);
        }
    }

    #[test]
    fn the_baselines_are_weak_here() {
        let world = World::generate(WorldOptions { postings: 10_000, reports: None, seed: 5 });
        let templates = baseline::templates(&world.posts);
        let truth: Vec<Option<&str>> =
            world.posts.iter().map(|post| post.truth.template.as_deref()).collect();
        assert!(score::pairs(&templates, &truth).f1() <= 0.65);
        assert!(baseline::phones(&world.posts).f1() <= 0.60);
    }
}
