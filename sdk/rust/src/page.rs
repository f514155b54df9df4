//! Public pages: what a visitor who is not signed in is shown, and what they fill in.
//!
//! A plugin that names a page under `owns.pages` is asked about it through [`Act`](crate::Act): an action whose
//! [`page`](crate::Action::page) is there. It answers with a [`Page`]: what is to be drawn.
//!
//! ```
//! use marque_sdk::{Action, Result, Value, json, page::{self, Field, Page, both}, record};
//!
//! fn run(action: &Action) -> Result<Value> {
//!     let Some(visit) = action.page() else { return Ok(json!({})) };
//!     if !visit.is_fill {
//!         return Ok(Page::new(both("预约试驾", "Book a test drive"))
//!             .field(Field::text("name", both("称呼", "Your name")).required())
//!             .field(Field::phone("phone", both("手机", "Phone")).required())
//!             .reply());
//!     }
//!     record::create("leads.lead").fields(&visit.values).stage()?;
//!     Ok(Page::done(both("已收到", "We have it"), both("我们会尽快联系您。", "We will call you soon.")).reply())
//! }
//!
//! let open = Action::new("page:drive", None, json!({ "do": "open", "carry": null, "query": {} }));
//! assert_eq!(run(&open)?["fields"][1]["type"], "phone");
//! # Ok::<(), marque_sdk::Fault>(())
//! ```

use serde::de::DeserializeOwned;

use crate::{Action, Fault, Id, Map, Result, Value, json};

/// A text in both languages of the console. Where a text is wanted, plain text does too.
pub fn both(zh: &str, en: &str) -> Value {
    json!({ "zh-CN": zh, "en": en })
}

/// What is asked about a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// The page, as `plugin.toml` names it.
    pub page: String,
    /// Whether something was filled in; else the page is to be drawn, and nothing may be staged.
    pub is_fill: bool,
    /// What the page drawn before gave along with [`Page::carry`]; null when a visitor comes in.
    pub carry: Value,
    /// `ref` and `about` of the page's address.
    pub query: Map<String, Value>,
    /// What was filled in, valid as the page drawn for the same `carry` asks for.
    pub values: Map<String, Value>,
    /// The button that was pressed, of a page that has named some.
    pub button: Option<String>,
}

impl Visit {
    /// Of an action that is asked about a page.
    pub(crate) fn of(action: &Action) -> Option<Visit> {
        let input = action.raw_input();
        let object = |name: &str| input.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
        Some(Visit {
            page: action.name.strip_prefix("page:")?.to_owned(),
            is_fill: input.get("do").and_then(Value::as_str) == Some("fill"),
            carry: input.get("carry").cloned().unwrap_or_default(),
            query: object("query"),
            values: object("values"),
            button: input.get("button").and_then(Value::as_str).map(str::to_owned),
        })
    }

    /// What was filled in as a type of the plugin's own.
    pub fn values<T: DeserializeOwned>(&self) -> Result<T> {
        T::deserialize(&Value::Object(self.values.clone()))
            .map_err(|error| Fault::invalid("", "input.invalid", error.to_string()))
    }

    /// A text that was filled in; none where nothing was.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }
}

/// A page to be drawn.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a page is drawn only when it is the reply"]
pub struct Page(Map<String, Value>);

impl Page {
    /// With what stands on top.
    pub fn new(title: impl Into<Value>) -> Page {
        Page(Map::from_iter([("title".to_owned(), title.into())]))
    }

    /// Closing words.
    pub fn done(title: impl Into<Value>, words: impl Into<Value>) -> Page {
        Page::new(title).intro(words).with("done", true)
    }

    /// What it is for; lines are paragraphs.
    pub fn intro(self, text: impl Into<Value>) -> Page {
        self.with("intro", text)
    }

    /// Where one is in a questionnaire.
    pub fn step(self, n: u32, of: u32) -> Page {
        self.with("step", json!({ "n": n, "of": of }))
    }

    /// Something to know.
    pub fn fact(self, label: impl Into<Value>, value: impl Into<Value>) -> Page {
        self.push("facts", json!({ "label": label.into(), "value": value.into() }))
    }

    /// A field of the record that this call makes or changes, as committed: the number it is given.
    pub fn fact_of(self, label: impl Into<Value>, field: &str) -> Page {
        self.push("facts", json!({ "label": label.into(), "field": field }))
    }

    /// A question.
    pub fn field(self, field: Field) -> Page {
        self.push("fields", Value::Object(field.0))
    }

    /// A way on, in place of *send*. The first is the one that the enter key presses.
    pub fn button(self, name: &str, label: impl Into<Value>) -> Page {
        self.push("buttons", json!({ "name": name, "label": label.into() }))
    }

    /// A way on that asks for nothing to be complete: back, or later.
    pub fn skip(self, name: &str, label: impl Into<Value>) -> Page {
        self.push("buttons", json!({ "name": name, "label": label.into(), "skip": true }))
    }

    /// What comes back with the answers as it was: which section this is. At most 2 kB.
    pub fn carry(self, carry: impl Into<Value>) -> Page {
        self.with("carry", carry)
    }

    /// With this answer a link that holds once is spent.
    pub fn spent(self) -> Page {
        self.with("spent", true)
    }

    /// A way to another page of the plugin.
    pub fn link(self, label: impl Into<Value>, link: Link) -> Page {
        let mut link = link.0;
        link.insert("label".into(), label.into());
        self.push("links", Value::Object(link))
    }

    /// The reply that draws it.
    pub fn reply(self) -> Value {
        Value::Object(self.0)
    }

