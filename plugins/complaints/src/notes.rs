//! Notes: one growing text, newest first, each line with its time and author.

use marque_sdk::Data;

use crate::{case::Case, desk::Desk};

/// As many characters as the field holds. Older notes fall off; the record's history keeps them.
const LONGEST: usize = 20_000;

/// Puts a note before those that are there.
pub fn add(desk: &Desk, case: &Case, patch: &mut Data, note: Option<&str>) {
    let Some(note) = note.map(str::trim).filter(|note| !note.is_empty()) else { return };
    let author = desk.person.as_ref().map_or("", |person| person.name.as_str());
    let notes = joined(&desk.call.now, author, note, case.text("notes").unwrap_or_default());
    patch.insert("notes".into(), notes.into());
}

/// A note before those that are there.
pub fn joined(now: &str, author: &str, note: &str, earlier: &str) -> String {
    let notes = format!("[{now} {author}] {note}\n{earlier}");
    notes.trim_end().chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_note_comes_first() {
        assert_eq!(joined("T2", "李娜", "已回电", "[T1 吴敏] 未接"), "[T2 李娜] 已回电\n[T1 吴敏] 未接");
        assert_eq!(joined("T1", "", "x", ""), "[T1 ] x");
    }

    #[test]
    fn the_oldest_notes_fall_off() {
        assert_eq!(joined("T", "a", "x", &"旧".repeat(LONGEST)).chars().count(), LONGEST);
    }
}
