//! What template clustering remembers between batches, as one flat file of little-endian numbers.

use homeward_linkage::templates::{Memory, Rescored};
use std::fs;
use std::path::Path;

const MAGIC: &[u8; 8] = b"HWMEM003";

/// Bytes of a document, a link and a level.
const DOCUMENT: usize = 8 + 4 + 4;
const LINK: usize = 16 + 2 + 6;
const LEVEL: usize = 5;

/// Writes under a draft name, then renames.
pub fn write(path: &Path, memory: &Memory) -> std::io::Result<()> {
    let size = memory.keys.len() * DOCUMENT + memory.links.len() * LINK + memory.levels.len() * LEVEL;
    let mut bytes = Vec::with_capacity(64 + size);
    bytes.extend_from_slice(MAGIC);
    for count in [memory.keys.len(), memory.links.len(), memory.levels.len()] {
        bytes.extend_from_slice(&(count as u64).to_le_bytes());
    }
    memory.keys.iter().for_each(|key| bytes.extend_from_slice(&key.to_le_bytes()));
    let by_document = memory.masks.iter().chain(&memory.readings);
    by_document.for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
    for (a, b) in &memory.links {
        bytes.extend_from_slice(&a.to_le_bytes());
        bytes.extend_from_slice(&b.to_le_bytes());
    }
    memory.scores.iter().for_each(|score| bytes.extend_from_slice(&score.to_le_bytes()));
    for Rescored { score, a, b } in &memory.rescored {
        for value in [score, a, b] {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
    }
    for (hash, level) in &memory.levels {
        bytes.extend_from_slice(&hash.to_le_bytes());
        bytes.push(*level);
    }
    let draft = path.with_extension("draft");
    fs::write(&draft, bytes)?;
    fs::rename(draft, path)
}

/// Reads what [`write()`] wrote; `None` when there is nothing or it is not whole, which costs time and no answer.
pub fn read(path: &Path) -> Option<Memory> {
    let bytes = fs::read(path).ok()?;
    let word = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
    let count = |at: usize| Some(word(8 + at * 8)? as usize);
    let (keys, links, levels) = (count(0)?, count(1)?, count(2)?);
    let start = 32;
    let whole = start + keys.checked_mul(DOCUMENT)? + links.checked_mul(LINK)? + levels.checked_mul(LEVEL)?;
    if !bytes.starts_with(MAGIC) || bytes.len() != whole {
        return None;
    }
    let at_masks = start + keys * 8;
    let at_readings = at_masks + keys * 4;
    let at_links = at_readings + keys * 4;
    let at_scores = at_links + links * 16;
    let at_rescored = at_scores + links * 2;
    let at_levels = at_rescored + links * 6;
    let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let hash = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let rescored = |at: usize| Rescored { score: short(at), a: short(at + 2), b: short(at + 4) };
    Some(Memory {
        keys: (0..keys).map(|at| word(start + at * 8)).collect::<Option<_>>()?,
        masks: (0..keys).map(|at| hash(at_masks + at * 4)).collect(),
        readings: (0..keys).map(|at| hash(at_readings + at * 4)).collect(),
        links: (0..links)
            .map(|at| word(at_links + at * 16).zip(word(at_links + at * 16 + 8)))
            .collect::<Option<_>>()?,
        scores: (0..links).map(|at| short(at_scores + at * 2)).collect(),
        rescored: (0..links).map(|at| rescored(at_rescored + at * 6)).collect(),
        levels: (0..levels)
            .map(|at| (hash(at_levels + at * LEVEL), bytes[at_levels + at * LEVEL + 4]))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_reads_back_and_damage_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("memory");
        let memory = Memory {
            keys: vec![1, 9],
            masks: vec![0, 77],
            links: vec![(1, 9)],
            scores: vec![7000],
            rescored: vec![Rescored { score: 6500, a: 0xff0f, b: 0x00ff }],
            readings: vec![5, 0],
            levels: vec![(3, 2)],
        };
        write(&path, &memory).unwrap();
        assert_eq!(read(&path), Some(memory));
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert_eq!(read(&path), None);
    }
}
