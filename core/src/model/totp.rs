//! One-time codes of an authenticator app (RFC 6238: SHA-1, 30 s, six digits), and recovery codes for when it is lost.

use data_encoding::BASE32_NOPAD;
use ring::hmac;

use crate::model::{Time, percent};

const STEP_SECONDS: i64 = 30;
/// Steps before and after the present one whose codes are taken: telephones are wrong by some seconds, and typing takes some.
const AROUND: i64 = 1;
/// As long as the digest of the HMAC, which RFC 4226 recommends.
pub const SECRET_BYTES: usize = 20;
/// Four groups of six letters of base 32: 120 bits, which nobody finds by trying, even from the digests.
pub const RECOVERY_BYTES: usize = 15;
/// Recovery codes given out at once.
pub const N_RECOVERY: usize = 10;

/// Base 32 without padding, as authenticator apps take secrets.
pub fn base32(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes)
}

/// What an app reads from a QR code: whose secret it is and how it is used.
pub fn uri(login: &str, secret: &[u8]) -> String {
    format!(
        "otpauth://totp/Marque:{}?secret={}&issuer=Marque&algorithm=SHA1&digits=6&period={STEP_SECONDS}",
        percent::encode(login),
        base32(secret)
    )
}

/// The time step whose code this is, if it is one of about now.
pub fn step_of(secret: &[u8], code: &str, now: Time) -> Option<i64> {
    let present = now.millis().div_euclid(STEP_SECONDS * 1_000);
    let code = code.trim();
    // All are worked out: how long it takes does not tell which one it was.
    (present - AROUND..=present + AROUND)
        .fold(None, |found, step| if is_equal(&self::code(secret, step), code) { Some(step) } else { found })
}

/// The code of a time step.
pub fn code(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[19] & 15);
    let number = u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

fn is_equal(one: &str, other: &str) -> bool {
    subtle::ConstantTimeEq::ct_eq(one.as_bytes(), other.as_bytes()).into()
}

/// A recovery code as it is shown, `k7qf2m-…`.
pub fn recovery_code(bytes: &[u8; RECOVERY_BYTES]) -> String {
    let letters = base32(bytes).to_ascii_lowercase();
    letters.as_bytes().chunks(6).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-")
}

/// A recovery code as it is compared: however it was typed. None when it cannot be one.
pub fn plain_recovery_code(typed: &str) -> Option<String> {
    let letters: String = typed.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
    (letters.len() == RECOVERY_BYTES * 8 / 5).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Appendix B of RFC 6238, the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (seconds, wanted) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(secret, seconds / STEP_SECONDS), wanted, "{seconds}");
        }
    }

    #[test]
    fn a_code_holds_for_its_step_and_one_around() {
        let secret = b"12345678901234567890";
        let at = |seconds: i64| Time::from_millis(seconds * 1_000);
        let code = code(secret, 100);
        for (seconds, is_taken) in
            [(2_969, false), (2_970, true), (3_000, true), (3_029, true), (3_059, true), (3_060, false)]
        {
            assert_eq!(step_of(secret, &code, at(seconds)), is_taken.then_some(100), "{seconds}");
        }
        assert_eq!(step_of(secret, "", at(3_000)), None);
        assert_eq!(step_of(secret, &code[..5], at(3_000)), None);
    }

    /// Section 10 of RFC 4648.
    #[test]
    fn base_32_is_that_of_the_standard() {
        for (bytes, wanted) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), wanted);
        }
    }

    #[test]
    fn a_recovery_code_is_taken_however_it_is_typed() {
        let shown = recovery_code(&[7; RECOVERY_BYTES]);
        assert_eq!(shown.len(), 27, "{shown}");
        let plain = plain_recovery_code(&shown).unwrap();
        assert_eq!(plain_recovery_code(&format!(" {} ", shown.to_uppercase().replace('-', " "))), Some(plain));
        assert_eq!(plain_recovery_code("123456"), None);
    }

    #[test]
    fn a_login_cannot_break_out_of_the_uri() {
        let uri = uri("王&secret=x", b"12345678901234567890");
        assert!(
            uri.starts_with("otpauth://totp/Marque:%E7%8E%8B%26secret%3Dx?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"),
            "{uri}"
        );
    }
}
