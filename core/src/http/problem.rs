//! The one place where an [`Error`] becomes an answer: RFC 9457, with nothing internal in it.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use crate::{Error, ErrorKind};

/// The media type of every refusal.
pub const MEDIA_TYPE: &str = "application/problem+json";
/// What a client is told to wait when the server is full; it drains in well under a second.
const RETRY_SECONDS: u32 = 1;
/// A key used for another request. The one refusal that its kind does not give the status of.
pub const KEY_MISUSED: &str = "idempotency.mismatch";

/// The code of a refusal, as it goes with the answer for the guard to see.
#[derive(Clone, Debug)]
pub struct Code(pub String);

/// The status of an error.
pub fn status(error: &Error) -> StatusCode {
    match error.kind {
        _ if error.code == KEY_MISUSED => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Invalid => StatusCode::BAD_REQUEST,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Denied => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Stale => StatusCode::PRECONDITION_FAILED,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// What the user is told. The cause is not in it.
pub fn body(error: &Error) -> Value {
    let status = status(error);
    let mut body = Map::new();
    body.insert("type".into(), json!("about:blank"));
    body.insert("title".into(), json!(status.canonical_reason().unwrap_or("Error")));
    body.insert("status".into(), json!(status.as_u16()));
    body.insert("code".into(), json!(error.code));
    body.insert("detail".into(), json!(error.message));
    if !error.errors.is_empty() {
        body.insert("errors".into(), json!(error.errors));
    }
    // The standard's own members are not for overwriting.
    for (name, value) in error.values.iter().flat_map(|values| values.iter()) {
        body.entry(name.as_str()).or_insert_with(|| value.clone());
    }
    Value::Object(body)
}

/// A path that leads nowhere below `/api`.
pub fn no_route() -> Error {
    Error::not_found("route", "there is nothing at this path; GET /api/openapi.json lists what there is")
}

/// A path that is there, asked with a method that is not.
pub async fn wrong_method() -> Response {
    let error = Error::invalid("method", "this path does not answer this method; see the Allow header");
    let mut body = body(&error);
    let status = StatusCode::METHOD_NOT_ALLOWED;
    body["title"] = json!(status.canonical_reason());
    body["status"] = json!(status.as_u16());
    (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], Json(body).into_response().into_body()).into_response()
}

/// A panic is our failure: the caller learns that much, the log has the rest.
pub fn panicked(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text =
        panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned());
    Error::internal(format!("a handler panicked: {}", text.unwrap_or_default())).into_response()
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        log(&self);
        let mut response = (status(&self), Json(body(&self))).into_response();
        response.extensions_mut().insert(Code(self.code));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        match self.kind {
            ErrorKind::Unavailable | ErrorKind::TooMany => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(self.retry_seconds.unwrap_or(RETRY_SECONDS)));
            }
            ErrorKind::Unauthenticated => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}

/// Each failure is logged here and nowhere else. Messages for users may quote what they typed, so only ours are logged.
pub fn log(error: &Error) {
    let cause = error.cause.as_ref().map(tracing::field::display);
    match error.kind {
        ErrorKind::Internal => tracing::error!(code = error.code, cause, "the request failed"),
        ErrorKind::Unavailable => tracing::warn!(code = error.code, cause, "the request was put off"),
        _ => tracing::debug!(code = error.code, "the request was refused"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::FieldError;

    #[test]
    fn each_kind_has_its_status() {
        for (kind, wanted) in [
            (ErrorKind::Invalid, 400),
            (ErrorKind::Unauthenticated, 401),
            (ErrorKind::Denied, 403),
            (ErrorKind::NotFound, 404),
            (ErrorKind::Conflict, 409),
            (ErrorKind::Stale, 412),
            (ErrorKind::TooLarge, 413),
            (ErrorKind::TooMany, 429),
            (ErrorKind::Internal, 500),
            (ErrorKind::Unavailable, 503),
        ] {
            assert_eq!(status(&Error::new(kind, "x", "y")).as_u16(), wanted, "{kind:?}");
        }
        assert_eq!(status(&Error::conflict(KEY_MISUSED, "y")).as_u16(), 422);
    }

    #[test]
    fn the_cause_is_not_told() {
        let told = body(&Error::internal("no such table: k_customer")).to_string();
        assert!(!told.contains("k_customer"), "{told}");
    }

    #[test]
    fn wrong_places_are_told() {
        let error = Error::fields(vec![FieldError::field("phone", "phone.invalid", "phone \"12\" is too short")]);
        assert_eq!(
            body(&error),
            json!({
                "type": "about:blank", "title": "Bad Request", "status": 400, "code": "invalid", "detail": "phone \"12\" is too short",
                "errors": [{ "pointer": "/data/phone", "code": "phone.invalid", "message": "phone \"12\" is too short" }],
            })
        );
    }

    #[test]
    fn a_full_server_says_when_to_come_back() {
        let response = Error::new(ErrorKind::Unavailable, "store.busy", "full").into_response();
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
        assert_eq!(response.headers()[header::CONTENT_TYPE], MEDIA_TYPE);
    }
}
