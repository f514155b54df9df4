//! What the store answers must not depend on what other organisations keep in it.

use marque::{
    commands::{Ctx, Run, record},
    model::{Id, Query, Scope, Time},
    store::{Store, StoreConfig},
};
use serde_json::{Value, json};

const NOON: Time = Time::from_millis(1_773_374_400_000);

fn customer(org: &str, name: &str, phone: &str) -> record::Create {
    let data = json!({ "name": name, "phone": phone });
    create("customer", None, org, data)
}

fn create(kind: &str, id: Option<&str>, org: &str, data: Value) -> record::Create {
    let data = data.as_object().expect("an object").clone();
    record::Create {
        id: id.map(|id| id.parse().expect("an id")),
        org: Some(org.parse().expect("an id")),
        ..record::Create::new(kind, data)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dealer_finds_its_customer_however_many_others_match_elsewhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), &StoreConfig::default()).expect("a store");
    store
        .commit(|tx| {
            let ctx = Ctx::system(Id::hq(), NOON, Default::default());
            for org in ["big", "small"] {
                let data = json!({ "code": org, "name": org, "type": "dealer" });
                create("org", Some(org), org, data).run(tx, &ctx)?;
            }
            for n in 0..2_500 {
                customer("big", "王磊", &format!("138{n:08}")).run(tx, &ctx)?;
            }
            customer("small", "王磊", "13899999999").run(tx, &ctx)
        })
        .await
        .expect("customers");
    let view = store.view(Scope::one("small".parse().expect("an id"))).expect("a view");
    for words in ["王磊", "138"] {
        let query = Query { search: Some(words.into()), count: true, ..Query::default() };
        let page = view.find("customer", &query).expect("a page");
        assert_eq!((page.items.len(), page.count), (1, Some(1)), "{words}");
    }
}
