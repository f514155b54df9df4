//! The limit: axum and rusqlite in the same shape, doing only the query or only the rows. No rights, no events, no rules.

mod reads;
mod writes;

use std::{fs, path::PathBuf, sync::Arc};

use axum::{
    Router,
    routing::{get, post},
};
use tokio::net::TcpListener;

use crate::Outcome;

pub use writes::import;

/// The bare server.
#[derive(Debug, clap::Args)]
pub struct Bare {
    /// A filled store to read from; what is written goes into a file of its own.
    #[arg(long)]
    store: PathBuf,
}

impl Bare {
    /// Serve until somebody ends it.
    pub fn run(self) -> Outcome<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(self.serve())
    }

    #[expect(clippy::print_stdout, reason = "who has started it reads where it listens")]
    async fn serve(self) -> Outcome<()> {
        let file = self.store.join("bare.db");
        for old in ["bare.db", "bare.db-wal", "bare.db-shm"] {
            match fs::remove_file(self.store.join(old)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        let reads = Arc::new(reads::Reads::new(self.store.join("marque.db")));
        let writer = writes::Writer::start(&file)?;
        let router = Router::new()
            .route("/api/v1/ask/{n}", get(reads::ask).with_state(reads))
            .route("/api/v1/create", post(writes::create).with_state(writer));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("listening on http://{}", listener.local_addr()?);
        axum::serve(listener, router).await?;
        Ok(())
    }
}
