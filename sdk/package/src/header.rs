//! The few lines of `plugin.toml` that the package itself needs; the rest is the server's business.

use std::{fs, path::Path};

use serde::Deserialize;

use crate::{Error, Result};

/// Who a plugin is and which crate it is compiled from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Header {
    /// `complaints`: lower-case letters, digits and dashes, a letter first.
    pub name: String,
    /// `0.1.0`.
    pub version: String,
    /// The crate that becomes `component.wasm`; absent for a plugin of data and scripts.
    pub component: Option<String>,
}

impl Header {
    /// From the manifest's text.
    pub fn parse(manifest: &str) -> Result<Header> {
        let header: Header =
            toml::from_str(manifest).map_err(|cause| Error::Manifest { what: cause.message().to_owned() })?;
        if !is_plugin_name(&header.name) {
            let what = format!("name {:?}: use 1 to 40 of a-z, 0-9 and '-', a letter first", header.name);
            return Err(Error::Manifest { what });
        }
        if !is_version(&header.version) {
            return Err(Error::Manifest { what: format!("version {:?}: write it like 0.1.0", header.version) });
        }
        Ok(header)
    }

    /// From the manifest in a plugin's folder.
    pub fn of_folder(folder: &Path) -> Result<Header> {
        let path = folder.join("plugin.toml");
        Header::parse(&fs::read_to_string(&path).map_err(Error::io(path))?)
    }

    /// `complaints-0.1.0.mpk`.
    pub fn file_name(&self) -> String {
        format!("{}-{}.mpk", self.name, self.version)
    }
}

fn is_plugin_name(name: &str) -> bool {
    name.len() <= 40
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_version(version: &str) -> bool {
    let is_number = |part: &str| part.len() <= 9 && part.parse::<u32>().is_ok_and(|number| number.to_string() == part);
    version.split('.').count() == 3 && version.split('.').all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, version: &str) -> Result<Header> {
        Header::parse(&format!("name = {name:?}\nversion = {version:?}\nanything = \"else\""))
    }

    #[test]
    fn the_name_and_version_make_the_file_name() {
        assert_eq!(parse("test-drive", "1.20.3").unwrap().file_name(), "test-drive-1.20.3.mpk");
    }

    #[test]
    fn names_and_versions_that_could_do_harm_in_a_file_name_are_refused() {
        for (name, version) in [
            ("", "1.0.0"),
            ("../x", "1.0.0"),
            ("X", "1.0.0"),
            ("x", "1.0"),
            ("x", "../1.0.0"),
            ("x", "01.0.0"),
            ("x", "1.0.0-rc"),
        ] {
            assert!(matches!(parse(name, version), Err(Error::Manifest { .. })), "{name:?} {version:?}");
        }
    }

    #[test]
    fn a_manifest_without_a_name_says_so() {
        let error = Header::parse("version = \"1.0.0\"").unwrap_err();
        assert!(error.to_string().contains("name"), "{error}");
    }
}
