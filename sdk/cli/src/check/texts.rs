//! Texts: the same keys in both languages, each about something that exists.

use super::{Subject, events};

const LANGUAGES: [&str; 2] = ["zh-CN", "en"];

/// What is wrong with `texts/`.
pub fn findings(subject: &Subject<'_>) -> Vec<String> {
    let texts = &subject.plugin.texts;
    let mut findings = Vec::new();
    for (language, other) in [(LANGUAGES[0], LANGUAGES[1]), (LANGUAGES[1], LANGUAGES[0])] {
        let (Some(own), Some(others)) = (texts.get(language), texts.get(other)) else { continue };
        for key in own.keys().filter(|key| !others.contains_key(*key)) {
            findings.push(format!("texts/{other}.json: lacks {key:?}, which texts/{language}.json has"));
        }
        for (key, _) in own.iter().filter(|(_, text)| text.trim().is_empty()) {
            findings.push(format!("texts/{language}.json: {key:?} is empty"));
        }
    }
    let events = events(subject.plugin);
    for key in texts.get(LANGUAGES[0]).into_iter().flat_map(|texts| texts.keys()) {
        // A fired timer is told in the words of whoever set it: `event.timer.fired.<key up to its colon>`.
        let event = key.strip_prefix("event.").filter(|event| !event.starts_with("timer.fired"));
        if event.is_some_and(|event| !events.iter().any(|known| known == event)) {
            findings.push(format!("texts/zh-CN.json: {key:?} is about an event that nothing in this plugin raises"));
        }
    }
    findings
}
