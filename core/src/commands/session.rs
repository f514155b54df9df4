//! Sessions: open, renew, end one or all.

mod link;
mod rules;
mod token;

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier, password_hash::SaltString};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{Ctx, Run};
use crate::{
    Error, ErrorKind, Result,
    model::{Id, Record, Time, digest, passwords, random},
    store::{
        Tx, View,
        tables::{
            self,
            session::{Kind, Session},
        },
    },
};

pub use link::{Unlink, links};
pub use rules::{Rules, SetRules, Wanted, wanted};
pub use token::NewToken;

/// Keep a session or token under its secret.
#[derive(Clone, Debug)]
pub struct Open {
    /// The secret's digest.
    pub digest: String,
    /// The session.
    pub session: Session,
    /// The digest of the one the browser had before: it ends, so that nobody goes on with what they slipped it.
    pub replaces: Option<String>,
}

/// A new session in place of the present one, and of all others of its person: what was known to others before is worth
/// nothing any more. Tokens end too, for whoever had the password may have made them.
#[derive(Clone, Debug)]
pub struct Renew {
    /// The new secret's digest.
    pub digest: String,
    /// The new session.
    pub session: Session,
}

/// End a session or token: one's own, or that of somebody whose account one looks after.
#[derive(Clone, Debug)]
pub struct Close {
    /// Which.
    pub id: Id,
}

/// End whatever somebody has open: all that a keeper of accounts ends, tokens too; of one's own all sessions but `kept`.
#[derive(Clone, Debug)]
pub struct CloseAll {
    /// Whose.
    pub user: Id,
    /// One's own that goes on.
    pub kept: Option<Id>,
}

impl Run for Open {
    type Done = Session;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Session> {
        tables::session::sweep(tx, ctx.now)?;
        if let Some(digest) = &self.replaces {
            tables::session::delete_digest(tx, digest)?;
        }
        tables::session::insert(tx, &self.digest, &self.session)?;
        Ok(self.session)
    }
}

impl Run for Renew {
    type Done = Session;

    fn run(self, tx: &mut Tx<'_>, _ctx: &Ctx) -> Result<Session> {
        tables::session::delete_all(tx, &self.session.user)?;
        tables::session::insert(tx, &self.digest, &self.session)?;
        Ok(self.session)
    }
}

impl Run for Close {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        let own = ctx.actor.person().ok_or_else(|| Error::denied("only people have sessions"))?;
        let session = tables::session::by_id(tx, &self.id)?;
        let user = session.map_or_else(|| own.clone(), |session| session.user);
        // Somebody else's is no more there than one that was never opened, unless accounts are one's business.
        let may_end = user == *own || super::user::may_keep(tx, ctx, &user).is_ok();
        tables::session::delete(tx, if may_end { &user } else { own }, &self.id)
    }
}

impl Run for CloseAll {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        if ctx.actor.person() == Some(&self.user) {
            return tables::session::delete_others(tx, &self.user, self.kept.as_ref()).map(drop);
        }
        super::user::may_keep(tx, ctx, &self.user)?;
        tables::session::delete_all(tx, &self.user)
    }
}

/// What a token's secret begins with, so that one that was left in a file or a log is found.
pub const TOKEN_HEAD: &str = "mq_";

/// A new token's secret and its digest.
pub fn token_secret() -> (String, String) {
    let secret = format!("{TOKEN_HEAD}{}", secret().0);
    let kept = digest::hex(&secret);
    (secret, kept)
}

/// A new secret: what the caller is given once, and the digest that is kept.
pub fn secret() -> (String, String) {
    let secret = BASE64_URL_SAFE_NO_PAD.encode(random::bytes::<32>());
    let kept = digest::hex(&secret);
    (secret, kept)
}

/// The person with this login and password. Slow on purpose: call it where blocking is allowed.
///
/// # Errors
/// `session.refused`, the same whether the login, the password or the account is at fault; `session.password_over` for the right one
/// that somebody else has set too long ago.
pub fn verify(view: &View, login: &str, password: &str, now: Time) -> Result<Record> {
    let user = tables::record::holder_record(view, "user", "login", login)?;
    let secret = match &user {
        Some(user) => tables::secret::get(view, &user.id)?,
        None => None,
    };
    // A login that is not there costs the same time as a wrong password.
    let is_right = matches(password, secret.as_ref().map_or(NOBODY, |secret| &secret.hash));
    let is_over = secret.as_ref().and_then(|secret| secret.initial_until).is_some_and(|until| until <= now);
    match user {
        Some(user) if is_right && secret.is_some() && user.text("status") != Some("left") => {
            if is_over {
                let message =
                    "the password you were given was not used in time; ask whoever keeps accounts for a new one";
                return Err(Error::new(ErrorKind::Unauthenticated, "session.password_over", message));
            }
            Ok(user)
        }
        _ => Err(Error::new(
            ErrorKind::Unauthenticated,
            "session.refused",
            "login or password is wrong, or the account is closed",
        )),
    }
}

/// A hash nothing matches, of the same cost.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// How fresh a session must be where its person has no password to prove themselves with anew.
const FRESH_MS: i64 = 10 * 60_000;

/// Whoever sits at a session is its person: by their password, or, of one who comes in through a provider alone, by having just done so.
/// Slow on purpose.
///
/// # Errors
/// `password.wrong`; `session.stale` for a session that began too long ago.
pub fn check_own(view: &View, session: &Session, password: Option<&str>, now: Time) -> Result<()> {
    match tables::secret::get(view, &session.user)? {
        Some(secret) if matches(password.unwrap_or_default(), &secret.hash) => Ok(()),
        None if now - session.created_at < FRESH_MS => Ok(()),
        None => {
            let message =
                "you came in through your provider, and too long ago; sign out, sign in there again and ask once more";
            Err(Error::new(ErrorKind::Denied, "session.stale", message))
        }
        Some(_) => Err(Error::new(ErrorKind::Invalid, "password.wrong", "this is not your password")),
    }
}

fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// The argon2id hash of a password. Slow on purpose.
///
/// # Errors
/// As [`passwords::check`].
pub fn hash(password: &str) -> Result<String> {
    passwords::check(password, None)?;
    let salt = SaltString::encode_b64(&random::bytes::<16>()).map_err(|error| Error::internal(error.to_string()))?;
    let hash = Argon2::default()
        .hash_password(password.as_bytes(), &salt)
        .map_err(|error| Error::internal(error.to_string()))?;
    Ok(hash.to_string())
}

/// A session of a person, beginning now.
pub fn begin(user: &Id, kind: Kind, now: Time, expires_at: Time) -> Session {
    Session {
        id: Id::fresh(now),
        user: user.clone(),
        kind,
        name: None,
        created_at: now,
        seen_at: now,
        expires_at,
        address: None,
        agent: None,
        scopes: Vec::new(),
        addresses: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_as_argon2id_with_todays_parameters() {
        let (one, other) = (hash("a long enough secret").unwrap(), hash("a long enough secret").unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other, "each has a salt of its own");
        assert!(matches("a long enough secret", &one) && !matches("a long enough secreT", &one));
        // The one that stands in for a login that is not there costs the same and fits nothing.
        let head = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(head(NOBODY), head(&one));
        assert!(PasswordHash::new(NOBODY).is_ok() && !matches("", NOBODY));
    }
}
