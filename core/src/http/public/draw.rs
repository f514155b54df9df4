//! A plugin's page as HTML: each question with a label, its help and what is wrong with its answer said where it stands.

use serde_json::{Map, Value};

use super::{
    document::{document, escaped},
    form::{BUTTON, HONEY, SEAL},
};
use crate::model::{
    Text,
    page::{Choice, Field, Page, Sort, Wrong},
};

/// Lists longer than this open instead of standing there.
const SHORT: usize = 8;

/// What a page is drawn from.
pub struct Drawn<'a> {
    /// As the plugin describes it.
    pub page: &'a Page,
    /// Whose page it is.
    pub org: &'a str,
    /// `zh-CN` or `en`.
    pub locale: &'static str,
    /// The same page in the other language.
    pub other: String,
    /// The seal of its form.
    pub seal: String,
    /// What has been filled in, in place of what the plugin says.
    pub answers: Option<&'a Map<String, Value>>,
    /// What is wrong, by field.
    pub wrongs: Vec<(String, String)>,
    /// What is wrong as a whole.
    pub trouble: Option<String>,
    /// Addresses of its links.
    pub links: Vec<(String, String)>,
}

/// The page.
pub fn draw(drawn: &Drawn<'_>) -> String {
    let Drawn { page, locale, .. } = drawn;
    let title = page.title.get(locale);
    let mut main = format!("<p class=\"muted\">{}</p><h1>{}</h1>", escaped(drawn.org), escaped(title));
    if let Some(step) = page.step {
        let said = say(locale, format!("第 {} 步，共 {} 步", step.n, step.of), format!("Step {} of {}", step.n, step.of));
        main += &format!(
            "<p class=\"muted\">{said}</p><progress value=\"{}\" max=\"{}\" aria-label=\"{said}\"></progress>",
            step.n, step.of
        );
    }
    let intro = paragraphs(page.intro.get(locale));
    main += &if page.done { format!("<div class=\"done\" role=\"status\">{intro}</div>") } else { intro };
    main += &troubles(drawn);
    if !page.facts.is_empty() {
        let facts = page.facts.iter().map(|fact| {
            format!("<dt>{}</dt><dd>{}</dd>", escaped(fact.label.get(locale)), escaped(fact.value.get(locale)))
        });
        main += &format!("<dl>{}</dl>", facts.collect::<String>());
    }
    if page.has_form() {
        main += &form(drawn);
    }
    for (label, address) in &drawn.links {
        main += &format!("<p class=\"all\"><a href=\"{}\">{}</a></p>", escaped(address), escaped(label));
    }
    let (lang, name) = if *locale == "en" { ("zh-CN", "中文") } else { ("en", "English") };
    main += &format!("<p class=\"all\"><a href=\"{}\" lang=\"{lang}\">{name}</a></p>", escaped(&drawn.other));
    document(title, &main, locale)
}

/// What is wrong in words, for a field.
pub fn told(wrong: Wrong, field: &Field, locale: &str) -> String {
    let end = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (zh, en) = match wrong {
        Wrong::Missing => ("请填写或选择".to_owned(), "please answer this".to_owned()),
        Wrong::NoChoice => ("请从选项中选择".into(), "choose one of those that are there".into()),
        Wrong::TooLong(n) => (format!("最多 {n} 个字"), format!("at most {n} characters")),
        Wrong::TooMany(n) => (format!("最多选 {n} 项"), format!("choose {n} at most")),
        Wrong::NoPhone => {
            ("电话号码不正确，例如 13800001234".into(), "not a telephone number; write one like 138 0000 1234".into())
        }
        Wrong::NoEmail => ("邮箱不正确，例如 name@example.cn".into(), "not an e-mail address, like name@example.cn".into()),
        Wrong::NoDate => ("日期不正确，例如 2026-03-13".into(), "not a date, like 2026-03-13".into()),
        Wrong::NoNumber => ("请填写整数".into(), "write a whole number".into()),
        Wrong::OutOfRange => match (&field.min, &field.max) {
            (min, Value::Null) => (format!("不能小于 {}", end(min)), format!("not below {}", end(min))),
            (Value::Null, max) => (format!("不能大于 {}", end(max)), format!("not above {}", end(max))),
            (min, max) => {
                let (min, max) = (end(min), end(max));
                (format!("应在 {min} 与 {max} 之间"), format!("between {min} and {max}"))
            }
        },
    };
    say(locale, zh, en)
}

/// One of two texts.
pub fn say(locale: &str, zh: impl Into<String>, en: impl Into<String>) -> String {
    if locale == "en" { en.into() } else { zh.into() }
}

fn paragraphs(text: &str) -> String {
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| format!("<p>{}</p>", escaped(line))).collect()
}

