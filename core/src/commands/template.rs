//! Templates of messages: held to what may be quoted when they are written, found and filled when something is sent.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{
    Error, Result,
    error::FieldError,
    model::{
        Data, Id, Record, Scope, Time,
        contact::Channel,
        org::OrgTree,
        template::{self, Filled, Text},
    },
    store::{
        Tx,
        tables::{self, Reader},
    },
};

/// Their kind.
pub const KIND: &str = "template";
/// The fields that hold texts.
pub const TEXTS: [&str; 4] = ["subject_zh", "body_zh", "subject_en", "body_en"];
const MAX_NAME: usize = 80;
const MAX_VALUES: usize = 30;

/// What a template's record must be beyond its kind.
///
/// # Errors
/// `invalid`, naming each field; `template.taken` for a second one of the same code and channel in an organisation.
pub(super) fn check(tx: &Tx<'_>, record: &Record) -> Result<()> {
    let errors = faults(&record.data);
    if !errors.is_empty() {
        return Err(Error::fields(errors));
    }
    if record.text("state") == Some("retired") {
        return Ok(());
    }
    let name = record.field("name");
    let others = tables::record::with_value(tx, KIND, &record.org, "name", name)?;
    let own = channels(&record.data);
    let is_rival = |other: &&Record| {
        let theirs = channels(&other.data);
        let meets = own.is_empty() && theirs.is_empty() || own.intersection(&theirs).next().is_some();
        other.id != record.id && other.text("state") != Some("retired") && meets
    };
    match others.iter().find(is_rival) {
        Some(other) => {
            let message = format!(
                "there is a template {name} for this channel here already: change {}, or retire it first",
                other.id
            );
            Err(Error::conflict("template.taken", message))
        }
        None => Ok(()),
    }
}

/// Everything that is wrong with a template's fields.
pub fn faults(data: &Data) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, message: String| {
        errors.push(FieldError { pointer: format!("/data/{field}"), code: format!("template.{field}"), message });
    };
    let name = text(data, "name");
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(is_name) {
        wrong(
            "name",
            format!("name {name:?} is no code: use a-z 0-9 . _ -, at most {MAX_NAME} of them, like service.ready"),
        );
    }
    let declared = match declared(data) {
        Ok(declared) => declared,
        Err(message) => {
            wrong("values", message);
            Vec::new()
        }
    };
    for field in TEXTS {
        if let Err(fault) = Text::checked(text(data, field), &declared) {
            wrong(field, format!("{field}: {}", fault.says(&declared)));
        }
    }
    if text(data, "body_zh").trim().is_empty() && text(data, "body_en").trim().is_empty() {
        wrong("body_zh", "body_zh and body_en are both empty: write the text in one of the languages".into());
    }
    if channels(data).contains("email") {
        for (body, subject) in [("body_zh", "subject_zh"), ("body_en", "subject_en")] {
            if !text(data, body).trim().is_empty() && text(data, subject).trim().is_empty() {
                wrong(subject, format!("{subject} is empty: an e-mail needs a subject"));
            }
        }
    }
    errors
}

