//! From the bytes of a JPEG, PNG, WebP or GIF file to a picture. The format is found by content.
//!
//! Files come from strangers: what a header promises is checked against a limit before anything is allocated, and what
//! is broken or cut short is an error, never half a picture whose hash would be another's.

use crate::{Picture, exif};
use std::io::Cursor;
use thiserror::Error;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// Bytes of the largest file that is decoded.
pub const LARGEST_FILE: u64 = 256 << 20;
/// Pixels of the largest picture that is decoded: a little more than the largest common camera makes (108 megapixels).
pub const LARGEST_PICTURE: usize = 120_000_000;
/// Sides beyond this are no picture, whatever their product.
const LONGEST_SIDE: usize = 65_535;

/// Why a file has no picture for us. The caller names the file.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DecodeError {
    /// Other content.
    #[error("not a JPEG, PNG, WebP or GIF image")]
    Unknown,
    /// More than is decoded.
    #[error("a picture of {width} x {height} is more than the {LARGEST_PICTURE} pixels that are decoded")]
    TooLarge {
        /// Pixels in a row, as the header says.
        width: usize,
        /// Rows, as the header says.
        height: usize,
    },
    /// More bytes than are read.
    #[error("a file of {0} bytes is more than the {LARGEST_FILE} that are read")]
    FileTooLarge(u64),
    /// Breaks the rules of its format.
    #[error("broken {format}: {reason}")]
    Broken {
        /// The format by its first bytes.
        format: &'static str,
        /// What the decoder says.
        reason: String,
    },
}

/// The picture of a file, the right way up: the first frame where there are several, colours without transparency,
/// 16-bit samples by their upper byte. A JPEG in the usual colour space gives its luma alone.
pub fn decode(bytes: &[u8]) -> Result<Picture, DecodeError> {
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(DecodeError::FileTooLarge(bytes.len() as u64));
    }
    match bytes {
        [0xff, 0xd8, 0xff, ..] => jpeg(bytes),
        [0x89, b'P', b'N', b'G', ..] => png(bytes),
        [b'G', b'I', b'F', b'8', ..] => gif(bytes),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => webp(bytes),
        _ => Err(DecodeError::Unknown),
    }
}

fn broken(format: &'static str, reason: &(impl ToString + ?Sized)) -> DecodeError {
    DecodeError::Broken { format, reason: reason.to_string() }
}

/// Number of pixels, if so many are decoded.
fn pixels(width: usize, height: usize) -> Result<usize, DecodeError> {
    let count = width.saturating_mul(height);
    if width > LONGEST_SIDE || height > LONGEST_SIDE || count > LARGEST_PICTURE {
        return Err(DecodeError::TooLarge { width, height });
    }
    Ok(count)
}

/// A picture of samples that may hold more channels than are wanted: grey with alpha, colour with alpha.
fn picture(
    format: &'static str,
    (width, height): (usize, usize),
    mut samples: Vec<u8>,
    channels: usize,
) -> Result<Picture, DecodeError> {
    if channels == 2 || channels == 4 {
        let kept = channels - 1;
        let count = samples.len() / channels;
        (0..count)
            .for_each(|pixel| samples.copy_within(pixel * channels..pixel * channels + kept, pixel * kept));
        samples.truncate(count * kept);
    }
    let made = if channels < 3 {
        Picture::grey(width, height, samples)
    } else {
        Picture::rgb(width, height, samples)
    };
    made.ok_or_else(|| broken(format, "fewer pixels than the header says"))
}

fn jpeg(bytes: &[u8]) -> Result<Picture, DecodeError> {
    let strict = jpeg_by(bytes, true);
    // Padding between the parts is harmless and common; a file without its end is not.
    if matches!(strict, Err(DecodeError::Broken { .. })) && jpeg_ends(bytes) {
        jpeg_by(bytes, false)
    } else {
        strict
    }
}

/// Whether the last scan of a JPEG file is followed by the mark of its end.
fn jpeg_ends(bytes: &[u8]) -> bool {
    let last = |mark: u8| bytes.windows(2).rposition(|pair| pair == [0xff, mark]);
    last(0xd9) > last(0xda)
}

