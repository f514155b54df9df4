//! Rights: what roles grant, and what they come to for one person on each kind.

pub mod book;
pub mod compile;
pub mod mask;
pub mod occasion;
mod power;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{Field, FieldType, Id, Kind, Record, Scope, filter::SYSTEM};

pub use book::{Book, Role};
pub use occasion::{Holder, While};
pub use power::Power;

/// What may be done with records of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// See them.
    Read,
    /// Make them.
    Create,
    /// Change their fields and states.
    Change,
    /// Take them away and bring them back.
    Remove,
    /// Ask their plugin for its actions.
    Act,
    /// Take them out as a file.
    Export,
    /// Bring them in from a file.
    Import,
    /// Hang files on them.
    Attach,
}

impl Verb {
    /// All of them.
    pub const ALL: [Verb; 8] =
        [Verb::Read, Verb::Create, Verb::Change, Verb::Remove, Verb::Act, Verb::Export, Verb::Import, Verb::Attach];

    /// As grants write it.
    pub fn name(self) -> &'static str {
        match self {
            Verb::Read => "read",
            Verb::Create => "create",
            Verb::Change => "change",
            Verb::Remove => "remove",
            Verb::Act => "act",
            Verb::Export => "export",
            Verb::Import => "import",
            Verb::Attach => "attach",
        }
    }
}

/// How far a grant reaches, the narrowest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// What is one's own: the owner field, or what the kind's `owned_by` names, is the asker.
    #[default]
    Own,
    /// What is owned by anybody of the asker's desk.
    Team,
    /// The asker's dealer and what is below it.
    Dealer,
    /// The region above.
    Region,
    /// Everything.
    Brand,
}

/// How much of a field is seen, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// That there is such a field is not told.
    Hidden,
    /// That it is there is told, and a hint where one is defined.
    Masked,
    /// Its value.
    Plain,
}

/// One grant of a role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// A kind, all of a plugin (`complaints.*`), everything (`*`), or `other`: the kinds that say nothing of rights themselves. In a
    /// kind's own file it is left out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// What it allows.
    pub verbs: BTreeSet<Verb>,
    /// How far it reaches.
    #[serde(default)]
    pub scope: Reach,
    /// A filter: only records that meet it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Value>,
    /// Only while something is so: something is open with the customer, or the customer agrees.
    #[serde(default, rename = "while", skip_serializing_if = "Option::is_none")]
    pub r#while: Option<While>,
    /// Fields by name, `personal` for all that are, or `*`; the nearest name counts, and what none names is plain.
    #[serde(default, skip_serializing_if = "Levels::is_plain")]
    pub fields: Levels,
    /// Whether masked values may be asked for one by one, with a purpose.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reveal: bool,
}

/// The grants of one role in a kind's file: one, or several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Grants {
    /// One.
    One(Grant),
    /// Several; they unite.
    Many(Vec<Grant>),
}

impl Grants {
    /// All of them.
    pub fn as_slice(&self) -> &[Grant] {
        match self {
            Grants::One(one) => std::slice::from_ref(one),
            Grants::Many(many) => many,
        }
    }
}

/// How much is seen of each field of a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Levels(pub BTreeMap<String, Level>);

impl Levels {
    /// Whether every field is plain.
    pub fn is_plain(&self) -> bool {
        self.0.values().all(|level| *level == Level::Plain)
    }

    /// The level of a field. Of one that the kind does not know, an organisation's below say, the least of all is assumed.
    pub fn of(&self, kind: &Kind, name: &str) -> Level {
        if self.0.is_empty() || SYSTEM.contains(&name) {
            return Level::Plain;
        }
        if let Some(level) = self.0.get(name) {
            return *level;
        }
        let any = self.0.get("*").copied();
        match kind.fields.get(name) {
            Some(field) if is_personal(kind, field) => self.0.get("personal").copied().or(any).unwrap_or(Level::Plain),
            Some(_) => any.unwrap_or(Level::Plain),
            None => self.0.values().copied().min().unwrap_or(Level::Plain),
        }
    }
}

