//! `marque demo`: a store full of made-up business.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use marque::{
    Error, Result,
    app::{self, App},
    bus::{Question, Reply},
    clock::Clock,
    commands::{self, Ctx, Ids, Run, plugin::jobs, session, user::SetPassword},
    demo::{self, Book, Car, Complaint, Lead, Plan, Step, Told, tale},
    model::{Id, Record, Scope, Time},
    store::tables,
};
use serde_json::Value;
use tokio::sync::mpsc;

use super::Common;

/// Commands in one commit: an fsync and a part of the search index each.
const CHUNK: usize = 2_000;
/// Portions made up ahead, while the one before is committed.
const AHEAD: usize = 4;
/// From this many customers on, the store is arranged for throughput first.
const MANY: usize = 20_000;

/// How many days before the end plugins' jobs by the clock begin.
const NIGHTS_DAYS: i64 = 3;

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// How many customers.
    #[arg(long, default_value_t = 2_000)]
    customers: usize,
    /// How many dealers.
    #[arg(long, default_value_t = 3)]
    dealers: usize,
    /// Another seed, other people.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// The day the history ends, RFC 3339; now unless given.
    #[arg(long)]
    until: Option<Time>,
    /// Leave out what plugins tell of themselves: desks begin quiet.
    #[arg(long)]
    without_tales: bool,
    #[command(flatten)]
    common: Common,
}

impl Demo {
    /// Fill the store. A store that has customers already is left as it is.
    pub(super) async fn run(self) -> Result<()> {
        let config = self.common.load()?;
        let now = self.until.unwrap_or_else(|| Clock::system().now());
        let plan = Plan { customers: self.customers, dealers: self.dealers, seed: self.seed, now };
        // The clock walks along with the story, so that every record, timer and due time lies where it belongs.
        let clock = Clock::standing(plan.begin());
        let app = App::start(config, clock.clone(), self.common.options()).await?;
        if tables::record::count(&app.store.view(Scope::All)?, "customer")? > 0 {
            tracing::info!("the store has customers already; nothing was made up");
            app.stop();
            return Ok(());
        }
        let nights = now.plus_millis(-NIGHTS_DAYS * 86_400_000);
        app.store.commit(move |tx| jobs::put_off(tx, nights)).await?;
        let story = Story {
            complaints: demo::complaints(&plan),
            cars: demo::cars(&plan),
            club: demo::club(&plan),
            leads: demo::leads(&plan),
            tales: tales(&app, &plan, !self.without_tales)?,
        };
        let bar = ProgressBar::new((plan.n_steps() + story.n_deeds()) as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        bar.set_message("customers");
        let is_large = plan.customers >= MANY;
        if is_large {
            app.store.begin_bulk().await?;
        }
        let mut chunks = made_up(plan);
        while let Some(chunk) = chunks.recv().await {
            let n_steps = chunk.len() as u64;
            fill(&app, chunk).await?;
            bar.inc(n_steps);
        }
        bar.set_message("consents");
        for chunk in demo::consents(&plan).chunks(CHUNK) {
            fill(&app, chunk.to_vec()).await?;
        }
        if is_large {
            bar.set_message("search index");
            app.store.end_bulk().await?;
        }
        passwords(&app).await?;
        bar.set_message("what people did");
        story.happen(&app, &clock, &plan, &bar).await?;
        clock.set(now);
        app.settle(Duration::from_secs(60)).await;
        bar.finish_with_message("done");
        app.stop();
        Ok(())
    }
}

/// The story in portions, made up on a thread of its own. One thread, so that it is the same for the same seed.
fn made_up(plan: Plan) -> mpsc::Receiver<Vec<Step>> {
    let (sender, chunks) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        // Whoever stops listening has failed already and says so.
        plan.chunks(CHUNK).try_for_each(|chunk| sender.blocking_send(chunk))
    });
    chunks
}

async fn fill(app: &App, chunk: Vec<Step>) -> Result<()> {
    let catalogue = app.catalogue();
    let work = move |tx: &mut marque::store::Tx<'_>| {
        chunk.iter().try_for_each(|step| {
            let ctx = Ctx::system(Id::hq(), step.at, catalogue.clone());
            commands::apply(tx, &ctx, &step.command).map(drop)
        })
    };
    app.store.commit(work).await
}