/// What is wrong, with the way to each place: somebody who does not see the page hears it first.
fn troubles(drawn: &Drawn<'_>) -> String {
    if drawn.wrongs.is_empty() && drawn.trouble.is_none() {
        return String::new();
    }
    let heading = drawn.trouble.clone().unwrap_or_else(|| say(drawn.locale, "请检查以下内容", "Please look at this again"));
    let places = drawn.wrongs.iter().filter_map(|(name, message)| {
        let field = drawn.page.fields.iter().find(|field| field.name == *name)?;
        let label = escaped(field.label.get(drawn.locale));
        Some(format!("<a href=\"#f-{name}\">{label}：{}</a>", escaped(message)))
    });
    format!("<div class=\"bad\" role=\"alert\"><p>{}</p>{}</div>", escaped(&heading), places.collect::<String>())
}

fn form(drawn: &Drawn<'_>) -> String {
    let Drawn { page, locale, seal, .. } = drawn;
    let fields: String = page.fields.iter().map(|one| field(drawn, one)).collect();
    let send = say(locale, "提交", "Send");
    let buttons: String = if page.buttons.is_empty() {
        format!("<button>{send}</button>")
    } else {
        let button = |button: &crate::model::page::Button| {
            let (skip, label) = (if button.skip { " formnovalidate" } else { "" }, escaped(button.label.get(locale)));
            format!("<button name=\"{BUTTON}\" value=\"{}\"{skip}>{label}</button>", button.name)
        };
        page.buttons.iter().map(button).collect()
    };
    format!(
        "<form method=\"post\"><input type=\"hidden\" name=\"{SEAL}\" value=\"{seal}\">\
         <p class=\"z\" aria-hidden=\"true\"><label>URL<input name=\"{HONEY}\" tabindex=\"-1\" autocomplete=\"off\"></label></p>\
         {fields}<div class=\"go\">{buttons}</div></form>"
    )
}

/// What all parts of a field are drawn from.
struct Part<'a> {
    field: &'a Field,
    locale: &'static str,
    value: &'a Value,
    /// ` required`, where the browser can ask for it.
    required: &'static str,
    /// What tells of help and faults.
    described: String,
}

fn field(drawn: &Drawn<'_>, field: &Field) -> String {
    let Field { name, label, help, .. } = field;
    let locale = drawn.locale;
    match field.r#type {
        Sort::Heading => return format!("<h2>{}</h2>", escaped(label.get(locale))),
        Sort::Note => return format!("<div class=\"h\">{}</div>", paragraphs(label.get(locale))),
        _ => {}
    }
    let value = drawn.answers.map_or(&field.value, |answers| answers.get(name).unwrap_or(&Value::Null));
    if field.r#type == Sort::Hidden {
        return format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escaped(&plain(value)));
    }
    let wrong = drawn.wrongs.iter().find(|(wrong, _)| wrong == name).map(|(_, message)| escaped(message));
    let help = escaped(help.get(locale));
    let ids: Vec<String> = [(!help.is_empty()).then(|| format!("h-{name}")), wrong.as_ref().map(|_| format!("e-{name}"))]
        .into_iter()
        .flatten()
        .collect();
    let mut described = String::new();
    if !ids.is_empty() {
        described += &format!(" aria-describedby=\"{}\"", ids.join(" "));
    }
    if wrong.is_some() {
        described += " aria-invalid=\"true\"";
    }
    let part = Part { field, locale, value, required: if field.required { " required" } else { "" }, described };
    let help = if help.is_empty() { help } else { format!("<p class=\"h\" id=\"h-{name}\">{help}</p>") };
    let wrong = wrong.map_or_else(String::new, |message| format!("<p class=\"x\" id=\"e-{name}\">{message}</p>"));
    let star = if field.required { "<span class=\"q\" aria-hidden=\"true\"> *</span>" } else { "" };
    let label = format!("{}{star}", escaped(label.get(locale)));
    if part.is_group() {
        let inside = part.group();
        format!("<fieldset class=\"f\" id=\"f-{name}\"{}><legend>{label}</legend>{help}{inside}{wrong}</fieldset>", part.described)
    } else if field.r#type == Sort::Consent {
        format!("<div class=\"f\">{}{help}{wrong}</div>", part.consent(&label))
    } else {
        format!("<div class=\"f\"><label for=\"f-{name}\">{label}</label>{help}{}{wrong}</div>", part.input())
    }
}

