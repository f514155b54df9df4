//! Signatures as the Standard Webhooks specification has them: ours on what goes out, and theirs on what comes in.

use base64::{Engine, prelude::BASE64_STANDARD};
use subtle::ConstantTimeEq;

use super::{Time, random, sign};

/// What a secret begins with.
const PREFIX: &str = "whsec_";
const SECRET_BYTES: usize = 32;
/// How far the clock of whoever signs may be from ours.
const TOLERANCE_MS: i64 = 5 * 60_000;

/// A new secret.
pub fn secret() -> String {
    format!("{PREFIX}{}", BASE64_STANDARD.encode(random::bytes::<SECRET_BYTES>()))
}

/// `v1,` and the HMAC-SHA-256 of id, time in seconds and body.
pub fn signature(secret: &str, id: &str, at_seconds: i64, body: &str) -> String {
    let key = secret.strip_prefix(PREFIX).and_then(|key| BASE64_STANDARD.decode(key).ok());
    let key = key.unwrap_or_else(|| secret.as_bytes().to_vec());
    let code = sign::hmac(&key, format!("{id}.{at_seconds}.{body}").as_bytes());
    format!("v1,{}", BASE64_STANDARD.encode(code))
}

/// Whether one of the signatures is that of the secret, and the time is near. An empty secret signs nothing.
pub fn is_signed(secret: &str, id: &str, at: &str, body: &str, signatures: &str, now: Time) -> bool {
    let Ok(at_seconds) = at.parse::<i64>() else { return false };
    let is_near = (now.millis() / 1_000).abs_diff(at_seconds) <= TOLERANCE_MS.unsigned_abs() / 1_000;
    if secret.is_empty() || id.is_empty() || !is_near {
        return false;
    }
    let ours = signature(secret, id, at_seconds, body);
    signatures.split_whitespace().any(|theirs| bool::from(ours.as_bytes().ct_eq(theirs.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &str = r#"{"test": 2432232314}"#;
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";

    /// The example of the specification.
    #[test]
    fn a_signature_is_that_of_the_standard() {
        assert_eq!(signature(SECRET, ID, 1_614_265_330, BODY), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn what_is_signed_is_known_and_nothing_else_is() {
        let now = Time::from_millis(1_614_265_330_000);
        let good = signature(SECRET, ID, 1_614_265_330, BODY);
        let several = format!("v1,AAAA {good}");
        assert!(is_signed(SECRET, ID, "1614265330", BODY, &several, now));
        let signed = |secret: &str, id: &str, at: &str, body: &str, signature: &str| {
            is_signed(secret, id, at, body, signature, now)
        };
        assert!(!signed(SECRET, ID, "1614265330", "{}", &good), "another body");
        assert!(!signed(SECRET, "msg_x", "1614265330", BODY, &good), "another id");
        assert!(!signed("whsec_AAAA", ID, "1614265330", BODY, &good), "another secret");
        assert!(!signed("", ID, "1614265330", BODY, &signature("", ID, 1_614_265_330, BODY)), "no secret at all");
        assert!(!signed(SECRET, ID, "soon", BODY, &good));
        let old = signature(SECRET, ID, 1_614_265_029, BODY);
        assert!(!signed(SECRET, ID, "1614265029", BODY, &old), "five minutes and a second ago");
    }

    #[test]
    fn secrets_differ_and_have_their_length() {
        assert_ne!(secret(), secret());
        assert_eq!(secret().len(), PREFIX.len() + 44);
    }
}
