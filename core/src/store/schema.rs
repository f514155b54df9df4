//! A table a kind: body as JSON, an expression index for each field that is looked up.

use std::{collections::BTreeMap, sync::Arc};

use rusqlite::{Connection, OptionalExtension};

use super::{KindTree, Kinds};
use crate::{
    Error, Result,
    model::{Field, FieldType, Kind, kind::Reach, matching},
};

/// The kinds the core itself owns.
const CORE: [&str; 13] = [
    include_str!("../model/kinds/customer.json"),
    include_str!("../model/kinds/identity.json"),
    include_str!("../model/kinds/org.json"),
    include_str!("../model/kinds/user.json"),
    include_str!("../model/kinds/team.json"),
    include_str!("../model/kinds/review.json"),
    include_str!("../model/kinds/saved_view.json"),
    include_str!("../model/kinds/import_mapping.json"),
    include_str!("../model/kinds/consent.json"),
    include_str!("../model/kinds/message.json"),
    include_str!("../model/kinds/data_request.json"),
    include_str!("../model/kinds/role.json"),
    include_str!("../model/kinds/template.json"),
];

/// The table of a kind. Names of kinds are checked to `a-z 0-9 . _ -` when they are installed, so quoting is enough.
pub(super) fn table(kind: &str) -> String {
    format!("\"k_{kind}\"")
}

/// A field of the body as SQL; the same text in index and query, or the index is not used.
pub(super) fn field(name: &str) -> String {
    format!("json_extract(data, '$.{name}')")
}

/// A derived field as SQL: it stands beside the body, so that working it out is no change of the record.
pub(super) fn derived_field(name: &str) -> String {
    format!("json_extract(derived, '$.{name}')")
}

/// A field of a kind as SQL, wherever it stands.
pub(super) fn column(kind: &Kind, name: &str) -> String {
    let is_derived = kind.fields.get(name).is_some_and(|known| known.derived.is_some());
    if is_derived { derived_field(name) } else { field(name) }
}

pub(super) fn install_core(connection: &Connection) -> Result<()> {
    connection
        .execute_batch("create table if not exists kind (name text primary key, body text not null) strict")
        .map_err(Error::internal)?;
    for text in CORE {
        let kind: Kind = serde_json::from_str(text).map_err(Error::internal)?;
        install(connection, &kind)?;
    }
    own_orgs(connection)?;
    // Kinds of plugins were installed by the server of before, whose tables may lack a column.
    load(connection)?.keys().try_for_each(|name| make(connection, name))
}

/// An organisation's record belongs to itself, so that its own people see it. Before it belonged to whoever had made it.
fn own_orgs(connection: &Connection) -> Result<()> {
    let n = connection.execute("update k_org set org = id where org <> id", []).map_err(Error::internal)?;
    // The search box keeps whose a record is beside its words.
    if n > 0 { super::search::again(connection, "org").map_err(Error::internal) } else { Ok(()) }
}

/// Make or grow the table of a kind. Nothing is rewritten: bodies are JSON, only indexes come and stay.
pub(super) fn install(connection: &Connection, kind: &Kind) -> Result<()> {
    let table = table(&kind.kind);
    make(connection, &kind.kind)?;
    let mut sql = format!(
        "create index if not exists {} on {table} (created_at, id);
         create index if not exists {} on {table} (org, created_at, id);\n",
        index(&kind.kind, "created"),
        index(&kind.kind, "org"),
    );
    for (name, field) in kind.fields.iter() {
        let is_state = kind.states.as_ref().is_some_and(|states| states.field == name);
        let is_lent = kind.lends.as_ref().is_some_and(|lends| lends.fields.values().any(|own| own == name));
        sql += &indexes(
            &kind.kind,
            name,
            field.derived.is_some(),
            is_state || is_lent || is_looked_up(field),
            is_looked_up_everywhere(field),
        );
        if is_listed_everywhere(kind, name, field) {
            let (name, column) = (index(&kind.kind, &format!("{name}_brand")), self::field(name));
            sql += &format!("create index if not exists {name} on {table} ({column}, created_at, id);\n");
        }
    }
    for fields in &kind.indexes {
        let columns: Vec<String> = fields.iter().map(|name| column(kind, name)).collect();
        sql += &format!(
            "create index if not exists {} on {table} (org, {}, id);\n",
            index(&kind.kind, &fields.join("_")),
            columns.join(", "),
        );
    }
    if kind.kind == "customer" {
        sql += &match_indexes(kind, &table);
    }
    connection.execute_batch(&sql).map_err(Error::internal)?;
    if is_searched_otherwise(connection, kind).map_err(Error::internal)? {
        super::search::again(connection, &kind.kind).map_err(Error::internal)?;
    }
    let body = serde_json::to_string(kind).map_err(Error::internal)?;
    connection
        .execute(
            "insert into kind (name, body) values (?1, ?2) on conflict do update set body = ?2",
            (&kind.kind, body),
        )
        .map_err(Error::internal)?;
    Ok(())
}

