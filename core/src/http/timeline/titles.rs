//! One sentence for an event, in both languages: the plugin's own text with its gaps filled, else a plain one.

use serde_json::{Map, Value, json};

use super::super::{locale::LOCALES, refs};
use crate::{
    Result,
    catalogue::Catalogue,
    model::{Event, Field, FieldType, Id, Kind, Time, calendar::Calendar},
    store::{
        View,
        tables::{self, attachment::Attachment},
    },
};

/// `{"zh-CN":…,"en":…}`.
pub fn of(view: &View, catalogue: &Catalogue, event: &Event) -> Result<Value> {
    let file = attachment(view, event)?;
    let told = LOCALES.iter().map(|locale| {
        let text = match pattern(catalogue, event, locale) {
            Some(pattern) => fill(&pattern, |name| value(view, event, name, locale))?,
            None => {
                let plain = plain(noun(event).and_then(|noun| kind(view, noun, event)), event, locale);
                file.as_ref().map_or(plain.clone(), |file| format!("{plain} {}", file.name))
            }
        };
        Ok(((*locale).to_owned(), json!(text)))
    });
    told.collect::<Result<Map<_, _>>>().map(Value::Object)
}

/// The file that an event tells of, taken off meanwhile or not.
///
/// # Errors
/// Internal.
pub fn attachment(view: &View, event: &Event) -> Result<Option<Attachment>> {
    let id = event.data.get("attachment").and_then(Value::as_str).and_then(|id| id.parse().ok());
    match id {
        Some(id) => tables::attachment::get(view, &id, view.scope()),
        None => Ok(None),
    }
}

/// The text `event.<kind>` of whichever plugin the event belongs to; of a timer the plugin that set it.
fn pattern(catalogue: &Catalogue, event: &Event, locale: &str) -> Option<String> {
    let text = |plugin: &str, key: &str| catalogue.plugins.get(plugin)?.texts.get(locale)?.get(key).cloned();
    match event.kind.as_str() {
        "timer.fired" => {
            let owner = event.data.get("plugin")?.as_str()?;
            // A key often ends in the id of what it is for, `response:0199…`.
            let key = event.data.get("key")?.as_str()?.split(':').next().unwrap_or_default();
            text(owner, &format!("event.timer.fired.{key}")).or_else(|| text(owner, "event.timer.fired"))
        }
        kind => text(kind.split('.').next()?, &format!("event.{kind}")),
    }
}

/// A pattern with `{field}` filled; a gap that nothing fills is left out together with the spaces around it.
fn fill(pattern: &str, mut value: impl FnMut(&str) -> Result<Option<String>>) -> Result<String> {
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        text.push_str(before);
        match value(name)? {
            Some(value) => text.push_str(&value),
            None => text.truncate(text.trim_end().len()),
        }
        rest = after;
    }
    text.push_str(rest);
    Ok(text.trim().to_owned())
}

/// What the event is named after, as a rule a kind.
fn noun(event: &Event) -> Option<&str> {
    Some(event.kind.rsplit_once('.')?.0)
}

/// A kind as it holds where the event happened: in that organisation's words, with its own fields.
fn kind<'a>(view: &'a View, noun: &str, event: &Event) -> Option<&'a Kind> {
    view.kind_tree().kind(noun, &event.org).map(|kind| &**kind)
}

/// A quoted field as a person reads it, else what the plugin said under that name.
fn value(view: &View, event: &Event, name: &str, locale: &str) -> Result<Option<String>> {
    let quoted = event.data.get("quoted").and_then(|quoted| quoted.get(name));
    let said =
        quoted.or_else(|| event.data.get(name)).or_else(|| event.data.get("data").and_then(|data| data.get(name)));
    let Some(said) = said.filter(|said| !said.is_null()) else { return Ok(None) };
    // A fact a plugin raises speaks of the kind it is named after, in that kind's words.
    let noun = event.record.as_ref().map(|record| record.kind.as_str()).or_else(|| noun(event));
    let calendar = view.orgs().calendar(&event.org);
    match noun.and_then(|noun| kind(view, noun, event)).and_then(|kind| kind.fields.get(name)) {
        Some(field) => read(view, &calendar, field, said, locale).map(Some),
        None => Ok(Some(moment(&calendar, said).unwrap_or_else(|| bare(said)))),
    }
}

