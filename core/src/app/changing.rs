//! What is installed changes one step at a time: each is worked out from what the one before has left, and is gone through with.

use std::sync::Arc;

use super::App;
use crate::{Error, Result, commands::Ctx};

/// Held while what is installed changes.
#[derive(Debug, Default)]
pub(super) struct Changing(tokio::sync::Mutex<()>);

impl App {
    /// Change what is installed while nobody else does. `work` is given the catalogue as it is then: what whoever asks has seen may
    /// have changed while they waited, and rights worked out from it would be those of yesterday. It goes on although the caller goes
    /// away, so that what is committed is in force too.
    ///
    /// # Errors
    /// The work's own.
    pub(super) async fn alone<T: Send + 'static, F: Future<Output = Result<T>> + Send>(
        self: &Arc<App>,
        ctx: Ctx,
        work: impl FnOnce(Arc<App>, Ctx) -> F + Send + 'static,
    ) -> Result<T> {
        let app = self.clone();
        let going_on = async move {
            let _nobody_else = app.changing.0.lock().await;
            let ctx = Ctx { catalogue: app.catalogue(), ..ctx };
            work(app.clone(), ctx).await
        };
        tokio::spawn(going_on).await.map_err(Error::internal)?
    }
}
