//! Out and in again: whatever a record says, a file of it says the same.

use std::{ops::ControlFlow, path::Path, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use marque::{
    catalogue::Catalogue,
    clock::Clock,
    commands::{Ctx, Run, record},
    exports::{Asked, Exporter, Labels},
    imports::{Mapping, RowReader, Table},
    model::{Data, Id, Kind, Query, Record, Time, calendar::Calendar, export::ExportFormat},
    store::{Store, StoreConfig, Tx},
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn kind() -> Kind {
    let text = |zh: &str, r#type: &str| json!({ "type": r#type, "label": { "zh-CN": zh, "en": format!("the {zh}") } });
    let choices = json!([
        { "value": "low", "label": { "zh-CN": "低", "en": "low, or less" } },
        { "value": "high", "label": { "zh-CN": "高", "en": "High" } },
    ]);
    let with_choices = |zh: &str, r#type: &str| {
        let mut field = text(zh, r#type);
        field["values"] = choices.clone();
        field
    };
    let fields = json!({
        "title": text("甲", "text"), "words": text("乙", "long_text"), "n": text("丙", "int"), "size": text("丁", "decimal"),
        "price": text("戊", "money"), "flag": text("己", "bool"), "day": text("庚", "date"), "at": text("辛", "datetime"),
        "level": with_choices("壬", "enum"), "levels": with_choices("癸", "enum_list"), "other": text("子", "json"),
    });
    serde_json::from_value(json!({ "kind": "t.thing", "label": "Thing", "title": "title", "fields": fields }))
        .expect("a kind")
}

async fn store(folder: &Path, data: Vec<Data>) -> Vec<Record> {
    let store = Store::open(folder, &StoreConfig::default()).expect("a store");
    let ctx = Ctx::system(Id::hq(), Time::from_millis(1_773_367_200_000), Arc::default());
    let make = move |tx: &mut Tx<'_>| {
        tx.install_kind(&kind())?;
        let hq = json!({ "code": "hq", "name": "HQ", "type": "maker" });
        let hq = record::Create::new("org", hq.as_object().cloned().unwrap_or_default());
        record::Create { id: Some(Id::hq()), ..hq }.run(tx, &ctx)?;
        data.into_iter().map(|data| Ok(record::Create::new("t.thing", data).run(tx, &ctx)?.record)).collect()
    };
    store.commit(make).await.expect("records")
}

async fn exported(folder: &Path, format: ExportFormat, labels: Labels) -> Vec<u8> {
    let mut opened = Store::open(folder, &StoreConfig::default());
    while opened.as_ref().is_err_and(|error| error.code == "store.locked") {
        tokio::time::sleep(Duration::from_millis(5)).await;
        opened = Store::open(folder, &StoreConfig::default());
    }
    let clock = Clock::standing(Time::from_millis(1_773_367_200_000));
    let catalogue = Arc::new(ArcSwap::from_pointee(Catalogue::default()));
    let shelf = folder.join("exports");
    let exporter = Exporter::new(opened.expect("a store"), clock.clone(), catalogue, shelf);
    let ctx = Ctx::system(Id::hq(), clock.now(), Arc::default());
    let (kind, purpose) = ("t.thing".to_owned(), "测试".to_owned());
    let asked = Asked { kind, format, query: Query::default(), fields: None, labels, purpose };
    let mut pieces = exporter.begin(&ctx, asked).await.expect("an export").pieces();
    let mut file = Vec::new();
    while let Some(piece) = pieces.recv().await {
        file.extend(piece.expect("a piece"));
    }
    file
}

fn imported(file: Vec<u8>) -> Vec<(Id, Data)> {
    let kind = Arc::new(kind());
    let table = Table::open(file).expect("a table");
    let mapping = Mapping::of(&kind, &table, &Map::new()).expect("a mapping");
    let zone = Calendar::default().time_zone;
    let reader = RowReader::new(kind, mapping, zone);
    let mut found = Vec::new();
    let read = table.each_row(|row| {
        let reading = reader.read(&row);
        assert!(reading.faults.is_empty(), "{:?} of {row:?}", reading.faults);
        found.push((reading.id.expect("an id"), reading.data.expect("data")));
        Ok(ControlFlow::Continue(()))
    });
    read.expect("rows");
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[=+@'\t;|,\"-]{0,3}[a-z0-9王磊 ;|,\"'\n\t]{1,20}",
        "[0-9]{1,20}",
        "\\PC{1,20}",
        Just("无".to_owned()),
        Just("null".to_owned()),
    ]
}

fn things() -> impl Strategy<Value = Data> {
    let maybe = |strategy: BoxedStrategy<Value>| proptest::option::weighted(0.7, strategy).boxed();
    let whole = |range: std::ops::RangeInclusive<i64>| range.prop_map(Value::from).boxed();
    let moments = prop_oneof![0i64..4_102_444_800, Just(1_773_367_200)];
    let moments = (moments, prop_oneof![Just(0), 0i64..1_000])
        .prop_map(|(seconds, ms)| json!(Time::from_millis(seconds * 1_000 + ms)))
        .boxed();
    let days = (1900i16..2100, 1i8..13, 1i8..29).prop_map(|(y, m, d)| json!(format!("{y:04}-{m:02}-{d:02}"))).boxed();
    let levels = proptest::sample::subsequence(vec!["low", "high"], 1..=2).prop_map(|levels| json!(levels)).boxed();
    let fields: Vec<(&str, BoxedStrategy<Option<Value>>)> = vec![
        ("title", maybe(texts().prop_map(Value::from).boxed())),
        ("words", maybe(texts().prop_map(Value::from).boxed())),
        ("n", maybe(whole(-(1 << 53)..=1 << 53))),
        ("size", maybe((-1e9..1e9f64).prop_map(Value::from).boxed())),
        ("price", maybe(whole(-100_000_000_000..=100_000_000_000))),
        ("flag", maybe(any::<bool>().prop_map(Value::from).boxed())),
        ("day", maybe(days)),
        ("at", maybe(moments)),
        ("level", maybe(proptest::sample::select(vec!["low", "high"]).prop_map(Value::from).boxed())),
        ("levels", maybe(levels)),
        ("other", maybe(texts().prop_map(|text| json!({ "said": text, "list": [1, text] })).boxed())),
    ];
    let (names, values): (Vec<&str>, Vec<_>) = fields.into_iter().unzip();
    values.prop_map(move |values| {
        let said = names.iter().zip(values);
        said.filter_map(|(name, value)| Some(((*name).to_owned(), value?))).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn what_goes_out_comes_in_again(data in proptest::collection::vec(things(), 1..20)) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let folder = tempfile::tempdir().expect("a folder");
            let records = store(folder.path(), data).await;
            let mut truth: Vec<(Id, Data)> = records.into_iter().map(|record| (record.id, record.data)).collect();
            truth.sort_by(|(a, _), (b, _)| a.cmp(b));
            for (format, labels) in [
                (ExportFormat::Csv, Labels::In("zh-CN")),
                (ExportFormat::Csv, Labels::In("en")),
                (ExportFormat::Csv, Labels::Raw),
                (ExportFormat::Ndjson, Labels::Raw),
                (ExportFormat::Xlsx, Labels::In("zh-CN")),
            ] {
                let file = exported(folder.path(), format, labels).await;
                assert_eq!(imported(file), truth, "{format:?} {labels:?}");
            }
        });
    }
}
