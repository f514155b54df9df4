//! What a token is held to: entries `verb:kind`, either of which may be `*`; a person's rights reach no further through it.

use crate::{Error, Result};

/// What can be done with records.
pub const VERBS: [&str; 8] = ["read", "create", "change", "remove", "act", "export", "import", "attach"];
/// A token with more entries than this is not looked through by anybody.
pub const MAX_ENTRIES: usize = 100;

/// Whether an entry can be understood.
///
/// # Errors
/// `scopes.invalid`, naming the entry.
pub fn check(entry: &str) -> Result<()> {
    let wrong = |what: String| Err(Error::invalid("scopes", format!("scope {entry:?} {what}")));
    let Some((verb, kind)) = entry.split_once(':') else {
        return wrong("is no scope: write a verb and a kind, like \"read:customer\" or \"*:complaints.*\"".into());
    };
    if verb != "*" && !VERBS.contains(&verb) {
        return wrong(format!("has no verb: use one of {} or *", VERBS.join(", ")));
    }
    let name = kind.strip_suffix(".*").unwrap_or(kind);
    let is_name =
        !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c));
    if kind != "*" && !is_name {
        return wrong("has no kind: use a kind's name, a plugin's name with \".*\", or *".into());
    }
    Ok(())
}

/// Whether these entries let through `verb` on a kind. No entries at all are no restriction.
pub fn allow(entries: &[String], verb: &str, kind: &str) -> bool {
    entries.is_empty() || parsed(entries).any(|(verbs, kinds)| (verbs == "*" || verbs == verb) && holds(kinds, kind))
}

/// Whether these entries let through `verb` on every kind there is.
pub fn allow_all(entries: &[String], verb: &str) -> bool {
    entries.is_empty() || parsed(entries).any(|(verbs, kinds)| (verbs == "*" || verbs == verb) && kinds == "*")
}

/// Whether nothing is held back.
pub fn are_open(entries: &[String]) -> bool {
    entries.is_empty() || parsed(entries).any(|entry| entry == ("*", "*"))
}

fn parsed(entries: &[String]) -> impl Iterator<Item = (&str, &str)> {
    entries.iter().filter_map(|entry| entry.split_once(':'))
}

fn holds(kinds: &str, kind: &str) -> bool {
    match kinds.strip_suffix(".*") {
        Some(plugin) => kind.strip_prefix(plugin).is_some_and(|rest| rest.starts_with('.')),
        None => kinds == "*" || kinds == kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_entry_lets_through_what_it_names_and_nothing_else() {
        let held = entries(&["read:customer", "*:complaints.*", "export:*"]);
        for (verb, kind, is_allowed) in [
            ("read", "customer", true),
            ("change", "customer", false),
            ("read", "customer_note", false),
            ("act", "complaints.case", true),
            ("read", "complaintsx.case", false),
            ("read", "complaints", false),
            ("export", "user", true),
            ("read", "user", false),
        ] {
            assert_eq!(allow(&held, verb, kind), is_allowed, "{verb}:{kind}");
        }
        assert!(allow(&[], "remove", "customer"));
        assert!(allow_all(&held, "export") && !allow_all(&held, "read"));
        assert!(are_open(&[]) && are_open(&entries(&["*:*"])) && !are_open(&held));
    }

    #[test]
    fn an_entry_that_means_nothing_is_refused() {
        for entry in ["read:customer", "*:*", "*:complaints.*", "attach:complaints.case", "read:saved_view"] {
            assert!(check(entry).is_ok(), "{entry}");
        }
        for entry in ["read", "look:customer", "read:", "read:.*", "read:Customer", "read:a b", ":customer", "read:*x"]
        {
            assert_eq!(check(entry).unwrap_err().code, "scopes.invalid", "{entry}");
        }
    }
}
