//! Chinese number plates: ordinary and new-energy, and others that somebody answers for.

use super::{FormatError, compact, is_dash};

const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
/// What may stand last on an ordinary plate: trailer, learner, police, Hong Kong, Macao.
const LAST: &str = "挂学警港澳";
/// New energy: D and A, B, C, E pure electric, F, G, H, J, K other.
const ENERGY: &str = "ABCDEFGHJK";

/// The plate without dots and blanks, in capitals: `鄂A12345`, `鄂AD12345`. Plates of the army, of embassies and of other
/// countries look otherwise and are no refusal, see [`warning`].
///
/// ```
/// use marque::model::format::plate;
/// assert_eq!(plate::normalize("鄂a·12345")?, "鄂A12345");
/// assert_eq!(plate::normalize("鄂AD12345")?, "鄂AD12345");
/// # Ok::<(), marque::model::format::FormatError>(())
/// ```
pub fn normalize(text: &str) -> Result<String, FormatError> {
    let plate: String = compact(text)
        .to_uppercase()
        .chars()
        .filter(|c| !is_dash(*c) && !matches!(c, '·' | '•' | '.' | '・' | '‧' | '∙'))
        .collect();
    if plate.is_empty() {
        return Err(FormatError::new("plate.empty", "there is no plate: write one like 鄂A·12345"));
    }
    let n_chars = plate.chars().count();
    let is_plate = (3..=12).contains(&n_chars)
        && plate.chars().all(char::is_alphanumeric)
        && (plate.chars().any(|c| c.is_ascii_digit()) || is_usual(&plate));
    if is_plate {
        Ok(plate)
    } else {
        let shown: String = text.trim().chars().take(20).collect();
        Err(FormatError::new(
            "plate.invalid",
            format!("plate {shown:?} is none: write 3 to 12 letters and digits like 鄂A·12345"),
        ))
    }
}

/// What is odd about a plate that [`normalize`] lets pass: it is neither an ordinary nor a new-energy one.
///
/// ```
/// use marque::model::format::plate;
/// assert!(plate::warning("鄂A12345").is_none());
/// assert!(plate::warning("鄂A1234I").is_some());
/// ```
pub fn warning(plate: &str) -> Option<String> {
    (!is_usual(plate)).then(|| {
        format!(
            "plate {plate:?} is no usual Chinese plate, which has province, letter and 5 characters like 鄂A·12345, or 6 for new energy like 鄂A·D12345, without I and O"
        )
    })
}

fn is_usual(plate: &str) -> bool {
    let chars: Vec<char> = plate.chars().collect();
    chars.len() >= 7
        && PROVINCES.contains(chars[0])
        && chars[1].is_ascii_uppercase()
        && match &chars[2..] {
            serial if serial.len() == 5 => is_ordinary(serial),
            serial if serial.len() == 6 => is_small_energy(serial) || is_large_energy(serial),
            _ => false,
        }
}

/// For the eye: `鄂A·12345`.
///
/// ```
/// use marque::model::format::plate;
/// assert_eq!(plate::display("鄂A12345"), "鄂A·12345");
/// ```
pub fn display(plate: &str) -> String {
    plate.char_indices().nth(2).map_or_else(|| plate.to_owned(), |(at, _)| format!("{}·{}", &plate[..at], &plate[at..]))
}

/// Whether it is a green, new-energy plate.
pub fn is_new_energy(plate: &str) -> bool {
    plate.chars().count() == 8
}

fn is_serial(c: char) -> bool {
    c.is_ascii_digit() || (c.is_ascii_uppercase() && c != 'I' && c != 'O')
}

fn is_ordinary(serial: &[char]) -> bool {
    serial[..4].iter().all(|c| is_serial(*c)) && (is_serial(serial[4]) || LAST.contains(serial[4]))
}

fn is_small_energy(serial: &[char]) -> bool {
    ENERGY.contains(serial[0]) && is_serial(serial[1]) && serial[2..].iter().all(char::is_ascii_digit)
}

fn is_large_energy(serial: &[char]) -> bool {
    serial[..5].iter().all(char::is_ascii_digit) && ENERGY.contains(serial[5])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plates_lose_their_dressing() {
        for (typed, plate) in [
            ("鄂A·12345", "鄂A12345"),
            ("鄂 a 1b2c3", "鄂A1B2C3"),
            ("粤Z·1234港", "粤Z1234港"),
            ("京A1234警", "京A1234警"),
            ("沪Ａ－Ｄ１２３４５", "沪AD12345"),
            ("苏E12345F", "苏E12345F"),
        ] {
            assert_eq!(normalize(typed).as_deref(), Ok(plate), "{typed:?}");
            assert_eq!(warning(plate), None);
        }
        assert!(is_new_energy("沪AD12345") && !is_new_energy("沪A12345"));
    }

    #[test]
    fn what_is_no_plate_is_refused() {
        for typed in ["", "A", "12", "鄂A", "没有牌照", "鄂A12345678901", "鄂A?12345"] {
            assert!(normalize(typed).is_err(), "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_usual_plate_passes_with_a_warning() {
        for typed in [
            "12345",
            "A12345",
            "鄂A1234",
            "鄂A1234I",
            "鄂AO1234",
            "鄂112345",
            "湖A12345",
            "鄂AX12345",
            "鄂A123456",
            "鄂A1挂345",
            "WJ鄂1234",
        ] {
            assert!(normalize(typed).is_ok_and(|plate| warning(&plate).is_some()), "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_a_normal_form_stays(text in "\\PC{0,12}") {
            if let Ok(plate) = normalize(&text) {
                prop_assert_eq!(normalize(&plate), Ok(plate.clone()));
            }
            let _ = display(&text);
        }

        #[test]
        fn what_is_shown_is_read_back(province in "[京沪鄂粤]", rest in "[A-Z][A-HJ-NP-Z0-9]{5}") {
            let plate = format!("{province}{rest}");
            prop_assert_eq!(normalize(&display(&plate)), Ok(plate));
        }
    }
}
