//! The .mpk archive (under construction on another branch).

/// An opened package.
#[derive(Clone, Debug, Default)]
pub struct Package {}

impl Package {
    /// A file's bytes.
    pub fn file(&self, _name: &str) -> Option<&[u8]> {
        None
    }

    /// A file's text, if it is UTF-8.
    pub fn text(&self, _name: &str) -> Option<&str> {
        None
    }
}
