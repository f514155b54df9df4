//! What guests log: cleaned, counted, and kept even when the call fails.

use crate::{
    bus::subscriber::{Level, LogLine},
    model::Time,
};

/// The log of one call.
#[derive(Debug)]
pub(super) struct Log {
    lines: Vec<LogLine>,
    dropped: usize,
    max_lines: usize,
    max_bytes: usize,
    at: Time,
}

impl Log {
    pub fn new(at: Time, max_lines: usize, max_bytes: usize) -> Log {
        Log { lines: Vec::new(), dropped: 0, max_lines, max_bytes, at }
    }

    /// Keep a line, or count it when there are enough.
    pub fn push(&mut self, level: u8, message: &str, fields: &str) {
        if self.lines.len() >= self.max_lines {
            self.dropped += 1;
            return;
        }
        let level = match level {
            0 | 1 => Level::Debug,
            2 => Level::Info,
            3 => Level::Warn,
            _ => Level::Error,
        };
        self.lines.push(LogLine {
            at: self.at,
            level,
            message: clean(message, self.max_bytes),
            fields: self.fields(fields),
        });
    }

    /// The lines, the last one telling how many are missing.
    pub fn finish(mut self) -> Vec<LogLine> {
        if self.dropped > 0 {
            self.lines.push(LogLine {
                at: self.at,
                level: Level::Warn,
                message: format!("{} further lines were dropped", self.dropped),
                fields: "{}".into(),
            });
        }
        self.lines
    }

    /// Fields are a JSON object, or else their text is one.
    fn fields(&self, text: &str) -> String {
        if text.trim().is_empty() {
            return "{}".into();
        }
        let parsed =
            (text.len() <= self.max_bytes).then(|| serde_json::from_str::<serde_json::Map<_, _>>(text).ok()).flatten();
        match parsed {
            Some(fields) => serde_json::Value::Object(fields).to_string(),
            None => serde_json::json!({ "text": clean(text, self.max_bytes) }).to_string(),
        }
    }
}

/// Foreign text fit for a log and a terminal: control and direction characters become spaces, at most `max_bytes`.
pub(super) fn clean(text: &str, max_bytes: usize) -> String {
    let mut clean = String::new();
    for c in text.chars() {
        let c = if is_harmful(c) { ' ' } else { c };
        if c == ' ' && clean.ends_with(' ') {
            continue;
        }
        if clean.len() + c.len_utf8() > max_bytes {
            break;
        }
        clean.push(c);
    }
    clean
}

/// Line breaks forge log lines, escapes drive terminals, and direction marks show text other than it is.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_millis(0);

    #[test]
    fn a_forged_line_stays_one_line() {
        assert_eq!(clean("fine\r\n2026 ERROR \u{1b}[31mowned\u{202e}", 100), "fine 2026 ERROR [31mowned ");
    }

    #[test]
    fn a_message_is_cut_between_characters() {
        assert_eq!(clean("汉字汉字", 7), "汉字");
    }

    #[test]
    fn a_flood_is_counted() {
        let mut log = Log::new(NOW, 2, 100);
        (0..5).for_each(|n| log.push(2, &format!("line {n}"), ""));
        let lines = log.finish();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[2].message, "3 further lines were dropped");
    }

    #[test]
    fn fields_that_are_no_object_are_kept_as_text() {
        let mut log = Log::new(NOW, 9, 100);
        log.push(4, "m", "{\"a\": 1}");
        log.push(4, "m", "no json");
        let lines = log.finish();
        assert_eq!((lines[0].fields.as_str(), lines[1].fields.as_str()), ("{\"a\":1}", "{\"text\":\"no json\"}"));
    }
}
