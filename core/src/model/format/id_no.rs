//! Chinese identity card numbers (GB 11643): eighteen characters, a birth date inside, a check character at the end.

use jiff::civil::Date;

use super::{FormatError, compact};

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

/// The number with a capital X.
///
/// ```
/// use marque::model::format::id_no;
/// assert_eq!(id_no::normalize("11010519491231002x")?, "11010519491231002X");
/// assert!(id_no::normalize("110105194912310021").is_err());
/// # Ok::<(), marque::model::format::FormatError>(())
/// ```
pub fn normalize(text: &str) -> Result<String, FormatError> {
    let number = compact(text).trim_start_matches('\'').to_uppercase();
    // The number itself is not repeated in full: messages travel further than the field.
    let shown = masked(&number);
    let refused =
        |reason: String| Err(FormatError::new("id_no.invalid", format!("identity number {shown:?} {reason}")));
    if number.is_empty() {
        return Err(FormatError::new(
            "id_no.empty",
            "there is no identity number: copy the 18 characters from the card",
        ));
    }
    let n_chars = number.chars().count();
    if n_chars == 15 {
        return refused("is of the old kind with 15 digits: use the 18 characters of the present card".into());
    }
    if n_chars != 18 {
        return refused(format!("has {n_chars} characters: it must have 18"));
    }
    let is_shaped = number.char_indices().all(|(at, c)| c.is_ascii_digit() || (at == 17 && c == 'X'));
    if !is_shaped || number.starts_with('0') {
        return refused("is not 17 digits and a digit or X: copy it from the card".into());
    }
    if birth_date(&number).is_none() {
        return refused("holds no date of birth at digits 7 to 14: compare it with the card".into());
    }
    if !number.ends_with(check(&number)) {
        return refused(
            "fails its check character: compare it with the card, a digit is wrong or two are swapped".into(),
        );
    }
    Ok(number)
}

/// The birth date inside, `1949-12-31`.
pub fn birth_date(number: &str) -> Option<Date> {
    let digits = number.get(6..14).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    let date = Date::new(digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?).ok()?;
    (1850..=2199).contains(&date.year()).then_some(date)
}

/// Whether the number was given to a woman: the seventeenth digit is even.
pub fn is_female(number: &str) -> Option<bool> {
    number.get(16..17)?.parse::<u8>().ok().map(|digit| digit % 2 == 0)
}

/// For eyes that may not see all of it: the last four.
///
/// ```
/// use marque::model::format::id_no;
/// assert_eq!(id_no::masked("11010519491231002X"), "**************002X");
/// ```
pub fn masked(number: &str) -> String {
    let hidden = number.chars().count().saturating_sub(4);
    number.chars().enumerate().map(|(at, c)| if at < hidden { '*' } else { c }).collect()
}

fn check(number: &str) -> char {
    let sum: u32 =
        number.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight).sum();
    CHECKS[(sum % 11) as usize]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_published_examples() {
        assert_eq!(normalize("１１０１０５ 19491231 002x").as_deref(), Ok("11010519491231002X"));
        assert_eq!(birth_date("11010519491231002X"), Some(jiff::civil::date(1949, 12, 31)));
        assert_eq!(is_female("11010519491231002X"), Some(true));
        assert!(normalize("110105194912310021").expect_err("mod 11").message.contains("check character"));
    }

    #[test]
    fn wrong_numbers_are_refused_and_not_repeated() {
        for (typed, why) in [
            ("", "no identity number"),
            ("110105491231002", "15 digits"),
            ("1101051949123100", "16 characters"),
            ("110105194913310021", "date of birth"),
            ("11010519490229002X", "date of birth"),
            ("11010X194912310021", "17 digits"),
            ("一二三四五六七八九一二三四五六七八九", "17 digits"),
        ] {
            let error = normalize(typed).expect_err(typed);
            assert!(error.message.contains(why), "{typed}: {error}");
            assert!(typed.is_empty() || !error.message.contains(typed), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,20}") {
            if let Ok(number) = normalize(&text) {
                prop_assert_eq!(normalize(&number), Ok(number.clone()));
            }
            let _ = (birth_date(&text), is_female(&text), masked(&text));
        }

        #[test]
        fn exactly_one_check_character_is_right(area in 110_000u32..660_000, day in 0i32..30_000, serial in 0u32..1000) {
            let birth = jiff::civil::date(1930, 1, 1).saturating_add(jiff::Span::new().days(day));
            let body = format!("{area}{}{serial:03}", birth.strftime("%Y%m%d"));
            let right = "0123456789X".chars().filter(|c| normalize(&format!("{body}{c}")).is_ok()).count();
            prop_assert_eq!(right, 1);
        }

        #[test]
        fn two_swapped_neighbours_are_found(at in 0usize..16) {
            let mut digits: Vec<char> = "11010519491231002X".chars().collect();
            digits.swap(at, at + 1);
            let swapped: String = digits.iter().collect();
            prop_assert!(swapped == "11010519491231002X" || normalize(&swapped).is_err(), "{}", swapped);
        }
    }
}
