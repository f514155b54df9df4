//! The organisation whose figures these are: its level, and which organisations' records count for it.

use std::collections::BTreeSet;

use marque_sdk::{Filter, Id, Record, Result, view};
use serde::{Deserialize, Serialize};

use crate::desk::Desk;

/// What of an organisation counts here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Org {
    /// How it is called.
    pub name: String,
    /// What it is.
    pub r#type: String,
    /// What it stands under.
    pub parent: Option<Id>,
    /// `closed` ones have no figures.
    pub status: Option<String>,
}

/// How high it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Headquarters.
    Maker,
    /// A region, or a group of dealers.
    Region,
    /// Where cars are sold and repaired.
    Dealer,
    /// Somebody there.
    Person,
}

/// More organisations than this no brand has.
const MOST: usize = 5_000;

/// The level of an organisation that has figures.
pub fn level(kind: &str) -> Option<Level> {
    match kind {
        "maker" => Some(Level::Maker),
        "region" | "dealer_group" => Some(Level::Region),
        "dealer" | "service_station" | "car_market_seller" => Some(Level::Dealer),
        _ => None,
    }
}

/// All organisations in reach: this one and those below.
pub fn all() -> Result<Vec<Record<Org>>> {
    view::find::<Org>("org").order("id").up_to(MOST)
}

/// Those that have figures.
pub fn with_figures() -> Result<Vec<(Level, Record<Org>)>> {
    let open = all()?.into_iter().filter(|org| org.data.status.as_deref() != Some("closed"));
    Ok(open.filter_map(|org| level(&org.data.r#type).map(|level| (level, org))).collect())
}

/// Where figures are counted.
#[derive(Clone, Debug)]
pub struct Here {
    /// The organisation.
    pub id: Id,
    /// Its level.
    pub level: Level,
    /// It and those below.
    pub within: BTreeSet<Id>,
}

impl Here {
    /// The calling organisation.
    pub fn of(desk: &Desk) -> Result<Here> {
        let all = all()?;
        let own = all.iter().find(|org| org.id == desk.call.org);
        let level = own.and_then(|own| level(&own.data.r#type)).unwrap_or(Level::Dealer);
        Ok(Here { id: desk.call.org.clone(), level, within: all.into_iter().map(|org| org.id).collect() })
    }

    /// Which organisations' records count, as a filter that holds for whoever opens them; none where all do.
    pub fn filter(&self, is_own: bool) -> Option<Filter> {
        let is_alone = is_own || self.within.len() <= 1;
        match self.level {
            _ if is_alone => Some(Filter::eq("org", self.id.as_str())),
            Level::Maker => None,
            _ => Some(Filter::is_in("org", self.within.iter().map(String::as_str))),
        }
    }
}