/// One hash serves all: hashing a hundred times would take longer than everything else.
async fn passwords(app: &App) -> Result<()> {
    let hash = session::hash(demo::PASSWORD)?;
    let staff = people(app)?;
    let ctx = Ctx::system(Id::hq(), app.clock.now(), app.catalogue());
    let set = move |tx: &mut marque::store::Tx<'_>| {
        let others = staff.values().filter(|user| user.id != Id::admin());
        others
            .map(|user| SetPassword { user: user.id.clone(), hash: hash.clone(), initial_until: None })
            .try_for_each(|set| set.run(tx, &ctx))
    };
    app.store.commit(set).await
}

fn people(app: &App) -> Result<HashMap<String, Record>> {
    let view = app.store.view(Scope::All)?;
    let query = marque::model::Query { limit: Some(500), ..Default::default() };
    let mut found = HashMap::new();
    let mut cursor = None;
    loop {
        let page = view.find("user", &marque::model::Query { cursor, ..query.clone() })?;
        found.extend(page.items.into_iter().map(|user| (user.id.to_string(), user)));
        cursor = page.next;
        if cursor.is_none() {
            return Ok(found);
        }
    }
}

/// What the tales of plugins that are at work come to; those that plugins bring themselves only where they are wanted.
fn tales(app: &App, plan: &Plan, are_wanted: bool) -> Result<Vec<Told>> {
    let mut all: Vec<Told> = demo::surveys(plan);
    let brought = if are_wanted { app::tales()? } else { Vec::new() };
    for (plugin, text) in brought {
        let book = Book::parse(&text)?;
        if app.catalogue().plugins.contains_key(&plugin) {
            let first = all.iter().filter_map(|told| told.telling.checked_add(1)).max().unwrap_or_default();
            all.extend(demo::told(plan, &plugin, &book, first));
        }
    }
    Ok(all)
}

/// Steps that were refused, by kind, action and code, with the words of the first: of two years of history some come too late.
#[derive(Default)]
struct Refused(BTreeMap<(String, String, String), (u32, String)>);

impl Refused {
    fn add(&mut self, deed: &Deed<'_>, error: Error) {
        let key = (deed.kind.to_owned(), deed.action.to_owned(), error.code);
        self.0.entry(key).or_insert((0, error.message)).0 += 1;
    }

    fn tell(self) {
        for ((kind, action, code), (n, first)) in self.0 {
            tracing::warn!(n, kind, action, code, first, "steps of the sample data were refused");
        }
    }
}

/// What people did through plugins' actions.
struct Story {
    complaints: Vec<Complaint>,
    cars: Vec<Car>,
    club: Vec<demo::Deed>,
    leads: Vec<Lead>,
    tales: Vec<Told>,
}

/// Records that were made on the way.
#[derive(Default)]
struct Made {
    /// By the index of a complaint or lead.
    cases: HashMap<usize, Id>,
    /// By the customer whose car it is.
    vehicles: HashMap<String, Id>,
    /// By telling and name.
    named: HashMap<(usize, String), Id>,
}

/// One thing done, with the moment it was done.
struct Deed<'a> {
    at: Time,
    by: &'a str,
    kind: &'a str,
    action: &'a str,
    input: &'a Value,
    /// Index of the complaint or lead it belongs to; leads come after complaints.
    case: Option<usize>,
    /// The tale it belongs to.
    told: Option<&'a Told>,
}