    fn with(mut self, key: &str, value: impl Into<Value>) -> Page {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    fn push(mut self, key: &str, value: Value) -> Page {
        if let Some(list) = self.0.entry(key).or_insert_with(|| json!([])).as_array_mut() {
            list.push(value);
        }
        self
    }
}

/// A signed link to a page about one record. The address is made by the server: in a message, in an action's reply or on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Link(Map<String, Value>);

impl Link {
    /// To a page of the plugin's own that has `target = true`.
    pub fn new(page: &str, record: impl Into<Id>) -> Link {
        Link(Map::from_iter([("page".to_owned(), page.into()), ("record".to_owned(), record.into().into())]))
    }

    /// It holds until then.
    #[must_use]
    pub fn until(mut self, at: &str) -> Link {
        self.0.insert("expires_at".into(), at.into());
        self
    }

    /// It holds until an answer says [`Page::spent`].
    #[must_use]
    pub fn once(mut self) -> Link {
        self.0.insert("once".into(), true.into());
        self
    }
}

impl From<Link> for Value {
    fn from(link: Link) -> Value {
        Value::Object(link.0)
    }
}

/// A question. Its answer is valid when the plugin is told it.
#[derive(Clone, Debug, PartialEq)]
pub struct Field(Map<String, Value>);

impl Field {
    /// A field of a type that has no constructor here.
    pub fn new(r#type: &str, name: &str, label: impl Into<Value>) -> Field {
        let field = [("type", r#type.into()), ("name", name.into()), ("label", label.into())];
        Field(field.into_iter().map(|(key, value): (&str, Value)| (key.to_owned(), value)).collect())
    }

    /// A line; at most 200 characters unless [`Field::max`] says otherwise.
    pub fn text(name: &str, label: impl Into<Value>) -> Field {
        Field::new("text", name, label)
    }

    /// Several lines; 2 000 characters.
    pub fn long_text(name: &str, label: impl Into<Value>) -> Field {
        Field::new("long_text", name, label)
    }

    /// A telephone number, told as `+8613800001234`.
    pub fn phone(name: &str, label: impl Into<Value>) -> Field {
        Field::new("phone", name, label)
    }

    /// A mail address.
    pub fn email(name: &str, label: impl Into<Value>) -> Field {
        Field::new("email", name, label)
    }

    /// A day, `2026-03-13`.
    pub fn date(name: &str, label: impl Into<Value>) -> Field {
        Field::new("date", name, label)
    }

    /// A whole number.
    pub fn number(name: &str, label: impl Into<Value>) -> Field {
        Field::new("number", name, label)
    }

    /// One of its options.
    pub fn choice(name: &str, label: impl Into<Value>) -> Field {
        Field::new("choice", name, label)
    }

    /// Some of its options, told as a list.
    pub fn choices(name: &str, label: impl Into<Value>) -> Field {
        Field::new("choices", name, label)
    }

    /// A number of a scale of at most eleven steps.
    pub fn scale(name: &str, label: impl Into<Value>, min: i64, max: i64) -> Field {
        Field::new("scale", name, label).with("min", min).with("max", max)
    }

    /// The same question of each row, told as an object: rows by [`Field::row`]; answers by [`Field::option`], or else a scale of 1 to 10.
    pub fn matrix(name: &str, label: impl Into<Value>) -> Field {
        Field::new("matrix", name, label)
    }

    /// A box to tick, told as true or false; one that is required must be ticked.
    pub fn consent(name: &str, label: impl Into<Value>) -> Field {
        Field::new("consent", name, label)
    }

    /// Not drawn; the visitor can see and change it all the same.
    pub fn hidden(name: &str, value: impl Into<Value>) -> Field {
        Field::new("hidden", name, "").value(value)
    }

    /// Words between questions.
    pub fn heading(label: impl Into<Value>) -> Field {
        Field::new("heading", "", label)
    }

    /// The same, smaller.
    pub fn note(label: impl Into<Value>) -> Field {
        Field::new("note", "", label)
    }

    /// It must be answered; of a matrix every row.
    #[must_use]
    pub fn required(self) -> Field {
        self.with("required", true)
    }

    /// What helps to answer it.
    #[must_use]
    pub fn help(self, text: impl Into<Value>) -> Field {
        self.with("help", text)
    }

    /// The answer so far.
    #[must_use]
    pub fn value(self, value: impl Into<Value>) -> Field {
        self.with("value", value)
    }

    /// Of numbers, scales and days the least.
    #[must_use]
    pub fn min(self, min: impl Into<Value>) -> Field {
        self.with("min", min)
    }

    /// Of numbers, scales and days the most; of texts the length; of several choices how many.
    #[must_use]
    pub fn max(self, max: impl Into<Value>) -> Field {
        self.with("max", max)
    }

    /// Something to choose.
    #[must_use]
    pub fn option(self, value: &str, label: impl Into<Value>) -> Field {
        self.push("options", value, label.into())
    }

    /// A row of a matrix.
    #[must_use]
    pub fn row(self, value: &str, label: impl Into<Value>) -> Field {
        self.push("rows", value, label.into())
    }

    /// What the ends of a scale mean.
    #[must_use]
    pub fn ends(self, low: impl Into<Value>, high: impl Into<Value>) -> Field {
        self.with("low", low).with("high", high)
    }

    /// Offered to whoever cannot say; told as `"none"`.
    #[must_use]
    pub fn none(self, label: impl Into<Value>) -> Field {
        self.with("none", label)
    }

    fn with(mut self, key: &str, value: impl Into<Value>) -> Field {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    fn push(mut self, key: &str, value: &str, label: Value) -> Field {
        if let Some(list) = self.0.entry(key).or_insert_with(|| json!([])).as_array_mut() {
            list.push(json!({ "value": value, "label": label }));
        }
        self
    }
}
