//! Reading: a snapshot that knows the last event in it, filtered by what the plugin may read here.

use std::marker::PhantomData;

use serde::{Deserialize, de::DeserializeOwned};

use crate::{Fault, Filter, Id, Map, Record, Result, Value, host, json};

/// One record, if it is there and may be read.
///
/// ```
/// # use marque_sdk::{json, testing::Given, view};
/// #[derive(serde::Deserialize)]
/// struct Customer { name: String }
///
/// # Given::new().record("customer", "c1", json!({ "name": "王磊" })).run(|| {
/// let customer = view::get::<Customer>("customer", "c1")?;
/// assert_eq!(customer.unwrap().data.name, "王磊");
/// assert!(view::get::<Customer>("customer", "nobody")?.is_none());
/// # Ok(()) });
/// ```
pub fn get<T: DeserializeOwned>(kind: &str, id: &str) -> Result<Option<Record<T>>> {
    Ok(get_many(kind, &[id.to_owned()])?.pop().flatten())
}

/// One record that must be there; else a fault `not_found`.
pub fn require<T: DeserializeOwned>(kind: &str, id: &str) -> Result<Record<T>> {
    get(kind, id)?.ok_or_else(|| Fault::not_found(format!("there is no {kind} {id:?} here")))
}

/// Many records in the order asked, `None` where there is none.
pub fn get_many<T: DeserializeOwned>(kind: &str, ids: &[Id]) -> Result<Vec<Option<Record<T>>>> {
    Ok(serde_json::from_str(&host::get(kind, ids)?)?)
}

/// A list of records of one kind.
///
/// ```
/// # use marque_sdk::{Filter, json, testing::Given, view};
/// #[derive(serde::Deserialize)]
/// struct Case { level: String }
///
/// # Given::new().record("complaints.case", "x1", json!({ "state": "received", "level": "general" })).run(|| {
/// let open = view::find::<Case>("complaints.case").filter(Filter::eq("state", "received")).order("-created_at");
/// assert_eq!(open.limit(10).page()?.items[0].data.level, "general");
/// # Ok(()) });
/// ```
pub fn find<T: DeserializeOwned>(kind: &str) -> Find<T> {
    Find { kind: kind.to_owned(), query: Map::new(), wanted: PhantomData }
}

/// No page is longer.
const LARGEST_PAGE: u32 = 500;

/// A list being asked for.
#[derive(Clone, Debug)]
pub struct Find<T> {
    kind: String,
    query: Map<String, Value>,
    wanted: PhantomData<T>,
}

/// One page of a list.
#[derive(Clone, Debug, Deserialize)]
pub struct Page<T> {
    /// The records, in order.
    pub items: Vec<Record<T>>,
    /// Where the next page begins; none on the last.
    #[serde(default)]
    pub next: Option<String>,
}

impl<T: DeserializeOwned> Find<T> {
    /// Which ones.
    #[must_use]
    pub fn filter(self, filter: Filter) -> Find<T> {
        self.with("filter", filter.into())
    }

    /// In which order: `-created_at,name`.
    #[must_use]
    pub fn order(self, order: &str) -> Find<T> {
        self.with("order", order.into())
    }

    /// How many at most: 25 unless said, never more than 500.
    #[must_use]
    pub fn limit(self, limit: u32) -> Find<T> {
        self.with("limit", limit.into())
    }

    /// Where to go on: `next` of the page before.
    #[must_use]
    pub fn cursor(self, cursor: &str) -> Find<T> {
        self.with("cursor", cursor.into())
    }

    /// Asks for one page.
    pub fn page(self) -> Result<Page<T>> {
        Ok(serde_json::from_str(&host::find(&self.kind, &Value::Object(self.query).to_string())?)?)
    }

