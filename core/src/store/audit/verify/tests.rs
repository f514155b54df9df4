//! The log tampered with in each way there is: what shows, and what shows by a root alone.

use std::path::Path;

use rusqlite::Connection;
use serde_json::json;

use super::*;
use crate::{
    model::Scope,
    store::{
        Store, StoreConfig, Tx,
        audit::Log,
        tables::{
            audit::{Entry, append, verified},
            audit_root,
        },
    },
};

fn entry(what: &str) -> Entry {
    Entry { actor: "user:li".into(), ..Entry::of_nobody(Time::from_millis(7), what, json!({ "n": 1 })) }
}

/// Rows a to e, with a root after c and one after e.
async fn filled(folder: &Path) -> Vec<Root> {
    let store = Store::open(folder, &StoreConfig::default()).unwrap();
    let mut roots = Vec::new();
    for whats in [&["a", "b", "c"][..], &["d", "e"]] {
        let append_all = |tx: &mut Tx<'_>| whats.iter().try_for_each(|what| append(tx, &entry(what)));
        store.commit(append_all).await.unwrap();
        roots.extend(store.commit(|tx| audit_root::sign(tx, Time::from_millis(8))).await.unwrap());
        assert_eq!(store.commit(|tx| audit_root::sign(tx, Time::from_millis(9))).await.unwrap(), None);
    }
    assert_eq!(verified(&store.view(Scope::All).unwrap()).unwrap().len(), 5);
    roots
}

fn tamper(folder: &Path, sql: &str) {
    Connection::open(folder.join("marque.db")).unwrap().execute_batch(sql).unwrap();
}

fn check(folder: &Path, roots: &[Root]) -> Result<Verified> {
    Log::open(folder, None).unwrap().verify(roots.to_vec())
}

const FORGET_ROOTS: &str = "delete from audit_root;";

#[tokio::test]
async fn what_was_done_to_a_row_is_named() {
    let swapped = "update audit set seq = -2 where seq = 2; update audit set seq = 2 where seq = 3; update audit set seq = 3 where seq = -2";
    for (tampering, named) in [
        ("update audit set actor = 'user:wang' where seq = 2", "row 2 does not carry its seal"),
        ("update audit set detail = '{\"n\": 1}' where seq = 2", "row 2 does not carry its seal"),
        ("update audit set detail = detail || ',{\"kind\":\"x\"}' where seq = 2", "row 2 does not carry its seal"),
        ("update audit set rev = 1 where seq = 5", "row 5 does not carry its seal"),
        (
            "update audit set chain = (select chain from audit where seq = 3) where seq = 4",
            "row 4 does not carry its seal",
        ),
        ("delete from audit where seq = 2", "row 2 is missing: after row 1 comes row 3"),
        ("delete from audit where seq = 1", "row 1 is missing: after row 0 comes row 2"),
        ("delete from audit where seq < 3; update audit set seq = seq - 2", "row 1 does not carry its seal"),
        (swapped, "row 2 does not carry its seal"),
        ("delete from audit where seq = 5", "row 5 is missing: the log ends there"),
        ("delete from audit", "row 1 is missing: the log ends there"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        filled(folder.path()).await;
        assert_eq!(check(folder.path(), &[]).unwrap().n_rows, 5);
        tamper(folder.path(), tampering);
        let error = check(folder.path(), &[]).unwrap_err();
        assert_eq!(error.code, "audit.broken", "{tampering}");
        assert!(error.message.starts_with(named), "{tampering}: {}", error.message);
    }
}

#[tokio::test]
async fn a_log_cut_off_shows_by_a_root_kept_elsewhere_and_by_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let kept = filled(folder.path()).await;
    tamper(folder.path(), "delete from audit where seq > 3; delete from audit_root where count > 3");
    assert_eq!(check(folder.path(), &[]).unwrap().n_rows, 3);
    let error = check(folder.path(), &kept[1..]).unwrap_err();
    assert!(error.message.starts_with("row 4 is missing: the log ends there"), "{}", error.message);
}

