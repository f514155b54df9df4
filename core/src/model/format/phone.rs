//! Phones (under construction on another branch).

/// Normal form.
///
/// # Errors
/// Never, here.
pub fn normal(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}
