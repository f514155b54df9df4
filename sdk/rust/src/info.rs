//! About the call: when, where, for whom, with which settings. There is no other clock.

use serde::{Deserialize, de::DeserializeOwned};

use crate::{Id, Result, host};

/// The circumstances of a call.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Call {
    /// The time of the call, RFC 3339 in UTC with milliseconds; such texts compare like the moments they name.
    pub now: String,
    /// The plugin's name.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// The calling organisation.
    pub org: Id,
    /// Its name.
    pub org_name: String,
    /// Its time zone, `Asia/Shanghai`.
    pub time_zone: String,
    /// Who asks; none for an event without a person behind it.
    #[serde(default)]
    pub actor: Option<Actor>,
    /// The language the person reads, `zh-CN`.
    pub locale: String,
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Actor {
    /// `user`, `plugin` or `system`.
    pub kind: String,
    /// A user's or plugin's id, empty for the server itself.
    #[serde(deserialize_with = "null_as_empty")]
    pub id: Id,
    /// A user's or plugin's name, empty for the server itself.
    #[serde(deserialize_with = "null_as_empty")]
    pub name: String,
    /// Role codes.
    pub roles: Vec<String>,
}

fn null_as_empty<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Call {
    /// The id of the person who asks, if it is a person.
    pub fn person(&self) -> Option<&Id> {
        self.actor.as_ref().filter(|actor| actor.kind == "user").map(|actor| &actor.id)
    }

    /// Whether whoever asks has a role.
    pub fn has_role(&self, role: &str) -> bool {
        self.actor.as_ref().is_some_and(|actor| actor.roles.iter().any(|known| known == role))
    }
}

/// The circumstances of this call.
///
/// ```
/// # use marque_sdk::{info, testing::Given};
/// # Given::new().now("2026-03-13T10:00:00+08:00").run(|| {
/// let call = info::call()?;
/// assert_eq!(call.now, "2026-03-13T02:00:00.000Z");
/// # Ok(()) });
/// ```
pub fn call() -> Result<Call> {
    Ok(serde_json::from_str(&host::call())?)
}

/// The calling organisation's settings for this plugin, valid against its schema and filled up with its defaults.
pub fn settings<T: DeserializeOwned>() -> Result<T> {
    Ok(serde_json::from_str(&host::settings())?)
}

/// The moment `span` after `start`, counted in the calling organisation's calendar and opening hours.
///
/// Spans: `90m` minutes, `24h` hours, `3d` days, `2mo` months; `30bm`, `8bh` business minutes and hours, counted while
/// it is open; `7wd` working days, same time of day.
///
/// ```
/// # use marque_sdk::{info, testing::Given};
/// # Given::new().run(|| {
/// assert_eq!(info::due("2026-03-13T17:00:00+08:00", "2bh")?, "2026-03-14T01:30:00.000Z");
/// # Ok(()) });
/// ```
pub fn due(start: &str, span: &str) -> Result<String> {
    Ok(host::due(start, span)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_itself_is_an_actor_without_a_name() {
        let actor: Actor = serde_json::from_str(r#"{"kind":"system","id":null,"name":null,"roles":[]}"#).unwrap();
        assert_eq!(actor, Actor { kind: "system".into(), ..Actor::default() });
    }
}
