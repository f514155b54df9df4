//! What a token with scopes must have for a route. Which of a person's rights hold is asked elsewhere; a token only narrows them.

use axum::http::Method;

use super::{auth::Signed, route::Info};
use crate::{Error, ErrorKind, Result, model::scopes, store::tables::session::Kind};

/// What a route asks of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// Nothing: it tells the token about itself, or what time it is.
    Nothing,
    /// A person's own session: what would let a token make others, or outlive its end.
    Person,
    /// A verb on the kind in the path.
    Kind(&'static str),
    /// A verb on all kinds: what it answers may hold any.
    All(&'static str),
    /// No scopes at all: it keeps the house, which no verb is for.
    Everything,
}

const RECORDS: &str = "/api/v1/records/";

/// Whether whoever is signed in may come in here with what they came with.
///
/// # Errors
/// `token.scope`, `session.required`.
pub fn check(info: &Info, path: &str, signed: &Signed) -> Result<()> {
    if signed.session.kind != Kind::Token {
        return Ok(());
    }
    let held = &signed.session.scopes;
    let lacking = |entry: String| {
        let message = format!("this token is not for that: it lacks the scope \"{entry}\"; make one that has it");
        Err(Error::new(ErrorKind::Denied, "token.scope", message))
    };
    match of(info) {
        Need::Nothing => Ok(()),
        Need::Person => {
            let message = "a token may not do that; sign in with your password or your identity provider";
            Err(Error::new(ErrorKind::Denied, "session.required", message))
        }
        Need::Kind(verb) => {
            let kind = path.strip_prefix(RECORDS).and_then(|rest| rest.split('/').next()).unwrap_or_default();
            // A kind written in another way would be another word for the scopes.
            let is_plain = !kind.contains('%');
            if is_plain && scopes::allow(held, verb, kind) { Ok(()) } else { lacking(format!("{verb}:{kind}")) }
        }
        Need::All(verb) if scopes::allow_all(held, verb) => Ok(()),
        Need::All(verb) => lacking(format!("{verb}:*")),
        Need::Everything if scopes::are_open(held) => Ok(()),
        Need::Everything => lacking("*:*".into()),
    }
}

fn of(info: &Info) -> Need {
    let is_read = info.method == Method::GET;
    if let Some(rest) = info.path.strip_prefix(RECORDS) {
        return Need::Kind(verb(&info.method, rest.split_once('/').map_or("", |(_, rest)| rest)));
    }
    match info.path.strip_prefix("/api/v1/").unwrap_or_default() {
        // Signing out with a token ends the token.
        "session" | "clock" => Need::Nothing,
        path if path.starts_with("account") || path.starts_with("tokens") || path.starts_with("sessions") => {
            Need::Person
        }
        // What kinds there are is no record of any.
        path if is_read && path.starts_with("kinds") => Need::Nothing,
        path if path.starts_with("exports") => Need::All("export"),
        _ if is_read => Need::All("read"),
        _ => Need::Everything,
    }
}

/// The verb of a route below a kind.
fn verb(method: &Method, rest: &str) -> &'static str {
    let has = |part: &str| rest.split('/').any(|known| known == part);
    match (method.as_str(), rest) {
        (_, "import") => "import",
        (_, "export") => "export",
        ("POST", "") => "create",
        ("GET", _) => "read",
        ("POST", _) if has("attachments") => "attach",
        ("POST", _) if rest.ends_with("/undo") => "change",
        ("POST", _) if rest.ends_with("/restore") => "create",
        ("PATCH" | "PUT", _) => "change",
        ("DELETE", _) => "remove",
        _ => "act",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Clock, model::Time};

    #[test]
    fn every_route_asks_something_of_a_token() {
        let clock = Clock::standing(Time::from_millis(0));
        let needs: Vec<(String, Need)> = super::super::routes(&clock)
            .into_iter()
            .filter(|route| route.info.access == super::super::route::Access::Signed)
            .map(|route| (format!("{} {}", route.info.method, route.info.path), of(&route.info)))
            .collect();
        let of = |name: &str| needs.iter().find(|(known, _)| known == name).map(|(_, need)| *need);
        for (name, wanted) in [
            ("GET /api/v1/session", Need::Nothing),
            ("POST /api/v1/tokens", Need::Person),
            ("DELETE /api/v1/sessions/{id}", Need::Person),
            ("POST /api/v1/account/password", Need::Person),
            ("GET /api/v1/records/{kind}", Need::Kind("read")),
            ("POST /api/v1/records/{kind}", Need::Kind("create")),
            ("PATCH /api/v1/records/{kind}/{id}", Need::Kind("change")),
            ("DELETE /api/v1/records/{kind}/{id}", Need::Kind("remove")),
            ("POST /api/v1/records/{kind}/{id}/actions/{action}", Need::Kind("act")),
            ("POST /api/v1/records/{kind}/{id}/attachments", Need::Kind("attach")),
            ("POST /api/v1/records/{kind}/import", Need::Kind("import")),
            ("GET /api/v1/records/{kind}/export", Need::Kind("export")),
            ("GET /api/v1/search", Need::All("read")),
            ("GET /api/v1/events/stream", Need::All("read")),
            ("POST /api/v1/plugins", Need::Everything),
        ] {
            assert_eq!(of(name), Some(wanted), "{name}");
        }
        let is_open = |need: &Need| *need == Need::Nothing;
        let free: Vec<&str> = needs.iter().filter(|(_, need)| is_open(need)).map(|(name, _)| name.as_str()).collect();
        assert!(
            free.iter().all(|name| ["session", "clock", "kinds"].iter().any(|word| name.contains(word))),
            "{free:?}"
        );
    }
}
