//! Bytes into text: UTF-8, UTF-16 and GB18030 are told apart by what is valid, then by what is plausible.

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::unreadable;
use crate::Result;

/// The text and the name of its encoding.
pub(super) fn decode(bytes: &[u8]) -> Result<(String, &'static str)> {
    let (encoding, body) = match Encoding::for_bom(bytes) {
        Some((encoding, n_bom)) => (encoding, &bytes[n_bom..]),
        None => (guess(bytes), bytes),
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(body).ok_or_else(|| {
        let line = 1 + valid_lines(encoding, body);
        unreadable(format!(
            "line {line} is neither UTF-8 nor GB18030 nor UTF-16 text: save the file as CSV UTF-8 or .xlsx"
        ))
    })?;
    let n_odd = text.chars().filter(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{B}' | '\u{C}')).count();
    if n_odd * 100 > text.chars().count() || text.contains('\0') {
        return Err(unreadable("the file is not text: save the list as .xlsx or CSV"));
    }
    let start = text.trim_start().get(..5).unwrap_or_default().to_ascii_lowercase();
    if start == "<html" || start == "<!doc" || start == "<?xml" {
        return Err(unreadable("the file is a web page, whatever its name says: open it and save it as .xlsx or CSV"));
    }
    let name = if encoding == GB18030 { "GB18030" } else { encoding.name() };
    Ok((text.into_owned(), name))
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    if let Some(encoding) = wide(bytes) {
        return encoding;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() || !is_rather_chinese(bytes, text) => UTF_8,
        _ => GB18030,
    }
}

/// UTF-16 without its mark: its line breaks and delimiters have zero bytes, which no other text has, and read the
/// wrong way round it is not what tables are made of.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(4096) & !1];
    if !sample.contains(&0) {
        return None;
    }
    let n_usual = |unit: fn([u8; 2]) -> u16| {
        let units = sample.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        units
            .filter(|unit| matches!(unit, 0x09 | 0x0A | 0x0D | 0x20..=0x7E | 0x3000..=0x301F | 0x4E00..=0x9FFF))
            .count()
    };
    let (little, big) = (n_usual(u16::from_le_bytes), n_usual(u16::from_be_bytes));
    let (best, encoding) = if little >= big { (little, UTF_16LE) } else { (big, UTF_16BE) };
    (best * 10 >= sample.len() / 2 * 7).then_some(encoding)
}

/// Whether bytes that are valid UTF-8 by chance are a GB18030 text.
///
/// Two Chinese characters of GB2312 can be two UTF-8 sequences of two bytes each (the infamous file that only says
/// 联通). Real UTF-8 with Chinese has sequences of three bytes, and Western letters stand beside plain ones: both settle it.
fn is_rather_chinese(bytes: &[u8], text: &str) -> bool {
    if text.chars().any(|c| c >= '\u{800}') {
        return false;
    }
    let mut at = 0;
    let mut n_letters = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii() {
            at += 1;
            continue;
        }
        let end = bytes[at..].iter().position(u8::is_ascii).map_or(bytes.len(), |n| at + n);
        let is_common = |pair: &[u8]| pair.len() == 2 && (0xB0..=0xD7).contains(&pair[0]) && pair[1] >= 0xA1;
        let is_beside_letter = |place: Option<&u8>| place.is_some_and(u8::is_ascii_alphabetic);
        if !bytes[at..end].chunks(2).all(is_common)
            || (at > 0 && is_beside_letter(bytes.get(at - 1)))
            || is_beside_letter(bytes.get(end))
        {
            return false;
        }
        // A lone £, ° or · is likelier than a lone 拢, 掳 or 路.
        n_letters += bytes[at..end].chunks(2).filter(|pair| pair[0] != 0xC2).count();
        at = end;
    }
    n_letters > 0
}

/// Lines before the first one that cannot be decoded.
fn valid_lines(encoding: &'static Encoding, bytes: &[u8]) -> usize {
    let is_valid = |line: &&[u8]| {
        encoding.decode_without_bom_handling_and_without_replacement(line.strip_suffix(b"\r").unwrap_or(line)).is_some()
    };
    bytes.split(|byte| *byte == b'\n').take_while(is_valid).count()
}
