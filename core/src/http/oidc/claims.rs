//! What an identity token must say to be believed (OpenID Connect Core 3.1.3.7).

use serde::Deserialize;

use crate::model::Time;

/// Clocks of two servers differ by seconds.
const LEEWAY_SECONDS: i64 = 60;
const MAX_SUBJECT_CHARS: usize = 255;

/// What a token says.
#[derive(Clone, Debug, Deserialize)]
pub struct Claims {
    /// Who has issued it.
    pub iss: String,
    /// Whom it speaks of, at that issuer.
    pub sub: String,
    aud: Audience,
    #[serde(default)]
    azp: Option<String>,
    exp: i64,
    iat: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    nonce: Option<String>,
    /// Their e-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Whether the issuer has seen to it that it is theirs. Some write it as a text.
    #[serde(default)]
    email_verified: serde_json::Value,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Claims {
    /// Why a token is not for this sign-in, if it is not.
    pub fn fault(&self, issuer: &str, client_id: &str, nonce: &str, now: Time) -> Option<&'static str> {
        let now_seconds = now.millis().div_euclid(1_000);
        let (is_for_us, is_for_others) = match &self.aud {
            Audience::One(aud) => (aud == client_id, false),
            Audience::Many(all) => (all.iter().any(|aud| aud == client_id), all.len() > 1),
        };
        let is_bidden_by_us = self.azp.as_deref().map_or(!is_for_others, |azp| azp == client_id);
        [
            (self.iss != issuer, "issuer"),
            (!is_for_us || !is_bidden_by_us, "audience"),
            (self.exp.saturating_add(LEEWAY_SECONDS) <= now_seconds, "expired"),
            (self.iat.max(self.nbf.unwrap_or(self.iat)).saturating_sub(LEEWAY_SECONDS) > now_seconds, "beginning"),
            (self.nonce.as_deref() != Some(nonce), "nonce"),
            (self.sub.is_empty() || self.sub.len() > MAX_SUBJECT_CHARS, "subject"),
        ]
        .iter()
        .find_map(|(is_wrong, what)| is_wrong.then_some(*what))
    }

    /// The address, where the issuer vouches for it.
    pub fn verified_email(&self) -> Option<&str> {
        let is_verified = self.email_verified == true || self.email_verified == "true";
        self.email.as_deref().map(str::trim).filter(|email| is_verified && email.contains('@'))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: Time = Time::from_millis(1_773_367_200_000);

    fn claims(patch: Value) -> Claims {
        let mut all = json!({
            "iss": "https://id.example", "sub": "7", "aud": "crm", "exp": 1_773_367_260, "iat": 1_773_367_200, "nonce": "n",
            "email": "li@x.example", "email_verified": true,
        });
        for (name, value) in patch.as_object().unwrap() {
            all[name] = value.clone();
        }
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn a_token_must_be_from_there_for_us_now_and_for_this_sign_in() {
        let fault = |patch: Value| claims(patch).fault("https://id.example", "crm", "n", NOW);
        for (patch, wanted) in [
            (json!({}), None),
            (json!({ "iss": "https://id.example/" }), Some("issuer")),
            (json!({ "aud": "shop" }), Some("audience")),
            (json!({ "aud": ["crm"] }), None),
            (json!({ "aud": ["crm", "shop"] }), Some("audience")),
            (json!({ "aud": ["crm", "shop"], "azp": "crm" }), None),
            (json!({ "azp": "shop" }), Some("audience")),
            (json!({ "aud": [] }), Some("audience")),
            (json!({ "exp": 1_773_367_141 }), None),
            (json!({ "exp": 1_773_367_140 }), Some("expired")),
            (json!({ "iat": 1_773_367_261 }), Some("beginning")),
            (json!({ "nbf": 1_773_367_260 }), None),
            (json!({ "nbf": 1_773_367_261 }), Some("beginning")),
            (json!({ "nonce": "m" }), Some("nonce")),
            (json!({ "nonce": null }), Some("nonce")),
            (json!({ "sub": "" }), Some("subject")),
            (json!({ "exp": i64::MAX, "iat": i64::MIN }), None),
        ] {
            assert_eq!(fault(patch.clone()), wanted, "{patch}");
        }
    }

    #[test]
    fn an_address_counts_when_it_is_vouched_for() {
        for (patch, is_taken) in [
            (json!({}), true),
            (json!({ "email_verified": "true" }), true),
            (json!({ "email_verified": false }), false),
            (json!({ "email_verified": null }), false),
            (json!({ "email_verified": 1 }), false),
            (json!({ "email": "nobody" }), false),
        ] {
            assert_eq!(claims(patch.clone()).verified_email().is_some(), is_taken, "{patch}");
        }
    }
}
