//! Which column goes into which field: guessed from what people call things, or given and checked.

mod synonyms;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;

use super::read::{Format, Table, vcard};
use crate::{
    Error, Result,
    error::FieldError,
    model::{Field, FieldType, Kind, kind::Reach},
};

/// What a column goes into that says which record a row is.
pub const ID: &str = "id";
/// What a column goes into that says which organisation a row belongs to, by code.
pub const ORG: &str = "org";
/// The headers of such a column.
const ORG_HEADERS: [&str; 8] =
    ["org", "orgcode", "organisation", "organization", "机构", "机构编码", "所属机构", "所属机构编码"];
/// The headers of a column that says which record a row is, in an export. Not `id`: in other people's files that is a number of their own.
const ID_HEADERS: [&str; 2] = ["recordid", "记录id"];

/// A field for each column, or none. As JSON: `{"<header>":"<field>"|null}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    columns: Vec<(String, Option<String>)>,
}

impl Mapping {
    /// By the fields' names and labels in every language, and what else people call them. Where two columns fit one
    /// field the better name wins, then the first.
    pub fn guess(kind: &Kind, headers: &[String]) -> Mapping {
        let mut mapping = Mapping { columns: headers.iter().map(|header| (header.clone(), None)).collect() };
        mapping.guess_rest(kind, &Map::new());
        mapping
    }

    /// As somebody wants it; columns that are not named are guessed, without the fields that are taken.
    ///
    /// Several columns may go into one field of long text, a note: they are told apart by their headers there.
    ///
    /// # Errors
    /// `invalid` with every header that the file lacks, field that the kind lacks or keeps for itself, and field that
    /// two columns claim.
    pub fn given(kind: &Kind, headers: &[String], given: &Map<String, Value>) -> Result<Mapping> {
        let mut mapping = Mapping { columns: headers.iter().map(|header| (header.clone(), None)).collect() };
        let mut errors = Vec::new();
        for (header, field) in given {
            match mapping.place(kind, header, field) {
                Ok(()) => {}
                Err((code, message)) => errors.push(FieldError {
                    pointer: format!("/mapping/{}", header.replace('~', "~0").replace('/', "~1")),
                    code: format!("mapping.{code}"),
                    message,
                }),
            }
        }
        if !errors.is_empty() {
            return Err(Error::fields(errors));
        }
        mapping.guess_rest(kind, given);
        Ok(mapping)
    }

    /// As [`Mapping::given`], of a file. What an address book says beyond the fields of a kind goes into its note.
    ///
    /// # Errors
    /// As there.
    pub fn of(kind: &Kind, table: &Table, given: &Map<String, Value>) -> Result<Mapping> {
        let mut given = given.clone();
        let has_note = kind.fields.get("note").is_some_and(|field| field.r#type == FieldType::LongText);
        if table.format == Format::Vcard && has_note {
            for header in vcard::EXTRAS {
                given.entry(header).or_insert_with(|| Value::String("note".into()));
            }
        }
        Mapping::given(kind, &table.headers, &given)
    }

    /// The field of a column.
    pub fn field(&self, column: usize) -> Option<&str> {
        self.columns.get(column).and_then(|(_, field)| field.as_deref())
    }

    /// The header of a column.
    pub fn header(&self, column: usize) -> Option<&str> {
        self.columns.get(column).map(|(header, _)| header.as_str())
    }

    /// How many columns there are.
    pub fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// Whether any column goes into this field.
    pub fn has(&self, field: &str) -> bool {
        self.n_of(field) > 0
    }

    /// How many columns go into this field.
    pub(super) fn n_of(&self, field: &str) -> usize {
        self.columns.iter().filter(|(_, mapped)| mapped.as_deref() == Some(field)).count()
    }

    fn place(&mut self, kind: &Kind, header: &str, field: &Value) -> Result<(), (&'static str, String)> {
        let headers = || self.columns.iter().map(|(header, _)| header.as_str()).collect::<Vec<_>>().join(", ");
        let Some(at) = self.columns.iter().position(|(known, _)| known == header) else {
            return Err((
                "unknown_header",
                format!("the file has no column {header:?}: its columns are {}", headers()),
            ));
        };
        let name = match field {
            Value::Null => return Ok(()),
            Value::String(name) => name,
            other => return Err(("unknown_field", format!("{other} is no field: write its name or null"))),
        };
        let writable = || writable(kind).map(|(name, _)| name).collect::<Vec<_>>().join(", ");
        match kind.fields.get(name) {
            None if name == ID && !self.has(ID) => {}
            None if name == ORG && !self.has(ORG) && says_org(kind) => {}
            None => {
                return Err(("unknown_field", format!("{name:?} is no field of {}: use {}", kind.kind, writable())));
            }
            Some(field) if field.readonly => {
                return Err(("readonly", format!("{name} is kept by the system: use {}", writable())));
            }
            Some(field) if self.has(name) && field.r#type != FieldType::LongText => {
                return Err(("twice", format!("{name} is given two columns: choose one of them for it")));
            }
            Some(_) => {}
        }
        self.columns[at].1 = Some(name.clone());
        Ok(())
    }