/// What a script or a roll-up made of a record may repeat what is personal in it, so such a text is taken for personal.
fn is_personal(kind: &Kind, field: &Field) -> bool {
    let is_text = matches!(field.r#type, FieldType::Text | FieldType::LongText);
    field.personal || (is_text && field.script().is_some() && kind.fields.iter().any(|(_, field)| field.personal))
}

/// What one or several grants come to on a kind for one person: these records, these verbs, this much of each field.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What may be done.
    pub verbs: BTreeSet<Verb>,
    /// Where.
    pub scope: Scope,
    /// How far the grant said, for telling.
    pub reach: Reach,
    /// A filter on the kind; none: all records there.
    pub condition: Option<Value>,
    /// Records that let one of it be seen, any of them; none: it does not take such.
    pub holders: Option<Vec<Holder>>,
    /// How much of each field.
    pub levels: Levels,
    /// Whether masked values may be asked for.
    pub reveal: bool,
}

impl Row {
    /// Whether it is for all records where it reaches.
    pub fn is_for_all(&self) -> bool {
        self.condition.is_none() && self.holders.is_none()
    }

    /// Whether it makes `other` needless: as much of as many records.
    fn covers(&self, other: &Row) -> bool {
        let is_as_wide = match (&self.scope, &other.scope) {
            (Scope::All, _) => true,
            (Scope::Orgs(_), Scope::All) => false,
            (Scope::Orgs(mine), Scope::Orgs(theirs)) => Arc::ptr_eq(mine, theirs) || mine.is_superset(theirs),
        };
        is_as_wide
            && (self.is_for_all() || (self.condition == other.condition && self.holders == other.holders))
            && self.verbs.is_superset(&other.verbs)
            && (self.levels.is_plain() || self.levels == other.levels)
            && (self.reveal || !other.reveal)
    }
}

/// What a person may do with a kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KindRights {
    /// They unite.
    pub rows: Vec<Row>,
}

impl KindRights {
    fn new(rows: Vec<Row>) -> KindRights {
        let mut kept: Vec<Row> = Vec::new();
        for row in rows {
            if !kept.iter().any(|known| known.covers(&row)) {
                kept.retain(|known| !row.covers(known));
                kept.push(row);
            }
        }
        KindRights { rows: kept }
    }

    /// The rows that allow something.
    pub fn of(&self, verb: Verb) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.verbs.contains(&verb))
    }

    /// Whether anything of the kind may be done so.
    pub fn allows(&self, verb: Verb) -> bool {
        self.of(verb).next().is_some()
    }

    /// The verbs that any record allows.
    pub fn verbs(&self) -> BTreeSet<Verb> {
        self.rows.iter().flat_map(|row| row.verbs.iter().copied()).collect()
    }

    /// The widest reach of what may be seen.
    pub fn reach(&self) -> Option<Reach> {
        self.of(Verb::Read).map(|row| row.reach).max()
    }

    /// The least and the most that is seen of a field, over all records that may be done so to.
    pub fn levels_of(&self, kind: &Kind, verb: Verb, name: &str) -> (Level, Level) {
        let levels = || self.of(verb).map(|row| row.levels.of(kind, name));
        (levels().min().unwrap_or(Level::Plain), levels().max().unwrap_or(Level::Plain))
    }

    /// The fields that are not plain in every record that may be seen, with the most that is seen of them.
    pub fn guarded<'a>(&'a self, kind: &'a Kind) -> impl Iterator<Item = (&'a str, Level)> {
        let of = |name: &'a str| (name, self.levels_of(kind, Verb::Read, name));
        let names = kind.fields.iter().map(|(name, _)| name);
        names.map(of).filter(|(_, (least, _))| *least < Level::Plain).map(|(name, (_, most))| (name, most))
    }

    /// Whether all fields of all records are plain for whoever does this.
    pub fn is_plain(&self, verb: Verb) -> bool {
        self.of(verb).all(|row| row.levels.is_plain())
    }
}

/// The rights of an asker. Made by [`compile`] for people; the server and plugins that read for themselves have all.
#[derive(Clone, Debug, Default)]
pub struct Rights(Option<Arc<Compiled>>);

