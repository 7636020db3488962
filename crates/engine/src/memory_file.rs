//! What template clustering remembers between batches, as one flat file of little-endian numbers.

use homeward_archive::private_file;
use homeward_linkage::templates::{Agglomerated, Memory, NONE};
use std::fs;
use std::io::Write;
use std::path::Path;

const MAGIC: &[u8; 8] = b"HWMEM005";

/// Writes under a draft name, then renames.
pub fn write(path: &Path, memory: &Memory) -> std::io::Result<()> {
    let Memory { keys, readings, masks, agglomerated, links, scores, rescored, levels } = memory;
    let mut bytes = Vec::with_capacity(64 + keys.len() * 20 + links.len() * 12 + levels.len() * 8);
    bytes.extend_from_slice(MAGIC);
    put(&mut bytes, keys, |key| key.to_le_bytes());
    put(&mut bytes, readings, |reading| reading.to_le_bytes());
    put(&mut bytes, masks, |mask| mask.to_le_bytes());
    put(&mut bytes, &agglomerated.family, |name| name.to_le_bytes());
    put(&mut bytes, &agglomerated.components, |(smallest, hash)| {
        (u128::from(*hash) << 64 | u128::from(*smallest)).to_le_bytes()
    });
    put(&mut bytes, links, |(a, b)| pair(*a, *b));
    put(&mut bytes, scores, |score| score.to_le_bytes());
    put(&mut bytes, rescored, |score| score.to_le_bytes());
    put(&mut bytes, levels, |(hash, level)| pair(*hash, u32::from(*level)));
    let draft = path.with_extension("draft");
    private_file(&draft)?.write_all(&bytes)?;
    fs::rename(draft, path)
}

/// Reads what [`write()`] wrote; `None` when there is nothing or it is not whole, which costs time and no answer.
pub fn read(path: &Path) -> Option<Memory> {
    let bytes = fs::read(path).ok()?;
    let rest = &mut bytes.strip_prefix(MAGIC)?;
    let memory = Memory {
        keys: take(rest, u64::from_le_bytes)?,
        readings: take(rest, u32::from_le_bytes)?,
        masks: take(rest, u32::from_le_bytes)?,
        agglomerated: Agglomerated {
            family: take(rest, u32::from_le_bytes)?,
            components: take(rest, |bytes| {
                let both = u128::from_le_bytes(bytes);
                (both as u32, (both >> 64) as u64)
            })?,
        },
        links: take(rest, of_pair)?,
        scores: take(rest, u16::from_le_bytes)?,
        rescored: take(rest, u16::from_le_bytes)?,
        levels: take(rest, |bytes| {
            let (hash, level) = of_pair(bytes);
            (hash, level as u8)
        })?,
    };
    let (documents, links) = (memory.keys.len(), memory.links.len());
    let Agglomerated { family, components } = &memory.agglomerated;
    let of_documents = [memory.readings.len(), memory.masks.len(), family.len()];
    let ends = memory.links.iter().map(|(a, b)| *a.max(b));
    let names = family.iter().copied().filter(|name| *name != NONE);
    let named = components.iter().map(|(smallest, _)| *smallest).chain(names);
    let of_links = [memory.scores.len(), memory.rescored.len()];
    let whole = rest.is_empty()
        && of_documents == [documents; 3]
        && of_links == [links; 2]
        && ends.chain(named).all(|document| (document as usize) < documents);
    whole.then_some(memory)
}

/// A list: how many, then each.
fn put<T, const N: usize>(bytes: &mut Vec<u8>, list: &[T], written: impl Fn(&T) -> [u8; N]) {
    bytes.extend_from_slice(&(list.len() as u64).to_le_bytes());
    for item in list {
        bytes.extend_from_slice(&written(item));
    }
}

fn take<T, const N: usize>(rest: &mut &[u8], read: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
    let (count, after) = rest.split_first_chunk()?;
    let length = usize::try_from(u64::from_le_bytes(*count)).ok()?.checked_mul(N)?;
    let (list, after) = after.split_at_checked(length)?;
    *rest = after;
    let (items, _) = list.as_chunks::<N>();
    Some(items.iter().map(|item| read(*item)).collect())
}

fn pair(a: u32, b: u32) -> [u8; 8] {
    (u64::from(a) | u64::from(b) << 32).to_le_bytes()
}

fn of_pair(bytes: [u8; 8]) -> (u32, u32) {
    let both = u64::from_le_bytes(bytes);
    (both as u32, (both >> 32) as u32)
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
            readings: vec![5, 0],
            masks: vec![0, 77],
            agglomerated: Agglomerated { family: vec![0, NONE], components: vec![(0, u64::MAX - 7)] },
            links: vec![(0, 1)],
            scores: vec![7000],
            rescored: vec![6500],
            levels: vec![(3, 2)],
        };
        write(&path, &memory).unwrap();
        assert_eq!(read(&path), Some(memory.clone()));
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert_eq!(read(&path), None);
        write(&path, &Memory { links: vec![(0, 2)], ..memory }).unwrap();
        assert_eq!(read(&path), None);
    }
}
