//! Names of people and companies: one spelling each, and the family name of a Chinese one.

use unicode_normalization::UnicodeNormalization;

use super::{FormatError, is_invisible};

/// The longest name in characters.
pub const MAX_CHARS: usize = 100;

/// Family names of two characters, those still borne by enough people to meet one.
const COMPOUND: [&str; 33] = [
    "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯", "诸葛", "尉迟", "公羊",
    "赫连", "澹台", "皇甫", "宗政", "濮阳", "公冶", "太叔", "申屠", "公孙", "慕容", "仲孙", "钟离", "长孙", "宇文",
    "司徒", "鲜于", "司空", "令狐", "呼延",
];

/// Full-width letters made plain, blanks of every width trimmed and collapsed. Blanks between Chinese characters go:
/// forms stretch two-character names (`王　磊`).
///
/// ```
/// use marque::model::format::name;
/// assert_eq!(name::normalize(" 蒋云涛\u{3000}")?, "蒋云涛");
/// assert_eq!(name::normalize("王　磊")?, "王磊");
/// assert_eq!(name::normalize("Lei   Wang")?, "Lei Wang");
/// # Ok::<(), marque::model::format::FormatError>(())
/// ```
pub fn normalize(text: &str) -> Result<String, FormatError> {
    let plain: String = text.nfkc().filter(|c| !is_invisible(*c)).collect();
    let mut name = String::with_capacity(plain.len());
    for word in plain.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let is_stretched = name.chars().next_back().is_some_and(is_han) && word.chars().next().is_some_and(is_han);
        if !name.is_empty() && !is_stretched {
            name.push(' ');
        }
        name.push_str(word);
    }
    // One dot between the parts of a name from another language: 买买提·艾力.
    let name = name.replace(['•', '・', '‧', '∙', '．'], "·");
    let shown: String = name.chars().take(40).collect();
    if !name.chars().any(char::is_alphanumeric) {
        return Err(FormatError::new(
            "name.empty",
            format!("name {shown:?} has no letters: write the person's or company's name"),
        ));
    }
    let n_chars = name.chars().count();
    if n_chars > MAX_CHARS {
        return Err(FormatError::new(
            "name.too_long",
            format!("name {shown:?}… has {n_chars} characters: shorten it to {MAX_CHARS}"),
        ));
    }
    Ok(name)
}

/// The family name of a Chinese person's name of two to four characters; none of a company's or foreign name.
///
/// ```
/// use marque::model::format::name;
/// assert_eq!(name::family("王磊"), Some("王"));
/// assert_eq!(name::family("欧阳娜娜"), Some("欧阳"));
/// assert_eq!(name::family("武汉长江出租汽车公司"), None);
/// ```
pub fn family(name: &str) -> Option<&str> {
    let n_chars = name.chars().count();
    if !(2..=4).contains(&n_chars) || !name.chars().all(is_han) {
        return None;
    }
    let n_family = if n_chars > 2 && COMPOUND.iter().any(|compound| name.starts_with(compound)) { 2 } else { 1 };
    name.char_indices().nth(n_family).map(|(at, _)| &name[..at])
}

/// Whether two names may be of one family. Of names that are not Chinese any first or last word counts, as the order
/// of family and given name is not known; a Chinese and a Latin spelling are not compared and count as different.
///
/// ```
/// use marque::model::format::name;
/// assert!(name::same_family("王磊", "王芳"));
/// assert!(name::same_family("Wang Lei", "Fang WANG"));
/// assert!(!name::same_family("王磊", "李娜"));
/// ```
pub fn same_family(one: &str, other: &str) -> bool {
    match (family(one), family(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => {
            let other = outer_words(other);
            outer_words(one).iter().any(|word| other.contains(word))
        }
        _ => false,
    }
}

fn outer_words(name: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower.split([' ', '·', ',']).filter(|word| !word.is_empty()).collect();
    words.first().into_iter().chain(words.last()).map(|word| (*word).to_owned()).collect()
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{20000}'..='\u{323AF}' | '\u{F900}'..='\u{FAFF}' | '〇')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_have_one_spelling() {
        for (typed, name) in [
            ("　 王　磊 ", "王磊"),
            ("Ｌｅｉ　Ｗａｎｇ", "Lei Wang"),
            ("买买提•艾力", "买买提·艾力"),
            ("王\n磊", "王磊"),
            ("王磊 Leo", "王磊 Leo"),
            ("武汉长江出租（集团）有限公司", "武汉长江出租(集团)有限公司"),
        ] {
            assert_eq!(normalize(typed).as_deref(), Ok(name), "{typed:?}");
        }
    }

    #[test]
    fn what_names_nobody_is_refused() {
        for typed in ["", " 　", "--", "???", "\u{200b}"] {
            assert_eq!(normalize(typed).expect_err(typed).code, "name.empty");
        }
        assert_eq!(normalize(&"王".repeat(101)).expect_err("long").code, "name.too_long");
    }

    #[test]
    fn family_names_are_found() {
        for (name, expected) in [
            ("张伟", Some("张")),
            ("司马懿", Some("司马")),
            ("司马", Some("司")),
            ("诸葛孔明", Some("诸葛")),
            ("王先生", Some("王")),
            ("𠮷田", Some("𠮷")),
            ("王", None),
            ("Wang Lei", None),
            ("买买提·艾力", None),
            ("一汽丰田汽车", None),
        ] {
            assert_eq!(family(name), expected, "{name}");
        }
        assert!(!same_family("王磊", "Wang Lei"), "not compared");
        assert!(!same_family("Wang Lei", "Li Na"));
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_a_normal_form_stays(text in "\\PC{0,30}") {
            if let Ok(name) = normalize(&text) {
                prop_assert_eq!(normalize(&name), Ok(name.clone()));
                prop_assert!(same_family(&name, &name) || family(&name).is_none());
            }
        }
    }
}