/// The table itself. One made before there were derived fields gets their column; nothing is rewritten.
fn make(connection: &Connection, kind: &str) -> Result<()> {
    let sql = format!(
        "create table if not exists {} (id text primary key, rev integer not null, org text not null,
            created_at integer not null, updated_at integer not null, data text not null, derived text) strict",
        table(kind)
    );
    connection.execute_batch(&sql).map_err(Error::internal)?;
    let has_column = connection
        .prepare_cached("select 1 from pragma_table_info(?1) where name = 'derived'")
        .and_then(|mut statement| statement.exists([format!("k_{kind}")]))
        .map_err(Error::internal)?;
    if has_column {
        return Ok(());
    }
    connection.execute_batch(&format!("alter table {} add column derived text", table(kind))).map_err(Error::internal)
}

/// Children in the order of the field that a roll-up takes the least or greatest of, so that its next value is one step away.
pub(super) fn index_rollup(connection: &Connection, child: &str, via: &str, name: &str) -> Result<()> {
    let sql = format!(
        "create index if not exists {} on {} (org, {}, {})",
        index(child, &format!("{via}_{name}_rollup")),
        table(child),
        field(via),
        field(name)
    );
    connection.execute_batch(&sql).map_err(Error::internal)
}

fn is_looked_up(field: &Field) -> bool {
    field.indexed || field.unique.is_some() || is_link(field)
}

/// Whatever the organisation: what is unique in the brand, and what refers to a record that may be removed.
fn is_looked_up_everywhere(field: &Field) -> bool {
    field.unique == Some(Reach::Brand) || is_link(field)
}

