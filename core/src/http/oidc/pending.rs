//! Sign-ins that have been sent to the provider and are not back yet: each comes back once, to the browser it was sent from.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::{
    Result,
    commands::session,
    model::{Time, digest},
};

/// Who takes longer at the provider begins again.
pub const WITHIN_MS: i64 = 10 * 60_000;
/// More than this at once are nobody's staff; the oldest are let go.
const MAX_PENDING: usize = 10_000;

/// What must fit when the browser comes back.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Stands in the identity token, so that another's cannot be slipped in.
    pub nonce: String,
    /// Proves to the provider that the code is redeemed by who asked for it (PKCE).
    pub verifier: String,
    /// Digest of the cookie of the browser that was sent.
    browser: String,
    at: Time,
}

/// All that are under way, by state.
#[derive(Debug, Default)]
pub struct Pending(Mutex<HashMap<String, Sent>>);

impl Pending {
    /// Send somebody: the state, what goes with it, and the secret of the browser's cookie.
    pub fn send(&self, now: Time) -> (String, Sent, String) {
        let [(state, _), (nonce, _), (verifier, _), (cookie, browser)] = std::array::from_fn(|_| session::secret());
        let sent = Sent { nonce, verifier, browser, at: now };
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.len() >= MAX_PENDING {
            pending.retain(|_, sent| now - sent.at < WITHIN_MS);
        }
        if pending.len() >= MAX_PENDING {
            pending.clear();
        }
        pending.insert(state.clone(), sent.clone());
        (state, sent, cookie)
    }

    /// Take back who was sent with a state from this browser; a second time there is nobody.
    pub fn take(&self, state: &str, cookie: Option<&str>, now: Time) -> Result<Sent> {
        let sent = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(state);
        let browser = cookie.map(digest::hex);
        match sent {
            Some(sent) if now - sent.at < WITHIN_MS && browser.as_deref() == Some(&sent.browser) => Ok(sent),
            _ => Err(crate::Error::invalid("state", "this sign-in was not begun here, or too long ago; begin again")
                .coded("oidc.state")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_millis(1_773_367_200_000);

    #[test]
    fn each_comes_back_once_in_time_and_in_the_same_browser() {
        let pending = Pending::default();
        let (state, sent, cookie) = pending.send(NOW);
        assert_eq!(pending.take(&state, Some(&cookie), NOW).unwrap().nonce, sent.nonce);
        assert_eq!(pending.take(&state, Some(&cookie), NOW).unwrap_err().code, "oidc.state");
        let (state, _, _) = pending.send(NOW);
        assert!(pending.take(&state, Some("another"), NOW).is_err());
        let (state, _, _) = pending.send(NOW);
        assert!(pending.take(&state, None, NOW).is_err());
        let (state, _, cookie) = pending.send(NOW);
        assert!(pending.take(&state, Some(&cookie), NOW.plus_millis(WITHIN_MS)).is_err());
        assert!(pending.take("made up", Some(&cookie), NOW).is_err());
    }
}
