//! What a token for a program may say: a name, an end, and what it is held to.

use serde::Deserialize;

use crate::{
    Error, Result,
    error::FieldError,
    model::{Id, Time, net::Net, scopes},
    store::tables::session::{Kind, Session},
};

/// A token that says nothing else ends after a year.
const DEFAULT_MS: i64 = 365 * 24 * 3_600_000;
const MAX_NAME_CHARS: usize = 100;
const MAX_ADDRESSES: usize = 50;

/// A token somebody asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// Until when; a year unless said.
    pub expires_at: Option<Time>,
    /// What it is held to; none for all that its person may.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Where it may be used from; none for everywhere.
    #[serde(default)]
    pub addresses: Vec<Net>,
}

fn wrong(pointer: String, code: &str, message: String) -> Error {
    Error::fields(vec![FieldError { pointer, code: code.into(), message }])
}

impl NewToken {
    /// As a session of a person.
    ///
    /// # Errors
    /// `invalid`, naming what is wrong.
    pub fn session(self, user: &Id, now: Time) -> Result<Session> {
        let expires_at = self.end(now)?;
        self.check_lists()?;
        Ok(Session {
            name: Some(self.name.trim().to_owned()),
            scopes: self.scopes,
            addresses: self.addresses,
            ..super::begin(user, Kind::Token, now, expires_at)
        })
    }

    fn end(&self, now: Time) -> Result<Time> {
        let wrong = |name: &str, message: String| wrong(format!("/{name}"), &format!("{name}.invalid"), message);
        let n_chars = self.name.trim().chars().count();
        if !(1..=MAX_NAME_CHARS).contains(&n_chars) {
            return Err(wrong(
                "name",
                format!("name has {n_chars} characters: use 1 to {MAX_NAME_CHARS}, saying what the token is for"),
            ));
        }
        match self.expires_at.unwrap_or(now.plus_millis(DEFAULT_MS)) {
            past if past <= now => Err(wrong("expires_at", format!("expires_at {past} is over already; it is {now}"))),
            expires_at => Ok(expires_at),
        }
    }

    fn check_lists(&self) -> Result<()> {
        for (n, entry) in self.scopes.iter().enumerate() {
            scopes::check(entry).map_err(|error| wrong(format!("/scopes/{n}"), &error.code, error.message))?;
        }
        for (name, n_entries, most) in
            [("scopes", self.scopes.len(), scopes::MAX_ENTRIES), ("addresses", self.addresses.len(), MAX_ADDRESSES)]
        {
            if n_entries > most {
                let message = format!("{name} has {n_entries} entries: use {most} at most");
                return Err(wrong(format!("/{name}"), &format!("{name}.invalid"), message));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_needs_a_name_and_a_future() {
        let now = Time::from_millis(1_773_367_200_000);
        let of = |name: &str, expires_at: Option<i64>| {
            let expires_at = expires_at.map(|ms| now.plus_millis(ms));
            let new = NewToken { name: name.into(), expires_at, scopes: Vec::new(), addresses: Vec::new() };
            let made = new.session(&Id::admin(), now);
            made.map(|session| session.expires_at).map_err(|error| error.errors[0].pointer.clone())
        };
        assert_eq!(of("import", None), Ok(now.plus_millis(DEFAULT_MS)));
        assert_eq!(of("import", Some(1)), Ok(now.plus_millis(1)));
        assert_eq!(of("import", Some(0)), Err("/expires_at".into()));
        assert_eq!(of("  ", None), Err("/name".into()));
    }
}
