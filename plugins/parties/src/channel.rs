//! The kinds of contact points, and the one form in which a value of each is kept and compared.

use marque_sdk::{Fault, Result};
use serde::{Deserialize, Serialize};

/// A kind of contact point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A mobile number of the mainland.
    Mobile,
    /// Any other telephone.
    Landline,
    /// An address for e-mail.
    Email,
    /// A WeChat name.
    Wechat,
    /// A postal address.
    Address,
    /// A fax number.
    Fax,
}

impl Channel {
    /// As stored.
    pub fn code(self) -> &'static str {
        match self {
            Channel::Mobile => "mobile",
            Channel::Landline => "landline",
            Channel::Email => "email",
            Channel::Wechat => "wechat",
            Channel::Address => "address",
            Channel::Fax => "fax",
        }
    }

    /// Which kind a number on a customer's file is of.
    pub fn of_number(number: &str) -> Channel {
        if mobile(number).is_some() { Channel::Mobile } else { Channel::Landline }
    }

    /// The form in which a value is kept.
    ///
    /// # Errors
    /// `value_invalid`, with the remedy.
    pub fn normal(self, text: &str) -> Result<String> {
        let (normal, remedy) = match self {
            Channel::Mobile => (mobile(text), "write the 11 digits of a mobile number, such as 138 0013 8000"),
            Channel::Landline | Channel::Fax => (landline(text), "write area code and number, such as 027-8888 1234"),
            Channel::Email => (email(text), "write an address such as name@example.com"),
            Channel::Wechat => (one_line(text, 6), "write the WeChat name of at least 6 characters"),
            Channel::Address => (one_line(text, 2), "write street and number"),
        };
        normal.ok_or_else(|| {
            let shown: String = text.trim().chars().take(40).collect();
            Fault::at("value_invalid", "/value", format!("{} {shown:?} is none: {remedy}", self.code()))
        })
    }
}

/// Digits and a leading plus, whatever people put between them.
fn bare(text: &str) -> Option<String> {
    let half = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        c => c,
    };
    let is_dressing = |c: &char| c.is_whitespace() || matches!(c, '-' | '(' | ')' | '.' | '–' | '—' | '·');
    let bare: String = text.chars().map(half).filter(|c| !is_dressing(c)).collect();
    let is_number = bare.char_indices().all(|(at, c)| c.is_ascii_digit() || (at == 0 && c == '+'));
    (is_number && !bare.is_empty()).then_some(bare)
}

fn mobile(text: &str) -> Option<String> {
    let bare = bare(text)?;
    let national = ["+86", "0086", "86"].iter().find_map(|prefix| bare.strip_prefix(prefix)).unwrap_or(&bare);
    let digits = national.as_bytes();
    let is_mobile = digits.len() == 11 && digits[0] == b'1' && (b'3'..=b'9').contains(&digits[1]);
    is_mobile.then(|| format!("+86{national}"))
}

/// As the core keeps telephone numbers: the country, then the number without its leading zero.
fn landline(text: &str) -> Option<String> {
    let bare = bare(text)?;
    let bare = bare.strip_prefix("0086").map_or(bare.clone(), |rest| format!("+86{rest}"));
    let whole = match bare.strip_prefix('0') {
        Some(rest) => format!("+86{rest}"),
        None if bare.starts_with("400") || bare.starts_with("800") => format!("+86{bare}"),
        None => bare,
    };
    let n_digits = whole.len().saturating_sub(1);
    (whole.starts_with('+') && (8..=15).contains(&n_digits)).then_some(whole)
}

fn email(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    let (name, host) = email.split_once('@')?;
    let is_address = !name.is_empty()
        && host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && !host.contains('@')
        && !email.chars().any(|c| c.is_whitespace() || c.is_control());
    is_address.then_some(email)
}

fn one_line(text: &str, least: usize) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (line.chars().count() >= least).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mobile_number_is_one_however_it_is_dressed() {
        for text in
            ["13800138000", "+86 138-0013-8000", "0086 138 0013 8000", "１３８００１３８０００", "(138) 0013.8000"]
        {
            assert_eq!(Channel::Mobile.normal(text).unwrap(), "+8613800138000", "{text}");
        }
        for text in ["1380013800", "12800138000", "027-88881234", "+1 415 555 2671", "", "abc", "138001380001"] {
            assert_eq!(Channel::Mobile.normal(text).unwrap_err().code, "value_invalid", "{text}");
        }
    }

    #[test]
    fn a_landline_is_kept_as_the_core_keeps_it() {
        assert_eq!(Channel::Landline.normal("027-8888 1234").unwrap(), "+862788881234");
        assert_eq!(Channel::Landline.normal("400-820-8820").unwrap(), "+864008208820");
        assert_eq!(Channel::Fax.normal("+1 415 555 2671").unwrap(), "+14155552671");
        assert!(Channel::Landline.normal("88881234").is_err(), "the area code is missing");
    }

    #[test]
    fn the_number_on_a_file_is_told_by_its_form() {
        assert_eq!(Channel::of_number("+8613800138000"), Channel::Mobile);
        assert_eq!(Channel::of_number("+862788881234"), Channel::Landline);
    }

    #[test]
    fn addresses_for_mail_are_lower_case_and_whole() {
        assert_eq!(Channel::Email.normal(" Z@X.cn ").unwrap(), "z@x.cn");
        for text in ["z", "z@", "@x.cn", "z@x", "z@.cn", "z@x.", "z @x.cn", "z@x@y.cn"] {
            assert!(Channel::Email.normal(text).is_err(), "{text}");
        }
        assert_eq!(Channel::Address.normal(" 中山大道  1 号 ").unwrap(), "中山大道 1 号");
        assert!(Channel::Wechat.normal("abc").is_err());
    }
}
