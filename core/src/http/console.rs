//! The console: its files are in the binary, and every path that is not one of them is the console's own to route.

use axum::{
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use rust_embed::RustEmbed;

use super::problem;

#[derive(RustEmbed)]
#[folder = "../console/dist"]
#[allow_missing = true]
struct Files;

/// Names of these files hold a digest of their content, so they never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Asked for each time, so that a new console is seen at the next visit.
const ASK_AGAIN: &str = "no-cache";

/// Everything no route answers.
pub async fn fallback(method: Method, uri: Uri) -> Response {
    let path = uri.path();
    if path == "/api" || path.starts_with("/api/") {
        return problem::no_route().into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return problem::wrong_method().await;
    }
    let name = path.trim_start_matches('/');
    match Files::get(name) {
        Some(file) if !name.is_empty() => answer(name, file.data.into_owned()),
        // A missing script or picture is missing; the page in its place would only confuse.
        _ if name.starts_with("assets/") => StatusCode::NOT_FOUND.into_response(),
        _ => index(),
    }
}

fn index() -> Response {
    match Files::get("index.html") {
        Some(file) => answer("index.html", file.data.into_owned()),
        None => {
            let page = "<!doctype html><meta charset=utf-8><title>Marque</title>\
                        <p>The server runs; this binary was built without the console. The API is at <code>/api/v1</code>.";
            ([(header::CACHE_CONTROL, ASK_AGAIN)], Html(page)).into_response()
        }
    }
}

fn answer(name: &str, content: Vec<u8>) -> Response {
    let keep = if name.starts_with("assets/") { FOR_EVER } else { ASK_AGAIN };
    let mut response = content.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}

/// The kinds of files a build of the console makes.
fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn asked(method: Method, path: &str) -> Response {
        fallback(method, path.parse().unwrap()).await
    }

    #[tokio::test]
    async fn paths_of_the_console_are_answered_with_its_page() {
        for path in ["/", "/customers/0199", "/login", "/apidocs"] {
            let response = asked(Method::GET, path).await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert!(response.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"), "{path}");
            assert_eq!(response.headers()[header::CACHE_CONTROL], ASK_AGAIN, "{path}");
        }
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_answered_with_the_page() {
        assert_eq!(asked(Method::GET, "/api/v2/records").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(asked(Method::GET, "/assets/none.js").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(asked(Method::POST, "/customers").await.status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    #[test]
    fn hashed_files_are_kept_for_ever() {
        let kept = |name: &str| answer(name, Vec::new()).headers()[header::CACHE_CONTROL].to_str().unwrap().to_owned();
        assert_eq!(kept("assets/index-4f3a.js"), FOR_EVER);
        assert_eq!(kept("favicon.svg"), ASK_AGAIN);
    }
}
