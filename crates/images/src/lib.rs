//! Images: from a file's bytes to its PDQ perceptual hash, and whether two images show the same picture.
//!
//! Bytes come in and hashes go out: nothing here opens, keeps or writes a file. PDQ is the published algorithm of
//! Facebook's `ThreatExchange`, equal to its reference bit by bit on the same pixels. Search among many hashes is in
//! `linkage`, which needs no pixels.

mod align;
mod alike;
mod decode;
mod exif;
mod pdq;
mod picture;
mod shrink;
mod sketch;

pub use alike::distance;
pub use decode::{DecodeError, LARGEST_FILE, LARGEST_PICTURE, decode};
pub use pdq::{Frequencies, Hashed, LEAST_QUALITY, TURNS, Turn, hash};
pub use picture::Picture;
pub use shrink::{SIDE, Small, shrink};
pub use sketch::Sketch;
