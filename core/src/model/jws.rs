//! Signatures of identity tokens (RFC 7515): RS256 and ES256 under a key of the provider's set, and nothing else.
//!
//! The token does not choose how it is checked: the key does, and the token must say the same.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::signature::{self, ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::{Deserialize, de::DeserializeOwned};

/// Why a token is not believed. For the log: whoever brings it is told only that it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// It is no signed token.
    Shape,
    /// It is signed in a way that is not taken.
    Algorithm,
    /// The set has no key of its name.
    Key,
    /// The signature does not hold.
    Signature,
}

/// A set of public keys (RFC 7517). Keys of kinds we do not take are passed over.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct KeySet {
    keys: Vec<Key>,
}

#[derive(Clone, Debug, Deserialize)]
struct Key {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default, rename = "use")]
    purpose: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

/// The claims of a token whose signature holds under one of these keys.
///
/// # Errors
/// Why it does not.
pub fn verify<T: DeserializeOwned>(token: &str, keys: &KeySet) -> Result<T, Distrust> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Distrust::Shape)?;
    let (header, claims) = signed.split_once('.').ok_or(Distrust::Shape)?;
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| Distrust::Shape)?;
    // An extension that must be understood is none that we do.
    if header.crit.is_some() || !matches!(header.alg.as_str(), "RS256" | "ES256") {
        return Err(Distrust::Algorithm);
    }
    let signature = decode(signature)?;
    let key = keys.find(&header).ok_or(Distrust::Key)?;
    key.check(signed.as_bytes(), &signature)?;
    serde_json::from_slice(&decode(claims)?).map_err(|_| Distrust::Shape)
}

fn decode(text: &str) -> Result<Vec<u8>, Distrust> {
    BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| Distrust::Shape)
}

impl KeySet {
    /// The key a token names; one without a name is found where the set has a single key of its algorithm.
    fn find(&self, header: &Header) -> Option<&Key> {
        let mut fit = self.keys.iter().filter(|key| key.algorithm() == Some(header.alg.as_str()));
        match &header.kid {
            Some(kid) => fit.find(|key| key.kid.as_ref() == Some(kid)),
            None => fit.next().filter(|_| fit.next().is_none()),
        }
    }
}

impl Key {
    /// The one algorithm this key is used with.
    fn algorithm(&self) -> Option<&'static str> {
        let algorithm = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => "RS256",
            ("EC", Some("P-256")) => "ES256",
            _ => return None,
        };
        let is_for_signing = self.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
        let is_same = self.alg.as_deref().is_none_or(|alg| alg == algorithm);
        (is_for_signing && is_same).then_some(algorithm)
    }

    fn check(&self, message: &[u8], signature: &[u8]) -> Result<(), Distrust> {
        let outcome = if self.kty == "RSA" {
            let (n, e) = (decode(&self.n)?, decode(&self.e)?);
            RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
        } else {
            // An uncompressed point.
            let point = [&[4][..], &decode(&self.x)?, &decode(&self.y)?].concat();
            signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
        };
        outcome.map_err(|_| Distrust::Signature)
    }
}

#[cfg(test)]
mod tests {
    use ring::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
    };
    use serde_json::{Value, json};

    use super::*;

    struct Signer(EcdsaKeyPair);

    impl Signer {
        fn new() -> Signer {
            let document =
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
            Signer(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &SystemRandom::new())
                    .unwrap(),
            )
        }

        fn key(&self, kid: &str) -> Value {
            let point = self.0.public_key().as_ref();
            let text = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
            json!({ "kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "x": text(&point[1..33]), "y": text(&point[33..]) })
        }

        fn sign(&self, header: &Value, claims: &Value) -> String {
            let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
            let signed = format!("{}.{}", part(header), part(claims));
            let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
            format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
        }
    }

    fn set(keys: &[Value]) -> KeySet {
        serde_json::from_value(json!({ "keys": keys })).unwrap()
    }

    fn distrust(token: &str, keys: &KeySet) -> Distrust {
        verify::<Value>(token, keys).unwrap_err()
    }

    #[test]
    fn a_token_is_believed_under_the_key_it_names() {
        let (one, other) = (Signer::new(), Signer::new());
        let keys = set(&[other.key("b"), one.key("a")]);
        let token = one.sign(&json!({ "alg": "ES256", "kid": "a" }), &json!({ "sub": "7" }));
        assert_eq!(verify::<Value>(&token, &keys).unwrap(), json!({ "sub": "7" }));
        assert_eq!(distrust(&token, &set(&[other.key("a")])), Distrust::Signature);
        assert_eq!(distrust(&token, &set(&[one.key("c")])), Distrust::Key);
        let nameless = one.sign(&json!({ "alg": "ES256" }), &json!({}));
        assert!(verify::<Value>(&nameless, &set(&[one.key("a")])).is_ok());
        assert_eq!(distrust(&nameless, &keys), Distrust::Key, "which of two is not guessed");
    }

    #[test]
    fn a_token_does_not_choose_how_it_is_checked() {
        let signer = Signer::new();
        let keys = set(&[signer.key("a")]);
        for (header, wanted) in [
            (json!({ "alg": "none" }), Distrust::Algorithm),
            (json!({ "alg": "HS256", "kid": "a" }), Distrust::Algorithm),
            (json!({ "alg": "ES256", "kid": "a", "crit": ["x"] }), Distrust::Algorithm),
            // Key confusion: the key is of another algorithm.
            (json!({ "alg": "RS256", "kid": "a" }), Distrust::Key),
        ] {
            assert_eq!(distrust(&signer.sign(&header, &json!({})), &keys), wanted, "{header}");
        }
    }

    #[test]
    fn whatever_was_changed_shows() {
        let signer = Signer::new();
        let keys = set(&[signer.key("a")]);
        let token = signer.sign(&json!({ "alg": "ES256", "kid": "a" }), &json!({ "sub": "7" }));
        let other = signer.sign(&json!({ "alg": "ES256", "kid": "a" }), &json!({ "sub": "8" }));
        let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
        let (token, other) = (parts(&token), parts(&other));
        assert_eq!(distrust(&format!("{}.{}.{}", token[0], other[1], token[2]), &keys), Distrust::Signature);
        assert_eq!(distrust(&format!("{}.{}.", token[0], token[1]), &keys), Distrust::Signature);
        for text in ["", "a", "a.b", "a.b.c", "....", &format!("{}.{}", token[0], token[1])] {
            assert_eq!(distrust(text, &keys), Distrust::Shape, "{text:?}");
        }
    }

    /// A 2048-bit key and a token made with OpenSSL.
    #[test]
    fn rsa_signatures_are_taken_too() {
        let sample: Value = serde_json::from_str(include_str!("jws/rs256.json")).unwrap();
        let keys = set(&[sample["key"].clone()]);
        let token = sample["token"].as_str().unwrap();
        assert_eq!(verify::<Value>(token, &keys).unwrap(), json!({ "sub": "rsa" }));
        let mut broken = token.to_owned();
        broken.replace_range(
            token.len() - 10..token.len() - 9,
            if token.as_bytes()[token.len() - 10] == b'A' { "B" } else { "A" },
        );
        assert_eq!(distrust(&broken, &keys), Distrust::Signature);
    }
}
