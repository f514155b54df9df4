//! What the store's file still shows of a value in the unused parts of its pages.
//!
//! SQLite overwrites what is deleted (`secure_delete`), but a page that is put together anew may keep the bytes of a cell that has moved to
//! its neighbour. Those bytes lie between the list of cells and the first cell, where no reading of the store ever looks.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

/// Bytes before the first page's own header.
const FILE_HEADER: usize = 100;

/// Whether any of these values stands in an unused part of a page.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn are_left(path: &Path, values: &[String]) -> io::Result<bool> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut head = [0; FILE_HEADER];
    if file.read_exact(&mut head).is_err() {
        return Ok(false);
    }
    let size = page_size(&head);
    let mut page = vec![0; size];
    page[..FILE_HEADER].copy_from_slice(&head);
    file.read_exact(&mut page[FILE_HEADER..])?;
    let mut header_at = FILE_HEADER;
    loop {
        if values.iter().any(|value| holds(gap(&page, header_at), value.as_bytes())) {
            return Ok(true);
        }
        header_at = 0;
        match file.read_exact(&mut page) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            Err(error) => return Err(error),
        }
    }
}

/// The size of 65 536 is written as 1.
fn page_size(head: &[u8; FILE_HEADER]) -> usize {
    match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        size => size.into(),
    }
}

/// What lies between the list of cells and the cells; nothing for pages that are no part of a tree.
fn gap(page: &[u8], header_at: usize) -> &[u8] {
    let header_len = match page.get(header_at) {
        Some(2 | 5) => 12,
        Some(10 | 13) => 8,
        _ => return &[],
    };
    let number = |at: usize| -> usize {
        page.get(at..at + 2).map_or(0, |bytes| u16::from_be_bytes([bytes[0], bytes[1]]).into())
    };
    let from = header_at + header_len + 2 * number(header_at + 3);
    let to = match number(header_at + 5) {
        0 => 65_536,
        to => to,
    };
    page.get(from..to.min(page.len())).unwrap_or_default()
}

fn holds(bytes: &[u8], value: &[u8]) -> bool {
    // Looking for the first byte alone is what the machine is quick at.
    let Some((first, rest)) = value.split_first() else { return false };
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|byte| byte == first) {
        at += found + 1;
        if bytes[at..].starts_with(rest) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_unused_part_of_a_page_is_looked_at() {
        let mut page = vec![0; 512];
        page[0] = 13;
        page[4] = 1;
        page[5..7].copy_from_slice(&500_u16.to_be_bytes());
        page[500..].copy_from_slice(b"in use here!");
        page[100..106].copy_from_slice(b"traces");
        assert!(holds(gap(&page, 0), b"traces") && !holds(gap(&page, 0), b"in use"));
        page[0] = 0;
        assert!(gap(&page, 0).is_empty(), "an overflow page has no such part");
    }

    #[test]
    fn a_store_that_shows_nothing_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let db = rusqlite::Connection::open(&path).unwrap();
        db.execute_batch("create table a (b text); insert into a values ('司马相如')").unwrap();
        assert!(!are_left(&path, &["司马相如".into()]).unwrap(), "it stands in a cell, not beside one");
    }
}
