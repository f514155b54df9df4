//! `marque demo`: a store full of made-up business.

use std::{collections::HashMap, sync::Arc, time::Duration};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use marque::{
    Error, Result,
    app::{self, App},
    bus::{Question, Reply},
    clock::Clock,
    commands::{self, Ctx, Ids, Run, session, user::SetPassword},
    demo::{self, Act, Car, Complaint, Lead, On, Plan, Step},
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
        let story = Story {
            complaints: demo::complaints(&plan),
            cars: demo::cars(&plan),
            club: demo::club(&plan),
            leads: demo::leads(&plan),
            surveys: demo::surveys(&plan),
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
        bar.set_message("cars, leads and complaints");
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

/// What people did through plugins' actions.
struct Story {
    complaints: Vec<Complaint>,
    cars: Vec<Car>,
    club: Vec<demo::Deed>,
    leads: Vec<Lead>,
    surveys: Vec<Act>,
}

/// What was made so far: the case or lead of each index, and what acts have given a name.
#[derive(Default)]
struct Made {
    cases: HashMap<usize, Id>,
    named: HashMap<&'static str, Id>,
}

impl Made {
    /// A value with ids in place of names.
    fn named_in(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => {
                let id = text.strip_prefix('$').and_then(|name| self.named.get(name));
                id.map_or_else(|| value.clone(), |id| Value::from(id.as_str()))
            }
            Value::Array(all) => all.iter().map(|one| self.named_in(one)).collect(),
            Value::Object(all) => all.iter().map(|(name, one)| (name.clone(), self.named_in(one))).collect(),
            other => other.clone(),
        }
    }

    /// What a deed is done to. None for an act that finds nothing any more.
    fn target(&self, app: &App, deed: &Deed<'_>) -> Result<Option<Option<Id>>> {
        let Some(act) = deed.act else { return Ok(Some(deed.case.and_then(|n| self.cases.get(&n).cloned()))) };
        match &act.on {
            On::Kind => Ok(Some(None)),
            On::Made(name) => Ok(self.named.get(name).cloned().map(Some)),
            On::First(filter) => {
                let filter = self.named_in(filter);
                let query = marque::model::Query { filter, limit: Some(1), ..Default::default() };
                let found = app.store.view(Scope::All)?.find(act.kind, &query)?.items;
                Ok(found.into_iter().next().map(|record| Some(record.id)))
            }
        }
    }

    fn note(&mut self, deed: &Deed<'_>, reply: Reply) {
        let id = reply.record.map(|record| record.id);
        if let (Some(id), Some(n)) = (&id, deed.case) {
            self.cases.insert(n, id.clone());
        }
        let told = reply.reply["id"].as_str().and_then(|id| id.parse().ok());
        if let (Some(name), Some(id)) = (deed.act.and_then(|act| act.makes), told.or(id)) {
            self.named.insert(name, id);
        }
    }
}

/// One thing done, with the moment it was done.
struct Deed<'a> {
    at: Time,
    by: &'a str,
    kind: &'static str,
    action: &'a str,
    input: &'a Value,
    /// Index of the complaint or lead it belongs to; leads come after complaints.
    case: Option<usize>,
    /// What it is, where it speaks of others by name.
    act: Option<&'a Act>,
}

impl Story {
    fn n_deeds(&self) -> usize {
        let moves = self.complaints.iter().map(|told| &told.then).chain(self.leads.iter().map(|told| &told.then));
        self.cars.len() + self.club.len() + self.surveys.len() + moves.map(|then| 1 + then.len()).sum::<usize>()
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
            act: None,
        });
        let club = self.club.iter().map(|deed| Deed {
            at: deed.at,
            by: &deed.by,
            kind: deed.kind,
            action: deed.action,
            input: &deed.input,
            case: None,
            act: None,
        });
        let surveys = self.surveys.iter().map(|act| Deed {
            at: act.at,
            by: &act.by,
            kind: act.kind,
            action: act.action,
            input: &act.input,
            case: None,
            act: Some(act),
        });
        let mut deeds: Vec<Deed<'_>> = cars.chain(club).chain(surveys).collect();
        for (n, told) in self.complaints.iter().enumerate() {
            let deed = |at, by, action, input| Deed {
                at,
                by,
                kind: "complaints.case",
                action,
                input,
                case: Some(n),
                act: None,
            };
            deeds.push(deed(told.at, &told.by, "raise", &told.input));
            deeds.extend(told.then.iter().map(|step| deed(step.at, &step.by, step.action, &step.input)));
        }
        for (n, told) in self.leads.iter().enumerate() {
            let case = Some(self.complaints.len() + n);
            let deed = |at, by, action, input| Deed { at, by, kind: "leads.lead", action, input, case, act: None };
            deeds.push(deed(told.at, &told.by, "receive", &told.input));
            deeds.extend(told.then.iter().map(|step| deed(step.at, &step.by, step.action, &step.input)));
        }
        deeds.sort_by_key(|deed| (deed.at, deed.case));
        deeds
    }

    /// Register the cars, take in leads and complaints and handle them as people did. What no plugin is there for is left out.
    async fn happen(&self, app: &Arc<App>, clock: &Clock, plan: &Plan, bar: &ProgressBar) -> Result<()> {
        let staff = people(app)?;
        let mut made = Made::default();
        let deeds = self.deeds();
        // What happened in one moment shares its commits; what follows waits until all that it caused is done.
        let is_alone = |deed: &Deed<'_>| deed.case.is_some() || deed.act.is_some();
        for together in deeds.chunk_by(|one, next| one.at == next.at && !is_alone(one) && !is_alone(next)) {
            bar.inc(together.len() as u64);
            let catalogue = app.catalogue();
            let told = together.iter().filter(|deed| deed.at <= plan.now && catalogue.kind(deed.kind).is_some());
            let mut asked = Vec::new();
            for deed in told {
                clock.set(deed.at);
                if deed.act.is_some() {
                    // What timers do at this moment comes before what people do.
                    app.settle(Duration::from_secs(10)).await;
                }
                let Some(target) = made.target(app, deed)? else {
                    // Of few customers a sample is small, and the last calls reach nobody.
                    tracing::debug!(deed.action, "a step of the sample data found nothing to be done to");
                    continue;
                };
                asked.push((deed, self.ask(app, plan, &staff, (target, made.named_in(deed.input)), deed)?));
            }
            if asked.is_empty() {
                continue;
            }
            app.settle(Duration::from_secs(10)).await;
            let (deeds, answers): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
            for (deed, answer) in deeds.into_iter().zip(futures::future::join_all(answers).await) {
                match answer {
                    Ok(reply) => made.note(deed, reply),
                    Err(error) => tracing::warn!(%error, deed.action, "a step of the sample data was refused"),
                }
            }
        }
        Ok(())
    }

    /// One wish, with ids that are the same for the same plan.
    fn ask<'a>(
        &self,
        app: &'a Arc<App>,
        plan: &Plan,
        staff: &HashMap<String, Record>,
        (target, input): (Option<Id>, Value),
        deed: &Deed<'_>,
    ) -> Result<impl Future<Output = Result<Reply>> + use<'a>> {
        let by = staff.get(deed.by).ok_or_else(|| Error::internal(format!("nobody is called {}", deed.by)))?;
        let seed = [&plan.seed.to_string(), deed.action, &deed.input.to_string()];
        let ids = Ids::seeded(Id::derived(deed.at, &seed, deed.case.map_or(0, |n| n as u32)), deed.at);
        let ctx = Ctx { ids, ..app.ctx(&app::actor(by), None)? };
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