/// A moment as the clock on the organisation's wall shows it.
fn moment(calendar: &Calendar, value: &Value) -> Option<String> {
    let time: Time = value.as_str()?.parse().ok()?;
    Some(calendar.local(time).strftime("%Y-%m-%d %H:%M").to_string())
}

fn read(view: &View, calendar: &Calendar, field: &Field, value: &Value, locale: &str) -> Result<String> {
    let label = |value: &Value| {
        let known = field.values.iter().find(|known| value.as_str() == Some(&known.value));
        known.map_or_else(|| bare(value), |known| known.label.get(locale).to_owned())
    };
    Ok(match (field.r#type, value) {
        (FieldType::Enum, value) => label(value),
        (FieldType::EnumList, Value::Array(values)) => {
            values.iter().map(label).collect::<Vec<_>>().join(if locale == "en" { ", " } else { "、" })
        }
        (FieldType::Ref, Value::String(id)) => match (&field.to, id.parse::<Id>()) {
            (Some(to), Ok(id)) => refs::title_of(view, to, &id)?.unwrap_or_default(),
            _ => String::new(),
        },
        (FieldType::Money, value) => {
            value.as_i64().map_or_else(|| bare(value), |fen| format!("¥{}.{:02}", fen / 100, (fen % 100).abs()))
        }
        (FieldType::Bool, Value::Bool(is_true)) => match (*is_true, locale) {
            (true, "en") => "yes",
            (false, "en") => "no",
            (true, _) => "是",
            (false, _) => "否",
        }
        .to_owned(),
        (FieldType::Datetime, value) => moment(calendar, value).unwrap_or_else(|| bare(value)),
        (_, value) => bare(value),
    })
}