impl Part<'_> {
    fn is_list(&self) -> bool {
        self.field.r#type == Sort::Choice && (self.field.list || self.field.options.len() > SHORT)
    }

    fn is_group(&self) -> bool {
        matches!(self.field.r#type, Sort::Choice | Sort::Choices | Sort::Scale | Sort::Matrix) && !self.is_list()
    }

    /// A field of one line, of several, or a list that opens.
    fn input(&self) -> String {
        let Part { field, locale, required, described, .. } = self;
        let (name, value) = (&field.name, escaped(&plain(self.value)));
        let common = format!("id=\"f-{name}\" name=\"{name}\"{required}{described}");
        if self.is_list() {
            let options = field.options.iter().map(|option| {
                let chosen = if *self.value == option.value { " selected" } else { "" };
                let label = escaped(option.label.get(locale));
                format!("<option value=\"{}\"{chosen}>{label}</option>", escaped(&option.value))
            });
            let first = say(locale, "请选择", "Choose");
            return format!("<select {common}><option value=\"\">{first}</option>{}</select>", options.collect::<String>());
        }
        let max = field.max_chars();
        match field.r#type {
            Sort::LongText => format!("<textarea {common} maxlength=\"{max}\">{value}</textarea>"),
            Sort::Phone => format!("<input type=\"tel\" inputmode=\"tel\" autocomplete=\"tel\" {common} value=\"{value}\">"),
            Sort::Email => format!("<input type=\"email\" autocomplete=\"email\" {common} value=\"{value}\">"),
            Sort::Date => format!("<input type=\"date\" {common}{} value=\"{value}\">", self.ends()),
            Sort::Number => format!("<input type=\"number\" inputmode=\"numeric\" {common}{} value=\"{value}\">", self.ends()),
            _ => {
                let known = if name == "name" { " autocomplete=\"name\"" } else { "" };
                format!("<input {common}{known} maxlength=\"{max}\" value=\"{value}\">")
            }
        }
    }

    fn ends(&self) -> String {
        let end = |name: &str, value: &Value| match value {
            Value::Null => String::new(),
            value => format!(" {name}=\"{}\"", escaped(&plain(value))),
        };
        end("min", &self.field.min) + &end("max", &self.field.max)
    }

    fn consent(&self, label: &str) -> String {
        let Part { field, required, described, .. } = self;
        let (name, ticked) = (&field.name, if *self.value == true { " checked" } else { "" });
        format!(
            "<label class=\"o\"><input type=\"checkbox\" id=\"f-{name}\" name=\"{name}\" value=\"1\"{ticked}{required}{described}><span>{label}</span></label>"
        )
    }

    fn group(&self) -> String {
        let Part { field, value, required, .. } = self;
        match field.r#type {
            Sort::Matrix => {
                let rows = field.rows.iter().map(|row| {
                    let (label, name) = (escaped(row.label.get(self.locale)), format!("{}.{}", field.name, row.value));
                    let value = value.get(&row.value).unwrap_or(&Value::Null);
                    format!("<fieldset class=\"f\"><legend>{label}</legend>{}</fieldset>", self.steps(&name, value))
                });
                rows.collect()
            }
            Sort::Scale => self.steps(&field.name, value),
            sort => {
                let is_chosen = |option: &Choice| match value {
                    Value::Array(all) => all.iter().any(|one| *one == option.value),
                    one => **one == option.value,
                };
                // Of several boxes none is the one that must be ticked.
                let (r#type, required) = if sort == Sort::Choice { ("radio", *required) } else { ("checkbox", "") };
                let option = |option: &Choice| {
                    let checked = if is_chosen(option) { " checked" } else { "" };
                    format!(
                        "<label class=\"o\"><input type=\"{type}\" name=\"{}\" value=\"{}\"{checked}{required}><span>{}</span></label>",
                        field.name,
                        escaped(&option.value),
                        escaped(option.label.get(self.locale))
                    )
                };
                field.options.iter().map(option).collect()
            }
        }
    }

    /// The steps of a scale, or the choices of one row, side by side.
    fn steps(&self, name: &str, value: &Value) -> String {
        let Part { field, locale, required, .. } = self;
        let step = |of: &str, label: &str| {
            let checked = if plain(value) == of { " checked" } else { "" };
            let (of, label) = (escaped(of), escaped(label));
            format!("<label><input type=\"radio\" name=\"{name}\" value=\"{of}\"{checked}{required}><span>{label}</span></label>")
        };
        let mut steps: String = match field.scale() {
            Some((min, max)) => (min..=max).map(|n| step(&n.to_string(), &n.to_string())).collect(),
            None => field.options.iter().map(|option| step(&option.value, option.label.get(locale))).collect(),
        };
        let none = field.none.as_ref().map(|none| none.get(locale));
        let wide = if field.scale().is_none() { " w" } else { "" };
        steps = format!("<div class=\"s{wide}\">{steps}</div>");
        if let Some(none) = none {
            steps += &format!("<div class=\"s w\">{}</div>", step("none", none));
        }
        let (low, high) = (text(&field.low, locale), text(&field.high, locale));
        if low.is_empty() && high.is_empty() {
            return steps;
        }
        format!("<p class=\"e\"><span>{low}</span><span>{high}</span></p>{steps}")
    }
}

fn text(text: &Text, locale: &str) -> String {
    escaped(text.get(locale))
}

/// An answer as it stands in a field.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
