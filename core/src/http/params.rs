//! What requests bring: query parameters, JSON bodies and `If-Match`, each wrong place named.

use axum::{
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, Uri, header, request::Parts},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::route::Param;
use crate::{Error, ErrorKind, Result, error::FieldError};

/// Query parameters, typed. Names are checked by the guard, values here.
#[derive(Debug)]
pub struct Params<T>(pub T);

/// A JSON body, typed. An absent one is `{}`.
#[derive(Debug)]
pub struct Input<T>(pub T);

/// The variable parts of the path, typed.
#[derive(Debug)]
pub struct At<T>(pub T);

/// The revision of `If-Match`, if one is demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(pub Option<u32>);

/// `?dry_run=true`: say what would happen.
pub const DRY_RUN: Param = Param::new("dry_run", "boolean", "change nothing and say what would happen");
/// `?preview=`: do what a preview has shown.
pub const PREVIEW: Param =
    Param::new("preview", "string", "the preview to apply: what it has shown is done, or 409 names what differs");
/// What every write takes that can be shown before it is done.
pub const TRIED: [Param; 2] = [DRY_RUN, PREVIEW];
/// `?org=`: the organisation it happens in.
pub const ORG: Param = Param::new("org", "string", "the organisation it is for; one's own unless said");
/// `?limit=`.
pub const LIMIT: Param = Param::new("limit", "integer", "how many at most");
/// `?cursor=`.
pub const CURSOR: Param = Param::new("cursor", "string", "`next` of the page before");

/// A wrong query parameter.
pub fn wrong_param(name: &str, message: impl Into<String>) -> Error {
    let message = message.into();
    let place = FieldError { pointer: format!("?{name}"), code: format!("{name}.invalid"), message: message.clone() };
    Error { errors: vec![place], ..Error::invalid(name, message) }
}

/// A value of ours that could not be read brings its own code at the end of its message, `… [id.invalid]`.
fn own_code(message: &str) -> Option<(&str, &str)> {
    let (message, code) = message.strip_suffix(']')?.rsplit_once(" [")?;
    (code.contains('.') && !code.contains(' ')).then_some((message, code))
}

/// A page's size between 1 and `max`.
///
/// # Errors
/// `limit.invalid`.
pub fn limit(asked: Option<u32>, default: u32, max: u32) -> Result<u32> {
    match asked.unwrap_or(default) {
        limit if (1..=max).contains(&limit) => Ok(limit),
        limit => Err(wrong_param("limit", format!("limit {limit} is out of range: use 1 to {max}"))),
    }
}

/// A number that a page before has given as `next`.
///
/// # Errors
/// `cursor.invalid`.
pub fn numeric_cursor<T: std::str::FromStr>(cursor: Option<&str>) -> Result<Option<T>> {
    match cursor.filter(|cursor| !cursor.is_empty()) {
        None => Ok(None),
        Some(text) => {
            let number = text.parse().map_err(|_| {
                wrong_param("cursor", format!("cursor {text:?} is none of this list; leave it out to begin anew"))
            })?;
            Ok(Some(number))
        }
    }
}

/// JSON inside a query parameter; an absent one is `null`.
///
/// # Errors
/// `<name>.invalid`.
pub fn json_param(name: &str, text: Option<&str>) -> Result<Value> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(Value::Null),
        Some(text) => {
            serde_json::from_str(text).map_err(|error| wrong_param(name, format!("{name} is not JSON: {error}")))
        }
    }
}

/// The names and values of a query, as they stand.
///
/// # Errors
/// `query.invalid` when it cannot be read.
pub fn pairs(uri: &Uri) -> Result<Vec<(String, String)>> {
    Query::try_from_uri(uri)
        .map(|Query(pairs)| pairs)
        .map_err(|rejection| Error::invalid("query", rejection.body_text()))
}

