//! What a guest reads of people beyond their records: whether they are on duty at the moment of the call.

use serde_json::Value;

use crate::{
    model::{Record, Time, duty},
    store::View,
};

/// Add `is_on_duty` to a person. It follows the clock, so it is worked out for each reading and cannot be filtered by.
pub(super) fn add(record: &mut Record, view: &View, now: Time) {
    if record.kind == "user" {
        let is_on_duty = duty::is_on_duty(&record.data, &view.orgs().calendar(&record.org), now);
        record.data.insert("is_on_duty".into(), Value::Bool(is_on_duty));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        commands::{Ctx, Run, record},
        model::{Id, Scope},
        store::{Store, StoreConfig},
    };

    #[test]
    fn a_person_is_read_with_whether_they_are_on_duty_where_they_work() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path(), &StoreConfig::default()).expect("a store");
        let ten: Time = "2026-03-13T10:00:00+08:00".parse().expect("a time");
        let make = move |tx: &mut crate::store::Tx<'_>| {
            let ctx = Ctx::system(Id::hq(), ten, Default::default());
            // Clocks in Urumqi show eight when those in Shanghai show ten.
            let hq = json!({ "code": "hq", "name": "HQ", "type": "maker", "time_zone": "Asia/Urumqi" });
            let li = json!({ "login": "li", "name": "Li", "roles": ["consultant"] });
            for (kind, id, data) in [("org", "hq", hq), ("user", "li", li)] {
                let body = json!({ "kind": kind, "id": id, "org": "hq", "data": data });
                serde_json::from_value::<record::Create>(body).expect("a command").run(tx, &ctx)?;
            }
            Ok(())
        };
        store.commit_blocking(make).expect("an organisation and a person");
        let view = store.view(Scope::All).expect("a view");
        let on_duty = |hours: i64| {
            let mut li = view.one("user", &"li".parse().expect("an id")).expect("a person");
            add(&mut li, &view, ten.plus_millis(hours * 3_600_000));
            li.data["is_on_duty"].clone()
        };
        assert_eq!(
            [on_duty(0), on_duty(1), on_duty(9), on_duty(10)],
            [json!(false), json!(true), json!(true), json!(false)]
        );
        let mut hq = view.one("org", &Id::hq()).expect("an organisation");
        add(&mut hq, &view, ten);
        assert!(!hq.data.contains_key("is_on_duty"));
    }
}
