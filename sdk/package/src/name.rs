//! Names of files inside a package.

use crate::{Error, Result, limits};

/// Passes names that mean the same on every system and cannot lead out of a folder.
pub fn check(name: &str) -> Result<()> {
    let is_plain = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
    };
    if name.len() <= limits::NAME_BYTES && name.split('/').all(is_plain) {
        Ok(())
    } else {
        Err(Error::Name { file: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_lead_out_are_refused() {
        for name in ["", "/etc/passwd", "../up", "a/../../up", "a//b", "./a", "a\\b", "C:x", "名字", "a\0b", "a/"] {
            assert!(check(name).is_err(), "{name:?}");
        }
        for name in ["plugin.toml", "records/complaints.case.json", "texts/zh-CN.json"] {
            check(name).unwrap();
        }
    }

    #[test]
    fn a_name_has_at_most_100_bytes() {
        assert!(check(&"a".repeat(100)).is_ok());
        assert!(check(&"a".repeat(101)).is_err());
    }
}