/// Refuse parameters that the route does not take, or takes once.
///
/// # Errors
/// `query.unknown`, naming each.
pub fn check_names(pairs: &[(String, String)], known: &[Param]) -> Result<()> {
    let names = || known.iter().map(|param| param.name).collect::<Vec<_>>().join(", ");
    let wrong = |name: &str, code: &str, message: String| FieldError {
        pointer: format!("?{name}"),
        code: code.into(),
        message,
    };
    let errors = pairs.iter().enumerate().filter_map(|(n, (name, _))| {
        if !known.iter().any(|param| param.name == name) {
            let hint = if known.is_empty() { "it takes none".into() } else { format!("it takes {}", names()) };
            return Some(wrong(name, "query.unknown", format!("this path takes no query parameter {name:?}; {hint}")));
        }
        let is_twice = pairs[..n].iter().any(|(before, _)| before == name);
        is_twice.then(|| {
            wrong(name, "query.repeated", format!("the query parameter {name:?} stands there twice; say it once"))
        })
    });
    let errors: Vec<FieldError> = errors.collect();
    match errors.first() {
        None => Ok(()),
        Some(first) => Err(Error { code: first.code.clone(), ..Error::fields(errors) }),
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Params<T>> {
        let Query(params) = Query::try_from_uri(&parts.uri).map_err(|rejection| {
            // The reader puts the parameter's name before what is wrong with it.
            let text = rejection.body_text();
            let text = text.split_once("query string: ").map_or(text.as_str(), |(_, rest)| rest);
            match text.split_once(": ") {
                Some((name, message)) => {
                    wrong_param(name, format!("{name}: {}", own_code(message).map_or(message, |(message, _)| message)))
                }
                None => Error::invalid("query", text),
            }
        })?;
        Ok(Params(params))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Input<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Input<T>> {
        let is_json = is_json(request.headers());
        let bytes = axum::body::Bytes::from_request(request, state).await.map_err(Error::internal)?;
        if bytes.is_empty() {
            return read(b"{}").map(Input);
        }
        if !is_json {
            return Err(Error::invalid(
                "content_type",
                "the body must be JSON: send it with Content-Type: application/json",
            ));
        }
        read(&bytes).map(Input)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("application/json");
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json") || media_type.ends_with("+json")
}

/// Read a body, naming the place that is wrong as a JSON pointer.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(wrong_body)?;
    reader.end().map_err(|error| Error::invalid("body", format!("the body goes on after its JSON: {error}")))?;
    Ok(read)
}

/// Read a part of a body, or what is left of it when parts have been taken out.
///
/// # Errors
/// `body.invalid`, naming the place that is wrong.
pub fn part<T: DeserializeOwned>(body: Value) -> Result<T> {
    serde_path_to_error::deserialize(body).map_err(wrong_body)
}

fn wrong_body(error: serde_path_to_error::Error<serde_json::Error>) -> Error {
    let mut pointer: String = error.path().iter().filter_map(segment).collect();
    let cause = error.into_inner();
    let message = cause.to_string();
    if cause.is_syntax() || cause.is_eof() {
        return Error::invalid("body", format!("the body is not JSON: {message}"));
    }
    // A missing or unknown field is told of at the object it should stand in; the name is in the message alone.
    let name =
        ["missing field `", "unknown field `"].iter().find_map(|head| message.strip_prefix(head)?.split('`').next());
    let is_named_already = name.is_some_and(|name| pointer.ends_with(&format!("/{name}")));
    if let Some(name) = name.filter(|_| !is_named_already) {
        pointer = format!("{pointer}/{name}");
    }
    let message = message.split(" at line ").next().unwrap_or_default();
    let (message, code) = own_code(message).unwrap_or((message, "body.invalid"));
    let place = FieldError { pointer, code: code.into(), message: message.into() };
    Error { errors: vec![place], ..Error::invalid("body", message) }
}

fn segment(segment: &serde_path_to_error::Segment) -> Option<String> {
    use serde_path_to_error::Segment;
    match segment {
        Segment::Seq { index } => Some(format!("/{index}")),
        Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
        Segment::Enum { .. } | Segment::Unknown => None,
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<At<T>> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(parts)| At(parts)).map_err(|rejection| {
            let text = rejection.body_text();
            let text = text.strip_prefix("Invalid URL: ").unwrap_or(&text);
            match own_code(text) {
                Some((message, code)) => Error::new(ErrorKind::Invalid, code, message),
                None => Error::invalid("path", text),
            }
        })
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<IfMatch> {
        if_match(&parts.headers).map(IfMatch)
    }
}

fn if_match(headers: &HeaderMap) -> Result<Option<u32>> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let rev = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text).parse();
    rev.map(Some).map_err(|_| {
        let message = format!("If-Match {text:?} is not a revision: send the ETag of the last answer, like \"3\"");
        Error::new(ErrorKind::Invalid, "if_match.invalid", message)
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the errors of reading it are looked at")]
    struct Example {
        data: serde_json::Map<String, Value>,
        limit: Option<u32>,
    }

    fn refused(body: &str) -> (String, Vec<String>) {
        let error = read::<Example>(body.as_bytes()).expect_err("a wrong body");
        (error.code, error.errors.into_iter().map(|error| error.pointer).collect())
    }

    #[test]
    fn a_wrong_place_in_a_body_is_named() {
        assert_eq!(refused("{}"), ("body.invalid".into(), vec!["/data".into()]));
        assert_eq!(refused(r#"{"data":{},"x":1}"#).1, ["/x"]);
        assert_eq!(refused(r#"{"data":[]}"#).1, ["/data"]);
        assert_eq!(refused(r#"{"data":{},"limit":-1}"#).1, ["/limit"]);
        assert!(refused("{").1.is_empty());
        assert!(refused(r#"{"data":{}} {}"#).1.is_empty());
    }

    #[test]
    fn a_value_that_knows_its_code_is_told_by_it() {
        let error = read::<std::collections::BTreeMap<String, crate::model::Id>>(br#"{"org":"no spaces"}"#)
            .expect_err("a wrong id");
        assert_eq!((error.errors[0].pointer.as_str(), error.errors[0].code.as_str()), ("/org", "id.invalid"));
        assert!(!error.message.contains('['), "{}", error.message);
    }

    #[test]
    fn unknown_and_repeated_query_parameters_are_named() {
        let uri: Uri = "/x?limit=1&sort=name&limit=2".parse().unwrap();
        let error = check_names(&pairs(&uri).unwrap(), &[LIMIT]).expect_err("wrong names");
        let places: Vec<(&str, &str)> =
            error.errors.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect();
        assert_eq!(places, [("?sort", "query.unknown"), ("?limit", "query.repeated")]);
        assert_eq!(error.code, "query.unknown");
    }

    #[test]
    fn if_match_is_a_quoted_revision() {
        let asked = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_MATCH, text.parse().unwrap());
            if_match(&headers)
        };
        assert_eq!(asked("\"3\"").unwrap(), Some(3));
        assert_eq!(asked("3").unwrap(), Some(3));
        assert_eq!(asked("*").unwrap(), None);
        assert_eq!(asked("\"abc\"").unwrap_err().code, "if_match.invalid");
        assert_eq!(if_match(&HeaderMap::new()).unwrap(), None);
    }

    #[test]
    fn a_limit_is_held_to_its_range() {
        assert_eq!(limit(None, 25, 500).unwrap(), 25);
        assert_eq!(limit(Some(500), 25, 500).unwrap(), 500);
        for wrong in [0, 501] {
            assert_eq!(limit(Some(wrong), 25, 500).unwrap_err().errors[0].pointer, "?limit");
        }
    }
}
