//! Packed web archives: one gzip member for each record. After a damaged member the next one is looked for.

use crate::http::LARGEST;
use crate::text::is_damage;
use crate::warc::{Cut, Next, Source, block, head, skip_line_ends};
use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, BufReader, Read, Seek};

/// First bytes of a gzip member with the only method there is.
const MEMBER: [u8; 3] = [0x1f, 0x8b, 8];
/// Bytes before the place where a damaged member broke in which the next member is looked for.
const BACK: u64 = 64 << 10;

/// The record of the next member.
pub fn packed_record<F: Read + Seek>(source: &mut Source<F>) -> io::Result<Next> {
    if source.fill_buf()?.is_empty() {
        return Ok(Next::End);
    }
    let mut cut = Box::new(Cut { offset: source.position, ..Cut::default() });
    let begin = source.position;
    let outcome = member(source, &mut cut);
    match outcome {
        Ok(Member::Whole) => return Ok(Next::Record(cut)),
        Ok(Member::More) => return Ok(Next::Members),
        // A record that its member does not hold: the next member may hold the rest of it, then the file is packed wrongly.
        Ok(Member::Short) if !next_is_record(source)? => return Ok(Next::Members),
        Ok(Member::Short | Member::Bad) => {}
        Err(error) if is_damage(&error) => {
            cut.flaw = Some(format!("the gzip member is damaged or cut short: {error}"));
        }
        Err(error) => return Err(error),
    }
    cut.block.clear();
    let broke = source.position;
    find_member(source, (begin + 1).max(broke.saturating_sub(BACK)))?;
    Ok(Next::Record(cut))
}

enum Member {
    /// One record and nothing else.
    Whole,
    /// A second record follows in the same member.
    More,
    /// The record goes on after its member.
    Short,
    /// No record.
    Bad,
}

fn member<F: Read + Seek>(source: &mut Source<F>, cut: &mut Cut) -> io::Result<Member> {
    let mut member = BufReader::new(GzDecoder::new(&mut *source));
    skip_line_ends(&mut member)?;
    let length = match head(&mut member, cut)? {
        Ok(length) => length,
        Err(flaw) => {
            cut.flaw = Some(flaw);
            drain(&mut member)?;
            return Ok(Member::Bad);
        }
    };
    let got = block(&mut member, length, cut)?;
    if got < length {
        cut.flaw = Some(format!("the record is cut short: {got} of {length} bytes"));
        return Ok(Member::Short);
    }
    skip_line_ends(&mut member)?;
    let behind = member.fill_buf()?;
    if behind.is_empty() {
        return Ok(Member::Whole);
    }
    if behind.starts_with(b"WARC/") {
        return Ok(Member::More);
    }
    cut.flaw = Some("no end follows the block: its Content-Length is wrong".to_owned());
    drain(&mut member)?;
    Ok(Member::Bad)
}

/// Reads the rest of a member: a bad record may only be damage, which shows at the end.
fn drain(member: &mut impl Read) -> io::Result<()> {
    io::copy(&mut member.take(LARGEST as u64), &mut io::sink()).map(|_| ())
}

/// Whether the member that comes next begins a record, or nothing comes; the position stays.
fn next_is_record<F: Read + Seek>(source: &mut Source<F>) -> io::Result<bool> {
    let begin = source.position;
    let at_end = source.fill_buf()?.is_empty();
    let found = at_end || opens_record(source)?;
    source.go_to(begin)?;
    Ok(found)
}

fn opens_record<F: Read + Seek>(source: &mut Source<F>) -> io::Result<bool> {
    let mut first = Vec::new();
    match GzDecoder::new(&mut *source).take(5).read_to_end(&mut first) {
        Err(error) if !is_damage(&error) => Err(error),
        _ => Ok(first == b"WARC/"),
    }
}

/// Goes to the next member that begins a record, at or after a position, or to the end.
fn find_member<F: Read + Seek>(source: &mut Source<F>, from: u64) -> io::Result<()> {
    source.go_to(from)?;
    loop {
        source.skip_until_byte(MEMBER[0])?;
        let begin = source.position;
        let mut magic = Vec::new();
        source.by_ref().take(3).read_to_end(&mut magic)?;
        if magic.is_empty() {
            return Ok(());
        }
        source.go_to(begin)?;
        if magic == MEMBER && opens_record(source)? {
            return source.go_to(begin);
        }
        source.go_to(begin + 1)?;
    }
}
