//! The ledger of erasures: a line each, ids and moments alone, in a file that no backup of the store takes back.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::Path,
};

use crate::{Error, Result, store::tables::erasure::Erasure};

const FILE: &str = "erased.jsonl";

/// Add lines, on the disk when this answers.
pub(super) fn append(folder: &Path, lines: &[Erasure]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut text = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut text, line).map_err(Error::internal)?;
        text.push(b'\n');
    }
    let file = File::options().create(true).append(true).open(folder.join(FILE));
    file.and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all())).map_err(Error::internal)
}

/// All lines. One that broke off in a crash is passed over: the store knows of it and it is written again.
pub(super) fn read(folder: &Path) -> Result<Vec<Erasure>> {
    let text = match fs::read_to_string(folder.join(FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::internal(error)),
    };
    let line = |line: &str| match serde_json::from_str(line) {
        Ok(line) => Some(line),
        Err(error) => {
            tracing::warn!(%error, "a line of {FILE} cannot be read");
            None
        }
    };
    Ok(text.lines().filter(|line| !line.trim().is_empty()).filter_map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Id, Time};

    #[test]
    fn lines_are_added_and_a_broken_one_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).unwrap().is_empty());
        let line = |n: i64| Erasure {
            customer: format!("c{n}").parse().unwrap(),
            org: Id::hq(),
            ids: Vec::new(),
            at: Time::from_millis(n),
            actor: "system".into(),
            seq: n,
        };
        append(folder.path(), &[line(1)]).unwrap();
        File::options().append(true).open(folder.path().join(FILE)).unwrap().write_all(b"{\"cust\n").unwrap();
        append(folder.path(), &[line(2), line(3)]).unwrap();
        assert_eq!(read(folder.path()).unwrap(), [line(1), line(2), line(3)]);
    }
}
