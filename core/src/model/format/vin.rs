//! Vehicle identification numbers and their check digit.

use super::{FormatError, compact, is_dash};

const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/// The number in capitals. The check digit is demanded of vehicles made in China and North America, whose makers
/// use it; elsewhere it may be anything, see [`warning`].
///
/// ```
/// use marque::model::format::vin;
/// assert_eq!(vin::normalize("lsgpc52u6tf100001")?, "LSGPC52U6TF100001");
/// assert_eq!(vin::normalize("LSGPC52U6TF100010").unwrap_err().code, "vin.check_digit");
/// # Ok::<(), marque::model::format::FormatError>(())
/// ```
pub fn normalize(text: &str) -> Result<String, FormatError> {
    let vin: String = compact(text).to_uppercase().chars().filter(|c| !is_dash(*c)).collect();
    let shown: String = text.trim().chars().take(30).collect();
    if vin.is_empty() {
        return Err(FormatError::new("vin.empty", "there is no VIN: copy the 17 characters from the driving licence"));
    }
    if let Some(wrong) = vin.chars().find(|c| value(*c).is_none()) {
        let remedy = match wrong {
            'I' => "I is not used, it is a 1",
            'O' | 'Q' => "O and Q are not used, it is a 0",
            _ => "only A to Z and 0 to 9 are used",
        };
        return Err(FormatError::new("vin.invalid", format!("VIN {shown:?} contains {wrong:?}: {remedy}")));
    }
    if vin.len() != 17 {
        let n = vin.len();
        return Err(FormatError::new("vin.invalid", format!("VIN {shown:?} has {n} characters: it must have 17")));
    }
    match mismatch(&vin) {
        Some((expected, found)) if vin.starts_with(['L', '1', '4', '5']) => Err(FormatError::new(
            "vin.check_digit",
            format!(
                "VIN {shown:?} has the check digit {found} where {expected} is due: compare it with the driving licence, two characters may be swapped"
            ),
        )),
        _ => Ok(vin),
    }
}

/// What is odd about a number that [`normalize`] lets pass: the check digit of a maker who need not use one.
pub fn warning(vin: &str) -> Option<String> {
    let (expected, found) = mismatch(vin)?;
    Some(format!(
        "VIN {vin:?} has {found} where a check digit would be {expected}: its maker may not use one, compare it once more"
    ))
}

/// The model year by position 10, in the thirty-year cycle that ends with 2039.
///
/// ```
/// use marque::model::format::vin;
/// assert_eq!(vin::model_year("LSGPC52U6TF100001"), Some(2026));
/// ```
pub fn model_year(vin: &str) -> Option<u16> {
    const CODES: &str = "ABCDEFGHJKLMNPRSTVWXY123456789";
    let code = vin.chars().nth(9)?;
    CODES.find(code).map(|at| 2010 + at as u16)
}

/// Expected and found check digit, where they differ.
fn mismatch(vin: &str) -> Option<(char, char)> {
    let sum: u32 = vin.chars().zip(WEIGHTS).map(|(c, weight)| value(c).unwrap_or(0) * weight).sum();
    let expected = match sum % 11 {
        10 => 'X',
        digit => char::from_digit(digit, 10)?,
    };
    let found = vin.chars().nth(8)?;
    (expected != found).then_some((expected, found))
}

/// What a character counts in the sum; I, O and Q count nothing because they are not used.
fn value(c: char) -> Option<u32> {
    match c {
        '0'..='9' => c.to_digit(10),
        'A'..='H' => Some(c as u32 - 'A' as u32 + 1),
        'J'..='N' => Some(c as u32 - 'J' as u32 + 1),
        'P' => Some(7),
        'R' => Some(9),
        'S'..='Z' => Some(c as u32 - 'S' as u32 + 2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_published_examples_pass() {
        for vin in
            ["1M8GDM9AXKP042788", "LJCPCBLCX11000237", "LSGPC52U6TF100001", "LDC613P2960012345", "11111111111111111"]
        {
            assert_eq!(normalize(vin).as_deref(), Ok(vin));
            assert_eq!(warning(vin), None);
        }
    }

    #[test]
    fn swapped_digits_are_refused_with_what_was_expected() {
        let error = normalize("LSGPC52U6TF100010").expect_err("Σ is 271");
        assert_eq!(error.code, "vin.check_digit");
        assert!(error.message.contains("check digit 6 where 7 is due"), "{error}");
    }

    #[test]
    fn a_european_vehicle_passes_with_a_warning() {
        let vin = "WVWZZZ1JZXW000001";
        assert_eq!(normalize(vin).as_deref(), Ok(vin));
        assert!(warning(vin).is_some());
    }

    #[test]
    fn wrong_letters_and_lengths_are_named() {
        assert!(normalize("LSGPC52U6TF1O0001").expect_err("an O").message.contains("it is a 0"));
        assert!(normalize("LSGPC52U6TF10000").expect_err("16").message.contains("has 16 characters"));
        assert!(normalize("").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_a_normal_form_stays(text in "\\PC{0,20}") {
            if let Ok(vin) = normalize(&text) {
                prop_assert_eq!(normalize(&vin), Ok(vin.clone()));
            }
            let _ = (warning(&text), model_year(&text));
        }

        #[test]
        fn one_wrong_digit_in_the_serial_is_always_found(at in 11usize..17, up in 1u8..10) {
            let mut vin = b"LSGPC52U6TF100001".to_vec();
            vin[at] = b'0' + (vin[at] - b'0' + up) % 10;
            let vin = String::from_utf8(vin).expect("ASCII");
            prop_assert_eq!(normalize(&vin).expect_err("one digit differs").code, "vin.check_digit");
        }
    }
}
