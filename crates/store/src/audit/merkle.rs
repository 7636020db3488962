//! The Merkle tree of RFC 6962, section 2.1, as it grows: only the roots of its complete subtrees are kept.

use aws_lc_rs::digest::{SHA256, digest};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

fn sha256(parts: &[&[u8]]) -> Hash {
    digest(&SHA256, &parts.concat()).as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// The hash of a leaf.
pub fn leaf(entry: &[u8]) -> Hash {
    sha256(&[&[0], entry])
}

fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

/// A growing tree: its size, and the roots of its complete subtrees, largest first (one for each bit of the size).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    peaks: Vec<Hash>,
}

impl Tree {
    /// A tree from its size and the bytes of its peaks; `None` when they do not fit.
    pub fn stored(size: u64, peaks: &[u8]) -> Option<Tree> {
        let (chunks, rest) = peaks.as_chunks::<32>();
        let fits = rest.is_empty() && chunks.len() == size.count_ones() as usize;
        fits.then(|| Tree { size, peaks: chunks.to_vec() })
    }

    /// How many leaves it has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The peaks as bytes.
    pub fn peaks(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// Appends a leaf, by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut top = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("there is a peak for each bit of the size");
            top = node(&left, &top);
        }
        self.peaks.push(top);
        self.size += 1;
    }

    /// The root.
    pub fn root(&self) -> Hash {
        let Some((last, rest)) = self.peaks.split_last() else { return sha256(&[]) };
        rest.iter().rev().fold(*last, |right, left| node(left, &right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_model::Digest;

    /// The eight leaves and roots of the reference implementation of Certificate Transparency.
    #[test]
    fn roots_are_those_of_the_reference_implementation() {
        let leaves: [&[u8]; 8] = [
            &[],
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut tree = Tree::default();
        assert_eq!(Digest(tree.root()), Digest::of(b""));
        for (entry, root) in leaves.into_iter().zip(roots) {
            tree.push(leaf(entry));
            assert_eq!(Digest(tree.root()).hex(), root);
            assert_eq!(Tree::stored(tree.size(), &tree.peaks()), Some(tree.clone()));
        }
        assert_eq!(Tree::stored(7, &tree.peaks()), None);
    }
}
