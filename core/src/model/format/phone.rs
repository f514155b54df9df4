//! Telephone numbers: what people type into E.164, and how it is shown.

use phonenumber::{Mode, country::Id as Country};

use super::{FormatError, compact, is_dash};

/// E.164, `+8613800001234`. A number without a country code is read as one of mainland China.
///
/// A mainland mobile is decided by its pattern alone (`1`, `3` to `9`, nine digits): carriers open blocks faster than
/// metadata follows. Everything else must be valid by the library's metadata.
///
/// ```
/// use marque::model::format::phone;
/// assert_eq!(phone::normalize("　138-0000-1234 ")?, "+8613800001234");
/// assert_eq!(phone::normalize("0086 (027) 8428 1234")?, "+862784281234");
/// assert!(phone::normalize("138000012345").is_err());
/// # Ok::<(), marque::model::format::FormatError>(())
/// ```
pub fn normalize(text: &str) -> Result<String, FormatError> {
    let bare = bare(text);
    if let Some(mobile) = mainland_mobile(&bare) {
        return Ok(format!("+86{mobile}"));
    }
    // The library would take `99900001234` for a landline of Yining; a landline is written with its zero, though.
    let is_dialled = ["+", "0", "400", "800"].iter().any(|prefix| bare.starts_with(prefix));
    let is_number = (7..=20).contains(&bare.len())
        && bare.bytes().enumerate().all(|(at, b)| b.is_ascii_digit() || (at == 0 && b == b'+'));
    if !is_dialled || !is_number {
        return Err(refused(text, &bare));
    }
    phonenumber::parse(Some(Country::CN), &bare)
        .ok()
        .filter(phonenumber::is_valid)
        .map(|number| number.format().mode(Mode::E164).to_string())
        // Eleven digits with a one in front are a mobile or nothing.
        .filter(|e164| !(e164.starts_with("+861") && e164.len() == 14))
        // The library drops a zero behind a foreign country code, and what is left may be no number: +95 0 1200000.
        .filter(|e164| phonenumber::parse(Some(Country::CN), e164).is_ok_and(|number| phonenumber::is_valid(&number)))
        .ok_or_else(|| refused(text, &bare))
}

/// For the eye: `138 0000 1234`, landlines as people write them at home, foreign numbers with their country code.
///
/// ```
/// use marque::model::format::phone;
/// assert_eq!(phone::display("+8613800001234"), "138 0000 1234");
/// ```
pub fn display(e164: &str) -> String {
    if let Some(mobile) = mainland_mobile(e164) {
        return format!("{} {} {}", &mobile[..3], &mobile[3..7], &mobile[7..]);
    }
    let mode = if e164.starts_with("+86") { Mode::National } else { Mode::International };
    phonenumber::parse(None, e164).map_or_else(|_| e164.to_owned(), |number| number.format().mode(mode).to_string())
}

/// For eyes that may not see all of it: `138****1234`.
///
/// ```
/// use marque::model::format::phone;
/// assert_eq!(phone::masked("+8613800001234"), "138****1234");
/// assert_eq!(phone::masked("+862784281234"), "027****1234");
/// ```
pub fn masked(e164: &str) -> String {
    let shown = match e164.strip_prefix("+86") {
        Some(mobile) if mainland_mobile(mobile).is_some() => mobile.to_owned(),
        Some(landline) => format!("0{landline}"),
        None => e164.to_owned(),
    };
    let n_chars = shown.chars().count();
    let tail = n_chars.min(4);
    let head = n_chars.saturating_sub(8);
    shown.chars().take(head).chain("****".chars()).chain(shown.chars().skip(n_chars - tail)).collect()
}

/// Whether it is a mobile number of mainland China, the only kind that takes text messages here.
pub fn is_mobile(e164: &str) -> bool {
    mainland_mobile(e164).is_some()
}

/// The digits, with a plus in front if there was one: dressing taken off.
fn bare(text: &str) -> String {
    let compact = compact(text);
    // A spreadsheet's text mark in front, its decimal point behind.
    let compact = compact.trim_start_matches('\'');
    let compact = compact.strip_suffix(".0").unwrap_or(compact);
    compact.chars().filter(|c| !is_dash(*c) && !matches!(c, '(' | ')' | '[' | ']' | '.' | '·')).collect()
}

/// The eleven digits of a mainland mobile, whatever stands for the country in front.
fn mainland_mobile(bare: &str) -> Option<&str> {
    let national = ["+86", "0086", "86"]
        .iter()
        .find_map(|prefix| bare.strip_prefix(prefix).filter(|rest| rest.trim_start_matches('0').len() == 11))
        .unwrap_or(bare);
    // The long-distance zero of old days.
    let national = national.strip_prefix('0').unwrap_or(national);
    let digits = national.as_bytes();
    let is_mobile = digits.len() == 11
        && digits[0] == b'1'
        && (b'3'..=b'9').contains(&digits[1])
        && digits.iter().all(u8::is_ascii_digit);
    is_mobile.then_some(national)
}

