//! Imports through the store: what is written, what is not, and what survives a restart.

mod undo;

use std::{collections::BTreeMap, path::Path};

use serde_json::json;

use super::*;
use crate::{
    catalogue::KindEntry,
    commands::{Run, record},
    model::{Actor, Data, Query, Time},
    store::StoreConfig,
};

const CARDS: &[u8] = include_bytes!("../../../../tests/cases/import/cards.csv");
const CARDS_KNOWN: &[u8] = include_bytes!("../../../../tests/cases/import/cards-known.csv");

/// A store with one dealer below the maker, and an importer on it.
struct Desk {
    store: Store,
    importer: Importer,
    catalogue: Arc<ArcSwap<Catalogue>>,
}

impl Desk {
    async fn open(folder: &Path) -> Desk {
        let store = open(folder).await;
        let clock = Clock::standing("2026-03-13T02:00:00Z".parse().expect("a moment"));
        let is_empty = tables::record::count(&store.view(Scope::All).expect("a view"), "org").expect("a count") == 0;
        if is_empty {
            let ctx = Ctx::system(Id::hq(), clock.now(), Arc::default());
            let found = move |tx: &mut Tx<'_>| {
                create("org", "hq", "hq", json!({ "code": "hq", "name": "总部", "type": "maker" })).run(tx, &ctx)?;
                let dealer = json!({ "code": "d1", "name": "武汉一店", "type": "dealer", "parent": "hq" });
                create("org", "d1", "hq", dealer).run(tx, &ctx)
            };
            store.commit(found).await.expect("organisations");
        }
        let kinds = store.kinds();
        let entry =
            |(name, kind): (&String, &Arc<Kind>)| (name.clone(), KindEntry { kind: kind.clone(), plugin: None });
        let kinds: BTreeMap<_, _> = kinds.iter().map(entry).collect();
        let catalogue = Catalogue { kinds, orgs: store.orgs(), ..Catalogue::default() };
        let catalogue = Arc::new(ArcSwap::from_pointee(catalogue));
        let importer = Importer::new(store.clone(), clock, catalogue.clone());
        Desk { store, importer, catalogue }
    }

    fn ctx(&self, roles: &[&str]) -> Ctx {
        let actor = Actor::User {
            id: "u1".parse().expect("an id"),
            name: "李娜".into(),
            org: Id::hq(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            scopes: Vec::new(),
        };
        let now = "2026-03-13T02:00:00Z".parse().expect("a moment");
        let org: Id = "d1".parse().expect("an id");
        let catalogue = self.catalogue.load_full();
        Ctx::new(actor, org, Scope::All, now, catalogue)
    }

    async fn start(&self, mode: Mode, bytes: impl AsRef<[u8]>) -> Id {
        self.importer.start(&self.ctx(&["gm"]), request(mode, bytes.as_ref())).await.expect("a job").id
    }

    /// The job once `is_far` enough.
    async fn wait(&self, id: &Id, is_far: impl Fn(&Job) -> bool) -> Job {
        for _ in 0..6_000 {
            let job = self.job(id);
            if is_far(&job) {
                return job;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("the job does not move: {:?}", self.job(id));
    }

    async fn run(&self, mode: Mode, bytes: impl AsRef<[u8]>) -> Job {
        let id = self.start(mode, bytes).await;
        self.wait(&id, |job| job.state != JobState::Running).await
    }

    fn job(&self, id: &Id) -> Job {
        tables::job::get(&self.view(), id, &Scope::All).expect("a job").expect("a job")
    }

    fn view(&self) -> crate::store::View {
        self.store.view(Scope::All).expect("a view")
    }

    fn n(&self, kind: &str) -> u64 {
        tables::record::count(&self.view(), kind).expect("a count")
    }

    fn customer(&self, name: &str) -> Data {
        let query = Query { filter: json!({ "name": name }), ..Query::default() };
        self.view().find("customer", &query).expect("a page").items.pop().expect("a customer").data
    }
}

/// A store that was just closed is let go when its writer thread has ended.
async fn open(folder: &Path) -> Store {
    for _ in 0..200 {
        match Store::open(folder, &StoreConfig::default()) {
            Err(error) if error.code == "store.locked" => {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await
            }
            opened => return opened.expect("a store"),
        }
    }
    panic!("the store stays locked");
}

fn create(kind: &str, id: &str, org: &str, data: Value) -> record::Create {
    let data = data.as_object().cloned().expect("an object");
    record::Create { id: id.parse().ok(), org: org.parse().ok(), ..record::Create::new(kind, data) }
}

fn request(mode: Mode, bytes: &[u8]) -> Request {
    Request {
        kind: "customer".into(),
        mode,
        bytes: bytes.to_vec(),
        filename: None,
        mapping: Map::new(),
        saved: None,
        key: None,
        delivery: Delivery::Run,
    }
}

fn counts(invalid: u32, repeated: u32, known: u32, review: u32, new: u32) -> Option<ImportCounts> {
    Some(ImportCounts { invalid, repeated, known, review, new })
}

#[tokio::test]
async fn the_cards_of_the_fair_become_customers_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = Desk::open(folder.path()).await;
    let job = desk.run(Mode::Apply, CARDS_KNOWN).await;
    assert_eq!((job.state, job.counts, job.done), (JobState::Done, counts(0, 0, 0, 0, 645), 645));
    let preview = desk.run(Mode::Preview, CARDS).await;
    assert_eq!((preview.state, preview.counts), (JobState::Done, counts(188, 212, 645, 0, 3655)));
    assert_eq!(desk.n("customer"), 645, "a preview writes nothing");
    let head = desk.view().at_seq();
    let job = desk.run(Mode::Apply, CARDS).await;
    assert_eq!((job.state, job.counts, job.done, job.total), (JobState::Done, preview.counts, 4700, 4700));
    assert_eq!(job.faults, preview.faults);
    assert_eq!((job.faults.len(), job.faults[0].row), (188, 40));
    assert_eq!(desk.n("customer"), 645 + 3655);
    assert!(desk.view().at_seq() >= head + 3655, "each new customer is an event");
    assert_eq!(tables::job::file_bytes(&desk.view(), &job.id).expect("a read"), None, "the file is let go");
    let head = desk.view().at_seq();
    let again = desk.run(Mode::Apply, CARDS).await;
    assert_eq!(again.counts, counts(188, 212, 4300, 0, 0));
    assert_eq!(desk.view().at_seq(), head, "the second time changes nothing");
}

#[tokio::test]
async fn an_import_goes_on_after_a_restart_as_if_there_had_been_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let straight = tempfile::tempdir().expect("a folder");
    let undisturbed = Desk::open(straight.path()).await.run(Mode::Apply, CARDS).await;
    let mut id = None;
    let mut n_restarts = 0;
    loop {
        let desk = Desk::open(folder.path()).await;
        let id = match &id {
            Some(id) => {
                desk.importer.resume().expect("a restart");
                Id::clone(id)
            }
            None => id.insert(desk.start(Mode::Apply, CARDS).await).clone(),
        };
        let before = desk.job(&id).done;
        let job = desk.wait(&id, |job| job.done > before || job.state != JobState::Running).await;
        desk.importer.stop();
        if job.state == JobState::Done {
            assert_eq!((job.counts, &job.faults, job.done), (undisturbed.counts, &undisturbed.faults, 4700));
            assert_eq!(desk.n("customer"), 645 + 3655);
            break;
        }
        n_restarts += 1;
        assert!(n_restarts < 20);
    }
    assert!(n_restarts >= 2, "it was stopped on the way");
}

