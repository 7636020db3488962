//! The statistics of the report: intervals of shares, tests of differences, and what many tests at once ask for.

/// The normal quantile of a 95 % interval.
const Z95: f64 = 1.959_963_984_540_054;

/// The 95 % interval of a share: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.
/// Everything is possible of nothing.
pub fn wilson(right: usize, of: usize) -> (f64, f64) {
    if of == 0 {
        return (0.0, 1.0);
    }
    let (n, share) = (of as f64, right as f64 / of as f64);
    let z2 = Z95 * Z95;
    let middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z95 * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt() / (1.0 + z2 / n);
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// Natural logarithms of factorials from 0 to a largest number.
pub struct Factorials(Vec<f64>);

impl Factorials {
    /// Those up to `most`.
    pub fn up_to(most: usize) -> Factorials {
        let mut list = vec![0.0; most + 1];
        for n in 1..=most {
            list[n] = list[n - 1] + (n as f64).ln();
        }
        Factorials(list)
    }

    /// Fisher's exact test, two-sided: the chance of a table no likelier than this one when a share is the same on both sides.
    /// `right` of `of`, on either side.
    pub fn fisher(&self, (right, of): (usize, usize), (other_right, other_of): (usize, usize)) -> f64 {
        let ln = |n: usize| self.0[n];
        let (rights, all) = (right + other_right, of + other_of);
        let choose = |n: usize, k: usize| ln(n) - ln(k) - ln(n - k);
        let chance = |here: usize| choose(of, here) + choose(other_of, rights - here) - choose(all, rights);
        // Equal tables differ by rounding only.
        let seen = chance(right) + 1e-7;
        let (from, to) = (rights.saturating_sub(other_of), rights.min(of));
        (from..=to).map(chance).filter(|chance| *chance <= seen).map(f64::exp).sum::<f64>().min(1.0)
    }
}

/// The two-sided p-value of a standard normal value: the complementary error function by the Chebyshev fit of Press et al.,
/// "Numerical Recipes", 6.2, right to 1.2e-7.
pub fn normal(z: f64) -> f64 {
    const FIT: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * x);
    let polynomial = FIT.iter().rev().fold(0.0, |sum, part| sum * t + part);
    (t * (-x * x + polynomial).exp()).clamp(0.0, 1.0)
}

/// P-values corrected for being many: Holm, "A simple sequentially rejective multiple test procedure", 1979.
pub fn holm(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut corrected = vec![0.0; values.len()];
    let mut least = 0.0_f64;
    for (before, at) in order.iter().enumerate() {
        least = least.max(values[*at] * (values.len() - before) as f64).min(1.0);
        corrected[*at] = least;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: f64, wanted: f64) {
        assert!((found - wanted).abs() < 5e-4, "{found} and not {wanted}");
    }

    #[test]
    fn published_examples_come_out() {
        // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, 1998, table I.
        let check = |right, of, low: f64, high: f64| {
            let found = wilson(right, of);
            near(found.0, low);
            near(found.1, high);
        };
        check(81, 263, 0.2553, 0.3662);
        check(15, 148, 0.0624, 0.1605);
        check(0, 20, 0.0, 0.1611);
        check(1, 29, 0.0061, 0.1718);
        // Fisher's lady tasting tea: three of four cups right.
        near(Factorials::up_to(8).fisher((3, 4), (1, 4)), 0.4857);
        near(Factorials::up_to(20).fisher((1, 10), (9, 10)), 0.0011);
        near(Factorials::up_to(20).fisher((5, 10), (5, 10)), 1.0);
        near(normal(1.959_964), 0.05);
        near(normal(0.0), 1.0);
        near(normal(-3.290_527), 0.001);
        assert_eq!(holm(&[0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]);
        assert!(holm(&[]).is_empty());
    }
}