/// What it names may be removed only when nothing holds it.
fn is_link(field: &Field) -> bool {
    matches!(field.r#type, FieldType::Ref | FieldType::File)
}

/// Of two organisations' fields of one name one may be derived and the other not: each has its own column and index.
fn index_name(field: &str, is_derived: bool) -> String {
    if is_derived { format!("{field}_derived") } else { field.to_owned() }
}

fn indexes(kind: &str, name: &str, is_derived: bool, is_looked_up: bool, is_looked_up_everywhere: bool) -> String {
    let column = if is_derived { derived_field(name) } else { field(name) };
    let (table, name) = (table(kind), index_name(name, is_derived));
    let mut sql = String::new();
    if is_looked_up {
        let index = index(kind, &name);
        sql += &format!("create index if not exists {index} on {table} (org, {column}, created_at, id);\n");
    }
    if is_looked_up_everywhere {
        let index = index(kind, &format!("{name}_all"));
        sql += &format!("create index if not exists {index} on {table} ({column}) where {column} is not null;\n");
    }
    sql
}

/// The indexes that organisations' own fields ask for, and no others. Two organisations may each have a field of one name:
/// they share its index, which is there as long as one of them asks for it. No row is rewritten.
pub(super) fn index_customs(connection: &Connection, kind: &str, tree: &KindTree) -> Result<()> {
    let mut wanted: BTreeMap<(&str, bool), (bool, bool)> = BTreeMap::new();
    for (name, field) in tree.customs(kind).flat_map(|(_, custom)| custom.fields.iter()) {
        let (here, everywhere) = wanted.entry((name, field.derived.is_some())).or_default();
        *here |= is_looked_up(field) && !field.retired;
        // Records that a field out of use refers to are still not to be removed.
        *everywhere |= is_looked_up_everywhere(field) && (!field.retired || is_link(field));
    }
    let mut sql = String::new();
    for ((name, is_derived), (here, everywhere)) in wanted {
        sql += &indexes(kind, name, is_derived, here, everywhere);
        let name = index_name(name, is_derived);
        if !here {
            sql += &format!("drop index if exists {};\n", index(kind, &name));
        }
        if !everywhere {
            sql += &format!("drop index if exists {};\n", index(kind, &format!("{name}_all")));
        }
    }
    connection.execute_batch(&sql).map_err(Error::internal)
}

/// Whether lists over many organisations find their way by this field alone: what few records share, a phone say, is
/// found as quickly organisation by organisation.
pub(super) fn is_listed_everywhere(kind: &Kind, name: &str, field: &Field) -> bool {
    let is_state = kind.states.as_ref().is_some_and(|states| states.field == name);
    (field.indexed || is_state)
        && !field.personal
        && field.unique.is_none()
        && !matches!(field.r#type, FieldType::Ref | FieldType::RefList | FieldType::EnumList | FieldType::Json)
}

/// Whether a kind that was here before lets other fields be searched now.
fn is_searched_otherwise(connection: &Connection, kind: &Kind) -> rusqlite::Result<bool> {
    let before: Option<super::rows::Json<Kind>> =
        connection.query_row("select body from kind where name = ?1", [&kind.kind], |row| row.get(0)).optional()?;
    let searchable = |kind: &Kind| -> Vec<String> {
        kind.fields.iter().filter(|(_, field)| field.searchable).map(|(name, _)| name.to_owned()).collect()
    };
    Ok(before.is_some_and(|before| searchable(&before.0) != searchable(kind)))
}

/// Customers are matched in the whole brand too, by what few people share; not again where lists have such an index.
fn match_indexes(kind: &Kind, table: &str) -> String {
    let is_listed = |name: &str| kind.fields.get(name).is_some_and(|field| is_listed_everywhere(kind, name, field));
    let is_missing = |group: &&[&str]| match group {
        ["vin" | "plate"] => false,
        [only] => !is_listed(only),
        _ => true,
    };
    let one = |group: &[&str]| {
        let columns: Vec<String> = group.iter().map(|name| field(name)).collect();
        let last = &columns[columns.len() - 1];
        let name = index("customer", &format!("{}_match", group.join("_")));
        format!("create index if not exists {name} on {table} ({}) where {last} is not null;\n", columns.join(", "))
    };
    matching::LOOKUPS.into_iter().filter(is_missing).map(one).collect()
}

fn index(kind: &str, what: &str) -> String {
    format!("\"i_{kind}_{what}\"")
}

pub(super) fn load(connection: &Connection) -> Result<Kinds> {
    let mut statement = connection.prepare_cached("select name, body from kind").map_err(Error::internal)?;
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, super::rows::Json<Kind>>(1)?)))
        .map_err(Error::internal)?;
    let mut kinds: Kinds = rows
        .map(|row| row.map(|(name, body)| (name, Arc::new(body.0))).map_err(Error::internal))
        .collect::<Result<_>>()?;
    name_roles(connection, &mut kinds)?;
    Ok(kinds)
}

/// What people's `roles` may hold is what roles there are.
fn name_roles(connection: &Connection, kinds: &mut Kinds) -> Result<()> {
    let (true, Some(user)) = (kinds.contains_key("role"), kinds.get_mut("user")) else { return Ok(()) };
    let values = super::tables::role::load(connection)?.values();
    if let Some(roles) = Arc::make_mut(user).fields.get_mut("roles") {
        roles.values = values;
    }
    Ok(())
}
