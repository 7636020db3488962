//! The one thing that EXIF tells us: which way up a picture is to be seen.

/// The tag of the orientation (TIFF 6.0, EXIF 2.32 table 4).
const ORIENTATION: u16 = 0x0112;

/// The orientation, 1 to 8, in a block of EXIF data (with or without its `Exif` heading); 1 when it does not say.
pub fn orientation(block: &[u8]) -> u16 {
    read(block.strip_prefix(b"Exif\0\0").unwrap_or(block))
        .filter(|value| (1..=8).contains(value))
        .unwrap_or(1)
}

fn read(tiff: &[u8]) -> Option<u16> {
    let little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let long = |at: usize| {
        let bytes = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let directory = long(4)? as usize;
    let entries = usize::from(short(directory)?);
    (0..entries)
        .map(|number| directory + 2 + 12 * number)
        .find(|entry| short(*entry) == Some(ORIENTATION))
        .and_then(|entry| short(entry + 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIG: &[u8] =
        b"MM\0*\0\0\0\x08\0\x02\x01\x00\0\x03\0\0\0\x01\0\x09\0\0\x01\x12\0\x03\0\0\0\x01\0\x06\0\0";
    const LITTLE: &[u8] = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0";

    #[test]
    fn orientation_is_read_in_either_order_of_bytes() {
        assert_eq!(orientation(BIG), 6);
        assert_eq!(orientation(LITTLE), 8);
    }

    #[test]
    fn what_is_cut_or_nonsense_says_nothing() {
        (0..BIG.len() - 2).for_each(|length| assert_eq!(orientation(&BIG[..length]), 1, "{length}"));
        assert_eq!(orientation(b"II*\0\xff\xff\xff\xff"), 1);
        assert_eq!(orientation(b"no"), 1);
    }
}