fn text<'a>(data: &'a Data, field: &str) -> &'a str {
    data.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn channels(data: &Data) -> BTreeSet<&str> {
    data.get("channels").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The names of the values that whoever sends must give.
///
/// # Errors
/// What is wrong with them, in words.
pub fn declared(data: &Data) -> std::result::Result<Vec<String>, String> {
    let Some(values) = data.get("values").filter(|values| !values.is_null()) else { return Ok(Vec::new()) };
    let wrong =
        || format!("values {values} is no list of names: write it like [\"number\",\"due\"], at most {MAX_VALUES}");
    let names = values.as_array().filter(|names| names.len() <= MAX_VALUES).ok_or_else(wrong)?;
    let name = |name: &Value| {
        let name = name.as_str().filter(|name| template::is_value_name(name));
        name.map(str::to_owned).ok_or_else(wrong)
    };
    names.iter().map(name).collect()
}

/// The template that holds for an organisation: its own, else that of the nearest above; one made for the channel before one for all.
///
/// # Errors
/// Internal.
pub fn find(reader: &impl Reader, orgs: &OrgTree, org: &Id, name: &str, channel: Channel) -> Result<Option<Record>> {
    let above: Vec<Id> = orgs.upwards(org).cloned().collect();
    for org in above {
        let mut found = tables::record::with_value(reader, KIND, &org, "name", &json!(name))?;
        found.retain(|template| {
            let channels = channels(&template.data);
            template.text("state") == Some("active") && (channels.is_empty() || channels.contains(channel.as_str()))
        });
        found.sort_by_key(|template| channels(&template.data).is_empty());
        if let Some(template) = found.into_iter().next() {
            return Ok(Some(template));
        }
    }
    Ok(None)
}

/// Everything that may stand in a gap.
#[derive(Clone, Debug)]
pub struct Filling {
    /// By the name of the gap, the same in both languages.
    pub values: BTreeMap<String, String>,
    /// What reads otherwise in Chinese and in English.
    worded: [BTreeMap<String, String>; 2],
    /// Gaps that stay: links, which are made when the message goes out.
    pub kept: BTreeSet<String>,
    /// Whether the customer reads English.
    pub is_english: bool,
}

impl Filling {
    /// What is known of a customer, of the dealer and of the sender.
    ///
    /// # Errors
    /// Internal.
    pub fn new(reader: &impl Reader, orgs: &OrgTree, customer: &Record, sender: &Id, at: Time) -> Result<Filling> {
        let is_english = reads_english(customer);
        let org = |id: &Id| tables::record::get(reader, "org", id, &Scope::All);
        let (dealer, sender) = (org(&customer.org)?, org(sender)?);
        let owner: Option<Id> = customer.text("owner").and_then(|id| id.parse().ok());
        let owner = owner.map(|id| tables::record::get(reader, "user", &id, &Scope::All)).transpose()?.flatten();
        let of = |record: &Option<Record>, field: &str| {
            record.as_ref().and_then(|record| record.text(field)).unwrap_or_default().to_owned()
        };
        let name = customer.text("name").unwrap_or_default();
        let is_company = customer.text("type") == Some("company");
        let today = orgs.calendar(&customer.org).local(at).date();
        let salutation = |is_english| template::salutation(name, customer.text("gender"), is_company, is_english);
        let worded = |today: String, is_english| {
            BTreeMap::from([("today".to_owned(), today), ("customer.salutation".to_owned(), salutation(is_english))])
        };
        let chinese = format!("{}年{}月{}日", today.year(), today.month(), today.day());
        let worded = [worded(chinese, false), worded(today.to_string(), true)];
        let values = BTreeMap::from(
            [
                ("customer.name", name.to_owned()),
                ("customer.city", customer.text("city").unwrap_or_default().to_owned()),
                ("dealer.name", of(&dealer, "name")),
                ("dealer.phone", of(&dealer, "phone")),
                ("dealer.address", of(&dealer, "address")),
                ("dealer.city", of(&dealer, "city")),
                ("sender.name", of(&sender, "name")),
                ("owner.name", of(&owner, "name")),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        Ok(Filling { values, worded, kept: BTreeSet::new(), is_english })
    }

    /// Somebody who is made up, where no customer is named.
    pub fn made_up(&mut self) {
        for (worded, name) in self.worded.iter_mut().zip(["王磊先生", "Mr Wang Lei"]) {
            worded.insert("customer.salutation".into(), name.into());
        }
        self.values.insert("customer.name".into(), "王磊".into());
    }

    /// Subject and text in the customer's language, or in the one there is.
    pub fn fill(&self, template: &Data) -> Written {
        let languages = if self.is_english { ["en", "zh"] } else { ["zh", "en"] };
        let has = |language: &&str| !text(template, &format!("body_{language}")).trim().is_empty();
        let language = languages.into_iter().find(|language| has(language)).unwrap_or("zh");
        self.fill_in(template, language)
    }

    /// The same in one language.
    pub fn fill_in(&self, template: &Data, language: &'static str) -> Written {
        let mut values = self.values.clone();
        values.extend(self.worded[usize::from(language == "en")].clone());
        let of = |field: String| {
            // What does not read was refused when it was written; an older one is sent as it stands.
            let words = text(template, &field);
            let plain = || Filled { text: words.to_owned(), empty: Vec::new() };
            Text::parse(words).map_or_else(|_| plain(), |text| text.filled(&values, &self.kept))
        };
        Written { language, subject: of(format!("subject_{language}")), body: of(format!("body_{language}")) }
    }
}

/// A template with its gaps filled.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Written {
    /// `zh` or `en`.
    pub language: &'static str,
    /// What it is headed with.
    pub subject: Filled,
    /// What it says.
    pub body: Filled,
}

/// Whether English is nearer to the customer than Chinese.
pub fn reads_english(customer: &Record) -> bool {
    !matches!(customer.text("language"), None | Some("zh-CN" | "yue" | "ug" | "bo" | "mn"))
}