impl Deed<'_> {
    /// Whether others of the same moment need not wait for it.
    fn is_by_itself(&self) -> bool {
        self.case.is_none() && self.told.is_none()
    }

    fn remember(&self, made: &mut Made, reply: &Value, record: Option<Id>) {
        // Some actions tell what they have made, and touch more than that.
        let told_id = reply["id"].as_str().and_then(|id| id.parse().ok()).filter(|_| self.told.is_some());
        let Some(record) = told_id.or(record) else { return };
        if let Some(n) = self.case {
            made.cases.insert(n, record);
        } else if let Some(told) = self.told {
            made.named.extend(told.called.clone().map(|name| ((told.telling, name), record)));
        } else if let Some(customer) = self.input["customer"].as_str().filter(|_| self.kind == "vehicles.vehicle") {
            made.vehicles.insert(customer.to_owned(), record);
        }
    }

    /// Its input with what has been made; `None` when that came to nothing.
    fn input(&self, app: &App, made: &Made) -> Option<Value> {
        let Some(told) = self.told else { return Some(self.input.clone()) };
        made.put_into(app, self.input, told)
    }

    /// The record it is done to; `None` when that came to nothing.
    fn target(&self, app: &App, made: &Made) -> Result<Option<Option<Id>>> {
        let Some(told) = self.told else { return Ok(Some(self.case.and_then(|n| made.cases.get(&n).cloned()))) };
        let Some(filter) = &told.first else {
            let Some(on) = &told.on else { return Ok(Some(None)) };
            return Ok(made.named.get(&(told.telling, on.clone())).cloned().map(Some));
        };
        let Some(filter) = made.put_into(app, filter, told) else { return Ok(None) };
        Ok(first(app, &told.kind, filter)?.map(Some))
    }
}

impl Made {
    /// A value of a tale with the ids of what it speaks of.
    fn put_into(&self, app: &App, value: &Value, told: &Told) -> Option<Value> {
        let id_of = |name: &str| self.named.get(&(told.telling, name.to_owned())).cloned();
        // A filter that does not fit its kind finds nothing, and the step comes to nothing with it.
        let first = |kind: &str, filter: &Value| first(app, kind, filter.clone()).ok().flatten();
        let vehicle = told.customer.as_ref().and_then(|customer| self.vehicles.get(customer.as_str()));
        tale::Known { id_of: &id_of, first: &first, vehicle }.put_into(value)
    }
}

/// The first record of a kind that meets a filter.
fn first(app: &App, kind: &str, filter: Value) -> Result<Option<Id>> {
    let query = marque::model::Query { filter, limit: Some(1), ..Default::default() };
    let found = app.store.view(Scope::All)?.find(kind, &query)?.items;
    Ok(found.into_iter().next().map(|record| record.id))
}

impl Story {
    fn n_deeds(&self) -> usize {
        let moves = self.complaints.iter().map(|told| &told.then).chain(self.leads.iter().map(|told| &told.then));
        self.cars.len() + self.club.len() + self.tales.len() + moves.map(|then| 1 + then.len()).sum::<usize>()
    }

