//! What the provider says of itself and the keys it signs with, read anew from time to time.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;

use super::claims::Claims;
use crate::{
    Error, ErrorKind, Result,
    app::OidcConfig,
    model::{
        jws::{self, Distrust, KeySet},
        percent,
    },
    outbound::egress::{self, Egress},
};

/// Providers change keys once in months and addresses hardly ever.
const KEEP: Duration = Duration::from_secs(3_600);

/// A provider, as far as it has been asked.
#[derive(Debug, Default)]
pub struct Provider {
    egress: Egress,
    known: Mutex<Option<Known>>,
}

#[derive(Clone, Debug)]
struct Known {
    metadata: Arc<Metadata>,
    keys: Arc<KeySet>,
    at: Instant,
}

/// What it says of itself (OpenID Connect Discovery).
#[derive(Debug, Deserialize)]
pub struct Metadata {
    issuer: String,
    /// Where people are sent.
    pub authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl Provider {
    /// What the provider says of itself.
    ///
    /// # Errors
    /// `oidc.unavailable`.
    pub async fn metadata(&self, config: &OidcConfig) -> Result<Arc<Metadata>> {
        self.known(config).await.map(|known| known.metadata)
    }

    /// Redeem a code for what the provider says of its bearer. The signature holds; what is said is still to be looked at.
    ///
    /// # Errors
    /// `oidc.unavailable`, `oidc.refused`.
    pub async fn redeem(&self, config: &OidcConfig, code: &str, verifier: &str, redirect: &str) -> Result<Claims> {
        let known = self.known(config).await?;
        let secret = config.client_secret.reveal();
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ];
        let methods = &known.metadata.token_endpoint_auth_methods_supported;
        let takes = |method: &str| methods.iter().any(|known| known == method);
        // Basic is what a provider takes that says nothing.
        let is_basic = !secret.is_empty() && (methods.is_empty() || takes("client_secret_basic"));
        let authorization = is_basic.then(|| {
            let pair = format!("{}:{}", percent::encode(&config.client_id), percent::encode(secret));
            format!("Basic {}", BASE64_STANDARD.encode(pair))
        });
        if !is_basic {
            pairs.push(("client_id", &config.client_id));
            if !secret.is_empty() {
                pairs.push(("client_secret", secret));
            }
        }
        let tokens: Tokens = self
            .egress
            .post_form(&known.metadata.token_endpoint, percent::pairs(&pairs), authorization)
            .await
            .map_err(|error| refused("the code was not taken").caused_by(error))?;
        match jws::verify(&tokens.id_token, &known.keys) {
            // The provider signs with a key that is newer than what is known of it.
            Err(Distrust::Key) => {
                let known = self.ask(config).await?;
                jws::verify(&tokens.id_token, &known.keys)
            }
            verified => verified,
        }
        .map_err(|distrust| refused(&format!("the identity token is not believed: {distrust:?}")))
    }

    async fn known(&self, config: &OidcConfig) -> Result<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some(known) if known.at.elapsed() < KEEP => Ok(known),
            _ => self.ask(config).await,
        }
    }

    async fn ask(&self, config: &OidcConfig) -> Result<Known> {
        let asked = async {
            let issuer = config.issuer.trim_end_matches('/');
            let metadata: Metadata = self.egress.get(&format!("{issuer}/.well-known/openid-configuration")).await?;
            // Who answers for another issuer would be believed for it.
            if metadata.issuer != config.issuer {
                return Err(Error::internal(format!("the provider calls itself {:?}", metadata.issuer)));
            }
            egress::check(&metadata.authorization_endpoint)?;
            let keys: KeySet = self.egress.get(&metadata.jwks_uri).await?;
            Ok(Known { metadata: Arc::new(metadata), keys: Arc::new(keys), at: Instant::now() })
        };
        let known: Known = asked.await.map_err(|error| {
            let message =
                "the identity provider does not answer as it should; try again, or sign in with your password";
            Error::new(ErrorKind::Unavailable, "oidc.unavailable", message).caused_by(error)
        })?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }
}

/// A sign-in that the provider, or what it says, does not bear out. Why is for the log.
pub fn refused(why: &str) -> Error {
    let message = "the identity provider's answer does not let you in; begin again, or ask your administrator";
    Error::new(ErrorKind::Unauthenticated, "oidc.refused", message).caused_by(why)
}
