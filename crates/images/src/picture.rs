//! Pixels in memory, 8 bits a channel.

/// A decoded picture, grey or RGB. Lives as long as its hash is being made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    channels: usize,
    samples: Vec<u8>,
}

impl Picture {
    /// A grey picture, row by row; `None` when the number of samples is not `width * height`.
    pub fn grey(width: usize, height: usize, samples: Vec<u8>) -> Option<Picture> {
        Picture::new(width, height, 1, samples)
    }

    /// An RGB picture, row by row; `None` when the number of samples is not `3 * width * height`.
    pub fn rgb(width: usize, height: usize, samples: Vec<u8>) -> Option<Picture> {
        Picture::new(width, height, 3, samples)
    }

    fn new(width: usize, height: usize, channels: usize, samples: Vec<u8>) -> Option<Picture> {
        let fits = width.checked_mul(height)?.checked_mul(channels)? == samples.len() && !samples.is_empty();
        fits.then_some(Picture { width, height, channels, samples })
    }

    /// Pixels in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Samples of one pixel: 1 grey, 3 RGB.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The samples of one row.
    pub fn row(&self, row: usize) -> &[u8] {
        let length = self.width * self.channels;
        &self.samples[row * length..][..length]
    }

    /// The picture as EXIF orientation 1 to 8 says that it is to be seen; other values leave it as it is.
    #[must_use]
    pub fn oriented(self, orientation: u16) -> Picture {
        let (width, height) = (self.width, self.height);
        // For each value, where the pixel (x, y) of what is seen stands in what is stored.
        let stored = |x: usize, y: usize| match orientation {
            2 => (width - 1 - x, y),
            3 => (width - 1 - x, height - 1 - y),
            4 => (x, height - 1 - y),
            5 => (y, x),
            6 => (y, height - 1 - x),
            7 => (width - 1 - y, height - 1 - x),
            _ => (width - 1 - y, x),
        };
        let (seen_width, seen_height) = match orientation {
            2..=4 => (width, height),
            5..=8 => (height, width),
            _ => return self,
        };
        let mut samples = Vec::with_capacity(self.samples.len());
        for y in 0..seen_height {
            for x in 0..seen_width {
                let (x, y) = stored(x, y);
                samples.extend_from_slice(&self.samples[(y * width + x) * self.channels..][..self.channels]);
            }
        }
        Picture { width: seen_width, height: seen_height, channels: self.channels, samples }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The letter F drawn in stored order under each orientation is the same F when seen.
    #[track_caller]
    fn check(orientation: u16, width: usize, stored: &str) {
        let bytes: Vec<u8> = stored.bytes().filter(|byte| *byte != b'/').collect();
        let seen = Picture::grey(width, bytes.len() / width, bytes).unwrap().oriented(orientation);
        let rows: Vec<&str> =
            (0..seen.height()).map(|row| std::str::from_utf8(seen.row(row)).unwrap()).collect();
        assert_eq!(rows.join("/"), "FF/F./f.", "orientation {orientation}");
    }

    #[test]
    fn every_orientation_is_seen_upright() {
        check(1, 2, "FF/F./f.");
        check(2, 2, "FF/.F/.f");
        check(3, 2, ".f/.F/FF");
        check(4, 2, "f./F./FF");
        check(5, 3, "FFf/F..");
        check(6, 3, "F../FFf");
        check(7, 3, "..F/fFF");
        check(8, 3, "fFF/..F");
        check(0, 2, "FF/F./f.");
        check(9, 2, "FF/F./f.");
    }

    #[test]
    fn a_picture_has_all_its_samples() {
        assert_eq!(Picture::grey(2, 2, vec![0; 3]), None);
        assert_eq!(Picture::rgb(2, 2, vec![0; 4]), None);
        assert_eq!(Picture::grey(0, 5, Vec::new()), None);
        assert_eq!(Picture::grey(usize::MAX, 2, vec![0; 8]), None);
    }
}