    /// Asks for page after page until there is no more, or `most` records are there. A list that may be longer than that is asked for one
    /// more, to tell.
    ///
    /// ```
    /// # use marque_sdk::{Filter, json, testing::Given, view};
    /// #[derive(serde::Deserialize)]
    /// struct User { name: String }
    ///
    /// # Given::new().record("user", "u1", json!({ "name": "李强" })).record("user", "u2", json!({ "name": "王芳" })).run(|| {
    /// assert_eq!(view::find::<User>("user").up_to(2_000)?.len(), 2);
    /// assert_eq!(view::find::<User>("user").up_to(1)?.len(), 1);
    /// # Ok(()) });
    /// ```
    pub fn up_to(self, most: usize) -> Result<Vec<Record<T>>> {
        let Find { kind, query, .. } = self.limit(LARGEST_PAGE);
        let mut found: Vec<Record<T>> = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let find = Find { kind: kind.clone(), query: query.clone(), wanted: PhantomData };
            let page: Page<T> = cursor.iter().fold(find, |find, cursor| find.cursor(cursor)).page()?;
            found.extend(page.items);
            cursor = page.next;
            if cursor.is_none() || found.len() >= most {
                found.truncate(most);
                return Ok(found);
            }
        }
    }

    /// Asks for the first record alone.
    pub fn first(self) -> Result<Option<Record<T>>> {
        Ok(self.limit(1).page()?.items.into_iter().next())
    }

    /// Whether there is any.
    pub fn exists(self) -> Result<bool> {
        let Find { kind, query, .. } = self.with("limit", 1.into());
        let page: Page<Value> = serde_json::from_str(&host::find(&kind, &Value::Object(query).to_string())?)?;
        Ok(!page.items.is_empty())
    }

    fn with(mut self, key: &str, value: Value) -> Find<T> {
        self.query.insert(key.to_owned(), value);
        self
    }
}

/// Groups and measures over a kind.
///
/// ```
/// # use marque_sdk::{json, testing::Given, view};
/// #[derive(serde::Deserialize)]
/// struct Load { owner: String, open: u32 }
///
/// # Given::new().record("worklist.task", "t1", json!({ "owner": "u1" })).run(|| {
/// let loads: Vec<Load> = view::aggregate("worklist.task").group(&["owner"]).count("open").rows()?;
/// assert_eq!((loads[0].owner.as_str(), loads[0].open), ("u1", 1));
/// # Ok(()) });
/// ```
pub fn aggregate(kind: &str) -> Aggregate {
    Aggregate { kind: kind.to_owned(), filter: None, group: Vec::new(), measures: Map::new() }
}

/// Groups and measures being asked for.
#[derive(Clone, Debug)]
pub struct Aggregate {
    kind: String,
    filter: Option<Filter>,
    group: Vec<String>,
    measures: Map<String, Value>,
}

impl Aggregate {
    /// Over which records.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Aggregate {
        self.filter = Some(filter);
        self
    }

    /// One row for each combination of these fields; without, one row for all.
    #[must_use]
    pub fn group(mut self, fields: &[&str]) -> Aggregate {
        self.group = fields.iter().map(|&field| field.to_owned()).collect();
        self
    }

    /// How many, as `name`.
    #[must_use]
    pub fn count(self, name: &str) -> Aggregate {
        self.measure(name, json!({ "count": true }))
    }

    /// The sum of a field, as `name`.
    #[must_use]
    pub fn sum(self, name: &str, field: &str) -> Aggregate {
        self.measure(name, json!({ "sum": field }))
    }

    /// The smallest value of a field, as `name`.
    #[must_use]
    pub fn min(self, name: &str, field: &str) -> Aggregate {
        self.measure(name, json!({ "min": field }))
    }

    /// The greatest value of a field, as `name`.
    #[must_use]
    pub fn max(self, name: &str, field: &str) -> Aggregate {
        self.measure(name, json!({ "max": field }))
    }

    /// The mean of a field, as `name`.
    #[must_use]
    pub fn avg(self, name: &str, field: &str) -> Aggregate {
        self.measure(name, json!({ "avg": field }))
    }

    /// How many different values of a field, as `name`; customers that were merged are one.
    #[must_use]
    pub fn distinct(self, name: &str, field: &str) -> Aggregate {
        self.measure(name, json!({ "distinct": field }))
    }

    fn measure(mut self, name: &str, measure: Value) -> Aggregate {
        self.measures.insert(name.to_owned(), measure);
        self
    }

    /// Asks.
    pub fn rows<T: DeserializeOwned>(self) -> Result<Vec<T>> {
        #[derive(Deserialize)]
        struct Rows<T> {
            items: Vec<T>,
        }
        let mut query = json!({ "group": self.group, "measures": self.measures });
        if let Some(filter) = self.filter {
            query["filter"] = filter.into();
        }
        let rows: Rows<T> = serde_json::from_str(&host::aggregate(&self.kind, &query.to_string())?)?;
        Ok(rows.items)
    }
}
