//! The end of a person's access: at once when they have left, by timer when their last day is over.

use serde_json::{Value, json};

use crate::{
    Result,
    commands::{Ctx, Run, record::Change},
    model::{Data, Id, Record, duty},
    store::{
        Tx,
        tables::{
            self,
            timer::{self, Timer},
        },
    },
};

/// Whose timers these are; no plugin's name has a dot in it.
pub const OWNER: &str = "core.last_day";

/// Somebody's last day is over. The server's own, when the timer fires.
#[derive(Clone, Debug)]
pub struct Leave {
    /// Who.
    pub user: Id,
}

impl Run for Leave {
    type Done = ();

    /// Whoever is gone or has left already is left alone. Where clocks were set otherwise since, the day may end later.
    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        let user = tables::record::get(tx, "user", &self.user, &ctx.scope)?;
        let Some(user) = user.filter(|user| user.text("status") != Some("left")) else { return Ok(()) };
        match duty::last_moment(&user.data, &ctx.catalogue.orgs.calendar(&user.org)) {
            Some(end) if end <= ctx.now => {}
            Some(end) => return timer::set(tx, &timer_of(&user.id, end)),
            None => return Ok(()),
        }
        let data: Data = [("status".to_owned(), json!("left"))].into_iter().collect();
        let change = Change { why: Some("the last day is over".into()), ..Change::new("user", user.id, data) };
        change.run(tx, ctx).map(drop)
    }
}

/// Sessions and tokens end in the commit that says somebody has left; the timer follows the last day.
///
/// # Errors
/// Internal.
pub(super) fn settle(tx: &mut Tx<'_>, ctx: &Ctx, user: &Record, old: Option<&Record>) -> Result<()> {
    let has_changed = |name: &str| old.map_or(&Value::Null, |old| old.field(name)) != user.field(name);
    let has_left = user.text("status") == Some("left");
    if has_left && has_changed("status") {
        tables::session::delete_all(tx, &user.id)?;
        tables::account_link::delete(tx, &user.id)?;
    }
    if !has_changed("status") && !has_changed("last_day") {
        return Ok(());
    }
    match duty::last_moment(&user.data, &ctx.catalogue.orgs.calendar(&user.org)).filter(|_| !has_left) {
        Some(due_at) => timer::set(tx, &timer_of(&user.id, due_at)),
        None => timer::cancel(tx, OWNER, &Id::hq(), user.id.as_str()).map(drop),
    }
}

fn timer_of(user: &Id, due_at: crate::model::Time) -> Timer {
    let (owner, org, key) = (OWNER.to_owned(), Id::hq(), user.to_string());
    Timer { owner, org, key, due_at, subject: None, data: Value::Null, depth: 0 }
}
