//! `review.dismiss`.

use serde::Deserialize;

use crate::{
    Error, Result,
    commands::{Ctx, Run, customer},
    error::FieldError,
    model::{Id, Record},
    store::Tx,
};

/// The two customers of a review are different. The pair is never put up again.
///
/// Causes `review.dismissed`. Refuses a review that is decided already (`state.refused`), a dismissal without a reason.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dismiss {
    /// The review.
    pub id: Id,
    /// Why they are different.
    #[serde(default)]
    pub why: String,
}

impl Run for Dismiss {
    type Done = Record;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Record> {
        customer::may_decide(ctx, tx, "review.dismiss")?;
        let why = self.why.trim();
        if why.is_empty() {
            let message = "why is missing: say how you know that the two are different".to_owned();
            let place = FieldError { pointer: "/why".into(), code: "required".into(), message };
            return Err(Error::fields(vec![place]));
        }
        customer::note(Some(why.to_owned()))?;
        let review = super::open(tx, ctx, &self.id)?;
        super::decide(tx, ctx, &review, "different", "dismissed", Some(why))
    }
}
