//! A guest who walked in unnamed leaves a number: they are filed while they are here.

use marque_sdk::{Data, Id, Result, json};
use serde::Deserialize;

use crate::{
    customer,
    desk::{Desk, refuse_at, said},
    lead, register,
    visit::{self, Visit},
};

/// Input of `file` and `complete`; see plugin.toml.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Words {
    name: Option<String>,
    phone: Option<String>,
    customer: Option<Id>,
    models: Option<String>,
    level_at_visit: Option<String>,
    competitors: Option<String>,
    source: Option<String>,
    test_drive: Option<bool>,
    quoted: Option<bool>,
    remark: Option<String>,
}

/// Files the guest of a visit.
pub fn file(desk: &Desk, visit: &Visit, words: &Words) -> Result<()> {
    visit.must_be(&["present", "left"])?;
    let data = learned(desk, visit, words)?;
    if !visit.says("contact_left") && !data.contains_key("contact_left") {
        return refuse_at("contact_missing", "/phone", "filing takes a mobile number or a known customer");
    }
    visit.change().fields(data).stage()
}

/// What is known now of a visit and its guest; who has left a number is filed.
pub fn learned(desk: &Desk, visit: &Visit, words: &Words) -> Result<Data> {
    let phone = register::mobile(words.phone.as_deref())?;
    let name = words.name.as_deref().or(visit.text("name"));
    let mut data = said(json!({
        "name": words.name, "phone": phone, "models": words.models, "level_at_visit": words.level_at_visit,
        "competitors": words.competitors, "source": words.source, "test_drive": words.test_drive, "quoted": words.quoted,
        "remark": words.remark,
    }));
    let is_new = phone.is_some() || words.customer.is_some();
    if is_new {
        let known =
            customer::known(&visit.org, words.customer.as_deref().or(visit.text("customer")), phone.as_deref(), name)?;
        data.insert("contact_left".into(), true.into());
        data.insert("unfiled".into(), false.into());
        if visit.is_sales() {
            let guest = lead::Guest {
                known: known.as_ref(),
                name,
                phone: phone.as_deref(),
                owner: visit.text("received_by").or(desk.me()).unwrap_or_default(),
                models: words.models.as_deref().or(visit.text("models")),
                source: words.source.as_deref().or(visit.text("source")),
            };
            let filed = lead::file(desk, &visit.org, &guest)?;
            data.extend(said(json!({ "customer": filed.customer, "lead": filed.lead })));
        } else if let Some(known) = known {
            data.insert("customer".into(), known.id.into());
        }
    }
    let says = |field: &str, word: Option<bool>| word.unwrap_or(visit.says(field));
    let reach = visit::reach(
        is_new || visit.says("contact_left"),
        says("test_drive", words.test_drive),
        says("quoted", words.quoted),
    );
    if visit.text("reach") != Some(reach) {
        data.insert("reach".into(), reach.into());
    }
    Ok(data)
}