#[tokio::test]
async fn a_log_written_anew_shows_by_a_root_and_says_from_where() {
    let folder = tempfile::tempdir().unwrap();
    let kept = filled(folder.path()).await;
    // With every seal made anew, as whoever may write the file can.
    tamper(folder.path(), &format!("update audit set actor = 'user:wang' where seq = 4; {FORGET_ROOTS}"));
    let connection = Connection::open(folder.path().join("marque.db")).unwrap();
    let before: String = connection.query_row("select chain from audit where seq = 3", [], |row| row.get(0)).unwrap();
    let mut chain = before;
    for (seq, actor, what) in [(4, "user:wang", "d"), (5, "user:li", "e")] {
        let row =
            Row { at: Time::from_millis(7), actor, org: None, what, detail: r#"{"n":1}"#, about: About::default() };
        chain = seal(Some(&chain), &row).unwrap();
        connection.execute("update audit set chain = ?1 where seq = ?2", (&chain, seq)).unwrap();
    }
    assert_eq!(check(folder.path(), &[]).unwrap().n_rows, 5, "the chain alone does not show it");
    let error = check(folder.path(), &kept).unwrap_err();
    assert!(error.message.starts_with("the rows 4 to 5 are not those of the root"), "{}", error.message);
}

#[tokio::test]
async fn a_root_that_was_changed_or_signed_by_another_is_forged() {
    let folder = tempfile::tempdir().unwrap();
    let kept = filled(folder.path()).await;
    let changed = Root { count: 4, ..kept[1].clone() };
    assert_eq!(check(folder.path(), &[changed]).unwrap_err().code, "root.forged");
    let elsewhere = tempfile::tempdir().unwrap();
    let theirs = filled(elsewhere.path()).await;
    assert_eq!(theirs[1].chain, kept[1].chain, "the same rows, another key");
    assert_eq!(check(folder.path(), &theirs).unwrap_err().code, "root.forged");
    assert_eq!(check(folder.path(), &kept).unwrap().n_roots, 4, "those kept, and those of the store");
}

#[tokio::test]
async fn what_is_taken_back_leaves_no_gap_in_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &StoreConfig::default()).unwrap();
    let refused: Result<()> = store
        .commit(|tx| {
            append(tx, &entry("a"))?;
            Err(Error::denied("no"))
        })
        .await;
    assert!(refused.is_err());
    store.rehearse(|tx| append(tx, &entry("b"))).await.unwrap();
    let attempted = |tx: &mut Tx<'_>| {
        append(tx, &entry("c"))?;
        let lost: Result<()> = tx.attempt(|tx| {
            append(tx, &entry("d"))?;
            Err(Error::denied("no"))
        });
        assert!(lost.is_err());
        append(tx, &entry("e"))
    };
    store.commit(attempted).await.unwrap();
    store.commit(|tx| append(tx, &entry("f"))).await.unwrap();
    let whats: Vec<String> =
        verified(&store.view(Scope::All).unwrap()).unwrap().into_iter().map(|entry| entry.what).collect();
    assert_eq!(whats, ["c", "e", "f"]);
}

#[test]
fn rows_of_before_are_sealed_as_they_were_and_the_chain_goes_on() {
    // As the seventh version of the store wrote it.
    let at = Time::from_millis(7);
    let detail = json!({ "n": 1 });
    let old = crate::model::digest::hex(json!([null, at, "user:li", null, "a", detail]).to_string());
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(
            "create table audit (seq integer primary key, at integer not null, actor text not null, org text, what text not null,
                detail text not null, chain text not null) strict;
             create table audit_root (count integer primary key, chain text, at integer, key text, signature text);
             alter table audit add column on_behalf text; alter table audit add column kind text;
             alter table audit add column record text; alter table audit add column rev integer;
             alter table audit add column digest text; alter table audit add column address text;",
        )
        .unwrap();
    connection
        .execute(
            "insert into audit (at, actor, what, detail, chain) values (7, 'user:li', 'a', '{\"n\":1}', ?1)",
            [&old],
        )
        .unwrap();
    assert_eq!(verify(&connection, None, Vec::new()).unwrap().chain, Some(old));
}
