//! The vehicle identification number: how it is looked up, and what its tenth place says. The core checks the digit.

/// As the core stores it: upper case, half width, without blanks and dashes.
pub fn normal(text: &str) -> String {
    let half = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        c => c,
    };
    let is_kept = |c: &char| !c.is_whitespace() && !matches!(c, '-' | '‐' | '–' | '—' | '－');
    text.chars().map(half).filter(is_kept).flat_map(char::to_uppercase).collect()
}

/// Codes of the tenth place from 1980 on; they come round every thirty years.
const YEARS: &str = "ABCDEFGHJKLMNPRSTVWXY123456789";

/// The model year that the tenth place names. Of the years it may mean it is the latest that can have been built by
/// now: a maker begins the next year's models in the year before.
pub fn model_year(vin: &str, this_year: i64) -> Option<i64> {
    let code = vin.chars().nth(9)?;
    let first = 1980 + YEARS.find(code)? as i64;
    let rounds = (this_year + 1 - first).div_euclid(30);
    (rounds >= 0).then_some(first + rounds * 30)
}

/// The last places, by which people know a vehicle without a plate.
pub fn tail(vin: &str) -> String {
    let n_chars = vin.chars().count();
    vin.chars().skip(n_chars.saturating_sub(6)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_looked_up_as_it_is_stored() {
        assert_eq!(normal(" lsgpc52u6-tf100001 "), "LSGPC52U6TF100001");
        assert_eq!(normal("ＬＳＧＰＣ５２Ｕ６ＴＦ１００００１"), "LSGPC52U6TF100001");
    }

    #[test]
    fn c02_ac1_the_tenth_place_is_the_model_year() {
        assert_eq!(model_year("LSGPC52U6TF100001", 2026), Some(2026));
        assert_eq!(model_year("LSGPC52U6VF100001", 2026), Some(2027), "next year's model is built this year");
        assert_eq!(model_year("LSGPC52U6WF100001", 2026), Some(1998), "not one of the year after");
        assert_eq!(model_year("1M8GDM9AXKP042788", 2026), Some(2019));
        assert_eq!(model_year("LJCPCBLCX11000237", 2026), Some(2001));
        assert_eq!(model_year("LSGPC52U6AF100001", 2026), Some(2010));
    }

    #[test]
    fn letters_that_are_no_year_say_nothing() {
        for code in ["I", "O", "Q", "U", "Z", "0", "中"] {
            assert_eq!(model_year(&format!("LSGPC52U6{code}F100001"), 2026), None, "{code}");
        }
        assert_eq!(model_year("LSG", 2026), None);
    }

    #[test]
    fn the_last_six_stand_for_the_whole() {
        assert_eq!(tail("LSGPC52U6TF100001"), "100001");
        assert_eq!(tail("A1"), "A1");
    }
}
