//! The contact policy of an organisation: what is settled, and what holds with everything above it.

use serde::Deserialize;
use serde_json::json;

use crate::{
    Error, Result,
    commands::{Ctx, Run, rights},
    model::{
        EventDraft, Id,
        contact::{Limits, Policy},
        org::OrgTree,
        rights::Power,
    },
    store::{
        Tx,
        tables::{Reader, setting},
    },
};

/// Where policies are kept among the settings; no plugin has a colon in its name.
const NAME: &str = "core:contact";

/// Settle the contact policy of an organisation, the whole of it. Below the maker it may only be stricter than what holds above.
///
/// Causes `contact.settled`. Refuses what is looser than above (`contact.looser`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    /// Of which organisation; the asker's unless said.
    #[serde(default)]
    pub org: Option<Id>,
    /// What it says.
    pub policy: Policy,
}

impl Run for Settle {
    type Done = Limits;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Limits> {
        if ctx.actor.person().is_none() {
            return Err(Error::denied("how customers are contacted is settled by people alone"));
        }
        rights::to(ctx, Power::SettleContact, "settle how customers are contacted")?;
        let org = self.org.as_ref().unwrap_or(&ctx.org);
        rights::in_org(ctx, org)?;
        let orgs = &ctx.catalogue.orgs;
        let above = orgs.upwards(org).nth(1).cloned();
        if let Some(above) = &above {
            limits(tx, orgs, above)?.allow(&self.policy)?;
        }
        let before = policy(tx, org)?;
        setting::put(tx, NAME, org, &json!(self.policy))?;
        if before != self.policy {
            let data = json!({ "before": before, "after": self.policy });
            let draft =
                EventDraft { kind: "contact.settled".into(), org: org.clone(), subject: None, record: None, data };
            ctx.raise(tx, &draft)?;
        }
        limits(tx, orgs, org)
    }
}

/// What an organisation has settled itself.
///
/// # Errors
/// Internal.
pub fn policy(reader: &impl Reader, org: &Id) -> Result<Policy> {
    match setting::get(reader, NAME, org)? {
        Some(body) => serde_json::from_value(body).map_err(Error::internal),
        None => Ok(Policy::default()),
    }
}

/// What holds for an organisation.
///
/// # Errors
/// Internal.
pub fn limits(reader: &impl Reader, orgs: &OrgTree, org: &Id) -> Result<Limits> {
    let mut path = Vec::new();
    for above in orgs.upwards(org) {
        let is_top = orgs.get(above).is_some_and(|org| org.parent.is_none());
        path.push((is_top, policy(reader, above)?));
    }
    path.reverse();
    Ok(Limits::of(path.iter().map(|(is_top, policy)| (*is_top, policy))))
}