/// A person's rights on every kind.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Whose.
    pub person: Id,
    /// Where they work.
    pub org: Id,
    /// What their organisation may see where no grant is asked: their own and those below.
    pub scope: Scope,
    /// The organisations that handle personal data together with theirs: of their records they may learn by the whole of a number. Above
    /// the dealers that is their own alone.
    pub home: Scope,
    /// By kind; one that is missing is closed.
    pub kinds: BTreeMap<String, KindRights>,
}

/// Rights on one kind, as they are asked for.
#[derive(Clone, Copy, Debug)]
pub enum On<'a> {
    /// Whatever is in scope.
    All,
    /// What these say.
    Some(&'a KindRights),
}

static CLOSED: KindRights = KindRights { rows: Vec::new() };

impl Rights {
    /// Everything in scope: the server, plugins, administrators.
    pub fn all() -> Rights {
        Rights(None)
    }

    /// As compiled.
    pub fn of(compiled: Compiled) -> Rights {
        Rights(Some(Arc::new(compiled)))
    }

    /// What was compiled, for people who are no administrators.
    pub fn compiled(&self) -> Option<&Compiled> {
        self.0.as_deref()
    }

    /// On a kind. What is one person's own by its kind is guarded by that alone.
    pub fn on(&self, kind: &Kind) -> On<'_> {
        match &self.0 {
            Some(compiled) if kind.private.is_none() => On::Some(compiled.kinds.get(&kind.kind).unwrap_or(&CLOSED)),
            _ => On::All,
        }
    }

    /// Whether anything of the kind may be done so.
    pub fn allows(&self, kind: &Kind, verb: Verb) -> bool {
        match self.on(kind) {
            On::All => true,
            On::Some(rights) => rights.allows(verb),
        }
    }

    /// Take away what is not plain in every record these eyes see: for bodies that are shown without their record.
    pub fn strip(&self, kind: &Kind, data: &mut crate::model::Data) {
        if let On::Some(rights) = self.on(kind) {
            data.retain(|name, _| rights.levels_of(kind, Verb::Read, name).0 == Level::Plain);
        }
    }
}

/// What of a record is kept from whoever looks at it. Part of every record that leaves the store.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// Fields that have been taken out, in the order of the kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<String>,
    /// What may be said of them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hints: BTreeMap<String, String>,
}

/// The one place where values are taken out of a record.
pub fn cover(kind: &Kind, levels: &Levels, record: &mut Record) {
    if levels.is_plain() {
        return;
    }
    let mut seen = Seen::default();
    for (name, field) in kind.fields.iter() {
        if levels.of(kind, name) != Level::Masked {
            continue;
        }
        seen.masked.push(name.to_owned());
        let value = record.data.get(name).and_then(Value::as_str);
        seen.hints
            .extend(value.and_then(|text| mask::hint(kind, name, field, text)).map(|hint| (name.to_owned(), hint)));
    }
    record.data.retain(|name, _| levels.of(kind, name) == Level::Plain);
    record.stale.retain(|name| levels.of(kind, name) == Level::Plain);
    record.seen = seen;
}

/// The best level of each field over several rows that hold for a record.
pub fn united<'a>(kind: &Kind, rows: impl Iterator<Item = &'a Levels>) -> Levels {
    let rows: Vec<&Levels> = rows.collect();
    match rows.as_slice() {
        [] => Levels(BTreeMap::from([("*".to_owned(), Level::Hidden), ("personal".to_owned(), Level::Hidden)])),
        [only] => (*only).clone(),
        rows if rows.iter().any(|levels| levels.is_plain()) => Levels::default(),
        rows => {
            let best = |name: &str| rows.iter().map(|levels| levels.of(kind, name)).max().unwrap_or(Level::Hidden);
            let mut united: BTreeMap<String, Level> =
                kind.fields.iter().map(|(name, _)| (name.to_owned(), best(name))).collect();
            united.insert("*".into(), Level::Hidden);
            Levels(united)
        }
    }
}