#[tokio::test]
async fn a_cancelled_import_stops_and_keeps_what_is_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = Desk::open(folder.path()).await;
    let id = desk.start(Mode::Apply, CARDS).await;
    desk.wait(&id, |job| job.done > 0).await;
    let cancelled = desk.importer.cancel(&desk.ctx(&["gm"]), &id).await.expect("a job");
    assert_eq!(cancelled.state, JobState::Cancelled);
    desk.importer.stop();
    let job = desk.job(&id);
    assert_eq!((job.state, job.done), (JobState::Cancelled, cancelled.done));
    assert_eq!(desk.n("customer"), u64::from(job.counts.expect("counts").new));
    assert_eq!(
        desk.importer.cancel(&desk.ctx(&["gm"]), &id).await.expect("a job"),
        job,
        "cancelling again changes nothing"
    );
    let nothing: Id = "nothing".parse().expect("an id");
    assert_eq!(desk.importer.cancel(&desk.ctx(&["gm"]), &nothing).await.expect_err("no job").code, "job.not_found");
}

#[tokio::test]
async fn known_customers_are_filled_in_and_families_reviewed() {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = Desk::open(folder.path()).await;
    desk.run(Mode::Apply, "姓名,手机,城市,性别\n王磊,13800001234,武汉,男\n").await;
    let (ctx, id) =
        (desk.ctx(&["gm"]), desk.view().find("customer", &Default::default()).expect("a page").items[0].id.clone());
    let typed = record::Change::new("customer", id, [("note".to_owned(), json!("要现车"))].into_iter().collect());
    desk.store.commit(move |tx| typed.run(tx, &ctx).map(drop)).await.expect("a change");
    let lines = "姓名,手机,城市,备注\n王磊,13800001234,长沙,报价\n李娜,13800001234,,\n赵云,13900001234,,\n赵云,139 0000 1234,南京,\n钱多,13900001234,,\n";
    let job = desk.run(Mode::Apply, lines).await;
    assert_eq!(job.counts, counts(0, 1, 1, 2, 1));
    let known = desk.customer("王磊");
    assert_eq!(
        (&known["city"], &known["note"], &known["type"]),
        (&json!("长沙"), &json!("要现车"), &json!("prospect"))
    );
    assert_eq!(known["gender"], "male", "a file is silent about what it does not say");
    assert_eq!(desk.customer("赵云")["city"], "南京", "a repeated row fills the gaps of the first");
    assert_eq!(desk.n("review"), 2);
    let notices = job.detail["notices"].as_array().expect("notices");
    assert_eq!(
        (notices.len(), &notices[0]["code"], &notices[0]["row"], &notices[0]["field"]),
        (1, &json!("kept"), &json!(2), &json!("note"))
    );
}

