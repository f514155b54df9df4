//! Sessions: open with a password, end.

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier, password_hash::SaltString};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{Ctx, Run};
use crate::{
    Error, ErrorKind, Result,
    model::{Id, Record, Time, digest},
    store::{
        Tx, View,
        tables::{self, session::Session},
    },
};

/// A session ends after a fortnight: staff work at their own desks, and closing an account ends it at once.
pub const SESSION_MS: i64 = 14 * 24 * 3_600_000;

/// Keep a session or token under its secret.
#[derive(Clone, Debug)]
pub struct Open {
    /// The secret's digest.
    pub digest: String,
    /// The session.
    pub session: Session,
}

/// End one's own session or token.
#[derive(Clone, Debug)]
pub struct Close {
    /// Which.
    pub id: Id,
}

impl Run for Open {
    type Done = Session;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Session> {
        tables::session::sweep(tx, ctx.now)?;
        tables::session::insert(tx, &self.digest, &self.session)?;
        Ok(self.session)
    }
}

impl Run for Close {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        let user = ctx.actor.person().ok_or_else(|| Error::denied("only people have sessions"))?;
        tables::session::delete(tx, user, &self.id)
    }
}

/// A new secret: what the caller is given once, and the digest that is kept.
pub fn secret() -> (String, String) {
    let mut bytes = [0u8; 32];
    // Without entropy nobody can be signed in safely.
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    let secret = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let kept = digest::hex(&secret);
    (secret, kept)
}

/// The person with this login and password. Slow on purpose: call it where blocking is allowed.
///
/// # Errors
/// `session.refused`, the same whether the login, the password or the account is at fault.
pub fn verify(view: &View, login: &str, password: &str) -> Result<Record> {
    let user = tables::record::holder_record(view, "user", "login", login)?;
    let hash = match &user {
        Some(user) => tables::secret::get(view, &user.id)?,
        None => None,
    };
    // A login that is not there costs the same time as a wrong password.
    let is_right = matches(password, hash.as_deref().unwrap_or(NOBODY));
    match user {
        Some(user) if is_right && hash.is_some() && user.text("status") != Some("left") => Ok(user),
        _ => Err(Error::new(
            ErrorKind::Unauthenticated,
            "session.refused",
            "login or password is wrong, or the account is closed",
        )),
    }
}

/// A hash nothing matches, of the same cost.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// The argon2id hash of a password. Slow on purpose.
///
/// # Errors
/// `password.invalid` when it is shorter than 8 or longer than 128 characters.
pub fn hash(password: &str) -> Result<String> {
    let n_chars = password.chars().count();
    if !(8..=128).contains(&n_chars) {
        return Err(Error::invalid("password", format!("a password has 8 to 128 characters, this one has {n_chars}")));
    }
    let mut salt = [0u8; 16];
    getrandom::fill(&mut salt).expect("the operating system gives random bytes");
    let salt = SaltString::encode_b64(&salt).map_err(|error| Error::internal(error.to_string()))?;
    let hash = Argon2::default()
        .hash_password(password.as_bytes(), &salt)
        .map_err(|error| Error::internal(error.to_string()))?;
    Ok(hash.to_string())
}

/// A session for a person, beginning now.
pub fn begin(user: &Id, name: Option<String>, now: Time, expires_at: Time) -> Session {
    Session { id: Id::fresh(now), user: user.clone(), name, created_at: now, expires_at }
}
