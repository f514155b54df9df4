//! vCards 3.0 and 4.0, and what is still about of 2.1: address books of telephones, a card a row.

use std::{
    io::{BufRead, BufReader},
    sync::Arc,
};

use encoding_rs::Encoding;

use super::{
    Each, Row,
    content::{self, Content},
    too_large, unreadable,
};
use crate::{Result, model::format::phone};

/// The columns every address book has.
pub const HEADERS: [&str; 12] = [
    "name",
    "phone",
    "phone 2",
    "phone 3",
    "email",
    "email 2",
    "birth_date",
    "address",
    "city",
    "company",
    "job title",
    "note",
];
/// Of those, the ones that become part of the note where the kind has no field for them.
pub const EXTRAS: [&str; 6] = ["phone 2", "phone 3", "email 2", "company", "job title", "note"];
/// The longest card in bytes: a photograph goes into one.
const MAX_CARD_BYTES: usize = 16 << 20;

/// A file of cards.
#[derive(Debug)]
pub(super) struct Cards {
    content: Arc<dyn Content>,
}

/// One line of a card: `item1.TEL;TYPE=CELL:138…`.
struct Property {
    name: String,
    parameters: String,
    value: String,
}

/// What a card says.
#[derive(Debug, Default)]
struct Card {
    formatted: String,
    name: Vec<String>,
    phones: Vec<String>,
    emails: Vec<String>,
    birth_date: String,
    address: String,
    city: String,
    company: String,
    title: String,
    notes: Vec<String>,
}

/// Whether the file begins as cards do.
pub(super) fn is_card(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    head.get(..11).is_some_and(|start| start.eq_ignore_ascii_case(b"BEGIN:VCARD"))
}

impl Cards {
    pub(super) fn new(content: Arc<dyn Content>) -> Cards {
        Cards { content }
    }

    pub(super) fn each_row(&self, each: Each<'_>) -> Result<()> {
        let mut text = BufReader::new(self.content.reader());
        let mut card: Option<Card> = None;
        let (mut number, mut n_bytes) = (0, 0);
        let mut next = Vec::new();
        read_line(&mut text, &mut next)?;
        while let Some(line) = unfolded(&mut text, &mut next)? {
            n_bytes += line.len();
            if n_bytes > MAX_CARD_BYTES {
                return Err(too_large(format!("card {} has more than {MAX_CARD_BYTES} bytes", number + 1)));
            }
            let Some(property) = property(&line) else { continue };
            match (property.name.as_str(), &mut card) {
                ("BEGIN", _) if property.value.eq_ignore_ascii_case("VCARD") => {
                    (card, n_bytes) = (Some(Card::default()), 0);
                    number += 1;
                }
                ("END", open @ Some(_)) => {
                    let cells = open.take().map(Card::cells).unwrap_or_default();
                    if each(Row { number, cells, ..Row::default() })?.is_break() {
                        return Ok(());
                    }
                }
                (_, Some(card)) => card.take(&property),
                (_, None) => {}
            }
        }
        match card {
            Some(_) => Err(unreadable(format!("card {number} is not closed: the file breaks off; export it again"))),
            None => Ok(()),
        }
    }
}

/// The next line with its end; empty at the end of the file.
fn read_line(text: &mut impl BufRead, line: &mut Vec<u8>) -> Result<()> {
    line.clear();
    text.read_until(b'\n', line).map(drop).map_err(content::failed)
}

/// A whole line: one that begins with a blank goes on with the line before; quoted-printable goes on behind a `=`.
fn unfolded(text: &mut impl BufRead, next: &mut Vec<u8>) -> Result<Option<Vec<u8>>> {
    if next.is_empty() {
        return Ok(None);
    }
    let mut line = next.trim_ascii_end().to_vec();
    let is_quoted = line.to_ascii_uppercase().windows(16).any(|part| part == b"QUOTED-PRINTABLE");
    loop {
        read_line(text, next)?;
        if line.len() > MAX_CARD_BYTES {
            return Err(too_large(format!("a card has a line of more than {MAX_CARD_BYTES} bytes")));
        }
        if is_quoted && line.ends_with(b"=") && !next.is_empty() {
            line.pop();
            line.extend_from_slice(next.trim_ascii());
        } else if next.first().is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            // The line end is cut with what stands before it, so a blank that belongs to the text stays at the front.
            let end = next.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |at| at + 1);
            line.extend_from_slice(next.get(1..end).unwrap_or_default());
        } else {
            return Ok(Some(line));
        }
    }
}