#[tokio::test]
async fn another_dealers_customers_are_not_known_here() {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = Desk::open(folder.path()).await;
    let lines = "姓名,手机\n王磊,13800001234\n";
    let elsewhere = Ctx { org: Id::hq(), ..desk.ctx(&["gm"]) };
    let job = desk.importer.start(&elsewhere, request(Mode::Apply, lines.as_bytes())).await.expect("a job");
    desk.wait(&job.id, |job| job.state == JobState::Done).await;
    assert_eq!(desk.run(Mode::Apply, lines).await.counts, counts(0, 0, 0, 0, 1));
}

#[tokio::test]
async fn a_row_that_the_store_refuses_is_invalid_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = Desk::open(folder.path()).await;
    let lines = "code,name,type,parent\nhq,又一个总部,maker,\nd4,武汉四店,dealer,d2\ndesk,展厅,desk,d2\nd2,武汉二店,经销商,hq\nd3,武汉三店,经销商,nowhere\n";
    let asked = Request { kind: "org".into(), ..request(Mode::Apply, lines.as_bytes()) };
    let head = desk.view().at_seq();
    let job = desk.importer.start(&desk.ctx(&["hq_admin"]), asked).await.expect("a job");
    let job = desk.wait(&job.id, |job| job.state != JobState::Running).await;
    assert_eq!((job.state, job.counts), (JobState::Done, counts(2, 0, 1, 0, 2)), "{:?}", job.faults);
    assert_eq!(desk.view().at_seq() - head, 2, "rows that were tried together and taken back have left no event");
    let faults: Vec<_> =
        job.faults.iter().map(|fault| (fault.row, fault.field.as_deref(), fault.code.as_str())).collect();
    let parent = Some("parent");
    let expected = [(6, parent, "ref.not_found"), (6, parent, "org.parent"), (3, parent, "org.parent")];
    assert_eq!(faults, expected, "{:?}", job.faults);
    let notice = &job.detail["notices"][0];
    assert_eq!((&notice["row"], &notice["field"], &notice["code"]), (&json!(2), &json!("name"), &json!("kept")));
    assert_eq!(desk.n("org"), 4, "the desk stands under a dealer that the file names after it");
}

#[tokio::test]
async fn staff_are_written_where_their_row_says_and_known_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = Desk::open(folder.path()).await;
    let lines = "登录名,姓名,角色,机构,接待上限\nd1.li,李强,销售顾问,d1,40\nhq.he,何丽,总部客户关怀,hq,\nx.wu,吴刚,服务顾问,d9,\n";
    let asked = || Request { kind: "user".into(), ..request(Mode::Apply, lines.as_bytes()) };
    let ctx = Ctx { org: Id::hq(), ..desk.ctx(&["hq_admin"]) };
    for expected in [counts(1, 0, 0, 0, 2), counts(1, 0, 2, 0, 0)] {
        let job = desk.importer.start(&ctx, asked()).await.expect("a job");
        let job = desk.wait(&job.id, |job| job.state != JobState::Running).await;
        assert_eq!((job.state, job.counts), (JobState::Done, expected), "{:?}", job.faults);
        assert_eq!((job.faults[0].row, job.faults[0].field.as_deref()), (4, Some("org")));
    }
    let people = desk.view().find("user", &Query { order: "login".into(), ..Query::default() }).expect("people").items;
    let told: Vec<_> =
        people.iter().map(|user| (user.org.as_str(), user.text("login"), user.field("capacity"))).collect();
    assert_eq!(told, [("d1", Some("d1.li"), &json!(40)), ("hq", Some("hq.he"), &json!(60))]);
}

