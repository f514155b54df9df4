//! Public pages: what is checked before a plugin is asked about one, and links that hold once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    Ctx,
    action::{self, Checked},
};
use crate::{
    Error, Result,
    catalogue::{
        Plugin,
        manifest::{PAGE, Page},
    },
    model::{Actor, Id, Time, page},
    store::{
        Tx, View,
        tables::{self, Reader},
    },
};

/// What a link to a page is about; the same for one in a message and one in an action's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// Whose page.
    pub plugin: String,
    /// Which.
    pub page: String,
    /// About which record.
    pub record: Id,
    /// Until when it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
    /// Of a link that holds once, when it was made: so that the next one is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<Time>,
}

/// The page of a plugin that is at work in the organisation. Nobody outside learns more than that there is no such page.
///
/// # Errors
/// `page.not_found`.
pub fn find(ctx: &Ctx, plugin: &str, name: &str) -> Result<(Arc<Plugin>, Page)> {
    let plugin = ctx.catalogue.plugins.get(plugin).ok_or_else(unknown)?;
    action::at_work(ctx, plugin).map_err(|_| unknown())?;
    let page = plugin.manifest.page(name).ok_or_else(unknown)?;
    Ok((plugin.clone(), page.clone()))
}

/// As [`action::check`] for a page: `name` is the call's, `page:complain`.
///
/// # Errors
/// `page.not_found`, whatever is missing.
pub fn check(ctx: &Ctx, view: &View, kind: &str, name: &str, target: Option<&Id>) -> Result<Checked> {
    let owner = ctx.catalogue.kinds.get(kind).and_then(|entry| entry.plugin.as_ref()).ok_or_else(unknown)?;
    let (plugin, page) = find(ctx, owner, name.strip_prefix(PAGE).unwrap_or_default())?;
    if page.kind != kind || page.target != target.is_some() {
        return Err(unknown());
    }
    let target = target.map(|id| view.one(kind, id)).transpose().map_err(|_| unknown())?;
    Ok(Checked { plugin, target })
}

/// As whom a page is answered: the plugin by itself, with its own grants. What it writes is the customer's own word.
pub fn visitor(plugin: &Plugin) -> Actor {
    let manifest = &plugin.manifest;
    Actor::Plugin { name: manifest.name.clone(), version: manifest.version.clone(), on_behalf: None }
}

/// A link that a plugin asks for, to a page and a record of its own.
///
/// # Errors
/// `link.invalid`, naming what is not there.
pub fn link(reader: &impl Reader, ctx: &Ctx, plugin: &str, wanted: &page::Link) -> Result<Linked> {
    let page::Link { page: name, record, expires_at, once, .. } = wanted;
    let page = ctx.catalogue.plugins.get(plugin).and_then(|plugin| plugin.manifest.page(name));
    let Some(page) = page.filter(|page| page.target) else {
        let message = format!("the plugin {plugin:?} has no page {name:?} about one record: name it under owns.pages");
        return Err(Error::invalid("link", message));
    };
    if tables::record::get(reader, &page.kind, record, &ctx.scope)?.is_none() {
        let message = format!("there is no {} {record} for the page {name:?}: make it before the link", page.kind);
        return Err(Error::invalid("link", message));
    }
    let (plugin, page, record, once) = (plugin.to_owned(), name.clone(), record.clone(), once.then_some(ctx.now));
    Ok(Linked { plugin, page, record, expires_at: *expires_at, once })
}

/// Note that a link that holds once was answered, in the commit of the answer.
///
/// # Errors
/// `page.spent` when it was before.
pub fn spend(tx: &mut Tx<'_>, token: &str, now: Time) -> Result<()> {
    if tables::page_spent::insert(tx, token, now)? { Ok(()) } else { Err(spent()) }
}

/// What is said of a link that holds once and was answered.
pub fn spent() -> Error {
    Error::conflict("page.spent", "this link holds once and was answered already")
}

/// There is no such page, or nothing to it.
pub fn unknown() -> Error {
    Error::not_found("page", "this page is not known; use the link in the latest message")
}
