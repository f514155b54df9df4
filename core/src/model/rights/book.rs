//! The roles there are: the set that ships, and what administrators have made of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Grant, Power, power};
use crate::{
    Error, Result,
    error::FieldError,
    model::{
        Data, Id, Kind, Text, Time,
        custom::PREFIX,
        filter::{Context, Filter},
        kind::EnumValue,
    },
};

/// May do everything everywhere; no record says so, so nobody can take it away by accident.
pub const ADMIN: &str = "admin";
/// Roles may start from roles this deep.
const MAX_DEPTH: usize = 8;
/// Grants of one role at most.
const MAX_GRANTS: usize = 200;

/// One role.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// What people's `roles` hold.
    pub code: String,
    /// What people read.
    pub name: Text,
    /// Whose role it is; it never reaches beyond that organisation and those below.
    pub org: Id,
    /// The role whose grants it starts from.
    pub like: Option<String>,
    /// Its own grants.
    pub grants: Vec<Grant>,
    /// What it may beyond them; none where it says nothing.
    pub powers: Option<BTreeSet<Power>>,
    /// Whether people may be given it. One that is retired grants nothing.
    pub is_active: bool,
}

/// All roles by code. Replaced as a whole, never changed in place.
#[derive(Clone, Debug)]
pub struct Book(BTreeMap<String, Arc<Role>>);

/// The shipped roles.
impl Default for Book {
    fn default() -> Book {
        Book::new([])
    }
}

/// A role as the shipped set writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shipped {
    code: String,
    name: Value,
    note: String,
    #[serde(default)]
    like: Option<String>,
    #[serde(default)]
    grants: Value,
    powers: Value,
}

static SHIPPED: LazyLock<Vec<Data>> = LazyLock::new(|| {
    let roles: Vec<Shipped> = serde_json::from_str(include_str!("roles.json")).expect("the shipped roles are JSON");
    roles.into_iter().map(Shipped::data).collect()
});

impl Shipped {
    /// As the data of a record of the kind `role`.
    fn data(self) -> Data {
        let mut data = Map::from_iter([
            ("code".to_owned(), Value::from(self.code)),
            ("name".to_owned(), self.name),
            ("note".to_owned(), Value::from(self.note)),
            ("grants".to_owned(), if self.grants.is_null() { Value::Array(Vec::new()) } else { self.grants }),
            ("powers".to_owned(), self.powers),
            ("status".to_owned(), Value::from("active")),
        ]);
        data.extend(self.like.map(|like| ("like".to_owned(), Value::from(like))));
        data
    }
}

/// The data of the roles that ship, one record each.
pub fn shipped() -> &'static [Data] {
    &SHIPPED
}

impl Book {
    /// The shipped roles, with the records of a store in the place of those of the same code.
    pub fn new(records: impl IntoIterator<Item = (Id, Data)>) -> Book {
        let shipped = shipped().iter().map(|data| (Id::hq(), data.clone()));
        let roles = shipped.chain(records).filter_map(|(org, data)| role(org, &data));
        Book(roles.map(|role| (role.code.clone(), Arc::new(role))).collect())
    }

    /// The codes of all roles.
    pub(super) fn codes(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A role that is in use.
    pub fn get(&self, code: &str) -> Option<&Arc<Role>> {
        self.0.get(code).filter(|role| role.is_active)
    }

    /// A role and those it starts from, the nearest first. A circle ends the walk.
    pub fn chain<'a>(&'a self, code: &str) -> Vec<&'a Arc<Role>> {
        let mut chain: Vec<&Arc<Role>> = Vec::new();
        let mut next = self.get(code);
        while let Some(role) = next {
            if chain.len() == MAX_DEPTH || chain.iter().any(|known| known.code == role.code) {
                break;
            }
            chain.push(role);
            next = role.like.as_deref().and_then(|like| self.0.get(like));
        }
        chain
    }

    /// As the values of a field that names roles.
    pub fn values(&self) -> Vec<EnumValue> {
        let admin = EnumValue {
            value: ADMIN.into(),
            label: Text::Localized(
                [("zh-CN".into(), "平台管理员".into()), ("en".into(), "Platform administrator".into())].into(),
            ),
            tone: None,
            custom: false,
            retired: false,
        };
        let others = self.0.values().map(|role| EnumValue {
            value: role.code.clone(),
            label: role.name.clone(),
            tone: None,
            custom: false,
            retired: !role.is_active,
        });
        std::iter::once(admin).chain(others).collect()
    }
}

