//! SHA-256 as hex, for versions and receipts, and with a key where nobody shall try values against it.

use sha2::{Digest, Sha256};

/// SHA-256 of what comes piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Running(Sha256);

impl Running {
    /// The next piece; where it ends is part of the digest.
    pub fn add(&mut self, piece: &str) {
        self.0.update((piece.len() as u64).to_be_bytes());
        self.0.update(piece);
    }

    /// The digest of all pieces so far, in lower-case hex.
    pub fn hex(&self) -> String {
        text(self.0.clone().finalize())
    }
}

/// SHA-256 works on blocks of this size.
const BLOCK: usize = 64;

/// SHA-256 of some bytes in lower-case hex.
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    text(Sha256::digest(bytes.as_ref()))
}

/// HMAC-SHA-256 (RFC 2104) of some bytes in lower-case hex.
pub fn keyed(key: &[u8; 32], bytes: &[u8]) -> String {
    let padded = |with: u8| {
        let mut block = [with; BLOCK];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(bytes).finalize();
    text(Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize())
}

/// Bytes in lower-case hex.
pub fn text(bytes: impl AsRef<[u8]>) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |half: u8| DIGITS[usize::from(half & 0xf)];
    bytes.as_ref().iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// Bytes out of hex, if it is as many as are wanted.
pub fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyed_digest_is_as_the_standard_says() {
        // RFC 4231, test case 1, whose key is shorter and so padded with zeros.
        let mut key = [0; 32];
        key[..20].fill(0x0b);
        let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        assert_eq!(keyed(&key, b"Hi There"), expected);
    }

    #[test]
    fn hex_comes_back() {
        assert_eq!(bytes::<3>(&text([0, 171, 255])), Some([0, 171, 255]));
        for wrong in ["00ab", "00abff00", "00abfg", "+0abff"] {
            assert_eq!(bytes::<3>(wrong), None, "{wrong}");
        }
    }
}
