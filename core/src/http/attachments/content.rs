//! What a file is, by what is in it. What its sender calls it counts for nothing, except among types that share one form.

use std::{fs::File, io::BufReader};

use crate::{Error, Result, store::Received};

/// A media type with the extensions a file of it may bear; the first is added to a name without one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    /// `application/pdf`.
    pub media_type: &'static str,
    /// `pdf`.
    pub extensions: &'static [&'static str],
}

const fn content(media_type: &'static str, extensions: &'static [&'static str]) -> Content {
    Content { media_type, extensions }
}

const WORD: Content = content("application/msword", &["doc", "wps"]);
const EXCEL: Content = content("application/vnd.ms-excel", &["xls", "et"]);
const SLIDES: Content = content("application/vnd.ms-powerpoint", &["ppt", "dps"]);
const TEXT: Content = content("text/plain", &["txt", "csv", "tsv", "log", "md", "vcf", "ics", "json"]);
const MP4: Content = content("video/mp4", &["mp4", "m4v"]);
const M4A: Content = content("audio/mp4", &["m4a"]);
const QUICKTIME: Content = content("video/quicktime", &["mov"]);
const HEIC: Content = content("image/heic", &["heic", "heif"]);

/// What begins a file at an offset, and what it is then.
const BEGINNINGS: [(usize, &[u8], Content); 12] = [
    (0, b"%PDF-", content("application/pdf", &["pdf"])),
    (0, b"\x89PNG\r\n\x1a\n", content("image/png", &["png"])),
    (0, b"\xff\xd8\xff", content("image/jpeg", &["jpg", "jpeg"])),
    (0, b"GIF8", content("image/gif", &["gif"])),
    (8, b"WEBP", content("image/webp", &["webp"])),
    (8, b"WAVE", content("audio/wav", &["wav"])),
    (0, b"BM", content("image/bmp", &["bmp"])),
    (0, b"II*\0", content("image/tiff", &["tif", "tiff"])),
    (0, b"MM\0*", content("image/tiff", &["tif", "tiff"])),
    (0, b"#!AMR", content("audio/amr", &["amr"])),
    (0, b"ID3", content("audio/mpeg", &["mp3"])),
    (0, b"\xff\xfb", content("audio/mpeg", &["mp3"])),
];

/// What stands in an archive, and what the archive is then. OFD is the form of Chinese electronic invoices.
const INSIDES: [(&str, Content); 5] = [
    ("word/", content("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"])),
    ("xl/", content("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"])),
    ("ppt/", content("application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"])),
    ("OFD.xml", content("application/ofd", &["ofd"])),
    ("content.xml", content("application/vnd.oasis.opendocument.text", &["odt", "ods", "odp"])),
];

/// What it is; `None` for anything that is not recognised.
///
/// # Errors
/// When the disk refuses.
pub fn of(received: &Received, name: &str) -> Result<Option<Content>> {
    let head = received.head.as_slice();
    if head.starts_with(b"PK\x03\x04") {
        return inside(received.open()?);
    }
    Ok(beginning(head, name))
}

fn beginning(head: &[u8], name: &str) -> Option<Content> {
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        let extension = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        return [WORD, EXCEL, SLIDES].into_iter().find(|known| known.extensions.contains(&extension.as_str()));
    }
    if head.get(4..8) == Some(b"ftyp") {
        return Some(match head.get(8..12)? {
            b"heic" | b"heix" | b"mif1" | b"msf1" => HEIC,
            b"M4A " => M4A,
            b"qt  " => QUICKTIME,
            _ => MP4,
        });
    }
    // RIFF stands before WEBP and WAVE.
    let is_riff = head.starts_with(b"RIFF");
    let known = BEGINNINGS
        .iter()
        .find(|(at, magic, _)| (*at == 0 || is_riff) && head.get(*at..).is_some_and(|rest| rest.starts_with(magic)));
    known.map(|(_, _, content)| *content).or_else(|| (!is_riff && is_text(head)).then_some(TEXT))
}

/// No controls, and nothing that a browser would take for a page or a drawing. Chinese text may be in GBK, so it need not be UTF-8.
fn is_text(head: &[u8]) -> bool {
    let is_control = |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c);
    let is_markup = String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().starts_with('<');
    !head.is_empty() && !head.iter().any(is_control) && !is_markup && !head.starts_with(b"#!")
}

fn inside(file: File) -> Result<Option<Content>> {
    let Ok(archive) = zip::ZipArchive::new(BufReader::new(file)) else { return Ok(None) };
    let names: Vec<String> = archive.file_names().flatten().map(Into::into).collect();
    // A document with macros is a program.
    if names.iter().any(|name| name.ends_with("vbaProject.bin")) {
        return Ok(None);
    }
    let holds = |part: &str| names.iter().any(|name| name.starts_with(part));
    Ok(INSIDES.iter().find(|(part, _)| holds(part)).map(|(_, content)| *content))
}

/// The type if it is among those allowed.
///
/// # Errors
/// `attachment.type`, naming what is allowed.
pub fn allowed(found: Option<Content>, types: &[String]) -> Result<Content> {
    if let Some(content) = found.filter(|content| types.iter().any(|known| known == content.media_type)) {
        return Ok(content);
    }
    let found = found.map_or("of a kind that is not recognised", |content| content.media_type);
    let message = format!("the file is {found}; files may be {}", types.join(", "));
    Err(Error::invalid("attachment", message).coded("attachment.type"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_is_in_it() {
        let of = |head: &[u8], name: &str| beginning(head, name).map(|content| content.media_type);
        for (head, name, expected) in [
            (b"%PDF-1.7".as_slice(), "a.exe", Some("application/pdf")),
            (b"\x89PNG\r\n\x1a\n....", "a.pdf", Some("image/png")),
            (b"RIFF....WEBP", "", Some("image/webp")),
            (b"RIFF....AVI ", "", None),
            (b"\0\0\0\x18ftypheic", "", Some("image/heic")),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls", Some("application/vnd.ms-excel")),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "setup.msi", None),
            ("姓名,手机\n王磊,130".as_bytes(), "a.csv", Some("text/plain")),
            (b"\xcd\xf5\xc0\xda,130\n", "gbk.csv", Some("text/plain")),
            (b"MZ\x90\0", "a.pdf", None),
            (b"\x7fELF", "a.pdf", None),
            (b" <html><script>", "a.txt", None),
            (b"<svg onload=alert(1)>", "a.png", None),
            ("\u{feff}<?xml version='1.0'?><svg/>".as_bytes(), "a.txt", None),
            (b"#!/bin/sh\n", "a.txt", None),
            (b"", "a.txt", None),
        ] {
            assert_eq!(of(head, name), expected, "{name} {head:?}");
        }
    }

    #[test]
    fn what_is_not_allowed_is_told_with_what_is() {
        let types = vec!["application/pdf".to_owned()];
        let error = allowed(Some(TEXT), &types).expect_err("refused");
        assert_eq!((error.code.as_str(), error.message.contains("application/pdf")), ("attachment.type", true));
        assert!(allowed(None, &types).is_err());
    }
}
