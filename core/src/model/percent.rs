//! Texts inside URLs, forms and headers: percent-encoded, all but what never needs it (RFC 3986, 2.3).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One value.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, &RESERVED).to_string()
}

/// Pairs, as a query or the body of a form.
pub fn pairs(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_value_cannot_break_out_of_its_place() {
        assert_eq!(super::pairs(&[("a", "x&b=1 #?"), ("state", "aZ-_.~9")]), "a=x%26b%3D1%20%23%3F&state=aZ-_.~9");
        assert_eq!(super::encode("王"), "%E7%8E%8B");
    }
}