#[tokio::test]
async fn what_cannot_be_imported_is_refused_before_there_is_a_job() {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = Desk::open(folder.path()).await;
    let sound = "姓名,手机\n王磊,13800001234\n".as_bytes();
    let base = || request(Mode::Apply, sound);
    let mapping = |value: Value| value.as_object().cloned().expect("an object");
    for (roles, asked, code) in [
        ("gm", Request { kind: "nothing".into(), ..base() }, "kind.not_found"),
        ("gm", Request { kind: "review".into(), ..base() }, "denied"),
        ("gm", Request { kind: "org".into(), ..base() }, "denied"),
        ("gm", Request { bytes: b"%PDF-1.7".to_vec(), ..base() }, "import.unreadable"),
        ("gm", Request { bytes: b"a,b\n1,2\n".to_vec(), ..base() }, "mapping.invalid"),
        ("gm", Request { mapping: mapping(json!({ "手机": "fax" })), ..base() }, "invalid"),
        ("gm", Request { key: Some("note".into()), ..base() }, "key.invalid"),
        ("gm", Request { key: Some("fax".into()), ..base() }, "key.invalid"),
        ("gm", Request { key: Some("email".into()), ..base() }, "key.invalid"),
    ] {
        let error = desk.importer.start(&desk.ctx(&[roles]), asked).await.expect_err(code);
        assert_eq!(error.code, code, "{error}");
    }
    let jobs = tables::job::list(&desk.view(), &Scope::All, 10).expect("a list");
    assert_eq!(jobs, []);
}

#[tokio::test]
async fn customers_can_be_known_by_a_field_of_choice() {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = Desk::open(folder.path()).await;
    desk.run(Mode::Apply, "姓名,邮箱\n王磊,wl@example.cn\n").await;
    let lines = "姓名,邮箱,城市\n王先生,WL@example.cn,武汉\n";
    let asked = Request { key: Some("email".into()), ..request(Mode::Apply, lines.as_bytes()) };
    let job = desk.importer.start(&desk.ctx(&["gm"]), asked).await.expect("a job");
    let job = desk.wait(&job.id, |job| job.state != JobState::Running).await;
    assert_eq!(job.counts, counts(0, 0, 1, 0, 0));
    let customer = desk.customer("王先生");
    assert_eq!(
        (&customer["city"], &customer["email"]),
        (&json!("武汉"), &json!("wl@example.cn")),
        "the file's word holds"
    );
}

#[tokio::test]
async fn a_file_that_breaks_off_half_way_fails_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = Desk::open(folder.path()).await;
    let lines: String = (0..600).map(|n| format!("客户{n},138{n:08}\n")).collect();
    let lines = format!("姓名,手机\n{lines}王磊,\"{}\n", "x".repeat(super::super::read::MAX_CELL_BYTES + 1));
    let job = desk.run(Mode::Apply, lines).await;
    assert_eq!(
        (job.state, job.counts, job.faults[0].code.as_str()),
        (JobState::Failed, counts(0, 0, 0, 0, 0), "import.too_large")
    );
    assert_eq!(desk.n("customer"), 0);
}

#[tokio::test]
async fn somebody_who_was_faster_than_the_plan_is_not_doubled() {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = Desk::open(folder.path()).await;
    let id = desk.start(Mode::Preview, "姓名,手机\n王磊,13800001234\n").await;
    let job = desk.wait(&id, |job| job.state == JobState::Done).await;
    let task: Task = serde_json::from_value(job.detail.clone()).expect("a task");
    let data = json!({ "name": "王磊", "phone": "+8613800001234" });
    let planned = super::super::Planned {
        row: 2,
        id: None,
        org: None,
        overwrites: false,
        outcome: super::super::Outcome::New { data: data.as_object().cloned().expect("an object") },
        faults: Vec::new(),
    };
    let chunk = write::Chunk { job: id.clone(), planned: vec![planned], done: 1, total: 1 };
    let ctx = desk.ctx(&["gm"]);
    let written = move |tx: &mut Tx<'_>| {
        create("customer", "c1", "d1", data).run(tx, &ctx)?;
        let job = Job { counts: None, ..job };
        write::apply(tx, &ctx, &task, &job, &chunk)?.added_to(job, &chunk, Time::from_millis(0))
    };
    let job = desk.store.commit(written).await.expect("a chunk");
    assert_eq!(job.counts, counts(0, 0, 1, 0, 0));
    assert_eq!(desk.n("customer"), 1);
}

#[test]
fn a_file_is_shown_before_it_is_imported() {
    let kind: Kind = serde_json::from_str(include_str!("../../model/kinds/customer.json")).expect("a kind");
    let shown = serde_json::to_value(inspect(&kind, CARDS.to_vec(), Vec::new()).expect("a table")).expect("JSON");
    assert_eq!(
        (&shown["format"], &shown["encoding"], &shown["total"]),
        (&json!("csv"), &json!("GB18030"), &json!(4700))
    );
    assert_eq!(shown["rows"].as_array().map(Vec::len), Some(20));
    assert_eq!((&shown["mapping"]["手机号码"], &shown["headers"][0]), (&json!("phone"), &json!("姓名")));
}