fn refused(text: &str, bare: &str) -> FormatError {
    let shown: String = text.trim().chars().take(40).collect();
    let n_digits = bare.bytes().filter(u8::is_ascii_digit).count();
    let reason = if bare.is_empty() {
        return FormatError::new("phone.empty", "there is no number: write one like 138 0000 1234 or +852 2123 4567");
    } else if n_digits == 0 {
        "has no digits: write a number like 138 0000 1234".to_owned()
    } else if bare.contains(['E', 'e']) && bare.contains('+') {
        "was rounded by a spreadsheet: format the column as text and type the number again".to_owned()
    } else if n_digits > 15 || bare.contains(['/', ',', ';', '、']) {
        "looks like more than one number, or has an extension: keep one number without extension".to_owned()
    } else if bare.bytes().any(|b| !b.is_ascii_digit() && b != b'+') {
        "has characters that no number has: write it like 138 0000 1234".to_owned()
    } else if bare.starts_with('1') {
        format!("has {n_digits} digits: a mobile number has 11 and begins with 13 to 19")
    } else {
        "is not a number in use: write a mobile with 11 digits, a landline with its area code or a foreign number with + and country code".to_owned()
    };
    FormatError::new("phone.invalid", format!("phone {shown:?} {reason}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_type_becomes_one_number() {
        for typed in [
            "13800001234",
            "138 0000 1234",
            "138-0000-1234",
            "+86 138-0000-1234",
            "008613800001234",
            "　13800001234 ",
            "１３８００００１２３４",
            "(+86)13800001234",
            "8613800001234",
            "013800001234",
            "'13800001234",
            "13800001234.0",
            "\u{202a}138 0000 1234\u{202c}",
            "138—0000—1234",
            "＋86 138 0000 1234",
            "+86（0）13800001234",
        ] {
            assert_eq!(normalize(typed).as_deref(), Ok("+8613800001234"), "{typed:?}");
        }
    }

    #[test]
    fn landlines_and_foreign_numbers_are_known_by_the_library() {
        for (typed, e164) in [
            ("027-84281234", "+862784281234"),
            ("(010) 6552 9988", "+861065529988"),
            ("0755 8246 7890", "+8675582467890"),
            ("400-820-8820", "+864008208820"),
            ("+852 2123 4567", "+85221234567"),
            ("00 852 2123 4567", "+85221234567"),
            ("+33 1 42 68 53 00", "+33142685300"),
        ] {
            assert_eq!(normalize(typed).as_deref(), Ok(e164), "{typed:?}");
        }
    }

    #[test]
    fn what_reaches_nobody_is_refused() {
        for typed in [
            "",
            " ",
            "无",
            "abc",
            "12345",
            "021-5555",
            "1380000123",
            "138000012345",
            "99900001234",
            "12000001234",
            "1.38E+10",
            "13800001234/13900001234",
            "13800001234,",
            "+86 138 0000 123",
            "027-84281234-801",
            "++8613800001234",
            "138000012+34",
        ] {
            let error = normalize(typed).expect_err(typed);
            assert!(error.code.starts_with("phone."), "{typed:?}: {error:?}");
            assert!(error.message.contains(typed.trim()), "{typed:?}: {error:?}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        assert_eq!(
            normalize("138000012345").map_err(|e| e.message),
            Err("phone \"138000012345\" has 12 digits: a mobile number has 11 and begins with 13 to 19".into())
        );
        assert!(normalize("1.38E+10").expect_err("rounded").message.contains("format the column as text"));
    }

    #[test]
    fn what_is_no_number_without_its_zero_is_none_with_it() {
        assert_eq!(normalize("+9501200000").map_err(|error| error.code), Err("phone.invalid"));
    }

    #[test]
    fn shown_and_masked() {
        assert_eq!(display("+862784281234"), "027 8428 1234");
        assert_eq!(display("+85221234567"), "+852 2123 4567");
        assert_eq!(masked("+85221234567"), "+852****4567");
        assert_eq!(masked("+12"), "****+12");
        assert!(is_mobile("+8613800001234") && !is_mobile("+862784281234"));
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_a_normal_form_stays(text in "\\PC{0,24}") {
            if let Ok(e164) = normalize(&text) {
                prop_assert!(e164.starts_with('+') && e164[1..].bytes().all(|b| b.is_ascii_digit()), "{e164}");
                prop_assert_eq!(normalize(&e164), Ok(e164.clone()));
                prop_assert!(!display(&e164).is_empty());
            }
            let _ = masked(&text);
        }

        #[test]
        fn any_digits_are_answered_and_a_normal_form_stays(text in "(\\+|00)?[0-9]{5,16}") {
            if let Ok(e164) = normalize(&text) {
                prop_assert_eq!(normalize(&e164), Ok(e164.clone()));
            }
        }

        #[test]
        fn every_mainland_mobile_passes_however_dressed(
            digits in "1[3-9][0-9]{9}",
            front in "(\\+86|0086|86|　| |\\(\\+86\\) )?",
            gap in "[ \\-　]?",
        ) {
            let typed = format!("{front}{}{gap}{}{gap}{}", &digits[..3], &digits[3..7], &digits[7..]);
            prop_assert_eq!(normalize(&typed), Ok(format!("+86{digits}")));
        }
    }
}
