//! Text functions that could ask for more memory than there is, replaced by ones that count first.

use rhai::{Array, Dynamic, Engine, EvalAltResult, FuncRegistration, INT, ImmutableString, Map, Position};

use crate::limits;

type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// Registers them; they come before the packages' own.
pub fn register(engine: &mut Engine) {
    engine.register_fn("replace", |text: &mut ImmutableString, find: &str, put: &str| replace(text, find, put));
    engine.register_fn("replace", |text: &mut ImmutableString, find: char, put: &str| {
        replace(text, find.encode_utf8(&mut [0; 4]), put)
    });
    engine.register_fn("replace", |text: &mut ImmutableString, find: &str, put: char| {
        replace(text, find, put.encode_utf8(&mut [0; 4]))
    });
    engine.register_fn("replace", |text: &mut ImmutableString, find: char, put: char| {
        replace(text, find.encode_utf8(&mut [0; 4]), put.encode_utf8(&mut [0; 4]))
    });
    engine.register_fn("pad", |text: &mut ImmutableString, length: INT, put: &str| pad(text, length, put));
    engine.register_fn("pad", |text: &mut ImmutableString, length: INT, put: char| {
        pad(text, length, put.encode_utf8(&mut [0; 4]))
    });
    engine.register_fn("split", |text: &mut ImmutableString, at: &str| split(text, at));
    engine.register_fn("split", |text: &mut ImmutableString, at: char| split(text, at.encode_utf8(&mut [0; 4])));
    engine.register_fn("split", |text: &mut ImmutableString| counted(text.split_whitespace()));
    engine.register_fn("join", |items: &mut Array, between: &str| join(items, between));
    for name in ["to_string", "to_debug"] {
        FuncRegistration::new(name)
            .with_purity(true)
            .register_into_engine(engine, |items: &mut Array| show_array(items));
        FuncRegistration::new(name)
            .with_purity(true)
            .register_into_engine(engine, |entries: &mut Map| show_map(entries));
    }
    FuncRegistration::new("to_json")
        .with_purity(true)
        .register_into_engine(engine, |entries: &mut Map| show_map(entries));
}

fn too_large<T>(what: &str) -> Outcome<T> {
    Err(EvalAltResult::ErrorDataTooLarge(what.into(), Position::NONE).into())
}

fn replace(text: &mut ImmutableString, find: &str, put: &str) -> Outcome<()> {
    let n_found = text.matches(find).count();
    // Cannot overflow: both factors are texts within their limit.
    let length = text.len() + n_found * put.len() - n_found * find.len();
    if length > limits::TEXT_BYTES {
        return too_large("Length of string");
    }
    *text = text.replace(find, put).into();
    Ok(())
}

fn pad(text: &mut ImmutableString, length: INT, put: &str) -> Outcome<()> {
    let n_missing = usize::try_from(length).unwrap_or(0).saturating_sub(text.chars().count());
    let per_put = put.chars().count();
    if n_missing == 0 || per_put == 0 {
        return Ok(());
    }
    let n_puts = n_missing.div_ceil(per_put);
    if n_puts.saturating_mul(put.len()).saturating_add(text.len()) > limits::TEXT_BYTES {
        return too_large("Length of string");
    }
    let padding: String = put.repeat(n_puts).chars().take(n_missing).collect();
    *text = format!("{text}{padding}").into();
    Ok(())
}

fn split(text: &str, at: &str) -> Outcome<Array> {
    counted(text.split(at))
}

fn counted<'a>(parts: impl Iterator<Item = &'a str> + Clone) -> Outcome<Array> {
    if parts.clone().count() > limits::ARRAY_ITEMS {
        return too_large("Size of array");
    }
    Ok(parts.map(|part| Dynamic::from(ImmutableString::from(part))).collect())
}

/// Texts as they are, everything else as JSON.
fn join(items: &mut Array, between: &str) -> String {
    let mut out = Bounded::default();
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            out.push(between);
        }
        match item.as_immutable_string_ref() {
            Ok(text) => out.push(&text),
            Err(_) => show(item, &mut out, 0),
        }
    }
    out.text
}

fn show_array(items: &mut Array) -> String {
    let mut out = Bounded::default();
    show_items(items, &mut out, 0);
    out.text
}

fn show_map(entries: &mut Map) -> String {
    let mut out = Bounded::default();
    show_entries(entries, &mut out, 0);
    out.text
}

/// A value as JSON, so that it reads the same everywhere.
fn show(value: &Dynamic, out: &mut Bounded, depth: usize) {
    if depth > limits::VALUE_DEPTH {
        out.overflow();
    } else if value.is_unit() {
        out.push("null");
    } else if let Ok(text) = value.as_immutable_string_ref() {
        out.push_quoted(&text);
    } else if let Ok(items) = value.as_array_ref() {
        show_items(&items, out, depth);
    } else if let Ok(entries) = value.as_map_ref() {
        show_entries(&entries, out, depth);
    } else {
        out.push(&value.to_string());
    }
}

fn show_items(items: &Array, out: &mut Bounded, depth: usize) {
    out.push("[");
    for (n, item) in items.iter().enumerate() {
        if out.is_full {
            return;
        }
        if n > 0 {
            out.push(", ");
        }
        show(item, out, depth + 1);
    }
    out.push("]");
}

fn show_entries(entries: &Map, out: &mut Bounded, depth: usize) {
    out.push("{");
    for (n, (key, value)) in entries.iter().enumerate() {
        if out.is_full {
            return;
        }
        if n > 0 {
            out.push(", ");
        }
        out.push_quoted(key);
        out.push(": ");
        show(value, out, depth + 1);
    }
    out.push("}");
}

/// A text that grows one byte past the limit and no further: the engine then refuses it. An error instead would make
/// the engine fall back to its own display, which does not count.
#[derive(Default)]
struct Bounded {
    text: String,
    is_full: bool,
}

impl Bounded {
    fn push(&mut self, part: &str) {
        if self.text.len() + part.len() > limits::TEXT_BYTES {
            self.overflow();
        } else if !self.is_full {
            self.text.push_str(part);
        }
    }

    fn push_quoted(&mut self, part: &str) {
        self.push(&serde_json::Value::from(part).to_string());
    }

    fn overflow(&mut self) {
        self.is_full = true;
        self.text = " ".repeat(limits::TEXT_BYTES + 1);
    }
}
