//! Whether two customers are one: points for what they share, and a verdict.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use crate::model::{Data, format::name};

/// From here on two customers are one.
pub const KNOWN_POINTS: u32 = 80;
/// From here on a person decides.
pub const REVIEW_POINTS: u32 = 50;

/// What one customer must share with another to be worth comparing: each group is a set of fields, all of them equal.
/// Whoever reaches [`REVIEW_POINTS`] shares at least one whole group, so stores and imports look up these and no more (names letter by letter).
pub const LOOKUPS: [&[&str]; 7] =
    [&["phone"], &["email"], &["id_no"], &["uscc"], &["vin"], &["plate"], &["name", "birth_date"]];

/// What a customer may have several of.
const SEVERAL: [&str; 4] = ["phone", "email", "vin", "plate"];

/// Fields whose change may make two customers look alike who did not before.
pub const LOOKED_AT: [&str; 9] = ["phone", "email", "id_no", "uscc", "vin", "plate", "name", "birth_date", "address"];

/// How much two customers have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// The sum.
    pub points: u32,
    /// A document of theirs is the same, whatever the points.
    pub certain: bool,
    /// What speaks against, if anything does: then a person decides.
    pub conflict: Option<Conflict>,
    /// The fields that are the same; `family_name` where only that part of the names is.
    pub reasons: Vec<String>,
}

/// Why two customers are never made one without a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// They have different identity documents.
    IdNo,
    /// They have different company codes.
    Uscc,
    /// Same mobile, different family name: families share phones.
    FamilyName,
}

/// What to do with a customer that looks like another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Somebody else.
    New,
    /// Perhaps the same; a person decides.
    Review,
    /// The same.
    Known,
}

/// Compare two customers, both in normal form. Of phones, e-mails, vehicles and plates either may have several, see [`with_lent`].
///
/// ```
/// use marque::model::{Data, matching::{self, Verdict}};
/// use serde_json::json;
/// let stored: Data = serde_json::from_value(json!({ "name": "张伟", "phone": "+8613800001234" }))?;
/// let typed: Data = serde_json::from_value(json!({ "name": "张伟", "phone": "+8613800001234", "city": "武汉" }))?;
/// let score = matching::score(&stored, &typed);
/// assert_eq!((score.points, matching::verdict(&score)), (80, Verdict::Known));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn score(a: &Data, b: &Data) -> Score {
    let mut score = Score::default();
    let is_same_phone = shares_one(a, b, "phone");
    if is_same_phone {
        score.add("phone", 50);
    }
    if shares_one(a, b, "email") {
        score.add("email", 25);
    }
    let names = text(a, "name").zip(text(b, "name"));
    let is_same_family = names.is_some_and(|(a, b)| name::same_family(a, b));
    if names.is_some_and(|(a, b)| same_text(a, b)) {
        score.add("name", 30);
    } else if is_same_family {
        score.add("family_name", 10);
    }
    if equal(a, b, "birth_date") {
        score.add("birth_date", 20);
    }
    if text(a, "address").zip(text(b, "address")).is_some_and(|(a, b)| same_text(a, b)) {
        score.add("address", 15);
    }
    if let Some(field) = ["vin", "plate"].into_iter().find(|field| shares_one(a, b, field)) {
        score.add(field, 30);
    }
    for (field, conflict) in [("id_no", Conflict::IdNo), ("uscc", Conflict::Uscc)] {
        match text(a, field).zip(text(b, field)) {
            Some((a, b)) if a == b => {
                score.certain = true;
                score.add(field, 0);
            }
            Some(_) => score.conflict = score.conflict.or(Some(conflict)),
            None => {}
        }
    }
    let is_other_family = names.is_some_and(|(a, b)| !same_text(a, b)) && !is_same_family;
    if is_same_phone && is_other_family && !score.certain {
        score.conflict = score.conflict.or(Some(Conflict::FamilyName));
    }
    score
}

/// What a score means.
pub fn verdict(score: &Score) -> Verdict {
    let is_same = score.certain || score.points >= KNOWN_POINTS;
    match (is_same, score.conflict) {
        (true, None) => Verdict::Known,
        (true, Some(_)) => Verdict::Review,
        (false, _) if score.points >= REVIEW_POINTS => Verdict::Review,
        (false, _) => Verdict::New,
    }
}

