//! Draws that are the same every time.

/// A stream of numbers that look drawn (xorshift*, Marsaglia 2003; Vigna 2016), the same for the same seed.
pub struct Draw(u64);

impl Draw {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Draw {
        Draw((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next number below a bound, as a record.
    pub fn below(&mut self, bound: usize) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) % bound.max(1) as u64) as u32
    }
}