fn bare(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(bare).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// What can be said of any event.
fn plain(kind: Option<&Kind>, event: &Event, locale: &str) -> String {
    let is_english = locale == "en";
    let verb = event.kind.rsplit_once('.').map_or("", |(_, verb)| verb);
    if event.kind == "timer.fired" {
        return if is_english { "A time was reached" } else { "到达预定时间" }.into();
    }
    let Some(kind) = kind else { return of_no_kind(&event.kind, is_english) };
    let label = kind.label.get(locale);
    match (verb, is_english) {
        ("created", true) => format!("{label} created"),
        ("created", false) => format!("新建{label}"),
        ("removed", true) => format!("{label} removed"),
        ("removed", false) => format!("删除{label}"),
        ("derived", true) => format!("{label}: {}", changed(kind, event, locale, ", ", "updated")),
        ("derived", false) => format!("{label}：{}", changed(kind, event, locale, "、", "更新")),
        ("restored", true) => format!("{label} brought back"),
        ("restored", false) => format!("恢复{label}"),
        ("attached", true) => format!("{label}: file added"),
        ("attached", false) => format!("{label}：添加附件"),
        ("detached", true) => format!("{label}: file taken off"),
        ("detached", false) => format!("{label}：移除附件"),
        ("changed", true) => format!("{label}: {}", changed(kind, event, locale, ", ", "changed")),
        ("changed", false) => format!("{label}：{}", changed(kind, event, locale, "、", "修改")),
        ("erased", true) => format!("{label}: personal data erased"),
        ("erased", false) => format!("{label}：个人信息已删除"),
        ("lapsed", true) => format!("{label}: its time is over"),
        ("lapsed", false) => format!("{label}：期限已过"),
        ("merged", true) if kind.states.is_none() => {
            format!("Another {} was merged into this one", label.to_lowercase())
        }
        ("merged", false) if kind.states.is_none() => format!("并入另一{label}"),
        ("unmerged", true) => format!("{label}: a merge was undone"),
        ("unmerged", false) => format!("{label}：撤销合并"),
        (verb, is_english) => {
            let moved = kind
                .states
                .iter()
                .flat_map(|states| states.transitions.values())
                .find(|transition| transition.event == verb);
            let step = moved.map_or(verb, |transition| transition.label.get(locale));
            if is_english { format!("{label}: {step}") } else { format!("{label}：{step}") }
        }
    }
}

/// Facts of the core that are named after no kind; of others the bare name.
fn of_no_kind(name: &str, is_english: bool) -> String {
    let (english, chinese) = match name {
        "request.received" => ("A request about personal data came in", "收到个人信息请求"),
        "request.answered" => ("A request about personal data was answered", "个人信息请求已答复"),
        "request.overdue" => ("A request about personal data is overdue", "个人信息请求已逾期"),
        other => return other.to_owned(),
    };
    if is_english { english } else { chinese }.to_owned()
}

/// `name, phone changed`, or the bare verb when no field is named.
fn changed(kind: &Kind, event: &Event, locale: &str, separator: &str, verb: &str) -> String {
    let names = event.data.get("changed").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let labels: Vec<&str> =
        names.filter_map(|name| kind.fields.get(name)).map(|field| field.label.get(locale)).collect();
    match (labels.is_empty(), locale) {
        (true, _) => verb.to_owned(),
        (false, "en") => format!("{} {verb}", labels.join(separator)),
        (false, _) => format!("{verb}{}", labels.join(separator)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Data;

    fn customer() -> Kind {
        serde_json::from_value(json!({
            "kind": "customer", "label": { "zh-CN": "客户", "en": "Customer" }, "title": "name",
            "fields": {
                "name": { "type": "text", "label": { "zh-CN": "姓名", "en": "Name" } },
                "phone": { "type": "phone", "label": { "zh-CN": "手机", "en": "Phone" } },
            },
        }))
        .unwrap()
    }

    fn event(kind: &str, data: Value) -> Event {
        let (at, org) = (Time::from_millis(0), "d1".parse().unwrap());
        Event {
            seq: 1,
            kind: kind.into(),
            at,
            org,
            subject: None,
            actor: "system".into(),
            cause: None,
            depth: 0,
            record: None,
            data,
        }
    }

    #[test]
    fn a_plain_sentence_names_what_changed() {
        let changed = event("customer.changed", json!({ "changed": ["name", "phone"] }));
        assert_eq!(plain(Some(&customer()), &changed, "zh-CN"), "客户：修改姓名、手机");
        assert_eq!(plain(Some(&customer()), &changed, "en"), "Customer: Name, Phone changed");
        let derived = event("customer.derived", json!({ "changed": ["name"] }));
        assert_eq!(plain(Some(&customer()), &derived, "zh-CN"), "客户：更新姓名");
        let created = event("customer.created", json!({}));
        assert_eq!(plain(Some(&customer()), &created, "zh-CN"), "新建客户");
        assert_eq!(plain(None, &event("gone.kind.done", json!({})), "en"), "gone.kind.done");
        assert_eq!(plain(None, &event("request.overdue", json!({})), "zh-CN"), "个人信息请求已逾期");
        assert_eq!(plain(Some(&customer()), &event("customer.erased", json!({})), "zh-CN"), "客户：个人信息已删除");
    }

    #[test]
    fn moments_are_told_in_the_time_of_the_place() {
        let wuhan: Data = json!({ "time_zone": "Asia/Shanghai" }).as_object().cloned().unwrap();
        let calendar = Calendar::from_data(&wuhan).unwrap();
        assert_eq!(moment(&calendar, &json!("2026-03-14T02:00:00.000Z")).unwrap(), "2026-03-14 10:00");
        assert_eq!(moment(&calendar, &json!("2026-03-14")), None);
        assert_eq!(moment(&calendar, &json!(3)), None);
    }

    #[test]
    fn gaps_are_filled_and_empty_ones_left_out() {
        let fill = |pattern: &str| fill(pattern, |name| Ok((name == "number").then(|| "C000001".into()))).unwrap();
        assert_eq!(fill("登记了投诉 {number}"), "登记了投诉 C000001");
        assert_eq!(fill("raised {number} at {level}"), "raised C000001 at");
        assert_eq!(fill("{level}"), "");
        assert_eq!(fill("half {open"), "half {open");
    }
}
