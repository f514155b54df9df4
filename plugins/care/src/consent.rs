//! Whether offers may be made by a channel: the customer's newest word on it, and no word means no.

use marque_sdk::{Filter, Record, Result, view};
use serde::Deserialize;

use crate::desk::Desk;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Consent {
    channel: Option<String>,
    state: String,
    obtained_at: Option<String>,
    expires: Option<String>,
}

/// Whether the customer has agreed to offers by this channel. What is sent is asked about once more when it goes out.
pub fn may_offer(desk: &Desk, customer: &str, channel: &str) -> Result<bool> {
    let of = Filter::eq("customer", customer).and(Filter::eq("purpose", "marketing"));
    let consents = view::find::<Consent>("consent").filter(of).up_to(500)?;
    Ok(is_granted(consents, channel, desk.now()))
}

fn is_granted(mut consents: Vec<Record<Consent>>, channel: &str, now: &str) -> bool {
    let at = |consent: &Record<Consent>| {
        let obtained = consent.data.obtained_at.clone();
        (obtained.unwrap_or_else(|| consent.created_at.clone()), consent.created_at.clone())
    };
    consents.sort_by_key(|consent| std::cmp::Reverse(at(consent)));
    let newest =
        |wanted: Option<&str>| consents.iter().find(|one| one.data.channel.as_deref() == wanted).map(|one| &one.data);
    let is_yes = |consent: &Consent| {
        consent.state == "granted" && consent.expires.as_deref().is_none_or(|expires| expires > now)
    };
    let (whole, own) = (newest(None), newest(Some(channel)));
    let is_no = |consent: &Consent| matches!(consent.state.as_str(), "refused" | "withdrawn");
    if whole.is_some_and(is_no) {
        return false;
    }
    own.or(whole).is_some_and(is_yes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(channel: Option<&str>, state: &str, at: &str) -> Record<Consent> {
        let data = Consent {
            channel: channel.map(str::to_owned),
            state: state.into(),
            obtained_at: Some(at.into()),
            expires: None,
        };
        let at = at.to_owned();
        let (id, kind, org) = (String::new(), "consent".to_owned(), String::new());
        Record { id, kind, rev: 1, org, created_at: at.clone(), updated_at: at, data }
    }

    #[test]
    fn no_word_means_no_and_the_newest_word_counts() {
        let now = "2026-03-13T02:00:00.000Z";
        let (old, new) = ("2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z");
        assert!(!is_granted(vec![], "call", now));
        assert!(is_granted(vec![said(Some("call"), "granted", old)], "call", now));
        assert!(!is_granted(vec![said(Some("sms"), "granted", old)], "call", now));
        let taken_back = vec![said(Some("call"), "granted", old), said(Some("call"), "withdrawn", new)];
        assert!(!is_granted(taken_back, "call", now));
        let all_taken_back = vec![said(Some("call"), "granted", new), said(None, "withdrawn", old)];
        assert!(!is_granted(all_taken_back, "call", now));
        let mut over = said(Some("call"), "granted", old);
        over.data.expires = Some(new.into());
        assert!(!is_granted(vec![over], "call", now));
    }
}
