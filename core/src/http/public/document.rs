//! What every public page stands in: one column, large targets, no script, and a style that is named by its digest.

use std::sync::LazyLock;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

const STYLE: &str = "*{box-sizing:border-box}body{margin:0;background:#f4f5f7;color:#1d2129;font:17px/1.6 -apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',system-ui,sans-serif}\
main{max-width:560px;margin:0 auto;padding:24px 16px 48px}h1{font-size:22px;margin:0 0 4px;overflow-wrap:anywhere}h2{font-size:17px;margin:28px 0 8px}p{margin:0 0 12px;overflow-wrap:anywhere}.muted{color:#5a6270}\
ul{list-style:none;margin:0;padding:0;background:#fff;border-radius:12px}li{display:flex;gap:12px;align-items:center;justify-content:space-between;padding:12px 16px;border-bottom:1px solid #e6e8ec}li:last-child{border-bottom:0}\
form{margin:0}button{min-height:44px;min-width:96px;padding:8px 16px;font:inherit;border-radius:8px;border:1px solid #8a93a2;background:#fff;color:#1d2129;cursor:pointer}\
button.stop{background:#b42318;border-color:#b42318;color:#fff}:focus-visible{outline:3px solid #1a56db;outline-offset:2px}\
.state{display:block;color:#5a6270;font-size:15px}.done{background:#e3f4e8;border:1px solid #2f7d4a;border-radius:8px;padding:12px 16px}.all{margin-top:16px}.all button{width:100%}a{color:#1a56db}\
.f{margin:0 0 20px;padding:0;border:0;min-width:0}.f>label,legend{display:block;font-weight:600;padding:0;margin:0 0 4px}.q{color:#b42318}.h{color:#5a6270;font-size:15px;margin:0 0 6px}\
input:not([type=radio],[type=checkbox]),textarea,select{width:100%;min-height:48px;padding:10px 12px;font:inherit;color:inherit;background:#fff;border:1px solid #8a93a2;border-radius:8px}textarea{min-height:120px}\
.o{display:flex;gap:10px;align-items:center;min-height:48px;padding:6px 12px;margin:0 0 8px;background:#fff;border:1px solid #8a93a2;border-radius:8px}.o input{width:22px;height:22px;flex:none;accent-color:#1a56db}\
.s{display:grid;grid-template-columns:repeat(auto-fit,minmax(44px,1fr));gap:6px}.s label{position:relative}.s input{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:0;cursor:pointer}\
.s span{display:block;min-height:44px;padding:8px 4px;text-align:center;background:#fff;border:1px solid #8a93a2;border-radius:8px}.s input:checked+span{background:#1a56db;border-color:#1a56db;color:#fff}.s input:focus-visible+span{outline:3px solid #1a56db;outline-offset:2px}\
.w{grid-template-columns:repeat(auto-fit,minmax(96px,1fr))}.e{display:flex;justify-content:space-between;gap:12px;color:#5a6270;font-size:15px;margin:4px 0 0}.x{color:#b42318;margin:4px 0 0}.bad{background:#fdecea;border:1px solid #b42318;border-radius:8px;padding:12px 16px;margin:0 0 20px}.bad p{margin:0}.bad a{display:block}\
.go{display:flex;flex-direction:column;gap:12px;margin-top:28px}.go button:first-child{background:#1a56db;border-color:#1a56db;color:#fff}.z{position:absolute;left:-9999px}progress{width:100%;height:8px;margin:0 0 16px;accent-color:#1a56db}dl{background:#fff;border-radius:12px;padding:12px 16px;margin:0 0 20px}dt{color:#5a6270;font-size:15px}dd{margin:0 0 8px;overflow-wrap:anywhere}\
@media(prefers-color-scheme:dark){body{background:#15181d;color:#e6e8ec}ul,dl,.o,.s span,input:not([type=radio],[type=checkbox]),textarea,select{background:#1f242b}li{border-color:#333a44}.muted,.state,.h,.e,dt{color:#a7b0bd}button{background:#2a3038;color:#e6e8ec}.done{background:#173324}.bad{background:#3a1a17}.x,.q{color:#ff9a8f}a{color:#8ab4ff}}";

/// No script, nothing that another site serves, and of styles the one above alone.
static CSP: LazyLock<HeaderValue> = LazyLock::new(|| {
    let digest = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    // A digest in base64 has plain characters only.
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// The page as an answer. Where one comes from to what it links is nobody's business: its address is a key.
pub fn html(status: StatusCode, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, CSP.clone()),
    ];
    (status, headers, text).into_response()
}

/// A whole page around what is in it.
pub fn document(title: &str, main: &str, locale: &str) -> String {
    format!(
        "<!doctype html><html lang=\"{locale}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex,nofollow\"><title>{}</title><style>{STYLE}</style></head><body><main>{main}</main></body></html>",
        escaped(title)
    )
}

/// Text as it stands in a page or between the quotes of an attribute.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_is_named_by_its_digest_and_closes_no_element() {
        assert!(!STYLE.contains('<'));
        let policy = CSP.to_str().unwrap();
        assert!(policy.contains("style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    }
}