/// From a record. Grants that an older version wrote and this one does not understand grant nothing.
fn role(org: Id, data: &Data) -> Option<Role> {
    let text = |name: &str| data.get(name).and_then(Value::as_str);
    let grants = data.get("grants").cloned().unwrap_or_default();
    Some(Role {
        code: text("code")?.to_owned(),
        name: serde_json::from_value(data.get("name").cloned().unwrap_or_default())
            .unwrap_or_else(|_| Text::Plain(text("code").unwrap_or_default().to_owned())),
        org,
        like: text("like").map(str::to_owned),
        grants: serde_json::from_value(grants).unwrap_or_default(),
        powers: power::read(data.get("powers")),
        is_active: text("status") != Some("retired"),
    })
}

/// The kinds there are, as the organisation has them that makes a role.
#[derive(Clone, Copy)]
pub struct Kinds<'a> {
    /// As plugins wrote them.
    pub base: &'a BTreeMap<String, Arc<Kind>>,
    /// One of them with the fields and values that the organisation and those above have added.
    pub own: &'a dyn Fn(&str) -> Option<Arc<Kind>>,
}

/// Check what a record of the kind `role` says: its grants are of known shape, and it starts from no circle.
///
/// # Errors
/// `invalid`, with a place for everything that is wrong.
pub fn check(book: &Book, kinds: &Kinds<'_>, data: &Data) -> Result<()> {
    let mut errors = Vec::new();
    let text = |name: &str| data.get(name).and_then(Value::as_str);
    let code = text("code").unwrap_or_default();
    if code == ADMIN {
        let message =
            "code \"admin\" is the platform's own: it may do everything and is no record; choose another code";
        errors.push(FieldError::field("code", "role.reserved", message));
    }
    if let Some(like) = text("like") {
        let starts_from = book.chain(like);
        if like == ADMIN || (starts_from.is_empty() && !book.0.contains_key(like)) {
            let message = format!("like {like:?} is no role one can start from; GET /api/v1/records/role lists them");
            errors.push(FieldError::field("like", "role.not_found", message));
        } else if like == code || starts_from.iter().any(|role| role.code == code) {
            let message = format!("like {like:?} starts from {code:?} itself; name a role that does not");
            errors.push(FieldError::field("like", "role.circle", message));
        }
    }
    match data.get("grants") {
        Some(Value::Array(grants)) if grants.len() > MAX_GRANTS => {
            let message = format!("grants has {} entries; a role holds at most {MAX_GRANTS}", grants.len());
            errors.push(FieldError::field("grants", "too_long", message));
        }
        Some(Value::Array(grants)) => {
            let wrong = grants.iter().enumerate().filter_map(|(n, grant)| Some((n, wrong_in(grant, kinds)?)));
            errors.extend(wrong.map(|(n, message)| FieldError {
                pointer: format!("/data/grants/{n}"),
                code: "grant.invalid".into(),
                message,
            }));
        }
        None | Some(Value::Null) => {}
        Some(other) => {
            let message = format!("grants is {other}; write a list of {{\"kind\",\"verbs\",\"scope\"}}");
            errors.push(FieldError::field("grants", "grant.invalid", message));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::fields(errors)) }
}

fn wrong_in(grant: &Value, kinds: &Kinds<'_>) -> Option<String> {
    let grant: Grant = match serde_json::from_value(grant.clone()) {
        Ok(grant) => grant,
        Err(error) => return Some(format!("this is no grant: {error}")),
    };
    let is_known = matches!(grant.kind.as_str(), "*" | "other")
        || kinds.base.contains_key(grant.kind.as_str())
        || grant
            .kind
            .strip_suffix(".*")
            .is_some_and(|plugin| kinds.base.keys().any(|kind| kind.split('.').next() == Some(plugin)));
    if !is_known {
        return Some(format!(
            "there is no kind {:?}; name one, all of a plugin (complaints.*), * or other",
            grant.kind
        ));
    }
    if grant.r#while.is_some() && grant.kind != "customer" {
        return Some(format!("while is for grants on customer, not on {:?}; leave it out or write a when", grant.kind));
    }
    if grant.when.as_ref().is_some_and(|when| !when.is_object()) {
        return Some("when is no filter; write an object like {\"state\":\"open\"}".into());
    }
    let kind = (kinds.own)(&grant.kind)?;
    // Organisations below may have fields of their own that nobody knows here; a name that fits none is no door.
    let is_there =
        |name: &str| matches!(name, "*" | "personal") || kind.fields.get(name).is_some() || name.starts_with(PREFIX);
    if let Some(name) = grant.fields.0.keys().find(|name| !is_there(name)) {
        return Some(format!("{} has no field {name:?}; name one of its fields, personal or *", kind.kind));
    }
    let when = grant.when.as_ref()?;
    // Who and when are asked for each time; here it is enough that there is somebody.
    let (me, now) = (Id::admin(), Time::from_millis(0));
    let context = Context { me: Some(&me), now, kinds: kinds.own };
    let error = Filter::parse(&kind, when, &context).err()?;
    Some(format!("when does not fit {}: {}", kind.kind, error.message))
}