    fn guess_rest(&mut self, kind: &Kind, given: &Map<String, Value>) {
        let mut guesses: Vec<(u8, usize, &str)> = Vec::new();
        for (at, (header, _)) in self.columns.iter().enumerate().filter(|(_, (header, _))| !given.contains_key(header))
        {
            if ID_HEADERS.contains(&plain(header).as_str()) && kind.fields.get(ID).is_none() {
                guesses.push((0, at, ID));
            }
            if ORG_HEADERS.contains(&plain(header).as_str()) && says_org(kind) {
                guesses.push((0, at, ORG));
            }
            let candidates =
                writable(kind).filter_map(|(name, field)| Some((likeness(kind, name, field, header)?, at, name)));
            guesses.extend(candidates);
        }
        guesses.sort();
        for (_, at, name) in guesses {
            if self.columns[at].1.is_none() && !self.has(name) {
                self.columns[at].1 = Some(name.to_owned());
            }
        }
    }
}

impl Serialize for Mapping {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.columns.iter().map(|(header, field)| (header, field)))
    }
}

/// Whether rows may say which organisation they belong to: where they are known again by something that is one in the brand. Customers
/// are matched within one organisation, so a file of them is for one; organisations belong to themselves.
fn says_org(kind: &Kind) -> bool {
    let is_known_anywhere = kind.fields.iter().any(|(_, field)| field.unique == Some(Reach::Brand));
    !matches!(kind.kind.as_str(), "customer" | "org") && kind.fields.get(ORG).is_none() && is_known_anywhere
}

fn writable(kind: &Kind) -> impl Iterator<Item = (&str, &Field)> {
    let number = kind.number.as_ref().map(|number| number.field.as_str());
    kind.fields.iter().filter(move |(name, field)| !field.readonly && Some(*name) != number)
}

/// How well a header names a field, 0 the best; none when it does not.
fn likeness(kind: &Kind, name: &str, field: &Field, header: &str) -> Option<u8> {
    let header = plain(header);
    let names = |header: &str| {
        let labels = match &field.label {
            crate::model::Text::Plain(label) => vec![label.as_str()],
            crate::model::Text::Localized(labels) => labels.values().map(String::as_str).collect(),
        };
        if header == plain(name) {
            Some(0)
        } else if labels.iter().any(|label| plain(label) == header) {
            Some(1)
        } else {
            synonyms::of(kind, name, field).any(|synonym| plain(synonym) == header).then_some(2)
        }
    };
    if header.is_empty() {
        return None;
    }
    // What people call things is too little to tell what they refer to: only the field's own name or label is meant.
    match field.r#type {
        FieldType::Json | FieldType::Ref | FieldType::RefList => return names(&header).filter(|rank| *rank <= 1),
        _ => {}
    }
    names(&header).or_else(|| {
        // 客户手机, 车主姓名: whose it is goes without saying.
        let rest =
            synonyms::WHOSE.iter().find_map(|whose| header.strip_prefix(whose)).filter(|rest| !rest.is_empty())?;
        names(rest).map(|rank| rank + 3)
    })
}

