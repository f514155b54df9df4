//! A visit: which page, of which organisation, about which record, with which link; and how often.

use std::{sync::Arc, time::Instant};

use axum::http::{HeaderMap, Uri};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::{
    Error, Result,
    bus::Question,
    catalogue::{Plugin, manifest::PAGE},
    commands::{Ctx, page},
    http::{Shared, guard::Caller, locale, params, public::draw::say},
    model::{Id, Kind, Query, Record, page::Page},
    store::{View, tables::page_spent},
};

/// The longest text a visitor may bring in the address.
const MAX_WORD_CHARS: usize = 100;

/// Where somebody knocks.
pub struct Door {
    plugin: String,
    page: String,
    token: Option<String>,
    caller: Caller,
    /// The language they read.
    pub locale: &'static str,
    /// What the address says besides.
    pairs: Vec<(String, String)>,
}

/// Somebody who came in.
pub struct Visit {
    plugin: Arc<Plugin>,
    /// The page's name.
    pub page: String,
    /// What its records are.
    pub reader: Reader,
    /// The record of a link.
    pub record: Option<Record>,
    /// As the plugin, in the organisation of the page or of its record.
    pub ctx: Ctx,
    /// The organisation's name.
    pub org_name: String,
    /// The link's token.
    pub token: Option<String>,
    /// The token of a link that holds once.
    pub once: Option<String>,
    is_spent: bool,
    /// The language they read.
    pub locale: &'static str,
    /// What the address says for the plugin.
    pub query: Map<String, Value>,
    /// Page, record and organisation: what a form is good for.
    pub place: String,
    path: String,
}

/// Reads records of a page's kind as people do.
#[derive(Clone)]
pub struct Reader {
    kind: Arc<Kind>,
    zone: TimeZone,
}

impl Reader {
    /// A page with the fields of its record.
    pub fn told(&self, page: Page, record: Option<&Record>) -> Page {
        page.told_of(record, &self.kind, &self.zone)
    }
}

