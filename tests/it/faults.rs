//! What goes wrong: the process is killed, calls fail, the clock jumps, the power is cut, guests misbehave.

mod guests;
pub mod kill;
mod migration;
pub mod package;
mod plan;
mod secrets;
mod swap;
mod unchanged;
mod work;

/// Whether the large doses are asked for: `cargo xtask faults`.
fn is_night() -> bool {
    std::env::var_os("MARQUE_FAULTS").is_some_and(|dose| dose == "night")
}

/// How often: the small dose, or the large one.
fn dose(small: u32, large: u32) -> u32 {
    let chosen = std::env::var("MARQUE_FAULTS_DOSE").ok().and_then(|dose| dose.parse().ok());
    if is_night() { chosen.unwrap_or(large) } else { small }
}
