//! The organisation tree, read from the records of kind `org`.

use rusqlite::Connection;
use serde_json::Value;

use crate::{
    Error, Result,
    model::{
        Data, Id,
        calendar::Calendar,
        org::{Org, OrgTree},
    },
    store::{rows::Json, tables::Reader},
};

pub(in crate::store) fn load(connection: &Connection) -> Result<OrgTree> {
    let mut statement = connection.prepare_cached("select id, data from k_org").map_err(Error::internal)?;
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, Id>(0)?, row.get::<_, Json<Data>>(1)?.0)))
        .map_err(Error::internal)?;
    let orgs = rows.map(|row| row.map(|(id, data)| org(id, &data)).map_err(Error::internal));
    Ok(OrgTree::new(orgs.collect::<Result<Vec<_>>>()?))
}

/// The types of what stands right under an organisation, each with one that has it.
///
/// # Errors
/// Internal.
pub fn children(reader: &impl Reader, id: &Id) -> Result<Vec<(String, Id)>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached(
            "select json_extract(data, '$.type'), min(id) from k_org where json_extract(data, '$.parent') = ?1 group by 1",
        )
        .map_err(Error::internal)?;
    let rows = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?))).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

fn org(id: Id, data: &Data) -> Org {
    let text = |field: &str| data.get(field).and_then(Value::as_str);
    // A calendar that cannot be read is refused on writing; one from an older version falls back to the default.
    let calendar = crate::model::org::calendar(data).unwrap_or_else(|_| Calendar::default());
    Org {
        parent: text("parent").and_then(|parent| parent.parse().ok()),
        r#type: text("type").map(str::to_owned),
        name: text("name").unwrap_or(id.as_str()).to_owned(),
        id,
        calendar,
    }
}
