//! `marque user`: accounts, while the server is stopped.

use std::io::BufRead;

use clap::{Args, Subcommand};
use marque::{
    Error, Result,
    commands::{Ctx, Run, session, totp, user::SetPassword},
    model::{Id, Record, Scope, passwords},
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
    /// Ask a login for no one-time codes any more, and end what it has open.
    CodesOff {
        /// Whose.
        login: String,
        #[command(flatten)]
        common: Common,
    },
}

impl User {
    pub(super) async fn run(self) -> Result<()> {
        match self.command {
            Command::Password { login, common } => set_password(login, &common).await,
            Command::CodesOff { login, common } => codes_off(login, &common).await,
        }
    }
}

/// The store, the person with a login, and the context of whoever stands at the machine.
fn open(login: &str, common: &Common) -> Result<(Store, Record, Ctx)> {
    let config = common.load()?;
    let store = Store::open(&config.data.folder, &config.store)?;
    let user = tables::record::holder_record(&store.view(Scope::All)?, "user", "login", login)?
        .ok_or_else(|| Error::not_found("user", format!("there is no login {login:?}")))?;
    let ctx = Ctx::system(Id::hq(), super::clock(&config).now(), Default::default());
    Ok((store, user, ctx))
}

async fn set_password(login: String, common: &Common) -> Result<()> {
    let (store, user, ctx) = open(&login, common)?;
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password).map_err(Error::internal)?;
    let password = password.trim_end_matches(['\r', '\n']);
    passwords::check(password, Some(&login))?;
    let hash = session::hash(password)?;
    store.commit(move |tx| SetPassword { user: user.id, hash, initial_until: None }.run(tx, &ctx)).await?;
    tracing::info!(login, "the password is set; open sessions are ended");
    Ok(())
}

async fn codes_off(login: String, common: &Common) -> Result<()> {
    let (store, user, ctx) = open(&login, common)?;
    store.commit(move |tx| totp::TakeOff { user: user.id }.run(tx, &ctx)).await?;
    tracing::info!(login, "one-time codes are off; open sessions are ended");
    Ok(())
}