    /// All of it in the order of time.
    fn deeds(&self) -> Vec<Deed<'_>> {
        let cars = self.cars.iter().map(|car| Deed {
            at: car.at,
            by: &car.by,
            kind: "vehicles.vehicle",
            action: "register",
            input: &car.input,
            case: None,
            told: None,
        });
        let club = self.club.iter().map(|deed| Deed {
            at: deed.at,
            by: &deed.by,
            kind: deed.kind,
            action: deed.action,
            input: &deed.input,
            case: None,
            told: None,
        });
        let tales = self.tales.iter().map(|told| Deed {
            at: told.at,
            by: &told.by,
            kind: &told.kind,
            action: &told.action,
            input: &told.input,
            case: None,
            told: Some(told),
        });
        let mut deeds: Vec<Deed<'_>> = cars.chain(club).chain(tales).collect();
        for (n, told) in self.complaints.iter().enumerate() {
            let deed = |at, by, action, input| Deed {
                at,
                by,
                kind: "complaints.case",
                action,
                input,
                case: Some(n),
                told: None,
            };
            deeds.push(deed(told.at, &told.by, "raise", &told.input));
            deeds.extend(told.then.iter().map(|step| deed(step.at, &step.by, step.action, &step.input)));
        }
        for (n, told) in self.leads.iter().enumerate() {
            let case = Some(self.complaints.len() + n);
            let deed = |at, by, action, input| Deed { at, by, kind: "leads.lead", action, input, case, told: None };
            deeds.push(deed(told.at, &told.by, "receive", &told.input));
            deeds.extend(told.then.iter().map(|step| deed(step.at, &step.by, step.action, &step.input)));
        }
        deeds.sort_by_key(|deed| (deed.at, deed.case));
        deeds
    }

    /// Register the cars, take in leads and complaints and handle them as people did. What no plugin is there for is left out.
    async fn happen(&self, app: &Arc<App>, clock: &Clock, plan: &Plan, bar: &ProgressBar) -> Result<()> {
        let staff = people(app)?;
        let (mut made, mut refused) = (Made::default(), Refused::default());
        let deeds = self.deeds();
        // What happened in one moment shares its commits; what follows waits until all that it caused is done.
        for together in deeds.chunk_by(|one, next| one.at == next.at && one.is_by_itself() && next.is_by_itself()) {
            bar.inc(together.len() as u64);
            let catalogue = app.catalogue();
            let told = together.iter().filter(|deed| deed.at <= plan.now && catalogue.kind(deed.kind).is_some());
            let mut asked = Vec::new();
            for deed in told {
                clock.set(deed.at);
                if deed.told.is_some() {
                    // What it is done to may be what was made a moment ago.
                    app.settle(Duration::from_secs(10)).await;
                }
                if deed.told.is_some() && deed.action == "create" {
                    match self.create(app, plan, &staff, deed, deed.input(app, &made)).await {
                        Ok(record) => deed.remember(&mut made, &Value::Null, Some(record)),
                        Err(error) => refused.add(deed, error),
                    }
                } else if let (Some(input), Some(target)) = (deed.input(app, &made), deed.target(app, &made)?) {
                    asked.push((deed, self.ask(app, plan, &staff, deed, input, target)?));
                }
            }
            if asked.is_empty() {
                continue;
            }
            app.settle(Duration::from_secs(10)).await;
            let (deeds, answers): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
            for (deed, answer) in deeds.into_iter().zip(futures::future::join_all(answers).await) {
                match answer {
                    Ok(Reply { reply, record, .. }) => deed.remember(&mut made, &reply, record.map(|record| record.id)),
                    Err(error) => refused.add(deed, error),
                }
            }
        }
        refused.tell();
        Ok(())
    }

    /// A record that somebody makes without an action of a plugin.
    async fn create(
        &self,
        app: &App,
        plan: &Plan,
        staff: &HashMap<String, Record>,
        deed: &Deed<'_>,
        input: Option<Value>,
    ) -> Result<Id> {
        let Some(Value::Object(data)) = input else { return Err(Error::internal("a step before it came to nothing")) };
        let ctx = self.ctx(app, plan, staff, deed)?;
        let create = commands::record::Create::new(deed.kind, data);
        app.store.commit(move |tx| create.run(tx, &ctx)).await.map(|created| created.record.id)
    }

    /// Who does it, with ids that are the same for the same plan.
    fn ctx(&self, app: &App, plan: &Plan, staff: &HashMap<String, Record>, deed: &Deed<'_>) -> Result<Ctx> {
        let by = staff.get(deed.by).ok_or_else(|| Error::internal(format!("nobody is called {}", deed.by)))?;
        let seed = [&plan.seed.to_string(), deed.action, &deed.input.to_string()];
        let nth = deed.case.or(deed.told.map(|told| told.telling)).unwrap_or_default();
        let ids = Ids::seeded(Id::derived(deed.at, &seed, nth as u32), deed.at);
        Ok(Ctx { ids, ..app.ctx(&app::actor(by), None)? })
    }

    /// One wish.
    fn ask<'a>(
        &self,
        app: &'a Arc<App>,
        plan: &Plan,
        staff: &HashMap<String, Record>,
        deed: &Deed<'_>,
        input: Value,
        target: Option<Id>,
    ) -> Result<impl Future<Output = Result<Reply>> + use<'a>> {
        let ctx = self.ctx(app, plan, staff, deed)?;
        let question = Question {
            kind: deed.kind.into(),
            action: deed.action.into(),
            target,
            input,
            is_page: false,
            locale: "zh-CN".into(),
            said: Default::default(),
        };
        Ok(app.ask(ctx, question, Arc::new(|_, _| Ok(()))))
    }
}