impl Score {
    fn add(&mut self, field: &str, points: u32) {
        self.points += points;
        self.reasons.push(field.to_owned());
    }
}

/// What is stored, with what only the newcomer knows. Nothing that is stored is overwritten: whoever wrote it may know
/// better, and which of two values is right is for a person to say.
///
/// ```
/// use marque::model::{Data, matching};
/// use serde_json::json;
/// let stored: Data = serde_json::from_value(json!({ "name": "张伟", "city": "武汉" }))?;
/// let newcomer: Data = serde_json::from_value(json!({ "city": "长沙", "email": "z@x.cn" }))?;
/// let filled = matching::fill_gaps(&stored, &newcomer);
/// assert_eq!(serde_json::to_value(filled)?, json!({ "name": "张伟", "city": "武汉", "email": "z@x.cn" }));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn fill_gaps(stored: &Data, newcomer: &Data) -> Data {
    let mut filled = stored.clone();
    for (field, value) in newcomer.iter().filter(|(_, value)| !value.is_null()) {
        let place = filled.entry(field.clone()).or_insert(Value::Null);
        if place.is_null() {
            *place = value.clone();
        }
    }
    filled
}

fn text<'a>(data: &'a Data, field: &str) -> Option<&'a str> {
    data.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn equal(a: &Data, b: &Data, field: &str) -> bool {
    text(a, field).is_some_and(|value| text(b, field) == Some(value))
}

/// Names and addresses are the same when only blanks, punctuation, case or width differ.
fn same_text(a: &str, b: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = char> {
        text.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric())
    }
    a == b || (letters(a).next().is_some() && letters(a).eq(letters(b)))
}

/// A value in common; a customer may have several phones or vehicles.
fn shares_one(a: &Data, b: &Data, field: &str) -> bool {
    let others = values(b, field);
    values(a, field).iter().any(|item| others.contains(item))
}

/// The values a customer is known by in one field: none, one or several.
pub fn values<'a>(data: &'a Data, field: &str) -> Vec<&'a str> {
    let found = match data.get(field) {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    found.into_iter().filter(|value| !value.is_empty()).collect()
}

