//! Names of files as people give them, made safe to be told to another machine.

use unicode_normalization::UnicodeNormalization;

/// Longer names are cut; with an extension they still fit every file system.
const MAX_CHARS: usize = 120;

/// A name without a path, without what cannot be seen, and with an extension that fits what is in the file.
///
/// ```
/// use marque::model::format::file_name;
/// assert_eq!(file_name::safe("C:\\发票\\2026.pdf", &["pdf"]), "2026.pdf");
/// assert_eq!(file_name::safe("invoice\u{202e}fdp.exe", &["pdf"]), "invoicefdp.exe.pdf");
/// assert_eq!(file_name::safe("../..", &["png"]), "file.png");
/// ```
pub fn safe(given: &str, extensions: &[&str]) -> String {
    let base = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen: String = base.nfc().filter(|c| !is_hidden(*c)).map(|c| if is_reserved(c) { '_' } else { c }).collect();
    let name = seen.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let name: String = if name.is_empty() { "file".into() } else { name.to_owned() };
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, extension),
        _ => (name.as_str(), ""),
    };
    let is_fit = extensions.iter().any(|known| known.eq_ignore_ascii_case(extension));
    let (stem, extension) = match (is_fit, extensions.first()) {
        (true, _) => (stem, extension),
        (false, Some(first)) => (name.as_str(), *first),
        (false, None) => (stem, extension),
    };
    let stem: String = stem.chars().take(MAX_CHARS).collect();
    if extension.is_empty() { stem } else { format!("{stem}.{extension}") }
}

/// Controls, marks that turn the direction of writing, and characters without width: none of them can be seen, all of them can deceive.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// What no file of some system may have in its name.
fn is_reserved(c: char) -> bool {
    matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_and_hides_nothing() {
        for (given, safe_name) in [
            ("合同 2026.pdf", "合同 2026.pdf"),
            ("/etc/passwd", "passwd.pdf"),
            ("..\\..\\a.pdf", "a.pdf"),
            ("a\0b\r\n.pdf", "ab.pdf"),
            ("gpj.\u{202e}fdp", "gpj.fdp.pdf"),
            ("a\u{200b}.PDF", "a.PDF"),
            ("x.pdf.exe", "x.pdf.exe.pdf"),
            ("", "file.pdf"),
            ("...", "file.pdf"),
            ("a:b?.pdf", "a_b_.pdf"),
            (".pdf", "pdf.pdf"),
        ] {
            assert_eq!(safe(given, &["pdf"]), safe_name, "{given:?}");
        }
        assert_eq!(safe(&"长".repeat(300), &["pdf"]).chars().count(), MAX_CHARS + 4);
    }
}
