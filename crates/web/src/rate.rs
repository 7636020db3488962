//! How much one address may ask: a bucket that fills with time.

use homeward_model::Instant;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

/// How much is allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Allowance {
    /// At once, after a pause.
    pub burst: u32,
    /// In the long run, each minute.
    pub per_minute: u32,
}

/// Most addresses that are remembered; beyond it full buckets are forgotten, and if all are in use, all are.
const MOST_ADDRESSES: usize = 100_000;

struct Bucket {
    left: f64,
    seen: Instant,
}

/// Counts by address.
pub(crate) struct Limiter {
    allowance: Allowance,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

impl Limiter {
    /// Nothing was asked yet.
    pub(crate) fn new(allowance: Allowance) -> Limiter {
        Limiter { allowance, buckets: Mutex::default() }
    }

    /// Takes one from the bucket of an address; `Err` holds the seconds until there is one again.
    pub(crate) fn take(&self, address: IpAddr, now: Instant) -> Result<(), u32> {
        let (burst, per_second) =
            (f64::from(self.allowance.burst), f64::from(self.allowance.per_minute) / 60.0);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let filled = |bucket: &Bucket| {
            let seconds = (now.0 - bucket.seen.0).max(0) as f64 / 1e6;
            (bucket.left + seconds * per_second).min(burst)
        };
        if buckets.len() >= MOST_ADDRESSES {
            buckets.retain(|_, bucket| filled(bucket) < burst);
            if buckets.len() >= MOST_ADDRESSES {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(neighbourhood(address)).or_insert(Bucket { left: burst, seen: now });
        bucket.left = filled(bucket);
        bucket.seen = now;
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        Err(((1.0 - bucket.left) / per_second.max(1e-6)).ceil().min(86_400.0) as u32)
    }
}

/// One household: an IPv4 address, or the 64 leading bits of an IPv6 one, below which every device picks its own.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    fn check(limiter: &Limiter, address: &str, second: i64, expected: Result<(), u32>) {
        let taken = limiter.take(address.parse().unwrap(), Instant(second * SECOND));
        assert_eq!(taken, expected, "{address} at {second}");
    }

    #[test]
    fn a_bucket_empties_and_fills() {
        let limiter = Limiter::new(Allowance { burst: 2, per_minute: 6 });
        check(&limiter, "192.0.2.1", 0, Ok(()));
        check(&limiter, "192.0.2.1", 0, Ok(()));
        check(&limiter, "192.0.2.1", 0, Err(10));
        check(&limiter, "192.0.2.2", 0, Ok(()));
        check(&limiter, "192.0.2.1", 4, Err(6));
        check(&limiter, "192.0.2.1", 10, Ok(()));
        check(&limiter, "192.0.2.1", 10, Err(10));
        // A clock that goes back gives nothing away.
        check(&limiter, "192.0.2.1", 5, Err(10));
    }

    #[test]
    fn one_network_is_one_address() {
        let limiter = Limiter::new(Allowance { burst: 1, per_minute: 1 });
        check(&limiter, "2001:db8::1", 0, Ok(()));
        check(&limiter, "2001:db8::ffff:1", 0, Err(60));
        check(&limiter, "2001:db8:0:1::1", 0, Ok(()));
        check(&limiter, "192.0.2.7", 0, Ok(()));
        check(&limiter, "::ffff:192.0.2.7", 0, Err(60));
    }

    #[test]
    fn memory_is_bounded() {
        let limiter = Limiter::new(Allowance { burst: 1, per_minute: 1 });
        for at in 0..(MOST_ADDRESSES + 10) as u32 {
            assert_eq!(limiter.take(IpAddr::from(at.to_be_bytes()), Instant(0)), Ok(()));
        }
        assert!(limiter.buckets.lock().unwrap().len() <= MOST_ADDRESSES);
    }
}
