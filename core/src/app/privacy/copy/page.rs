//! The copy as a page: one file without anything from elsewhere, to be read in a browser and printed.

use std::fmt::Write;

use serde_json::Value;

use super::content::word;

const STYLE: &str = "body{font:15px/1.6 system-ui,'PingFang SC','Microsoft YaHei',sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}\
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:2px solid #1a1a1a}table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem}\
th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #ddd;overflow-wrap:anywhere}th{width:14rem;font-weight:600}\
small{color:#555}footer{margin-top:3rem;color:#555;font-size:.85rem}@media print{body{margin:0;max-width:none}table{break-inside:avoid}}";

/// The words of the page.
struct Words {
    title: &'static str,
    intro: &'static str,
    why: &'static str,
    looked: &'static str,
    looked_columns: [&'static str; 4],
    nobody: &'static str,
    footer: &'static str,
}

const ZH: Words = Words {
    title: "我们掌握的关于您的个人信息",
    intro: "以下是本机构处理的与您有关的全部个人信息。如有不准确之处，您有权要求更正；您也有权要求删除、限制处理或撤回同意。",
    why: "系统判定依据",
    looked: "谁查看过您的信息",
    looked_columns: ["时间", "人员", "操作", "原因"],
    nobody: "没有记录。",
    footer: "仅供本人使用。副本编号",
};
const EN: Words = Words {
    title: "What we know about you",
    intro: "This is all the personal data about you that we hold. You may ask us to correct what is wrong, to erase it or restrict its use, and withdraw your consent.",
    why: "Decided by a rule because",
    looked: "Who looked at your data",
    looked_columns: ["When", "Who", "What", "Why"],
    nobody: "Nothing on record.",
    footer: "For the person it is about. Copy no.",
};

/// The page in one language.
pub(super) fn of(content: &Value, locale: &str) -> String {
    let words = if locale == "en" { &EN } else { &ZH };
    let mut page = format!(
        "<!doctype html><html lang=\"{locale}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{0}</title>\
         <style>{STYLE}</style><h1>{0}</h1><p>{1}<br>{2}</p><p>{3}</p>",
        words.title,
        escaped(&word(&content["handler"], locale)),
        escaped(&word(&content["made_at"], locale)),
        words.intro,
    );
    for section in content["sections"].as_array().into_iter().flatten() {
        add_section(&mut page, section, locale, words);
    }
    add_looks(&mut page, &content["looked_at"], words);
    let number = word(&content["number"], locale);
    push(&mut page, format_args!("<footer>{} {}</footer></html>", words.footer, escaped(&number)));
    page
}

fn push(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = page.write_fmt(text);
}

fn add_section(page: &mut String, section: &Value, locale: &str, words: &Words) {
    push(page, format_args!("<h2>{}</h2>", escaped(&word(&section["label"], locale))));
    for item in section["items"].as_array().into_iter().flatten() {
        page.push_str("<table>");
        for field in item["fields"].as_array().into_iter().flatten() {
            let (label, value) = (word(&field["label"], locale), told(field, locale));
            push(page, format_args!("<tr><th>{}</th><td>{}", escaped(&label), escaped(&value)));
            let reasons: Vec<String> = field["decided"]["reasons"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|reason| escaped(&word(reason, locale)))
                .collect();
            if !reasons.is_empty() {
                push(page, format_args!("<br><small>{}: {}</small>", words.why, reasons.join("; ")));
            }
            page.push_str("</td></tr>");
        }
        page.push_str("</table>");
    }
}

fn told(field: &Value, locale: &str) -> String {
    match field["says"].as_array() {
        Some(said) => said.iter().map(|one| word(one, locale).into_owned()).collect::<Vec<_>>().join(", "),
        None => match &field["value"] {
            Value::Bool(true) if locale == "en" => "yes".into(),
            Value::Bool(false) if locale == "en" => "no".into(),
            Value::Bool(true) => "是".into(),
            Value::Bool(false) => "否".into(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        },
    }
}

fn add_looks(page: &mut String, looks: &Value, words: &Words) {
    push(page, format_args!("<h2>{}</h2>", words.looked));
    let looks = looks.as_array().map(Vec::as_slice).unwrap_or_default();
    if looks.is_empty() {
        push(page, format_args!("<p>{}</p>", words.nobody));
        return;
    }
    page.push_str("<table><tr>");
    words.looked_columns.iter().for_each(|column| push(page, format_args!("<th>{column}</th>")));
    page.push_str("</tr>");
    for look in looks {
        page.push_str("<tr>");
        for name in ["at", "who", "what", "why"] {
            push(page, format_args!("<td>{}</td>", escaped(&word(&look[name], "en"))));
        }
        page.push_str("</tr>");
    }
    page.push_str("</table>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_that_somebody_wrote_becomes_part_of_the_page() {
        let content = json!({
            "made_at": "2026-03-13", "number": "j1", "handler": "武汉<一>店",
            "sections": [{ "label": { "zh-CN": "客户", "en": "Customer" }, "items": [{ "fields": [
                { "label": { "zh-CN": "备注", "en": "Note" }, "value": "<script>alert(1)</script>", "says": null,
                  "decided": { "reasons": ["a & b"] } },
                { "label": { "zh-CN": "贵宾", "en": "VIP" }, "value": true, "says": null },
                { "label": "x", "value": "male", "says": [{ "zh-CN": "男", "en": "Male" }] },
            ] }] }],
            "looked_at": [{ "at": "2026-03-12", "who": "王<敏>", "what": "field.revealed", "why": null }],
        });
        let (zh, en) = (of(&content, "zh-CN"), of(&content, "en"));
        assert!(!zh.contains("<script>") && zh.contains("&lt;script&gt;alert(1)") && zh.contains("a &amp; b"), "{zh}");
        assert!(
            zh.contains("<td>是</td>")
                && zh.contains("男")
                && zh.contains("武汉&lt;一&gt;店")
                && zh.contains("王&lt;敏&gt;")
        );
        assert!(en.contains("<td>yes</td>") && en.contains("Male") && en.contains("What we know about you"));
    }
}