fn property(line: &[u8]) -> Option<Property> {
    // The mark that some programs put in front of the first line.
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    let mut is_quoted = false;
    let colon = line.iter().position(|byte| {
        is_quoted ^= *byte == b'"';
        *byte == b':' && !is_quoted
    })?;
    let head = String::from_utf8_lossy(&line[..colon]).to_uppercase();
    let (name, parameters) = head.split_once(';').unwrap_or((&head, ""));
    // `item1.TEL`: which of several belong together does not matter here.
    let name = name.rsplit('.').next().unwrap_or(name).to_owned();
    let parameters = parameters.to_owned();
    let value = if parameters.contains("QUOTED-PRINTABLE") {
        decode(&quoted_printable(&line[colon + 1..]), &parameters)
    } else {
        decode(&line[colon + 1..], &parameters)
    };
    Some(Property { name, parameters, value })
}

/// By the charset it names; else UTF-8, else what Chinese telephones wrote before that.
fn decode(bytes: &[u8], parameters: &str) -> String {
    let named = parameters.split(';').find_map(|parameter| parameter.strip_prefix("CHARSET="));
    let named = named.and_then(|label| Encoding::for_label(label.trim_matches('"').as_bytes()));
    match (named, std::str::from_utf8(bytes)) {
        (Some(encoding), _) => encoding.decode(bytes).0.into_owned(),
        (None, Ok(text)) => text.to_owned(),
        (None, Err(_)) => encoding_rs::GB18030.decode(bytes).0.into_owned(),
    }
}

fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let decoded = digits.filter(|_| *byte == b'=').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match decoded {
            Some(decoded) => {
                plain.push(decoded);
                rest = &after[2..];
            }
            None => {
                plain.push(*byte);
                rest = after;
            }
        }
    }
    plain
}

/// The parts of a value between semicolons, backslashes taken away.
fn parts(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        let part = parts.last_mut().expect("there is always a last part");
        match c {
            ';' => parts.push(String::new()),
            '\\' => match chars.next() {
                Some('n' | 'N') => part.push('\n'),
                Some(escaped) => part.push(escaped),
                None => part.push('\\'),
            },
            c => part.push(c),
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).collect()
}

/// A value that is one text, semicolons and all.
fn text(value: &str) -> String {
    parts(&value.split("\\;").map(|part| part.replace(';', "\\;")).collect::<Vec<_>>().join("\\;")).concat()
}

impl Card {
    fn take(&mut self, property: &Property) {
        let value = property.value.trim();
        if value.is_empty() || property.parameters.contains("ENCODING=B") {
            return;
        }
        match property.name.as_str() {
            "FN" => self.formatted = text(value),
            "N" => self.name = parts(value),
            "TEL" => {
                let number = text(value);
                let number = number.strip_prefix("tel:").unwrap_or(&number).to_owned();
                // A mobile number is what messages go to, whatever stands first.
                let is_mobile = phone::normalize(&number).is_ok_and(|number| number.starts_with("+861"));
                let has_mobile = self
                    .phones
                    .first()
                    .is_some_and(|first| phone::normalize(first).is_ok_and(|number| number.starts_with("+861")));
                let at = if is_mobile && !has_mobile { 0 } else { self.phones.len() };
                if !self.phones.contains(&number) {
                    self.phones.insert(at, number);
                }
            }
            "EMAIL" => self.emails.push(text(value)),
            "BDAY" => self.birth_date = text(value),
            "ADR" if self.address.is_empty() => {
                let adr = parts(value);
                let part = |at: usize| adr.get(at).map_or("", String::as_str).replace('\n', " ");
                self.city = part(3);
                self.address = address([part(6), part(4), part(3), part(2), part(1), part(0)]);
            }
            "ORG" => {
                self.company = parts(value).into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
            }
            "TITLE" => self.title = text(value),
            "NOTE" => self.notes.push(text(value)),
            _ => {}
        }
    }

    fn cells(self) -> Vec<String> {
        let name = self.full_name();
        let phone = |at: usize| self.phones.get(at).cloned().unwrap_or_default();
        let email = self.emails.first().cloned().unwrap_or_default();
        // No number is lost because a card has many.
        let rest = self.phones.get(2..).map(|rest| rest.join(", ")).unwrap_or_default();
        vec![
            name,
            phone(0),
            phone(1),
            rest,
            email,
            self.emails.get(1..).map(|rest| rest.join(", ")).unwrap_or_default(),
            self.birth_date,
            self.address,
            self.city,
            self.company,
            self.title,
            self.notes.join("\n"),
        ]
    }

    /// Chinese names family first and without a blank, whatever order the telephone shows them in.
    fn full_name(&self) -> String {
        let part = |at: usize| self.name.get(at).map_or("", String::as_str);
        let (family, given, middle) = (part(0), part(1), part(2));
        let is_chinese = |text: &str| !text.is_empty() && text.chars().all(|c| c > '\u{2E7F}' || c == '·');
        let joined = [family, middle, given].concat();
        if is_chinese(&joined) {
            return joined;
        }
        if !self.formatted.is_empty() {
            return self.formatted.clone();
        }
        let words = [given, middle, family].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        if words.is_empty() { self.company.clone() } else { words }
    }
}

