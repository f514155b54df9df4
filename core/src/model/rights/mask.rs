//! What may be said of a value that is not shown: enough to recognise what one knows, too little to learn it.

use crate::model::{
    Field, FieldType, Kind,
    format::{name, phone},
};

/// The hint of a masked value, where its type has one.
pub fn hint(kind: &Kind, field_name: &str, field: &Field, value: &str) -> Option<String> {
    match field.r#type {
        FieldType::Phone => Some(self::phone(value)),
        FieldType::IdNo => tail(value, 4),
        FieldType::Vin => tail(value, 6),
        FieldType::Plate => plate(value),
        FieldType::Text if field_name == kind.title && field_name == "name" => Some(person(value)),
        _ => None,
    }
}

/// `138****1234`; of a short number nothing.
pub fn phone(value: &str) -> String {
    if value.chars().count() < 9 { "****".into() } else { phone::masked(value) }
}

/// The family name and two stars; of what has none the first sign.
pub fn person(value: &str) -> String {
    let first = value.chars().next().map(String::from).unwrap_or_default();
    format!("{}**", name::family(value).map_or(first, str::to_owned))
}

/// Province and authority, and the last sign: `鄂A****5`.
fn plate(value: &str) -> Option<String> {
    let signs: Vec<char> = value.chars().collect();
    let (head, last) = (signs.get(..2)?, signs.last()?);
    (signs.len() > 4).then(|| format!("{}****{last}", head.iter().collect::<String>()))
}

fn tail(value: &str, n: usize) -> Option<String> {
    let signs: Vec<char> = value.chars().collect();
    let at = signs.len().checked_sub(n)?;
    (at >= n).then(|| format!("****{}", signs[at..].iter().collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_says_enough_to_recognise_and_no_more() {
        assert_eq!(super::phone("+8613800001234"), "138****1234");
        assert_eq!(super::phone("+862787654321"), "027****4321");
        assert_eq!(super::phone("110"), "****");
        assert_eq!(person("欧阳娜娜"), "欧阳**");
        assert_eq!(person("王伟"), "王**");
        assert_eq!(plate("鄂A12345"), Some("鄂A****5".into()));
        assert_eq!(tail("110101199003071234", 4), Some("****1234".into()));
        assert_eq!(tail("1234", 4), None, "a tail that is the whole is none");
    }
}
