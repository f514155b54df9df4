//! Bytes to files and back: tar inside gzip, with nothing in it that could differ from one machine to the next.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
};

use flate2::{Compression, GzBuilder, bufread::GzDecoder};
use tar::{Archive, Builder, EntryType, Header};

use crate::{Error, Result, limits, name};

type Files = BTreeMap<String, Vec<u8>>;

/// Packs: sorted names, no times, no owners.
pub fn write(files: &Files) -> Result<Vec<u8>> {
    let tar = write_tar(files)?;
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    let bytes = encoder.write_all(&tar).and_then(|()| encoder.finish()).map_err(Error::io("package"))?;
    if bytes.len() > limits::ARCHIVE_BYTES { Err(Error::archive_too_large()) } else { Ok(bytes) }
}

/// Unpacks, refusing whatever [`write`] would not have made.
pub fn read(bytes: &[u8]) -> Result<Files> {
    let tar = gunzip(bytes)?;
    let files = read_tar(&tar)?;
    // The catch-all behind the named refusals: times, owners, padding, a second archive behind the first.
    let canonical = write_tar(&files)?;
    if canonical != tar {
        let differs_at = canonical.iter().zip(&tar).take_while(|(ours, theirs)| ours == theirs).count();
        return Err(Error::NotCanonical { file: name_at(&files, differs_at) });
    }
    Ok(files)
}

fn gunzip(bytes: &[u8]) -> Result<Vec<u8>> {
    if bytes.len() > limits::ARCHIVE_BYTES {
        return Err(Error::archive_too_large());
    }
    let mut tar = Vec::new();
    let mut decoder = GzDecoder::new(bytes).take(limits::UNPACKED_BYTES as u64 + 1);
    decoder.read_to_end(&mut tar).map_err(|cause| Error::Garbage { what: cause.to_string() })?;
    if tar.len() > limits::UNPACKED_BYTES {
        return Err(Error::unpacked_too_large("the package"));
    }
    if !decoder.into_inner().into_inner().is_empty() {
        return Err(Error::Garbage { what: "there are bytes after its end".into() });
    }
    Ok(tar)
}

fn read_tar(tar: &[u8]) -> Result<Files> {
    let garbage = |cause: std::io::Error| Error::Garbage { what: cause.to_string() };
    let mut files = Files::new();
    let mut seen = BTreeSet::new();
    // Raw: long names and extended headers show as entries of their own, and are refused as such.
    for entry in Archive::new(tar).entries().map_err(garbage)?.raw(true) {
        let mut entry = entry.map_err(garbage)?;
        let file = String::from_utf8_lossy(&entry.header().path_bytes()).into_owned();
        if let Some(what) = not_a_file(entry.header().entry_type()) {
            return Err(Error::NotAFile { file, what });
        }
        name::check(&file)?;
        if files.len() == limits::FILES {
            return Err(Error::too_many_files(&file));
        }
        if !seen.insert(file.to_ascii_lowercase()) {
            return Err(Error::Duplicate { file });
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(garbage)?;
        if content.len() as u64 != entry.size() {
            return Err(Error::Garbage { what: format!("{file}: is cut off") });
        }
        files.insert(file, content);
    }
    Ok(files)
}

fn not_a_file(kind: EntryType) -> Option<&'static str> {
    match kind {
        EntryType::Regular => None,
        EntryType::Symlink | EntryType::Link => Some("link"),
        EntryType::Directory => Some("folder"),
        EntryType::Char | EntryType::Block | EntryType::Fifo => Some("device"),
        _ => Some("special entry"),
    }
}

fn write_tar(files: &Files) -> Result<Vec<u8>> {
    let mut builder = Builder::new(Vec::new());
    for (file, content) in files {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        builder.append_data(&mut header, file, content.as_slice()).map_err(Error::io(file))?;
    }
    builder.into_inner().map_err(Error::io("package"))
}

/// The file whose header or content holds byte `at` of the tar.
fn name_at(files: &Files, at: usize) -> String {
    let mut end = 0;
    for (file, content) in files {
        end += 512 + content.len().div_ceil(512) * 512;
        if at < end {
            return file.clone();
        }
    }
    "the package".into()
}