/// From the largest to the smallest, as addresses are written here.
fn address(parts: [String; 6]) -> String {
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let is_chinese = parts.iter().any(|part| part.chars().any(|c| c > '\u{2E7F}'));
    if is_chinese { parts.concat() } else { parts.into_iter().rev().collect::<Vec<_>>().join(", ") }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;

    fn rows(text: &[u8]) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        let cards = Cards::new(Arc::new(text.to_vec()));
        let read = cards.each_row(&mut |row| {
            rows.push(row.cells);
            Ok(ControlFlow::Continue(()))
        });
        read.expect("cards");
        rows
    }

    fn cell(row: &[String], header: &str) -> String {
        row[HEADERS.iter().position(|known| *known == header).expect("a header")].clone()
    }

    #[test]
    fn a_chinese_card_of_a_telephone_is_read_whole() {
        let text = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:王;小明;;;\r\nFN:小明 王\r\nTEL;TYPE=WORK:027-8765 4321\r\n\
            item1.TEL;TYPE=CELL:138 0000 1234\r\nTEL:+86 139 0000 5678\r\nEMAIL;TYPE=HOME:wang@example.cn\r\nBDAY:1980-01-01\r\n\
            ADR;TYPE=HOME:;;珞喻路 1 号;武汉市;湖北省;430000;中国\r\nORG:武汉一店;销售部\r\nTITLE:经理\r\n\
            NOTE:第一行\\n第二行\\, 还有\\;这里 和一段很长的\r\n 折行\r\nPHOTO;ENCODING=b;TYPE=JPEG:AAAA\r\n BBBB\r\nEND:VCARD\r\n";
        let rows = rows(text.as_bytes());
        assert_eq!(rows.len(), 1);
        let said = |header: &str| cell(&rows[0], header);
        assert_eq!(
            (said("name"), said("phone"), said("phone 2")),
            ("王小明".into(), "138 0000 1234".into(), "027-8765 4321".into())
        );
        assert_eq!((said("phone 3"), said("email")), ("+86 139 0000 5678".into(), "wang@example.cn".into()));
        assert_eq!((said("birth_date"), said("city")), ("1980-01-01".into(), "武汉市".into()));
        assert_eq!(said("address"), "中国湖北省武汉市珞喻路 1 号");
        assert_eq!((said("company"), said("job title")), ("武汉一店 销售部".into(), "经理".into()));
        assert_eq!(said("note"), "第一行\n第二行, 还有;这里 和一段很长的折行");
    }

    #[test]
    fn old_cards_say_their_charset() {
        let text = "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=8E=8B;=E7=A3=\n=8A;;;\nTEL;CELL:13800001234\nEND:VCARD\n";
        assert_eq!(cell(&rows(text.as_bytes())[0], "name"), "王磊");
        let (name, _, _) = encoding_rs::GB18030.encode("李娜");
        let text = [b"BEGIN:VCARD\nN;CHARSET=GB2312:".as_slice(), &name, b";;;;\nEND:VCARD\n"].concat();
        assert_eq!(cell(&rows(&text)[0], "name"), "李娜");
        let text = [b"BEGIN:VCARD\nFN:".as_slice(), &name, b"\nEND:VCARD\n"].concat();
        assert_eq!(cell(&rows(&text)[0], "name"), "李娜", "without a charset too");
    }

    #[test]
    fn version_four_and_western_names() {
        let text = "\u{FEFF}begin:vcard\nversion:4.0\nN:Smith;Anna;;;\nTEL;VALUE=uri;TYPE=\"voice:x,cell\":tel:+1-415-555-2671\n\
            BDAY:19800101\nADR:;;1 Main St;Springfield;IL;62701;USA\nend:vcard\nBEGIN:VCARD\nORG:一汽\nEND:VCARD\n";
        let rows = rows(text.as_bytes());
        assert_eq!((cell(&rows[0], "name"), cell(&rows[0], "phone")), ("Anna Smith".into(), "+1-415-555-2671".into()));
        assert_eq!(cell(&rows[0], "address"), "1 Main St, Springfield, IL, USA");
        assert_eq!(cell(&rows[1], "name"), "一汽");
    }

    #[test]
    fn a_card_that_is_not_closed_is_refused() {
        let cards = Cards::new(Arc::new(b"BEGIN:VCARD\nFN:x\n".to_vec()));
        let error = cards.each_row(&mut |_| Ok(ControlFlow::Continue(()))).expect_err("half a file");
        assert!(error.message.contains("card 1 is not closed"), "{error}");
    }
}
