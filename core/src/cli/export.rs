//! `marque export`: records out of a store while the server is stopped, noted as any other export is.

use std::{
    fs::File,
    io::{self, Write},
    path::PathBuf,
};

use clap::{Args, ValueEnum};
use marque::{
    Error, Result,
    app::App,
    commands::Ctx,
    exports::{Asked, Labels},
    model::{Id, Query, export::ExportFormat},
};
use serde_json::Value;

use super::Common;

#[derive(Debug, Args)]
pub(super) struct Export {
    /// The kind of record.
    #[arg(long)]
    kind: String,
    /// The kind of file.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// What for; it is kept with the export.
    #[arg(long)]
    purpose: String,
    /// Where to; standard output unless said.
    #[arg(long)]
    output: Option<PathBuf>,
    /// A filter as JSON.
    #[arg(long)]
    filter: Option<String>,
    /// Fields to order by, `-created_at,name`.
    #[arg(long, default_value = "")]
    order: String,
    /// Names of the fields wanted, `name,phone`.
    #[arg(long, value_delimiter = ',')]
    fields: Option<Vec<String>>,
    /// Labels in a language, or values as they are stored.
    #[arg(long, value_enum, default_value_t = Words::Chinese)]
    labels: Words,
    /// Whose clock times are told by, and where the export is noted.
    #[arg(long, default_value = "hq")]
    org: Id,
    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Xlsx,
    Ndjson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Words {
    #[value(name = "zh-CN")]
    Chinese,
    #[value(name = "en")]
    English,
    Raw,
}

impl Export {
    /// Write the file.
    pub(super) async fn run(self) -> Result<()> {
        let config = self.common.load()?;
        let clock = super::clock(&config);
        let app = App::start(config, clock, self.common.options()).await?;
        let ctx = Ctx::system(self.org.clone(), app.clock.now(), app.catalogue());
        let outcome = self.write(&app, &ctx).await;
        app.stop();
        outcome
    }

    async fn write(&self, app: &App, ctx: &Ctx) -> Result<()> {
        let mut pieces = app.exports.begin(ctx, self.asked()?).await?.pieces();
        let mut output: Box<dyn Write> = match &self.output {
            Some(path) => Box::new(File::create(path).map_err(|error| {
                Error::invalid("output", format!("cannot write {}", path.display())).caused_by(error)
            })?),
            None => Box::new(io::stdout().lock()),
        };
        while let Some(piece) = pieces.recv().await {
            output.write_all(&piece?).map_err(Error::internal)?;
        }
        output.flush().map_err(Error::internal)
    }

    fn asked(&self) -> Result<Asked> {
        let filter = match &self.filter {
            None => Value::Null,
            Some(text) => serde_json::from_str(text)
                .map_err(|error| Error::invalid("filter", format!("the filter is not JSON: {error}")))?,
        };
        Ok(Asked {
            kind: self.kind.clone(),
            format: match self.format {
                Format::Csv => ExportFormat::Csv,
                Format::Xlsx => ExportFormat::Xlsx,
                Format::Ndjson => ExportFormat::Ndjson,
            },
            query: Query { filter, order: self.order.clone(), ..Query::default() },
            fields: self.fields.clone(),
            labels: match self.labels {
                Words::Chinese => Labels::In("zh-CN"),
                Words::English => Labels::In("en"),
                Words::Raw => Labels::Raw,
            },
            purpose: self.purpose.clone(),
        })
    }
}
