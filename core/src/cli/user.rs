//! `marque user`: accounts, while the server is stopped.

use std::io::BufRead;

use clap::{Args, Subcommand};
use marque::{
    Error, Result,
    commands::{Ctx, Run, session, user::SetPassword},
    model::{Id, Scope},
    store::{Store, tables},
};

use super::Common;

#[derive(Debug, Args)]
pub(super) struct User {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Set the password of a login; it is read from standard input.
    Password {
        /// Whose.
        login: String,
        #[command(flatten)]
        common: Common,
    },
}

impl User {
    pub(super) async fn run(self) -> Result<()> {
        let Command::Password { login, common } = self.command;
        let config = common.load()?;
        let store = Store::open(&config.data.folder, &config.store)?;
        let user = tables::record::holder_record(&store.view(Scope::All)?, "user", "login", &login)?
            .ok_or_else(|| Error::not_found("user", format!("there is no login {login:?}")))?;
        let mut password = String::new();
        std::io::stdin().lock().read_line(&mut password).map_err(Error::internal)?;
        let hash = session::hash(password.trim_end_matches(['\r', '\n']))?;
        let ctx = Ctx::system(Id::hq(), super::clock(&config).now(), Default::default());
        store.commit(move |tx| SetPassword { user: user.id, hash }.run(tx, &ctx)).await?;
        tracing::info!(login, "the password is set; open sessions are ended");
        Ok(())
    }
}
