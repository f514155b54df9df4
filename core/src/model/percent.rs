//! Texts inside URLs, forms and headers: percent-encoded, all but what never needs it (RFC 3986, 2.3).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One value.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, &RESERVED).to_string()
}

/// Pairs, as a query or the body of a form.
pub fn pairs(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
}

/// The pairs of a form as a browser sends it; none when it is no text.
pub fn read(text: &[u8]) -> Option<Vec<(String, String)>> {
    let plain = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8().ok().map(|text| text.into_owned())
    };
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((plain(name)?, plain(value)?))
    };
    std::str::from_utf8(text).ok()?.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_form_is_read_as_a_browser_writes_it() {
        let read = super::read(b"a=x+y%26&b=%E7%8E%8B&a=2%2B2&c").unwrap();
        let read: Vec<(&str, &str)> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(read, [("a", "x y&"), ("b", "王"), ("a", "2+2"), ("c", "")]);
        assert_eq!(super::read(b"a=%FF"), None);
        assert_eq!(super::read(&[0xff]), None);
    }

    #[test]
    fn a_value_cannot_break_out_of_its_place() {
        assert_eq!(super::pairs(&[("a", "x&b=1 #?"), ("state", "aZ-_.~9")]), "a=x%26b%3D1%20%23%3F&state=aZ-_.~9");
        assert_eq!(super::encode("王"), "%E7%8E%8B");
    }
}