/// Without what differs between people: width, case, blanks, punctuation, remarks in brackets.
fn plain(text: &str) -> String {
    let mut depth = 0u32;
    let outside = |c: &char| {
        match c {
            '(' | '[' | '【' => depth += 1,
            ')' | ']' | '】' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    };
    let lower = text.nfkc().flat_map(char::to_lowercase);
    lower.filter(outside).filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn customer() -> Kind {
        serde_json::from_str(include_str!("../model/kinds/customer.json")).expect("a kind")
    }

    fn guess(headers: &[&str]) -> Value {
        let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
        serde_json::to_value(Mapping::guess(&customer(), &headers)).expect("JSON")
    }

    fn given(headers: &[&str], given: Value) -> Result<Value> {
        let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
        Mapping::given(&customer(), &headers, given.as_object().expect("an object"))
            .map(|mapping| serde_json::to_value(mapping).expect("JSON"))
    }

    #[test]
    fn the_cards_of_the_fair_are_understood() {
        assert_eq!(
            guess(&["姓名", "手机号码", "电子邮箱", "城市", "意向车型", "备注", "登记日期"]),
            json!({ "姓名": "name", "手机号码": "phone", "电子邮箱": "email", "城市": "city", "意向车型": "interest",
                    "备注": "note", "登记日期": "first_seen" })
        );
    }

    #[test]
    fn people_call_things_by_many_names() {
        for (header, field) in [
            ("手机", "phone"),
            ("电话", "phone"),
            ("联系方式", "phone"),
            ("Mobile", "phone"),
            ("PHONE NO.", "phone"),
            ("手机号码（必填）", "phone"),
            ("客户手机", "phone"),
            ("联系人电话", "phone"),
            ("*姓名", "name"),
            ("车主姓名", "name"),
            ("Full Name", "name"),
            ("客户名称", "name"),
            ("E-Mail", "email"),
            ("邮箱", "email"),
            ("性别", "gender"),
            ("生日", "birth_date"),
            ("Date of birth", "birth_date"),
            ("birth_date", "birth_date"),
            ("证件号码", "id_no"),
            ("通讯地址", "address"),
            ("信用代码", "uscc"),
            ("客户类型", "type"),
            ("ｐｈｏｎｅ", "phone"),
            ("Remarks", "note"),
            ("负责人", "owner"),
            ("记录ID", "id"),
        ] {
            assert_eq!(guess(&[header]), json!({ header: field }));
        }
        for header in ["序号", "A", "车牌", "电话回访结果", "()", "经办人"] {
            assert_eq!(guess(&[header]), json!({ header: null }));
        }
    }

    #[test]
    fn staff_are_listed_with_their_organisations_and_customers_never() {
        let user: Kind = serde_json::from_str(include_str!("../model/kinds/user.json")).expect("a kind");
        let headers = ["登录名", "姓名", "角色", "机构"].map(String::from);
        let mapped = serde_json::to_value(Mapping::guess(&user, &headers)).expect("JSON");
        assert_eq!(mapped, json!({ "登录名": "login", "姓名": "name", "角色": "roles", "机构": "org" }));
        assert_eq!(guess(&["机构"]), json!({ "机构": null }));
        assert!(given(&["机构"], json!({ "机构": "org" })).is_err());
    }

    #[test]
    fn of_two_columns_for_one_field_the_better_name_wins_then_the_first() {
        assert_eq!(guess(&["联系电话", "手机", "姓名"]), json!({ "联系电话": null, "手机": "phone", "姓名": "name" }));
        assert_eq!(guess(&["联系电话", "移动电话"]), json!({ "联系电话": "phone", "移动电话": null }));
    }

    #[test]
    fn a_given_mapping_wins_and_the_rest_is_guessed() {
        let headers = ["姓名", "电话1", "手机", "意向车型", "经办人"];
        let mapped = given(&headers, json!({ "电话1": "phone", "意向车型": null, "经办人": "source" })).expect("sound");
        assert_eq!(
            mapped,
            json!({ "姓名": "name", "电话1": "phone", "手机": null, "意向车型": null, "经办人": "source" })
        );
    }

    #[test]
    fn several_columns_may_be_notes_but_nothing_else() {
        let mapped = given(&["姓名", "经办人", "活动"], json!({ "经办人": "note", "活动": "note" })).expect("sound");
        assert_eq!(mapped, json!({ "姓名": "name", "经办人": "note", "活动": "note" }));
        let error = given(&["a", "b"], json!({ "a": "phone", "b": "phone" })).expect_err("two phones");
        assert_eq!((error.errors[0].pointer.as_str(), error.errors[0].code.as_str()), ("/mapping/b", "mapping.twice"));
    }

    #[test]
    fn a_wrong_mapping_is_refused_with_what_there_is() {
        let error = given(&["姓名"], json!({ "名字": "name", "姓名": "full_name" })).expect_err("both are wrong");
        let messages: Vec<&str> = error.errors.iter().map(|error| error.message.as_str()).collect();
        assert!(
            messages.iter().any(|message| message.contains("the file has no column \"名字\": its columns are 姓名")),
            "{messages:?}"
        );
        assert!(
            messages.iter().any(|message| message.contains("\"full_name\" is no field of customer: use type, name")),
            "{messages:?}"
        );
        assert!(given(&["姓名"], json!({ "姓名": 3 })).is_err());
    }

    #[test]
    fn another_kind_is_mapped_by_its_own_labels_and_its_only_phone() {
        let kind: Kind = serde_json::from_value(json!({
            "kind": "vehicles.vehicle", "label": "Vehicle", "title": "vin", "fields": {
                "vin": { "type": "vin", "label": { "zh-CN": "车架号", "en": "VIN" } },
                "plate": { "type": "plate", "label": "Plate" },
                "keeper_phone": { "type": "phone", "label": "Keeper" },
                "odometer": { "type": "int", "label": "Odometer", "readonly": true } }
        }))
        .expect("a kind");
        let headers = ["车架号", "车牌号码", "手机号", "Odometer"].map(String::from);
        let mapped = serde_json::to_value(Mapping::guess(&kind, &headers)).expect("JSON");
        assert_eq!(mapped, json!({ "车架号": "vin", "车牌号码": "plate", "手机号": "keeper_phone", "Odometer": null }));
    }
}
