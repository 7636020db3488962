//! How many of the pairs of one person are compared at all, estimated from the records themselves.
//!
//! A pair is found through a column when it agrees there, or in what is derived from it. Columns are occasions of catching
//! it: how many pairs only one column found, and how many two, tells how many none did (Chao 1987, a lower bound where pairs
//! differ in how easily they are found). Persons tell more: two of their records that a third brought together, and no column.

use crate::groups::Groups;

/// How many of the pairs of one person were found by blocking.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reach {
    /// Pairs that were compared.
    pub candidates: usize,
    /// Pairs of one person that were compared.
    pub found: usize,
    /// Pairs of one person that were not, but that other records of the person brought together.
    pub through_others: usize,
    /// Pairs of one person that were not compared, by how many columns found the others.
    pub unseen: f64,
}

impl Reach {
    /// Estimated share of the pairs of one person that were compared, from 0 to 1; none where nobody was found.
    pub fn recall(&self) -> Option<f64> {
        let found = self.found as f64;
        (self.found > 0).then(|| found / (found + self.unseen.max(self.through_others as f64)))
    }
}

/// What was reached: `pairs` were compared and are no strangers, `ways` says through how many columns each was found.
pub fn reach(groups: &Groups, pairs: &[(u32, u32, f32)], ways: &[u8], candidates: usize) -> Reach {
    let (mut found, mut once, mut twice) = (0usize, 0usize, 0usize);
    for ((a, b, _), ways) in pairs.iter().zip(ways) {
        if groups.of[*a as usize] == groups.of[*b as usize] {
            found += 1;
            once += usize::from(*ways == 1);
            twice += usize::from(*ways == 2);
        }
    }
    let all: usize =
        groups.members.iter().map(|members| members.len() * members.len().saturating_sub(1) / 2).sum();
    // The form without bias (Chao 1987), which also holds where no pair was found twice.
    let unseen = (once * once.saturating_sub(1)) as f64 / (2 * (twice + 1)) as f64;
    Reach { candidates, found, through_others: all.saturating_sub(found), unseen }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Groups of three records each, and how many ways found the pairs (0, 1), (1, 2), (3, 4), ...
    fn check(ways: &[u8], expected: (usize, usize, f64)) {
        let mut groups = Groups::apart(6);
        for (a, b) in [(0usize, 1usize), (1, 2), (3, 4), (4, 5)] {
            groups.join(groups.of[a], groups.of[b]);
        }
        let pairs = [(0, 1, 9.0), (1, 2, 9.0), (3, 4, 9.0), (4, 5, 9.0), (2, 3, -5.0)];
        let found = reach(&groups, &pairs[..ways.len()], ways, 20);
        assert_eq!((found.found, found.through_others, found.unseen), expected);
    }

    #[test]
    fn what_is_found_once_tells_what_is_not_found() {
        check(&[3, 3, 3, 3], (4, 2, 0.0));
        check(&[1, 1, 2, 2], (4, 2, 2.0 / 6.0));
        check(&[1, 1, 1, 1, 1], (4, 2, 6.0));
        check(&[], (0, 6, 0.0));
    }

    #[test]
    fn the_larger_of_two_estimates_counts() {
        let reach = |through_others, unseen| Reach { candidates: 100, found: 90, through_others, unseen };
        assert_eq!(reach(10, 2.0).recall(), Some(0.9));
        assert_eq!(reach(0, 10.0).recall(), Some(0.9));
        assert_eq!(Reach::default().recall(), None);
    }
}
