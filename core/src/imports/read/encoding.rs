//! Bytes into text: UTF-8, UTF-16 and GB18030 are told apart by what is valid, then by what is plausible.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::{
    content::{self, Content},
    unreadable,
};
use crate::{Error, Result};

/// How much of a file is looked at to tell what is plausible in it.
const SAMPLE_BYTES: usize = 64 << 10;
/// How much is decoded at once.
const PIECE_BYTES: usize = 32 << 10;

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    encoding: &'static Encoding,
    /// The length of the mark in front.
    n_mark: usize,
}

impl Written {
    /// `UTF-8`, `GB18030`, `UTF-16LE`, `UTF-16BE`.
    pub(super) fn name(self) -> &'static str {
        if self.encoding == GB18030 { "GB18030" } else { self.encoding.name() }
    }

    /// The text as UTF-8, piece by piece.
    pub(super) fn reader<'a>(self, content: &'a dyn Content) -> Result<Text<'a>> {
        let mut bytes = content.reader();
        io::copy(&mut bytes.by_ref().take(self.n_mark as u64), &mut io::sink()).map_err(content::failed)?;
        Ok(Text {
            bytes,
            decoder: self.encoding.new_decoder_without_bom_handling(),
            raw: vec![0; PIECE_BYTES],
            n_raw: 0,
            at: 0,
            text: Vec::new(),
            n_given: 0,
            n_lines: 0,
            is_last: false,
            is_over: false,
        })
    }
}

/// Tell how a text is written. The whole of it is read once: what nobody can read is told now, with its line.
///
/// # Errors
/// `import.unreadable`.
pub(super) fn recognise(content: &dyn Content) -> Result<Written> {
    let sample = content::head(content, SAMPLE_BYTES)?;
    let written = match Encoding::for_bom(&sample) {
        Some((encoding, n_mark)) => Written { encoding, n_mark },
        None => Written { encoding: guess(content, &sample)?, n_mark: 0 },
    };
    io::copy(&mut written.reader(content)?, &mut io::sink()).map_err(content::failed)?;
    check_sample(content, written)?;
    Ok(written)
}

/// What is not a text although it can be decoded.
fn check_sample(content: &dyn Content, written: Written) -> Result<()> {
    let mut sample = Vec::new();
    written.reader(content)?.take(SAMPLE_BYTES as u64).read_to_end(&mut sample).map_err(content::failed)?;
    let text = String::from_utf8_lossy(&sample);
    let n_odd = text.chars().filter(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{B}' | '\u{C}')).count();
    if n_odd * 100 > text.chars().count() || text.contains('\0') {
        return Err(unreadable("the file is not text: save the list as .xlsx or CSV"));
    }
    let start = text.trim_start().get(..5).unwrap_or_default().to_ascii_lowercase();
    if start == "<html" || start == "<!doc" || start == "<?xml" {
        return Err(unreadable("the file is a web page, whatever its name says: open it and save it as .xlsx or CSV"));
    }
    Ok(())
}

fn guess(content: &dyn Content, sample: &[u8]) -> Result<&'static Encoding> {
    if let Some(encoding) = wide(sample) {
        return Ok(encoding);
    }
    let mut utf8 = Written { encoding: UTF_8, n_mark: 0 }.reader(content)?;
    let mut has_far = false;
    let mut piece = [0; PIECE_BYTES];
    loop {
        match utf8.read(&mut piece) {
            Ok(0) => break,
            // Sequences of three bytes and more: nothing that is GB18030 has many of these by chance.
            Ok(n) => has_far |= piece[..n].iter().any(|byte| *byte >= 0xE0),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(GB18030),
            Err(error) => return Err(content::failed(error)),
        }
    }
    let end = match std::str::from_utf8(sample) {
        Ok(_) => sample.len(),
        Err(error) => error.valid_up_to(),
    };
    let text = std::str::from_utf8(&sample[..end]).unwrap_or_default();
    Ok(if !has_far && !text.is_ascii() && is_rather_chinese(&sample[..end], text) { GB18030 } else { UTF_8 })
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

/// A text being decoded. What cannot be decoded is an error that names the line.
pub(super) struct Text<'a> {
    bytes: Box<dyn Read + Send + 'a>,
    decoder: Decoder,
    raw: Vec<u8>,
    n_raw: usize,
    /// What of `raw` has been decoded.
    at: usize,
    text: Vec<u8>,
    n_given: usize,
    n_lines: usize,
    is_last: bool,
    is_over: bool,
}

impl Text<'_> {
    /// Decode some more into `text`.
    fn fill(&mut self) -> io::Result<()> {
        if self.at == self.n_raw && !self.is_last {
            self.n_raw = self.bytes.read(&mut self.raw)?;
            self.at = 0;
            self.is_last = self.n_raw == 0;
        }
        self.text.resize(PIECE_BYTES * 4, 0);
        let (result, n_read, n_written) = self.decoder.decode_to_utf8_without_replacement(
            &self.raw[self.at..self.n_raw],
            &mut self.text,
            self.is_last,
        );
        self.at += n_read;
        self.text.truncate(n_written);
        self.n_given = 0;
        self.n_lines += self.text.iter().filter(|byte| **byte == b'\n').count();
        match result {
            DecoderResult::Malformed(..) => {
                let line = self.n_lines + 1;
                let own: Error = unreadable(format!(
                    "line {line} is neither UTF-8 nor GB18030 nor UTF-16 text: save the file as CSV UTF-8 or .xlsx"
                ));
                Err(io::Error::new(io::ErrorKind::InvalidData, own))
            }
            DecoderResult::InputEmpty => {
                self.is_over = self.is_last;
                Ok(())
            }
            DecoderResult::OutputFull => Ok(()),
        }
    }
}

impl Read for Text<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.n_given == self.text.len() {
            if self.is_over {
                return Ok(0);
            }
            self.fill()?;
        }
        let n = into.len().min(self.text.len() - self.n_given);
        into[..n].copy_from_slice(&self.text[self.n_given..self.n_given + n]);
        self.n_given += n;
        Ok(n)
    }
}