/// A customer's own fields with what else it is known by. What may be several becomes a list; of everything else the
/// customer's own word stands.
///
/// ```
/// use marque::model::{Data, matching};
/// use serde_json::json;
/// let own: Data = serde_json::from_value(json!({ "name": "张伟", "phone": "+8613800001234" }))?;
/// let lent = [("phone".to_owned(), json!("+8613900001234")), ("name".to_owned(), json!("张总"))];
/// let facts = matching::with_lent(&own, lent);
/// assert_eq!(serde_json::to_value(facts)?, json!({ "name": "张伟", "phone": ["+8613800001234", "+8613900001234"] }));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn with_lent(own: &Data, lent: impl IntoIterator<Item = (String, Value)>) -> Data {
    let mut facts = own.clone();
    for (field, value) in lent {
        if !SEVERAL.contains(&field.as_str()) || value.is_null() {
            facts.entry(field).or_insert(value);
            continue;
        }
        let place = facts.entry(field).or_insert(Value::Array(Vec::new()));
        if let Value::String(one) = place {
            *place = Value::Array(vec![Value::String(std::mem::take(one))]);
        }
        if let Value::Array(many) = place
            && !many.contains(&value)
        {
            many.push(value);
        }
    }
    facts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn data(value: Value) -> Data {
        value.as_object().cloned().expect("an object")
    }

    fn check(a: Value, b: Value, points: u32, expected: Verdict) {
        let (a, b) = (data(a), data(b));
        let score = score(&a, &b);
        assert_eq!((score.points, verdict(&score)), (points, expected), "{a:?} {b:?} {score:?}");
        let other_way = super::score(&b, &a);
        assert_eq!(other_way, score, "the order does not matter");
    }

    #[test]
    fn the_domains_examples() {
        let known = json!({ "name": "张伟", "phone": "+8613800001234" });
        check(known.clone(), known.clone(), 80, Verdict::Known);
        let with_mail = json!({ "name": "张伟", "email": "z@x.cn" });
        check(with_mail, json!({ "name": "张伟", "phone": "+8613800009999", "email": "z@x.cn" }), 55, Verdict::Review);
        check(known.clone(), json!({ "name": "张敏", "phone": "+8613800001234" }), 60, Verdict::Review);
        check(known.clone(), json!({ "name": "李娜", "phone": "+8613800001234" }), 50, Verdict::Review);
        check(known.clone(), json!({ "name": "张伟", "phone": "+8613900001234" }), 30, Verdict::New);
        check(known, json!({ "name": "李娜" }), 0, Verdict::New);
    }

    #[test]
    fn a_shared_phone_of_another_family_is_never_merged_by_itself() {
        let wife = json!({ "name": "李娜", "phone": "+8613800001234", "email": "z@x.cn", "birth_date": "1990-01-02", "vin": "V1" });
        let husband = json!({ "name": "张伟", "phone": "+8613800001234", "email": "z@x.cn", "birth_date": "1990-01-02", "vin": "V1" });
        check(wife, husband, 125, Verdict::Review);
    }

    #[test]
    fn documents_decide() {
        let a = json!({ "name": "张伟", "id_no": "11010519491231002X" });
        check(a.clone(), json!({ "name": "张玮", "id_no": "11010519491231002X" }), 10, Verdict::Known);
        check(a.clone(), json!({ "name": "Zhang Wei", "id_no": "11010519491231002X" }), 0, Verdict::Known);
        let twin = json!({ "name": "张伟", "phone": "+8613800001234", "id_no": "110105194912310039" });
        check(
            json!({ "name": "张伟", "phone": "+8613800001234", "id_no": "11010519491231002X" }),
            twin,
            80,
            Verdict::Review,
        );
        check(a, json!({ "name": "张伟", "id_no": "110105194912310039" }), 30, Verdict::New);
        let firm = json!({ "name": "长江出租", "uscc": "91350100M000100Y43" });
        check(firm.clone(), json!({ "name": "长江出租汽车公司", "uscc": "91350100M000100Y43" }), 0, Verdict::Known);
        check(firm, json!({ "name": "长江出租", "uscc": "91350100M000100Y44" }), 30, Verdict::New);
    }

    #[test]
    fn addresses_and_names_are_compared_without_their_dressing() {
        let a = json!({ "name": "Wang Lei", "address": "武汉市江岸区 中山大道1号" });
        check(a, json!({ "name": "wang  lei", "address": "武汉市江岸区中山大道１号" }), 45, Verdict::New);
    }

    #[test]
    fn a_vehicle_in_common_counts_once() {
        let a = json!({ "name": "张伟", "vin": ["V1", "V2"], "plate": "鄂A12345" });
        check(a, json!({ "name": "张伟", "vin": "V2", "plate": "鄂A12345" }), 60, Verdict::Review);
    }

    #[test]
    fn a_second_phone_counts_like_the_first() {
        let a = json!({ "name": "张伟", "phone": ["+8613800001234", "+8613900001234"] });
        check(a, json!({ "name": "张伟", "phone": "+8613900001234" }), 80, Verdict::Known);
    }

    #[test]
    fn empty_fields_are_nothing_in_common() {
        check(json!({ "name": "", "phone": "" }), json!({ "name": "", "phone": "" }), 0, Verdict::New);
    }

    /// A customer whose every field is absent or one of two values.
    fn customer() -> impl Strategy<Value = Data> {
        let fields = [
            ("name", ["张伟", "李娜"]),
            ("phone", ["+8613800001234", "+8613800001235"]),
            ("email", ["a@x.cn", "b@x.cn"]),
            ("birth_date", ["1990-01-01", "1991-01-01"]),
            ("address", ["中山大道1号", "中山大道2号"]),
            ("vin", ["V1", "V2"]),
            ("plate", ["P1", "P2"]),
            ("id_no", ["I1", "I2"]),
            ("uscc", ["U1", "U2"]),
        ];
        prop::collection::vec(0usize..3, fields.len()).prop_map(move |choices| {
            let chosen = fields.iter().zip(choices).filter(|(_, choice)| *choice < 2);
            chosen.map(|((field, values), choice)| ((*field).to_owned(), Value::from(values[choice]))).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn whoever_is_not_new_shares_a_lookup(a in customer(), b in customer()) {
            let score = score(&a, &b);
            if verdict(&score) != Verdict::New {
                let is_found = LOOKUPS.iter().any(|group| group.iter().all(|field| shares_one(&a, &b, field)));
                prop_assert!(is_found, "{:?}", score);
            }
            if verdict(&score) == Verdict::Known {
                prop_assert_eq!(score.conflict, None);
            }
        }
    }
}
