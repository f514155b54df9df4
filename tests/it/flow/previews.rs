//! Applying a preview does what it has shown, whatever is written and whatever happens in between.

use std::sync::Arc;

use marque::{
    Error,
    app::{App, How, Options, Outcome, Wish},
    clock::Clock,
    commands::{Ctx, record},
    config::{Config, DataConfig},
    model::{Actor, Command, Data, Event, Id, Scope, Time},
    store::tables,
};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};

use crate::support::{SOON, server};

const NOON: Time = Time::from_millis(1_773_374_400_000);
const CITIES: [&str; 3] = ["武汉", "长沙", "广州"];

#[derive(Clone, Debug)]
enum Write {
    Create(u8),
    Change(u8, u8),
    Undo(u8, u32),
    Remove(u8),
    Restore(u8),
}

/// A write, and another one by somebody else between its preview and its application.
#[derive(Clone, Debug)]
struct Step {
    write: Write,
    meanwhile: Option<Write>,
}

fn writes() -> impl Strategy<Value = Write> {
    prop_oneof![
        2 => (0..6u8).prop_map(Write::Create),
        4 => (0..6u8, 0..4u8).prop_map(|(who, city)| Write::Change(who, city)),
        2 => (0..6u8, 1..5u32).prop_map(|(who, rev)| Write::Undo(who, rev)),
        1 => (0..6u8).prop_map(Write::Remove),
        1 => (0..6u8).prop_map(Write::Restore),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (writes(), proptest::option::weighted(0.3, writes()));
    proptest::collection::vec(step.prop_map(|(write, meanwhile)| Step { write, meanwhile }), 1..12)
}

struct Desk {
    app: Arc<App>,
    /// Customers made by now, gone or not.
    known: Vec<Id>,
    runtime: tokio::runtime::Runtime,
}

impl Desk {
    fn who(&self, n: u8) -> Id {
        let n = usize::from(n).checked_rem(self.known.len()).unwrap_or_default();
        self.known.get(n).cloned().unwrap_or_else(Id::admin)
    }

    fn wish(&self, write: &Write) -> Wish<Vec<Id>> {
        let kind = || "customer".to_owned();
        let shown = Command::new("test", json!(format!("{write:?}")));
        match *write {
            Write::Create(n) => {
                let data = data(json!({ "name": format!("客户{n}"), "phone": format!("1300000000{n}") }));
                let create = record::Create::new("customer", data);
                wish(shown, create, |created: record::Created| vec![created.record.id])
            }
            Write::Change(n, city) => {
                let city = CITIES.get(usize::from(city)).map_or(Value::Null, |city| json!(city));
                wish(shown, record::Change::new("customer", self.who(n), data(json!({ "city": city }))), |_| vec![])
            }
            Write::Undo(n, rev) => {
                let undo = record::Undo { kind: kind(), id: self.who(n), rev, fields: None, if_rev: None, why: None };
                wish(shown, undo, |_| vec![])
            }
            Write::Remove(n) => {
                wish(shown, record::Remove { kind: kind(), id: self.who(n), if_rev: None }, |()| vec![])
            }
            Write::Restore(n) => wish(shown, record::Restore { kind: kind(), id: self.who(n), why: None }, |_| vec![]),
        }
    }

    fn ctx(&self, how: &How) -> Result<Ctx, Error> {
        let actor = Actor::User {
            id: Id::admin(),
            name: "管理员".into(),
            org: Id::hq(),
            roles: vec!["admin".into()],
            scopes: Vec::new(),
        };
        self.app.ctx_for(&actor, None, how)
    }

    fn carry_out(&mut self, how: How, write: &Write) -> Result<Outcome<Vec<Id>>, Error> {
        let (ctx, wish) = (self.ctx(&how)?, self.wish(write));
        let done = self.runtime.block_on(self.app.carry_out(ctx, how, Ok(wish), |_, _, made| Ok(made)))?;
        if let Outcome::Done(made) = &done {
            let new = made.iter().filter(|id| !self.known.contains(id)).cloned().collect::<Vec<_>>();
            self.known.extend(new);
        }
        Ok(done)
    }

    fn events_after(&self, seq: i64) -> Vec<Event> {
        let view = self.app.store.view(Scope::All).expect("a view");
        tables::event::after(&view, seq, 100).expect("events")
    }

    /// What is stored when nothing is at work. Refusals are audited, and cursors of quiet lanes are moved up by the clock.
    fn contents(&self) -> impl PartialEq + std::fmt::Debug + use<> {
        self.runtime.block_on(self.app.settle(SOON));
        self.app.store.contents(&["audit", "audit_root", "lane"]).expect("contents")
    }

    fn head(&self) -> i64 {
        self.app.store.view(Scope::All).expect("a view").at_seq()
    }

    /// Show it, let something happen, apply it.
    fn take(&mut self, step: &Step) {
        let asked = || "request".to_owned();
        let before = self.contents();
        let Ok(Outcome::Shown(shown)) = self.carry_out(How::Tried { asked: asked() }, &step.write) else {
            panic!("a preview of {step:?}");
        };
        assert_eq!(self.contents(), before, "a preview writes nothing: {step:?}");
        let is_disturbed = step.meanwhile.as_ref().is_some_and(|other| {
            let head = self.head();
            let done = self.carry_out(How::Now, other);
            done.is_ok() && self.head() > head
        });
        let (head, before) = (self.head(), self.contents());
        let applied = self.carry_out(How::Shown { asked: asked(), preview: shown.id.clone() }, &step.write);
        match applied {
            Ok(_) => {
                assert!(shown.rehearsal.refused.is_none(), "{step:?}");
                let shape = |events: &[Event]| -> Vec<Value> {
                    events.iter().map(|event| json!([event.kind, event.org, event.record, event.data])).collect()
                };
                assert_eq!(shape(&self.events_after(head)), shape(&shown.rehearsal.events), "{step:?}");
            }
            Err(error) => {
                assert_eq!(self.contents(), before, "a refusal writes nothing: {step:?}");
                match (&shown.rehearsal.refused, error.code.as_str()) {
                    (_, "preview.drifted") => assert!(is_disturbed && !error.errors.is_empty(), "{step:?}: {error}"),
                    (Some(refused), code) => assert_eq!(refused.code, code, "{step:?}"),
                    (None, code) => panic!("{step:?}: {code} was not shown"),
                }
            }
        }
    }
}

fn data(value: Value) -> Data {
    value.as_object().expect("an object").clone()
}

fn wish<R>(shown: Command, command: R, made: fn(R::Done) -> Vec<Id>) -> Wish<Vec<Id>>
where
    R: marque::commands::Run + Clone + Send + Sync + 'static,
{
    Wish::new(vec![shown], move |tx, ctx| command.clone().run(tx, ctx).map(made))
}

#[test]
fn applying_a_preview_does_what_it_has_shown_or_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let data = DataConfig {
        folder: folder.path().into(),
        compiled: Some(server::binary().with_file_name("compiled-for-tests")),
    };
    let config = Config { data, ..Config::default() };
    let start = App::start(config, Clock::standing(NOON), Options { with_plugins: false, ..Options::default() });
    let app = runtime.block_on(start).expect("a server");
    let desk = std::cell::RefCell::new(Desk { app, known: Vec::new(), runtime });
    let mut runner = TestRunner::new(ProptestConfig { cases: 40, max_shrink_iters: 0, ..ProptestConfig::default() });
    let outcome = runner.run(&steps(), |steps| {
        steps.iter().for_each(|step| desk.borrow_mut().take(step));
        Ok(())
    });
    outcome.expect("every step");
}
