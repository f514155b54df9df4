//! What signing in takes beyond a password: whose roles must have a second factor, and what a session must do before anything else.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::{Ctx, Run, noted, rights, totp};
use crate::{
    Error, Result,
    error::FieldError,
    model::{Id, Record},
    store::{
        Tx, View,
        tables::{
            self,
            session::{Kind, Session},
            setting,
        },
    },
};

/// Where the rules are kept among the settings; no plugin has a colon in its name.
const NAME: &str = "core:sign_in";

/// What an installation asks of people who sign in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Roles whose people sign in with a second factor; without one they can do nothing but set it up.
    pub second_factor: Vec<String>,
}

impl Rules {
    /// As set.
    ///
    /// # Errors
    /// Internal.
    pub fn load(view: &View) -> Result<Rules> {
        let set = setting::get(view, NAME, &Id::hq())?;
        set.map_or(Ok(Rules::default()), |body| serde_json::from_value(body).map_err(Error::internal))
    }
}

/// Set the rules, the whole of them. For administrators of everything alone: it may shut out a keeper.
#[derive(Clone, Debug)]
pub struct SetRules(pub Rules);

impl Run for SetRules {
    type Done = Rules;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Rules> {
        rights::to_keep_people(ctx)?;
        rights::in_org(ctx, &Id::hq())?;
        let book = tx.roles();
        let is_role = |code: &str| code == rights::ADMIN || book.get(code).is_some();
        let unknown = self.0.second_factor.iter().enumerate().filter(|(_, code)| !is_role(code));
        let errors: Vec<FieldError> = unknown
            .map(|(n, code)| FieldError {
                pointer: format!("/second_factor/{n}"),
                code: "role.not_found".into(),
                message: format!("there is no role {code:?} in use; GET /api/v1/records/role lists them"),
            })
            .collect();
        if !errors.is_empty() {
            return Err(Error::fields(errors));
        }
        setting::put(tx, NAME, &Id::hq(), &json!(self.0))?;
        noted::note(tx, ctx, &Id::hq(), "session.rules_set", json!(self.0))?;
        Ok(self.0)
    }
}

/// What somebody must do before anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// A password of one's own in the place of the one that was given.
    Password,
    /// A second factor.
    Code,
}

/// What a session's person must do first. A provider looks after passwords and factors of those who come in through it.
///
/// # Errors
/// Internal.
pub fn wanted(view: &View, rules: &Rules, user: &Record, session: &Session) -> Result<Option<Wanted>> {
    if session.kind == Kind::Oidc {
        return Ok(None);
    }
    if tables::secret::get(view, &user.id)?.is_some_and(|secret| secret.initial_until.is_some()) {
        return Ok(Some(Wanted::Password));
    }
    let asked = &rules.second_factor;
    let is_asked =
        user.field("roles").as_array().into_iter().flatten().any(|role| asked.iter().any(|code| role == code));
    Ok((is_asked && !totp::is_on(view, &user.id)?).then_some(Wanted::Code))
}
