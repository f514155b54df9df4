//! Import, anything people do afterwards, undo: compared with a model of what must be left.

use proptest::prelude::*;

use super::*;

const FIELDS: [&str; 3] = ["city", "tags", "source"];
/// Records that are there before the import, and those it makes.
const N_KNOWN: usize = 3;
const N_ALL: usize = 5;

/// Values of one record by field; none: nothing.
type Values = [Option<u8>; 3];

/// A person's edit: which record, which field, what.
type Edit = (usize, usize, Option<u8>);

fn id(n: usize) -> Id {
    format!("0198a0c4-0000-7000-8000-00000000000{n}").parse().expect("an id")
}

fn text(value: Option<u8>) -> Value {
    value.map_or(Value::Null, |value| json!(format!("值{value}")))
}

fn data(n: usize, values: &Values) -> Data {
    let own =
        [("name".to_owned(), json!(format!("客户{n}"))), ("phone".to_owned(), json!(format!("+861380000000{n}")))];
    let said = FIELDS.iter().zip(values).filter(|(_, value)| value.is_some());
    own.into_iter().chain(said.map(|(field, value)| ((*field).to_owned(), text(*value)))).collect()
}

/// What must be left of a record: none when it must be gone. And the fields whose later edits must be told.
fn expected(n: usize, before: &Values, imported: &Values, edits: &[Edit]) -> (Option<Values>, Vec<&'static str>) {
    let after: Values = std::array::from_fn(|at| imported[at].or(if n < N_KNOWN { before[at] } else { None }));
    let mut now = after;
    let mut is_edited = [false; 3];
    for (_, at, value) in edits.iter().filter(|(record, _, _)| *record == n) {
        is_edited[*at] |= now[*at] != *value;
        now[*at] = *value;
    }
    if n >= N_KNOWN {
        let told = (0..3).filter(|at| is_edited[*at]).map(|at| FIELDS[at]).collect();
        return (is_edited.contains(&true).then_some(now), told);
    }
    let left = std::array::from_fn(|at| if is_edited[at] || after[at] == before[at] { now[at] } else { before[at] });
    let is_told = |at: &usize| is_edited[*at] && after[*at] != before[*at] && now[*at] != before[*at];
    (Some(left), (0..3).filter(is_told).map(|at| FIELDS[at]).collect())
}

async fn check(before: [Values; N_KNOWN], imported: [Values; N_ALL], edits: Vec<Edit>) {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = Desk::open(folder.path()).await;
    let ctx = desk.ctx(&["gm"]);
    let known = before;
    let asked = ctx.clone();
    let make = move |tx: &mut Tx<'_>| {
        known.iter().enumerate().try_for_each(|(n, values)| {
            let data = Value::Object(data(n, values));
            create("customer", id(n).as_str(), "d1", data).run(tx, &asked).map(drop)
        })
    };
    desk.store.commit(make).await.expect("records");
    let lines: String = imported
        .iter()
        .enumerate()
        .map(|(n, values)| format!("{}\n", json!({ "id": id(n), "data": data(n, values) })))
        .collect();
    let job = desk.run(Mode::Apply, lines).await;
    assert_eq!(job.counts, counts(0, 0, N_KNOWN as u32, 0, (N_ALL - N_KNOWN) as u32), "{:?}", job.faults);
    let (asked, made) = (ctx.clone(), edits.clone());
    let edit = move |tx: &mut Tx<'_>| {
        made.iter().try_for_each(|(record, at, value)| {
            let data = Data::from_iter([(FIELDS[*at].to_owned(), text(*value))]);
            record::Change::new("customer", id(*record), data).run(tx, &asked).map(drop)
        })
    };
    desk.store.commit(edit).await.expect("edits");
    desk.importer.undo(&ctx, &job.id).await.expect("a job");
    let job = desk.wait(&job.id, |job| job.state != JobState::Running).await;
    assert_eq!(job.state, JobState::Undone);
    let conflicts = job.conflicts.expect("conflicts");
    for n in 0..N_ALL {
        let values = before.get(n).copied().unwrap_or_default();
        let (left, told) = expected(n, &values, &imported[n], &edits);
        let found = desk.view().get("customer", &[id(n)]).expect("a read").pop().flatten();
        let found = found.map(|record| FIELDS.map(|field| record.field(field).clone()));
        assert_eq!(found, left.map(|values| values.map(text)), "record {n} of {before:?} {imported:?} {edits:?}");
        let of_record = conflicts.iter().filter(|conflict| conflict.id == id(n));
        let mut fields: Vec<&str> = of_record.filter_map(|conflict| conflict.field.as_deref()).collect();
        let mut told = told;
        fields.sort_unstable();
        told.sort_unstable();
        assert_eq!(fields, told, "conflicts of record {n} of {before:?} {imported:?} {edits:?}");
    }
    desk.importer.stop();
}

fn values() -> impl Strategy<Value = Values> {
    proptest::array::uniform3(proptest::option::of(0u8..3))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_later_edit_is_ever_lost(
        before in proptest::array::uniform3(values()),
        imported in proptest::array::uniform5(values()),
        edits in proptest::collection::vec((0..N_ALL, 0usize..3, proptest::option::of(0u8..3)), 0..8),
    ) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(check(before, imported, edits));
    }
}
