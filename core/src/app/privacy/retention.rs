//! Retention: prospects who never bought are forgotten some time after the last contact, and pictures of identity documents after the check.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Error, ErrorKind, Result,
    app::App,
    commands::{
        Ctx, Run,
        customer::{Erase, erase::Cause},
        record::{Change, Detach},
    },
    error::FieldError,
    model::{Id, Query, Record, Scope, Time},
    store::{Tx, View, tables},
};

/// Under this name the rules stand among the settings.
const SETTING: &str = "core:privacy";
/// People forgotten in one night; the rest follow in the next.
const MAX_A_DAY: u32 = 500;
/// Read from the store at a time.
const PAGE: u32 = 500;
const DAY_MS: i64 = 86_400_000;

/// How long is kept what need not be kept. The maker sets it for the brand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Whether prospects are forgotten by themselves. Off until somebody has looked at the preview.
    pub is_on: bool,
    /// Months after the last contact with one who never bought.
    pub months: u16,
    /// Days after the check of an identity document; its picture goes then.
    pub id_image_days: u16,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { is_on: false, months: 24, id_image_days: 30 }
    }
}

impl Rules {
    /// As set.
    ///
    /// # Errors
    /// Internal.
    pub fn load(view: &View) -> Result<Rules> {
        let set = tables::setting::get(view, SETTING, &Id::hq())?;
        set.map_or(Ok(Rules::default()), |body| serde_json::from_value(body).map_err(Error::internal))
    }

    /// Set them.
    ///
    /// # Errors
    /// `invalid` for a span that the law or good sense does not allow.
    pub fn put(self, tx: &mut Tx<'_>) -> Result<()> {
        self.check()?;
        tables::setting::put(tx, SETTING, &Id::hq(), &json!(self))
    }

    /// Whether the spans are ones that the law and good sense allow.
    ///
    /// # Errors
    /// `out_of_range`, naming the span.
    pub fn check(self) -> Result<()> {
        let wrong = |name: &str, message: &str| {
            let place =
                FieldError { pointer: format!("/{name}"), code: "out_of_range".into(), message: message.into() };
            Err(Error::fields(vec![place]))
        };
        if !(1..=120).contains(&self.months) {
            return wrong("months", "months lies between 1 and 120");
        }
        if self.id_image_days > 365 {
            return wrong("id_image_days", "id_image_days is at most 365");
        }
        Ok(())
    }

    /// Contact before this moment is long ago, in the calendar of an organisation.
    fn before(self, view: &View, org: &Id, now: Time) -> Option<Time> {
        let calendar = view.orgs().calendar(org);
        let months = jiff::Span::new().months(i64::from(self.months));
        calendar.local(now).checked_sub(months).ok().and_then(|moment| calendar.instant(moment))
    }
}

/// Somebody who is to be forgotten, and since when nobody was in touch.
#[derive(Clone, Debug)]
pub struct Due {
    /// The customer.
    pub customer: Record,
    /// The last contact.
    pub last_contact: Time,
}

/// Prospects of a view's scope with whom nobody was in touch for so long, the longest first found.
///
/// # Errors
/// As a list.
pub fn due(view: &View, rules: Rules, now: Time, limit: u32) -> Result<Vec<Due>> {
    let Some(before) = rules.before(view, &Id::hq(), now) else { return Ok(Vec::new()) };
    let filter = json!({ "type": "prospect", "created_at": { "lt": before }, "erased_at": { "empty": true } });
    let mut query = Query { filter, order: "created_at".into(), limit: Some(PAGE), ..Query::default() };
    let mut found = Vec::new();
    loop {
        let page = view.find("customer", &query)?;
        for customer in page.items {
            let last_contact = last_contact(view, &customer)?;
            if last_contact < before && !has_bought(view, &customer)? {
                found.push(Due { customer, last_contact });
            }
            if found.len() == limit as usize {
                return Ok(found);
            }
        }
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => return Ok(found),
        }
    }
}

/// The last thing that happened about a customer.
fn last_contact(view: &View, customer: &Record) -> Result<Time> {
    let last = tables::event::about(view, &Scope::All, "customer", &customer.id, i64::MAX, 1)?;
    Ok(last.first().map_or(customer.updated_at, |event| event.at))
}

/// Whether anything that the law has us keep refers to it: a purchase, a contract.
fn has_bought(view: &View, customer: &Record) -> Result<bool> {
    let family = tables::alias::family(view, "customer", &customer.id)?;
    for (kind, field, is_list) in view.kind_tree().refs_to("customer") {
        if is_list || view.kinds().get(kind).is_none_or(|kind| kind.retains.is_none()) {
            continue;
        }
        for id in &family {
            if !tables::record::with_value_anywhere(view, kind, field, &json!(id))?.is_empty() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The daily round.
pub(super) async fn run(app: &Arc<App>, now: Time) -> Result<()> {
    let store = app.store.clone();
    let look = move || {
        let view = store.view(Scope::All)?;
        let rules = Rules::load(&view)?;
        let prospects = if rules.is_on { due(&view, rules, now, MAX_A_DAY)? } else { Vec::new() };
        Ok::<_, Error>((prospects, pictures(&view, rules, now)?))
    };
    let (prospects, pictures) = tokio::task::spawn_blocking(look).await.map_err(Error::internal)??;
    for customer in pictures {
        let (ctx, id) = (Ctx::system(customer.org.clone(), now, app.catalogue()), customer.id.clone());
        match app.store.commit(move |tx| take_off(tx, &ctx, &customer)).await {
            Ok(digest) => app.clear_files(digest.into_iter().collect()).await?,
            Err(error) => tracing::error!(%error, customer.id = %id, "a picture of an identity document stays"),
        }
    }
    let mut n_forgotten = 0;
    for Due { customer, .. } in prospects {
        if app.is_stopping() {
            break;
        }
        let ctx = Ctx::system(customer.org.clone(), now, app.catalogue());
        let erase = Erase { id: customer.id, request: None, cause: Cause::Asked };
        match app.store.commit(move |tx| erase.run(tx, &ctx)).await {
            Ok(erased) => {
                n_forgotten += 1;
                app.after_erasure(erased.left).await?;
            }
            // Something is still open, or somebody was quicker: it is looked at again tomorrow.
            Err(error) if error.kind == ErrorKind::Conflict => {}
            Err(error) => return Err(error),
        }
    }
    if n_forgotten > 0 {
        tracing::info!(n_forgotten, "forgot prospects with whom nobody was in touch for long");
    }
    Ok(())
}

fn pictures(view: &View, rules: Rules, now: Time) -> Result<Vec<Record>> {
    let before = now.plus_millis(-i64::from(rules.id_image_days) * DAY_MS);
    let filter = json!({ "id_verified_at": { "lt": before }, "id_image": { "empty": false } });
    Ok(view.find("customer", &Query { filter, limit: Some(PAGE), ..Query::default() })?.items)
}

/// Take the picture out of its field and off the record. Answers the file's digest.
fn take_off(tx: &mut Tx<'_>, ctx: &Ctx, customer: &Record) -> Result<Option<String>> {
    let picture = customer.text("id_image").and_then(|id| id.parse::<Id>().ok());
    let data = [("id_image".to_owned(), Value::Null)].into_iter().collect();
    Change::new("customer", customer.id.clone(), data).run(tx, ctx)?;
    let Some(picture) = picture else { return Ok(None) };
    if tables::attachment::get(tx, &picture, &Scope::All)?.is_none_or(|file| file.detached_at.is_some()) {
        return Ok(None);
    }
    Detach { attachment: picture }.run(tx, ctx).map(|file| Some(file.digest))
}