fn jpeg_by(bytes: &[u8], strict: bool) -> Result<Picture, DecodeError> {
    let options = DecoderOptions::default()
        .set_strict_mode(strict)
        .set_max_width(LONGEST_SIDE)
        .set_max_height(LONGEST_SIDE);
    let mut decoder = JpegDecoder::new_with_options(Cursor::new(bytes), options);
    let error = |reason| broken("JPEG", format!("{reason:?}").trim_matches('"'));
    decoder.decode_headers().map_err(error)?;
    let (width, height) =
        decoder.info().map(|info| (usize::from(info.width), usize::from(info.height))).unwrap_or_default();
    pixels(width, height)?;
    let luma = matches!(decoder.input_colorspace(), Some(ColorSpace::YCbCr | ColorSpace::Luma));
    let wanted = if luma { ColorSpace::Luma } else { ColorSpace::RGB };
    decoder.set_options(options.jpeg_set_out_colorspace(wanted));
    let orientation = decoder.exif().map_or(1, |block| exif::orientation(block));
    let samples = decoder.decode().map_err(error)?;
    Ok(picture("JPEG", (width, height), samples, if luma { 1 } else { 3 })?.oriented(orientation))
}

fn png(bytes: &[u8]) -> Result<Picture, DecodeError> {
    let error = |reason| broken("PNG", &reason);
    let limits = png::Limits { bytes: LARGEST_FILE as usize };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    let info = decoder.read_header_info().map_err(error)?;
    let (width, height) = (info.width as usize, info.height as usize);
    pixels(width, height)?;
    let mut reader = decoder.read_info().map_err(error)?;
    let channels = reader.output_color_type().0.samples();
    let orientation = reader.info().exif_metadata.as_ref().map_or(1, |block| exif::orientation(block));
    let mut samples = vec![0; width * height * channels];
    reader.next_frame(&mut samples).map_err(error)?;
    Ok(picture("PNG", (width, height), samples, channels)?.oriented(orientation))
}

fn webp(bytes: &[u8]) -> Result<Picture, DecodeError> {
    let error = |reason| broken("WebP", &reason);
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes)).map_err(error)?;
    let (width, height) = decoder.dimensions();
    let (width, height) = (width as usize, height as usize);
    pixels(width, height)?;
    decoder.set_memory_limit(8 * LARGEST_PICTURE);
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    let block = decoder.exif_metadata().ok().flatten();
    let mut samples = vec![0; width * height * channels];
    decoder.read_image(&mut samples).map_err(error)?;
    Ok(picture("WebP", (width, height), samples, channels)?
        .oriented(block.map_or(1, |block| exif::orientation(&block))))
}

fn gif(bytes: &[u8]) -> Result<Picture, DecodeError> {
    let error = |reason| broken("GIF", &reason);
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(error)?;
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    let count = pixels(width, height)?;
    let frame = decoder.next_frame_info().map_err(error)?.ok_or_else(|| broken("GIF", "no frame"))?;
    pixels(usize::from(frame.width), usize::from(frame.height))?;
    let (left, top) = (usize::from(frame.left), usize::from(frame.top));
    let (across, down) = (usize::from(frame.width), usize::from(frame.height));
    let mut samples = vec![0; decoder.buffer_size()];
    decoder.read_into_buffer(&mut samples).map_err(error)?;
    if (left, top, across, down) == (0, 0, width, height) {
        return picture("GIF", (width, height), samples, 4);
    }
    // A frame that leaves a part of the canvas free is laid on black; what lies beside the canvas is not seen.
    let mut canvas = vec![0; count * 4];
    let seen = across.min(width.saturating_sub(left)) * 4;
    if seen > 0 {
        let rows = canvas.chunks_exact_mut(width * 4).skip(top).zip(samples.chunks_exact(across * 4));
        rows.for_each(|(canvas, frame)| canvas[left * 4..][..seen].copy_from_slice(&frame[..seen]));
    }
    picture("GIF", (width, height), canvas, 4)
}
