//! Texts in URLs and forms: percent-encoded, all but what never needs it.

/// One value.
pub fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
        encoded
    })
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
