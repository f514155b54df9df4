//! Checks of what people type, one file a format: each answers the normal form, or what is wrong and how to mend it.

pub mod date;
pub mod email;
pub mod file_name;
pub mod id_no;
pub mod name;
pub mod phone;
pub mod plate;
pub mod spreadsheet;
pub mod uscc;
pub mod vin;

use unicode_normalization::UnicodeNormalization;

/// Why a text has no normal form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FormatError {
    /// Machine-readable, `phone.invalid`.
    pub code: &'static str,
    /// Names the value and the remedy; lower case, no full stop.
    pub message: String,
}

impl FormatError {
    fn new(code: &'static str, message: impl Into<String>) -> FormatError {
        FormatError { code, message: message.into() }
    }
}

/// Full-width letters and digits made plain (NFKC), blanks of every width and what copying leaves behind taken out.
fn compact(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace() && !is_invisible(*c)).collect()
}

/// Zero-width and direction marks: address books and chat programs add them unseen when a number is copied.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{00AD}')
}

/// Hyphens and dashes of every width.
fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{30FC}')
}
