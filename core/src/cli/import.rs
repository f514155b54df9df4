//! `marque import`: a file into a store while the server is stopped.

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use marque::{
    Error, Result,
    app::App,
    commands::Ctx,
    imports::{self, Mode, Request},
    model::{
        Id, Scope,
        job::{Job, JobState},
    },
    store::tables,
};
use serde_json::{Map, Value};

use super::Common;

/// How often is looked how far it is.
const LOOK: Duration = Duration::from_millis(200);
/// Deliveries the import sets off are waited for this long; what is left goes on when the server starts.
const SETTLE: Duration = Duration::from_secs(60);
/// Faults told on the screen.
const N_TOLD: usize = 20;

#[derive(Debug, Args)]
pub(super) struct Import {
    /// CSV, XLSX, NDJSON or vCard.
    file: PathBuf,
    /// The kind the rows become records of.
    #[arg(long)]
    kind: String,
    /// `preview` writes nothing and says what would come of it.
    #[arg(long, value_enum, default_value_t = How::Preview)]
    mode: How,
    /// The organisation the records belong to.
    #[arg(long, default_value = "hq")]
    org: Id,
    /// The field by which rows are known and updated.
    #[arg(long)]
    key: Option<String>,
    /// Header and field as JSON, or the name of a saved mapping.
    #[arg(long)]
    mapping: Option<String>,
    /// When its events are delivered.
    #[arg(long, value_enum, default_value_t = Delivery::Run)]
    automations: Delivery,
    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum How {
    Preview,
    Apply,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Delivery {
    Run,
    Hold,
    Batch,
}

impl Import {
    /// Run the job to its end and tell its counts.
    pub(super) async fn run(self) -> Result<()> {
        let bytes = std::fs::read(&self.file)
            .map_err(|error| Error::invalid("file", format!("cannot read {}", self.file.display())).caused_by(error))?;
        let request = self.request(bytes)?;
        let config = self.common.load()?;
        let clock = super::clock(&config);
        let app = App::start(config, clock, self.common.options()).await?;
        let ctx = Ctx::system(self.org, app.clock.now(), app.catalogue());
        let job = app.imports.start(&ctx, request).await?;
        let job = watch(&app, &job.id).await?;
        app.settle(SETTLE).await;
        app.stop();
        tell(&job)?;
        if job.state == JobState::Done {
            return Ok(());
        }
        let why = job.faults.last().map_or("it was stopped", |fault| fault.message.as_str());
        Err(Error::invalid("import", format!("the import did not end well: {why}")))
    }

    fn request(&self, bytes: Vec<u8>) -> Result<Request> {
        let (mapping, saved) = match &self.mapping {
            None => (Map::new(), None),
            Some(text) if text.trim_start().starts_with('{') => match serde_json::from_str(text) {
                Ok(Value::Object(mapping)) => (mapping, None),
                _ => return Err(Error::invalid("mapping", "the mapping is no JSON object of header and field")),
            },
            Some(name) => (Map::new(), Some(name.clone())),
        };
        Ok(Request {
            kind: self.kind.clone(),
            mode: if self.mode == How::Apply { Mode::Apply } else { Mode::Preview },
            bytes,
            filename: self.file.file_name().map(|name| name.to_string_lossy().into_owned()),
            mapping,
            saved,
            key: self.key.clone(),
            delivery: match self.automations {
                Delivery::Run => imports::Delivery::Run,
                Delivery::Hold => imports::Delivery::Hold,
                Delivery::Batch => imports::Delivery::Batch,
            },
        })
    }
}

async fn watch(app: &Arc<App>, id: &Id) -> Result<Job> {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len}") {
        bar.set_style(style);
    }
    loop {
        let job = tables::job::get(&app.store.view(Scope::All)?, id, &Scope::All)?
            .ok_or_else(|| Error::not_found("job", format!("the job {id} is gone")))?;
        bar.set_length(job.total.into());
        bar.set_position(job.done.into());
        if job.state != JobState::Running {
            bar.finish();
            return Ok(job);
        }
        tokio::time::sleep(LOOK).await;
    }
}

#[expect(clippy::print_stdout, reason = "what came of it is for whoever ran the command")]
fn tell(job: &Job) -> Result<()> {
    println!("{}", serde_json::to_string(&job.counts).map_err(Error::internal)?);
    for fault in job.faults.iter().take(N_TOLD) {
        println!("row {}: {} [{}]", fault.row, fault.message, fault.code);
    }
    if job.faults.len() > N_TOLD {
        println!("… and {} more; the job {} has them all", job.faults.len() - N_TOLD, job.id);
    }
    Ok(())
}
