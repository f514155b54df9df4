//! The roles that ship become records, at the first start and where an upgrade brings new ones or changes one that nobody has touched.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    Result,
    clock::Clock,
    commands::{Ctx, Run, record},
    model::{Actor, Data, Id, Query, Record, Scope, rights::book},
    store::{Store, Tx, View, tables},
};

/// Revisions of a role that are looked through for somebody's doing.
const REVISIONS: u32 = 100;

/// Make the records that are missing, and bring those up to date that nobody has changed. What administrators have changed or retired
/// stays as it is.
pub(super) async fn ensure(store: &Store, clock: &Clock) -> Result<()> {
    let (mut missing, mut behind) = (Vec::new(), Vec::new());
    {
        let view = store.view(Scope::All)?;
        let query = Query { limit: Some(500), ..Query::default() };
        let there = view.find("role", &query)?.items;
        let there: BTreeMap<&str, &Record> = there.iter().filter_map(|role| Some((role.text("code")?, role))).collect();
        for shipped in book::shipped() {
            let code = shipped.get("code").and_then(Value::as_str).unwrap_or_default();
            match there.get(code) {
                None => missing.push(shipped.clone()),
                Some(role) if is_untouched(&view, role)? => {
                    let patch = patch(role, shipped);
                    if !patch.is_empty() {
                        behind.push((role.id.clone(), patch));
                    }
                }
                Some(_) => {}
            }
        }
    }
    if missing.is_empty() && behind.is_empty() {
        return Ok(());
    }
    let ctx = Ctx::system(Id::hq(), clock.now(), std::sync::Arc::default());
    let write = move |tx: &mut Tx<'_>| {
        for data in missing {
            record::Create { org: Some(Id::hq()), ..record::Create::new("role", data) }.run(tx, &ctx)?;
        }
        for (id, patch) in behind {
            record::Change::new("role", id, patch).run(tx, &ctx)?;
        }
        Ok(())
    };
    store.commit(write).await
}

fn is_untouched(view: &View, role: &Record) -> Result<bool> {
    let revisions = tables::revision::list(view, "role", &role.id, u32::MAX, REVISIONS)?;
    let system = Actor::System.label();
    Ok(revisions.len() < REVISIONS as usize && revisions.iter().all(|revision| revision.actor == system))
}

/// What differs from the role as it ships.
fn patch(role: &Record, shipped: &Data) -> Data {
    let gone = role.data.contains_key("like") && !shipped.contains_key("like");
    let mut patch: Data = shipped
        .iter()
        .filter(|(name, value)| role.data.get(*name) != Some(*value) && *name != "status")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if gone {
        patch.insert("like".into(), Value::Null);
    }
    patch
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{model::Time, store::StoreConfig};

    fn role(store: &Store, code: &str) -> Record {
        let query = Query { filter: json!({ "code": code }), ..Query::default() };
        store.view(Scope::All).unwrap().find("role", &query).unwrap().items.remove(0)
    }

    async fn change(store: &Store, ctx: Ctx, code: &str) {
        let id = role(store, code).id;
        let patch = json!({ "grants": [], "powers": ["none"] }).as_object().unwrap().clone();
        store.commit(move |tx| record::Change::new("role", id, patch).run(tx, &ctx).map(drop)).await.unwrap();
    }

    #[tokio::test]
    async fn a_role_nobody_has_touched_becomes_what_ships_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), &StoreConfig::default()).unwrap();
        let clock = Clock::standing(Time::from_millis(1_773_367_200_000));
        ensure(&store, &clock).await.unwrap();
        let system = Ctx::system(Id::hq(), clock.now(), std::sync::Arc::default());
        let admin = Actor::User {
            id: Id::admin(),
            name: "admin".into(),
            org: Id::hq(),
            roles: vec!["admin".into()],
            scopes: Vec::new(),
        };
        let person = Ctx::new(admin, Id::hq(), Scope::All, clock.now(), std::sync::Arc::default());
        // As an older version had them: one left alone since, one that an administrator has made their own.
        change(&store, system, "advisor").await;
        change(&store, person, "hq_agent").await;
        let before = role(&store, "gm").rev;
        ensure(&store, &clock).await.unwrap();
        let shipped = |code: &str| book::shipped().iter().find(|role| role["code"] == code).unwrap();
        let advisor = role(&store, "advisor");
        assert_eq!((advisor.field("grants"), advisor.field("powers")), (&shipped("advisor")["grants"], &shipped("advisor")["powers"]));
        assert_eq!(role(&store, "hq_agent").field("powers"), &json!(["none"]));
        assert_eq!(role(&store, "gm").rev, before, "what is up to date is not written");
        let rev = advisor.rev;
        ensure(&store, &clock).await.unwrap();
        assert_eq!(role(&store, "advisor").rev, rev);
    }
}
