//! Where a network was before it first advertised a person. Whoever is taken in near home may be advertised days later and
//! two cities on; so the place of a child's first sighting is told by the whole way to it, each stay by how likely it is that
//! the person had joined by then and had not been shown yet.

use super::base_rates::From;
use super::factors;
use homeward_model::Instant;
use homeward_rules::matching::Matching;

/// Stays of one way that are looked at, latest first.
const MOST_STAYS: usize = 16;
/// Chance of not having been shown below which what lies before is not looked at: it would weigh a hundredth.
const LEAST_UNSEEN: f64 = 0.01;

/// A stay of a network in one metropolitan area.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stay {
    /// Last moment there.
    pub at: Instant,
    /// Position of the metropolitan area in [`super::persons::Persons::metros`].
    pub metro: u32,
    /// Days there, each by the chance that somebody who joined on it had not been shown before the first sighting.
    pub weight: f32,
}

/// The stays up to the last of an owner's sightings, latest first; `others` are advertised by the owner besides. Empty when
/// there is one alone.
pub fn stays(sightings: &[(Instant, u32)], others: f64, rules: &Matching) -> Vec<Stay> {
    let mut stays: Vec<Stay> = Vec::new();
    let Some((first, _)) = sightings.last() else { return stays };
    let mut put =
        |at: Instant, metro: u32, weight: f64| match stays.last_mut().filter(|stay| stay.metro == metro) {
            Some(stay) => stay.weight += weight as f32,
            None => stays.push(Stay { at, metro, weight: weight as f32 }),
        };
    // Each posting shows one of those whom the owner advertises: who had joined before it was not the one.
    let passed_over = others.max(1.0) / (others.max(1.0) + 1.0);
    let mut unseen = 1.0;
    for pair in sightings.windows(2).rev() {
        let [(earlier, from), (later, to)] = [pair[0], pair[1]];
        if first.days_since(earlier) > rules.place.way_days || unseen < LEAST_UNSEEN {
            break;
        }
        // Between two sightings the network was in the first place for one half of the time, and in the second for the other.
        let half = later.days_since(earlier).max(rules.place.least_stay) / 2.0 * unseen;
        put(later, to, half);
        put(earlier, from, half);
        unseen *= passed_over;
    }
    stays.truncate(MOST_STAYS);
    if stays.len() < 2 { Vec::new() } else { stays }
}

/// The stays that tell where a child missing since the edge may have come to be a person: the owner's `way` to the first of the
/// person's visits, or its own first visit after the edge when it was seen before.
pub fn since(
    mut visits: impl Iterator<Item = (Instant, u32)>,
    way: &[Stay],
    edge: Instant,
) -> impl Iterator<Item = Stay> {
    let (way, alone) = match visits.next() {
        Some((at, _)) if at >= edge && !way.is_empty() => (way, None),
        Some(first) if first.0 >= edge => (&[][..], Some(first)),
        _ => (&[][..], visits.find(|(at, _)| *at >= edge)),
    };
    let alone = alone.map(|(at, metro)| Stay { at, metro, weight: 1.0 });
    way.iter().copied().take_while(move |stay| stay.at >= edge).chain(alone)
}

/// What the way to a first sighting says of a child missing from a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// The stay that speaks loudest.
    pub best: Stay,
    /// Its weight alone, bits.
    weight: f64,
    /// The weight of the whole way, in parts of that.
    pub part: f64,
}

impl Way {
    /// Weighs the stays after the edge of the disappearance; `None` when nothing is known of the time.
    pub fn weigh(
        stays: impl Iterator<Item = Stay>,
        from: &From,
        missing: Instant,
        rules: &Matching,
    ) -> Option<Way> {
        let mut weighed = [(0.0, 0.0); MOST_STAYS];
        let mut count = 0;
        let mut best: Option<(f64, Stay)> = None;
        for (place, stay) in weighed.iter_mut().zip(stays) {
            let days = stay.at.days_since(missing).max(0.0);
            let weight = from.nearness(stay.at, stay.metro)?
                + factors::travel(from.distance[stay.metro as usize].1, days, rules);
            *place = (f64::from(stay.weight), weight);
            count += 1;
            if best.is_none_or(|(best, _)| best < weight) {
                best = Some((weight, stay));
            }
        }
        let (weight, best) = best?;
        if count == 1 {
            return Some(Way { best, weight, part: 1.0 });
        }
        let days: f64 = weighed[..count].iter().map(|(days, _)| days).sum();
        let ratios = weighed[..count].iter().map(|(days, other)| days * (other - weight).exp2());
        Some(Way { best, weight, part: ratios.sum::<f64>() / days })
    }

    /// Bits.
    pub fn bits(&self) -> f64 {
        factors::way(self.weight, self.part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_rules::Rules;

    #[test]
    fn a_way_is_told_in_stays_by_who_could_have_joined() {
        let rules = &Rules::embedded().matching;
        let at = |day: f64| Instant(0).plus_days(day);
        let check = |sightings: &[(f64, u32)], others: f64, expected: &[(f64, u32, f32)]| {
            let sightings: Vec<(Instant, u32)> =
                sightings.iter().map(|(day, metro)| (at(*day), *metro)).collect();
            let found: Vec<(Instant, u32, f32)> = stays(&sightings, others, rules)
                .iter()
                .map(|stay| (stay.at, stay.metro, (stay.weight * 1000.0).round() / 1000.0))
                .collect();
            let expected: Vec<(Instant, u32, f32)> =
                expected.iter().map(|(day, metro, weight)| (at(*day), *metro, *weight)).collect();
            assert_eq!(found, expected);
        };
        check(&[], 1.0, &[]);
        check(&[(1.0, 4)], 1.0, &[]);
        check(&[(1.0, 4), (9.0, 4)], 1.0, &[]);
        // Ten days between the two, half of them in each place.
        check(&[(1.0, 4), (11.0, 5)], 1.0, &[(11.0, 5, 5.0), (1.0, 4, 5.0)]);
        // Whoever was there before the second posting, of another, was passed over once: half as likely, with one other.
        check(&[(1.0, 4), (5.0, 4), (11.0, 5)], 1.0, &[(11.0, 5, 3.0), (5.0, 4, 5.0)]);
        check(&[(1.0, 4), (5.0, 4), (11.0, 5)], 3.0, &[(11.0, 5, 3.0), (5.0, 4, 6.0)]);
        // What lies too long before tells nothing.
        check(&[(1.0, 4), (301.0, 5), (303.0, 6)], 3.0, &[(303.0, 6, 1.0), (301.0, 5, 1.0)]);
    }
}
