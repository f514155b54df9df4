//! The `marque` command.
fn main() {}
