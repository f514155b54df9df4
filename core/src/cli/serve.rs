//! `marque serve`.

use marque::{Error, Result, app::App, http};
use tokio::{net::TcpListener, signal};

use super::Common;

pub(super) async fn run(common: &Common) -> Result<()> {
    let config = common.load()?;
    let listen = config.http.listen;
    let app = App::start(config.clone(), super::clock(&config), common.options()).await?;
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| Error::invalid("listen", format!("cannot listen on {listen}: {error}")))?;
    let address = listener.local_addr().map_err(Error::internal)?;
    announce(&format!("listening on http://{address}"));
    http::serve(app.clone(), listener, asked_to_stop()).await?;
    app.stop();
    if let Err(error) = app.sign_audit().await {
        tracing::error!(%error, "the audit log could not be signed at the end");
    }
    Ok(())
}

#[expect(
    clippy::print_stdout,
    reason = "the address is for whoever starts the server, or for a test that asked for port 0"
)]
fn announce(line: &str) {
    println!("{line}");
}

/// Ctrl-C or SIGTERM.
async fn asked_to_stop() {
    let terminate = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = signal::ctrl_c() => (),
        () = terminate => (),
    }
    tracing::info!("stopping");
}
