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
            // The older half goes, for who floods us pushes themselves out then, and this is done once in a few thousand.
            let mut by_age: Vec<(Time, String)> =
                pending.iter().map(|(state, sent)| (sent.at, state.clone())).collect();
            by_age.sort_unstable();
            by_age.iter().take(MAX_PENDING / 2).for_each(|(_, state)| drop(pending.remove(state)));
        }
        pending.insert(state.clone(), sent.clone());
        (state, sent, cookie)
    }

    /// Take back who was sent with a state from this browser; a second time there is nobody.
    pub fn take(&self, state: &str, cookie: Option<&str>, now: Time) -> Result<Sent> {
        let browser = cookie.map(digest::hex);
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // It is taken by the browser that was sent alone: who has come by a state ends nobody's sign-in.
        let fits = pending
            .get(state)
            .is_some_and(|sent| now - sent.at < WITHIN_MS && browser.as_deref() == Some(&sent.browser));
        let sent = if fits { pending.remove(state) } else { None };
        sent.ok_or_else(|| {
            crate::Error::invalid("state", "this sign-in was not begun here, or too long ago; begin again")
                .coded("oidc.state")
        })
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

    #[test]
    fn a_wrong_cookie_ends_nobodys_sign_in() {
        let pending = Pending::default();
        let (state, sent, cookie) = pending.send(NOW);
        assert!(pending.take(&state, Some("another"), NOW).is_err());
        assert!(pending.take(&state, None, NOW).is_err());
        assert_eq!(pending.take(&state, Some(&cookie), NOW).unwrap().nonce, sent.nonce);
    }

    #[test]
    fn a_flood_pushes_out_the_oldest_and_not_everybody() {
        let pending = Pending::default();
        let old = pending.send(NOW);
        (1..MAX_PENDING).for_each(|_| drop(pending.send(NOW)));
        let (state, _, cookie) = pending.send(NOW.plus_millis(1));
        (0..MAX_PENDING / 3).for_each(|_| drop(pending.send(NOW.plus_millis(1))));
        assert!(pending.take(&state, Some(&cookie), NOW.plus_millis(2)).is_ok());
        (0..MAX_PENDING).for_each(|_| drop(pending.send(NOW.plus_millis(2))));
        assert!(pending.take(&old.0, Some(&old.2), NOW.plus_millis(2)).is_err());
        assert!(pending.0.lock().unwrap().len() <= MAX_PENDING);
    }
}