impl Door {
    /// As the request says.
    pub fn new(
        plugin: String,
        page: String,
        token: Option<String>,
        caller: Caller,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Door {
        // Chat programs add parameters of their own to what is shared; an address that cannot be read says nothing.
        let pairs = params::pairs(uri).unwrap_or_default();
        let lang = pairs.iter().find(|(name, _)| name == "lang").map(|(_, value)| value.as_str());
        let chosen = locale::LOCALES.into_iter().find(|known| Some(*known) == lang);
        let locale = chosen.or_else(|| locale::asked(headers)).unwrap_or(locale::LOCALES[0]);
        Door { plugin, page, token, caller, locale, pairs }
    }

    /// Go in, if there is such a page and it was not asked for too often.
    ///
    /// # Errors
    /// `page.not_found`, `page.expired`, `page.limit`, `rate.limited`.
    pub async fn enter(self, http: &Shared, cost: u32) -> Result<Visit> {
        let Caller(address) = self.caller;
        let now = http.app.clock.now();
        let links = http.app.outbound.links();
        let linked = self.token.as_deref().map(|token| links.linked(&self.plugin, &self.page, token));
        if !http.public_pace.allows(address, now, linked != Some(None)) {
            return Err(super::super::too_often());
        }
        http.limits.visitor(address, self.token.as_deref(), cost, Instant::now())?;
        let linked = linked.map(|linked| linked.ok_or_else(page::unknown)).transpose()?;
        if linked.as_ref().and_then(|linked| linked.expires_at).is_some_and(|end| end < now) {
            return Err(Error::conflict("page.expired", "this link has expired; ask for a new one"));
        }
        let app = http.app.clone();
        http.all(move |view| {
            let catalogue = app.catalogue();
            let plugin = catalogue.plugins.get(&self.plugin).ok_or_else(page::unknown)?.clone();
            let declared = plugin.manifest.page(&self.page).ok_or_else(page::unknown)?;
            let record = match &linked {
                Some(linked) => Some(view.one(&declared.kind, &linked.record).map_err(|_| page::unknown())?),
                None => None,
            };
            let org = record.as_ref().map_or_else(|| self.org(view), |record| Ok(record.org.clone()))?;
            let scope = view.orgs().scope(&org);
            let ctx = Ctx::new(page::visitor(&plugin), org, scope, now, catalogue.clone());
            page::find(&ctx, &self.plugin, &self.page)?;
            if declared.target != linked.is_some() {
                return Err(page::unknown());
            }
            let once = self.token.clone().filter(|_| linked.as_ref().is_some_and(|linked| linked.once.is_some()));
            let is_spent = once.as_deref().map_or(Ok(false), |token| page_spent::is_spent(view, token))?;
            let org_name = view.orgs().get(&ctx.org).map_or_else(String::new, |org| org.name.clone());
            let reader = Reader { kind: view.kind(&declared.kind)?, zone: view.orgs().calendar(&ctx.org).time_zone.clone() };
            let visit = self.visit(&plugin, reader, record, ctx);
            Ok(Visit { org_name, once, is_spent, ..visit })
        })
        .await
    }

    fn visit(&self, plugin: &Arc<Plugin>, reader: Reader, record: Option<Record>, ctx: Ctx) -> Visit {
        let word = |name: &str| {
            let (_, value) = self.pairs.iter().find(|(known, _)| known == name)?;
            Some((name.to_owned(), Value::from(value.chars().take(MAX_WORD_CHARS).collect::<String>())))
        };
        let end = self.token.as_ref().map_or_else(String::new, |token| format!("/{token}"));
        let path = format!("/p/{}/{}{end}", self.plugin, self.page);
        Visit {
            place: format!("{path}@{}", ctx.org),
            query: ["ref", "about"].into_iter().filter_map(word).collect(),
            path: format!("{path}?{}", self.kept_query()),
            plugin: plugin.clone(),
            page: self.page.clone(),
            reader,
            record,
            ctx: Ctx { locale: self.locale, ..ctx },
            org_name: String::new(),
            token: self.token.clone(),
            once: None,
            is_spent: false,
            locale: self.locale,
        }
    }

    /// What of the address stays in the way to the other language.
    fn kept_query(&self) -> String {
        let kept = self.pairs.iter().filter(|(name, _)| ["org", "ref", "about"].contains(&name.as_str()));
        kept.map(|(name, value)| format!("{name}={}&", crate::model::percent::encode(value))).collect()
    }

    /// The organisation whose code the address says, else the maker's.
    fn org(&self, view: &View) -> Result<Id> {
        let Some((_, code)) = self.pairs.iter().find(|(name, _)| name == "org") else { return Ok(Id::hq()) };
        let query = Query { filter: serde_json::json!({ "code": code }), limit: Some(1), ..Query::default() };
        view.find("org", &query)?.items.pop().map(|org| org.id).ok_or_else(page::unknown)
    }
}

impl Visit {
    /// What is asked of the plugin.
    pub fn question(&self, input: Map<String, Value>) -> Question {
        let why = say(self.locale, "客户在公开页面填写", "filled in by a customer on a public page");
        Question {
            kind: self.reader.kind.kind.clone(),
            action: format!("{PAGE}{}", self.page),
            target: self.record.as_ref().map(|record| record.id.clone()),
            input: Value::Object(input),
            is_page: true,
            locale: self.locale.to_owned(),
            said: [("why".to_owned(), Value::from(why))].into_iter().collect(),
        }
    }

    /// # Errors
    /// `page.spent`.
    pub fn refuse_spent(&self) -> Result<()> {
        if self.is_spent { Err(page::spent()) } else { Ok(()) }
    }

    /// Whose answers are kept: those of a page.
    pub fn actor(&self) -> String {
        format!("page:{}/{}", self.plugin.manifest.name, self.page)
    }

    /// A text of the plugin in the visitor's language.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.plugin.texts.get(self.locale)?.get(key).map(String::as_str)
    }

    /// The same page in the other language.
    pub fn in_other_language(&self) -> String {
        let other = locale::LOCALES.into_iter().find(|known| *known != self.locale).unwrap_or(self.locale);
        format!("{}lang={other}", self.path)
    }

    /// What the links of a page say and where they lead.
    pub async fn links(&self, http: &Shared, page: &Page) -> Result<Vec<(String, String)>> {
        if page.links.is_empty() {
            return Ok(Vec::new());
        }
        let (wanted, ctx, name) = (page.links.clone(), self.ctx.clone(), self.plugin.manifest.name.clone());
        let (links, locale) = (http.app.outbound.links().clone(), self.locale);
        http.all(move |view| {
            let address = |link| page::link(view, &ctx, &name, link).map(|linked| links.page_path(&linked));
            let lang = |path: String| format!("{path}?lang={locale}");
            wanted.iter().map(|link| Ok((link.label.get(locale).to_owned(), lang(address(link)?)))).collect()
        })
        .await
    }
}
