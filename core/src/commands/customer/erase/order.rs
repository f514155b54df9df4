//! An erasure as somebody orders it: with a reason, in answer to a request perhaps, and on record in the commit that does it.

use serde_json::json;

use super::{Cause, Erase, Erased, Report};
use crate::{
    Error, Result,
    commands::{Ctx, Run, noted, request},
    model::Id,
    store::Tx,
};

/// What a finished request says that was answered by erasing.
const ERASED: &str = "已注销：个人信息已删除或匿名化 · erased";
const MAX_WHY_CHARS: usize = 500;

/// Erase a customer because somebody asked for it.
///
/// Beside what [`Erase`] does it answers the request it was given, and refuses one that is not ready for that.
#[derive(Clone, Debug)]
pub struct Order {
    erase: Erase,
    why: String,
}

impl Order {
    /// What was ordered.
    ///
    /// # Errors
    /// `why.invalid`.
    pub fn new(id: Id, request: Option<Id>, why: &str) -> Result<Order> {
        let why = why.trim().to_owned();
        if !(2..=MAX_WHY_CHARS).contains(&why.chars().count()) {
            let message = format!(
                "say in 2 to {MAX_WHY_CHARS} characters why the customer is erased; it is kept in the audit log"
            );
            return Err(Error::invalid("why", message));
        }
        Ok(Order { erase: Erase { id, request, cause: Cause::Asked }, why })
    }

    /// What would go, stay, and stand in the way: told even where it is refused.
    ///
    /// # Errors
    /// Those of [`Erase::survey`].
    pub fn survey(&self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Report> {
        self.erase.revive(tx, ctx)?;
        Ok(self.erase.survey(tx, ctx)?.1)
    }

    /// The line of the audit log, in the commit that erases. The log is never rewritten, so a reason that names the person is left out.
    ///
    /// # Errors
    /// Internal.
    pub fn note(&self, tx: &mut Tx<'_>, ctx: &Ctx, erased: &Erased) -> Result<()> {
        let detail = json!({
            "customer": erased.record.id, "request": self.erase.request, "reason": erased.left.values.without(&self.why),
        });
        noted::note(tx, ctx, &erased.record.org, "customer.erased", detail)
    }
}

impl Run for Order {
    type Done = Erased;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Erased> {
        self.erase.revive(tx, ctx)?;
        let id = &self.erase.id;
        let asked = self.erase.request.as_ref().map(|request| request::ready(tx, ctx, request, id)).transpose()?;
        let erased = self.erase.run(tx, ctx)?;
        if let Some(asked) = asked {
            request::answer(tx, ctx, &asked, ERASED)?;
        }
        Ok(erased)
    }
}
