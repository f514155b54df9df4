//! Which passwords are taken: long enough, none that everybody uses, none that says whose or where it is, and nothing more is asked.

use std::sync::LazyLock;

use crate::{Error, ErrorKind, Result};

/// Characters, not bytes: a Chinese sentence is a good password.
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=128;
/// The 3 000 most used passwords of those long enough, in small letters and sorted: from leaks, as they are known to everybody.
const COMMON: &str = include_str!("passwords/common.txt");
/// Words that are tried here first. A password that is one of them with digits and signs around it is refused.
const OF_THE_PLACE: [&str; 8] =
    ["marque", "crm", "dealer", "admin", "administrator", "password", "welcome", "huanying"];

static SORTED: LazyLock<Vec<&str>> = LazyLock::new(|| COMMON.lines().collect());

/// Whether a password may be set, for a login where it is known.
///
/// # Errors
/// `password.invalid`, `password.common`, `password.login`.
pub fn check(password: &str, login: Option<&str>) -> Result<()> {
    let n_chars = password.chars().count();
    if !LENGTHS.contains(&n_chars) {
        return Err(Error::invalid(
            "password",
            format!("a password has 8 to 128 characters, this one has {n_chars}; 15 and more are advised"),
        ));
    }
    let small = password.to_lowercase();
    let letters: String = small.chars().filter(|c| c.is_alphabetic()).collect();
    if SORTED.binary_search(&small.as_str()).is_ok() || OF_THE_PLACE.contains(&letters.as_str()) {
        let message =
            "this password is one of the first that are tried; take another, a sentence of your own for example";
        return Err(Error::new(ErrorKind::Invalid, "password.common", message));
    }
    let login = login.map(str::to_lowercase).unwrap_or_default();
    let login_letters: String = login.chars().filter(|c| c.is_alphabetic()).collect();
    if small == login || (!login_letters.is_empty() && letters == login_letters) {
        return Err(Error::new(
            ErrorKind::Invalid,
            "password.login",
            "the password must not be the login, with or without digits; take another",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str, login: Option<&str>) -> Option<String> {
        check(password, login).err().map(|error| error.code)
    }

    #[test]
    fn the_list_holds_three_thousand_in_order() {
        assert_eq!(SORTED.len(), 3_000);
        assert!(SORTED.is_sorted());
        assert!(SORTED.iter().all(|word| word.len() >= 8 && *word == word.to_lowercase()));
    }

    #[test]
    fn what_everybody_uses_is_refused_in_whatever_case() {
        for password in ["password1", "PassWord1", "1qaz2wsx", "a123456789", "Marque2026!", "admin@888", "12345678"] {
            assert_eq!(refused(password, None).as_deref(), Some("password.common"), "{password}");
        }
    }

    #[test]
    fn the_login_is_no_password() {
        assert_eq!(refused("wang.lei.2026", Some("wang.lei")).as_deref(), Some("password.login"));
        assert_eq!(refused("D1.Wanglei", Some("d1.wanglei")).as_deref(), Some("password.login"));
        assert_eq!(refused("wang.lei.2026", Some("li.na")), None);
    }

    #[test]
    fn nothing_else_is_asked_of_a_password() {
        for password in
            ["aaaa bbbb", "今天天气很好我们去江边", "correct horse battery staple", "x1y2z3w4", &"长".repeat(128)]
        {
            assert_eq!(refused(password, Some("admin")), None, "{password}");
        }
        for password in ["七个字的密码啊", "short", &"x".repeat(129)] {
            assert_eq!(refused(password, None).as_deref(), Some("password.invalid"), "{password}");
        }
    }
}
