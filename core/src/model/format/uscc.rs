//! Unified social credit codes of Chinese companies (GB 32100), eighteen characters with a check character.

use super::{FormatError, compact, is_dash};

const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The code in capitals. A wrong check character is no refusal: real codes that fail it exist, see [`warning`].
///
/// ```
/// use marque::model::format::uscc;
/// assert_eq!(uscc::normalize("91350100m000100y43")?, "91350100M000100Y43");
/// assert!(uscc::warning("91350100M000100Y43").is_none());
/// # Ok::<(), marque::model::format::FormatError>(())
/// ```
pub fn normalize(text: &str) -> Result<String, FormatError> {
    let code: String = compact(text).to_uppercase().chars().filter(|c| !is_dash(*c)).collect();
    let shown: String = text.trim().chars().take(30).collect();
    if code.is_empty() {
        return Err(FormatError::new(
            "uscc.empty",
            "there is no company code: copy the 18 characters from the business licence",
        ));
    }
    if let Some(wrong) = code.chars().find(|c| !ALPHABET.contains(*c)) {
        return Err(FormatError::new(
            "uscc.invalid",
            format!(
                "company code {shown:?} contains {wrong:?}: only digits and letters without I, O, S, V and Z are used"
            ),
        ));
    }
    if code.len() != 18 {
        let n = code.len();
        return Err(FormatError::new(
            "uscc.invalid",
            format!("company code {shown:?} has {n} characters: it must have 18"),
        ));
    }
    Ok(code)
}

/// What is odd about a code that [`normalize`] lets pass: its check character.
pub fn warning(code: &str) -> Option<String> {
    let expected = check(code)?;
    (!code.ends_with(expected)).then(|| {
        format!(
            "company code {code:?} fails its check character, {expected} is due: compare it with the business licence"
        )
    })
}

/// 31 minus the sum of values times 3^i mod 31, the whole mod 31.
fn check(code: &str) -> Option<char> {
    let mut weight = 1;
    let mut sum = 0;
    for c in code.chars().take(17) {
        sum += ALPHABET.find(c)? * weight;
        weight = weight * 3 % 31;
    }
    ALPHABET.chars().nth((31 - sum % 31) % 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_published_example_passes_and_its_twin_is_warned_of() {
        assert_eq!(warning("91350100M000100Y43"), None);
        // The twin ends in Z, which is not even in the alphabet.
        assert!(normalize("91350100M000100Y4Z").is_err());
        assert!(normalize("91350100M000100Y44").is_ok());
        assert!(warning("91350100M000100Y44").is_some_and(|text| text.contains("3 is due")));
    }

    #[test]
    fn wrong_shapes_are_named() {
        assert!(normalize("").is_err());
        assert!(normalize("91350100M000100Y4").expect_err("17").message.contains("has 17 characters"));
        assert!(normalize("91350100O000100Y43").expect_err("an O").message.contains("without I, O"));
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_a_normal_form_stays(text in "\\PC{0,20}") {
            if let Ok(code) = normalize(&text) {
                prop_assert_eq!(normalize(&code), Ok(code.clone()));
            }
            let _ = warning(&text);
        }

        #[test]
        fn exactly_one_check_character_is_right(body in "[0-9A-HJ-NPQRTUWXY]{17}") {
            prop_assert_eq!(ALPHABET.chars().filter(|c| warning(&format!("{body}{c}")).is_none()).count(), 1);
        }
    }
}
