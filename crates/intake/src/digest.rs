//! Digests as web archives write them: `algorithm:value`, the value in base32, hexadecimal or base64.

use data_encoding::{BASE32, BASE64, BASE64URL, HEXLOWER};
use sha1::digest::{Digest, DynDigest};

/// A hasher for an algorithm by its name; `None` when it is not known.
pub fn hasher(algorithm: &str) -> Option<Box<dyn DynDigest>> {
    match algorithm.to_lowercase().replace('-', "").as_str() {
        "sha1" => Some(Box::new(sha1::Sha1::new())),
        "sha256" => Some(Box::new(sha2::Sha256::new())),
        "sha512" => Some(Box::new(sha2::Sha512::new())),
        "md5" => Some(Box::new(md5::Md5::new())),
        _ => None,
    }
}

/// Whether a finished hash is the one that was written.
pub fn is_written(hash: &[u8], written: &str) -> bool {
    let bare = written.trim().trim_end_matches('=');
    let plain = |text: String| text.trim_end_matches('=').to_owned();
    plain(BASE32.encode(hash)).eq_ignore_ascii_case(bare)
        || HEXLOWER.encode(hash).eq_ignore_ascii_case(bare)
        || plain(BASE64.encode(hash)) == bare
        || plain(BASE64URL.encode(hash)) == bare
}

/// Whether some bytes have a digest. One whose algorithm is not known cannot be checked and passes.
pub fn fits(bytes: &[u8], digest: &str) -> bool {
    let Some((algorithm, written)) = digest.split_once(':') else { return true };
    let Some(mut hasher) = hasher(algorithm) else { return true };
    hasher.update(bytes);
    is_written(&hasher.finalize(), written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_fits() {
        for digest in [
            "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ",
            "sha1:3i42h3s6nnfq2msvx7xzkyayscx5qbyj",
            "SHA-1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "sha1:2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
            "sha1:2jmj7l5rSw0yVb_vlWAYkK_YBwk=",
            "md5:d41d8cd98f00b204e9800998ecf8427e",
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "crc:0",
            "nothing",
        ] {
            assert!(fits(b"", digest), "{digest}");
        }
        assert!(!fits(b"x", "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"));
        assert!(!fits(b"", "sha1:1112H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"));
    }
}
