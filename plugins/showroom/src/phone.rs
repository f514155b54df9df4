//! Mobile numbers as guests and hosts write them.

/// The last eleven digits of a Chinese mobile, whatever stands around them.
pub fn mobile(text: &str) -> Option<String> {
    // Digits of full-width keyboards are digits all the same.
    let digits: String = text.chars().filter_map(digit).collect();
    let number = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86").filter(|rest| rest.len() == 11));
    let number = number.unwrap_or(&digits);
    let is_mobile = number.len() == 11 && number.starts_with('1') && !matches!(number.as_bytes()[1], b'0'..=b'2');
    is_mobile.then(|| format!("+86{number}"))
}

fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '\u{ff10}'..='\u{ff19}' => char::from_digit(c as u32 - 0xff10, 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mobile_is_found_however_it_is_written() {
        for text in [
            "13800001234",
            "138-0000-1234",
            "+86 138 0000 1234",
            "0086 13800001234",
            "8613800001234",
            "１３８００００１２３４",
        ] {
            assert_eq!(mobile(text).as_deref(), Some("+8613800001234"), "{text}");
        }
        for text in ["", "02700000000", "12345678901", "1380000123", "138000012345", "+1 202 555 0100"] {
            assert_eq!(mobile(text), None, "{text}");
        }
    }
}
