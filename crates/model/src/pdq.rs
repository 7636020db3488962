//! PDQ perceptual image hashes as values. Hashing and search live in `linkage`; image bytes are never kept.

use std::fmt;

/// A 256-bit PDQ hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pdq(pub [u64; 4]);

impl Pdq {
    /// Reads 64 hexadecimal characters.
    pub fn parse(text: &str) -> Option<Pdq> {
        let digest = crate::Digest::parse(text)?;
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().zip(digest.0.chunks(8)) {
            *word = u64::from_be_bytes(bytes.try_into().ok()?);
        }
        Some(Pdq(words))
    }

    /// Number of differing bits, 0 to 256.
    pub fn distance(&self, other: &Pdq) -> u32 {
        self.0.iter().zip(other.0).map(|(a, b)| (a ^ b).count_ones()).sum()
    }
}

impl fmt::Display for Pdq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|word| write!(f, "{word:016x}"))
    }
}

impl fmt::Debug for Pdq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is known of an image without holding it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Photo {
    /// Where the source showed it.
    pub url: Option<String>,
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub sha256: Option<String>,
    /// Perceptual hash.
    pub pdq: Option<Pdq>,
    /// PDQ quality, 0 to 100; below 50 the hash is no evidence.
    pub pdq_quality: Option<u8>,
    /// Path or pointer within the source.
    pub path: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_read_back_and_count_bits() {
        let text = "f".repeat(63) + "e";
        let hash = Pdq::parse(&text).unwrap();
        assert_eq!(hash.to_string(), text);
        assert_eq!(hash.distance(&Pdq([u64::MAX; 4])), 1);
        assert_eq!(Pdq::parse("zz"), None);
    }
}
