//! Which of the two languages a person reads.

use axum::http::{HeaderMap, header};

use crate::model::Record;

/// Languages the console and the plugins speak; the first is the default.
pub const LOCALES: [&str; 2] = ["zh-CN", "en"];

/// What `Accept-Language` asks for, if it is one of ours.
pub fn asked(headers: &HeaderMap) -> Option<&'static str> {
    let value = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut tags: Vec<(f32, &str)> = value.split(',').filter_map(weighted).collect();
    // Equal weights keep the order they were written in.
    tags.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    tags.into_iter().find_map(|(_, tag)| ours(tag))
}

/// The language of a person's record.
pub fn of_user(user: &Record) -> &'static str {
    user.text("locale").and_then(ours).unwrap_or(LOCALES[0])
}

fn weighted(part: &str) -> Option<(f32, &str)> {
    let (tag, weight) = part.split_once(";q=").unwrap_or((part, "1"));
    let weight = weight.trim().parse().ok().filter(|weight| *weight > 0.0)?;
    Some((weight, tag.trim()))
}

fn ours(tag: &str) -> Option<&'static str> {
    let language = tag.split(['-', '_']).next()?;
    LOCALES.into_iter().find(|known| known.split('-').next().is_some_and(|known| known.eq_ignore_ascii_case(language)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_known_language_is_taken() {
        for (value, wanted) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Some("zh-CN")),
            ("en", Some("en")),
            ("de, en-GB;q=0.5, zh;q=0.7", Some("zh-CN")),
            ("fr;q=0.9, en;q=0", None),
            ("*", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, value.parse().unwrap());
            assert_eq!(asked(&headers), wanted, "{value}");
        }
    }
}
