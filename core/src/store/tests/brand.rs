//! Persons of the brand, for customers that were there before there were any.

use serde_json::json;

use super::{NOON, create, store};
use crate::{
    commands::{Ctx, customer},
    model::{Id, Scope},
    store::{Store, Tx, tables::membership},
};

/// The person of each customer.
fn persons(store: &Store, customers: &[Id]) -> Vec<Id> {
    let view = store.view(Scope::All).expect("a view");
    let person = |id: &Id| membership::identity(&view, id).expect("a person").expect("everybody is one");
    customers.iter().map(person).collect()
}

#[test]
fn customers_of_before_become_the_persons_they_would_have_been() {
    let (_folder, store) = store(&["hq", "d1", "d2"]);
    let at = |org: &str, name: &str, phone: &str| {
        create(&store, "customer", None, org, json!({ "name": name, "phone": phone })).id
    };
    // The same at both dealers, a relative with the same phone, and somebody else.
    let customers = [
        at("d1", "张伟", "13800001234"),
        at("d2", "张伟", "13800001234"),
        at("d2", "李娜", "13800001234"),
        at("d1", "王磊", "13900001234"),
    ];
    let fresh = persons(&store, &customers);
    assert!(fresh[0] == fresh[1] && fresh[2] != fresh[0] && fresh[3] != fresh[0] && fresh[3] != fresh[2]);

    let forget = |tx: &mut Tx<'_>| {
        let sql = "delete from membership; delete from k_identity";
        tx.connection.execute_batch(sql).map_err(crate::Error::internal)
    };
    store.commit_blocking(forget).expect("a store from before");
    let (mut after, mut n_chunks) = (String::new(), 0);
    loop {
        let chunk = membership::homeless(&store.view(Scope::All).expect("a view"), &after, 2).expect("customers");
        let Some(last) = chunk.last() else { break };
        after = last.id.to_string();
        let house =
            move |tx: &mut Tx<'_>| customer::house(tx, &Ctx::system(Id::hq(), NOON, Default::default()), &chunk);
        store.commit_blocking(house).expect("a chunk");
        n_chunks += 1;
    }
    assert!(n_chunks > 1, "{n_chunks}");
    let again = persons(&store, &customers);
    let same = |all: &[Id]| -> Vec<Vec<bool>> {
        all.iter().map(|one| all.iter().map(|other| one == other).collect()).collect()
    };
    assert_eq!(same(&again), same(&fresh));
}
