//! Contact: what a customer may be told for, by which way, and what an organisation has settled about it.

mod policy;
mod window;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::Time;

pub use policy::{Limits, Policy};
pub use window::Window;

/// What personal data is used for. Consent is given for each apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Contract, service, recall, complaint: takes no consent.
    Serve,
    /// Advertising, by each channel apart.
    Marketing,
    /// Working out what somebody is like.
    Profiling,
    /// Passing data from the dealer to the maker.
    ShareMaker,
    /// Passing data to other dealers.
    ShareNetwork,
    /// Passing data to insurers and banks.
    SharePartner,
    /// Recording calls.
    Recording,
    /// Photos.
    Photo,
    /// Identity documents, licence, places.
    Sensitive,
    /// Passing data abroad.
    CrossBorder,
}

/// The way to a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A text message.
    Sms,
    /// E-mail.
    Email,
    /// WeChat.
    Wechat,
    /// A telephone call.
    Call,
    /// A letter on paper.
    Letter,
    /// A notice in the app.
    App,
}

/// What a consent comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Yes.
    Granted,
    /// Asked, and no.
    Refused,
    /// Once yes, now no.
    Withdrawn,
    /// Its time is over.
    Expired,
}

/// Why a contact may not be made. The order is that in which they are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The customer was merged, and the one who stands for both has had this.
    Merged,
    /// The customer has had the use of their data restricted.
    Restricted,
    /// Younger than fourteen.
    UnderAge,
    /// Consent was never given, was refused, has been taken back for the whole purpose, or is over.
    NoConsent,
    /// The customer has opted out of the channel.
    OptedOut,
    /// Every way by this channel is marked as not to be used.
    DoNotCall,
    /// A complaint is open, or was until a few days ago.
    OpenComplaint,
    /// Contacted often enough already.
    FrequencyCap,
    /// Too early or too late in the day.
    QuietHours,
    /// There is no way by this channel.
    NoAddress,
}

/// Whether a contact may be made, and if not, why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether it may.
    pub is_allowed: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The same in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Which of the sentences of its reason it is, for screens that say it in their own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'static str>,
    /// What stands in that sentence: numbers and times.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub values: Map<String, Value>,
    /// When to ask again, where time alone changes the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Time>,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Purpose; 10] = [
        Purpose::Serve,
        Purpose::Marketing,
        Purpose::Profiling,
        Purpose::ShareMaker,
        Purpose::ShareNetwork,
        Purpose::SharePartner,
        Purpose::Recording,
        Purpose::Photo,
        Purpose::Sensitive,
        Purpose::CrossBorder,
    ];

    /// Whether somebody is written to or called for it.
    pub fn is_contact(self) -> bool {
        matches!(self, Purpose::Serve | Purpose::Marketing)
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Serve => "serve",
            Purpose::Marketing => "marketing",
            Purpose::Profiling => "profiling",
            Purpose::ShareMaker => "share_maker",
            Purpose::ShareNetwork => "share_network",
            Purpose::SharePartner => "share_partner",
            Purpose::Recording => "recording",
            Purpose::Photo => "photo",
            Purpose::Sensitive => "sensitive",
            Purpose::CrossBorder => "cross_border",
        }
    }
}

impl Channel {
    /// All of them.
    pub const ALL: [Channel; 6] =
        [Channel::Sms, Channel::Email, Channel::Wechat, Channel::Call, Channel::Letter, Channel::App];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Sms => "sms",
            Channel::Email => "email",
            Channel::Wechat => "wechat",
            Channel::Call => "call",
            Channel::Letter => "letter",
            Channel::App => "app",
        }
    }
}

impl Reason {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Merged => "merged",
            Reason::Restricted => "restricted",
            Reason::UnderAge => "under_age",
            Reason::NoConsent => "no_consent",
            Reason::OptedOut => "opted_out",
            Reason::DoNotCall => "do_not_call",
            Reason::OpenComplaint => "open_complaint",
            Reason::FrequencyCap => "frequency_cap",
            Reason::QuietHours => "quiet_hours",
            Reason::NoAddress => "no_address",
        }
    }
}

impl State {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Granted => "granted",
            State::Refused => "refused",
            State::Withdrawn => "withdrawn",
            State::Expired => "expired",
        }
    }
}

impl Verdict {
    /// It may.
    pub fn yes() -> Verdict {
        Verdict { is_allowed: true, reason: None, detail: None, why: None, values: Map::new(), retry_at: None }
    }

    /// It may not.
    pub fn no(reason: Reason, detail: impl Into<String>) -> Verdict {
        let why = Some(reason.as_str());
        Verdict { reason: Some(reason), detail: Some(detail.into()), why, is_allowed: false, ..Verdict::yes() }
    }

    /// The same as one of several sentences of its reason.
    #[must_use]
    pub fn because(self, why: &'static str) -> Verdict {
        Verdict { why: Some(why), ..self }
    }

    /// The same with something that stands in its sentence.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Verdict {
        self.values.insert(name.into(), value);
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Kind;

    fn values(kind: &str, field: &str) -> Vec<String> {
        let kind: Kind = serde_json::from_str(kind).expect("a kind");
        kind.fields.get(field).expect("a field").values.iter().map(|value| value.value.clone()).collect()
    }

    #[test]
    fn the_words_are_those_of_the_kinds() {
        let consent = include_str!("kinds/consent.json");
        let message = include_str!("kinds/message.json");
        let purposes: Vec<&str> = Purpose::ALL.iter().map(|purpose| purpose.as_str()).collect();
        assert_eq!(values(consent, "purpose"), purposes[1..]);
        for kind in [consent, message] {
            assert_eq!(values(kind, "channel"), Channel::ALL.map(Channel::as_str));
        }
        for channel in Channel::ALL {
            assert_eq!(json!(channel), json!(channel.as_str()));
        }
        for purpose in Purpose::ALL {
            assert_eq!(json!(purpose), json!(purpose.as_str()));
        }
        let told = values(message, "reason");
        let all = [
            Reason::NoConsent,
            Reason::OptedOut,
            Reason::DoNotCall,
            Reason::QuietHours,
            Reason::FrequencyCap,
            Reason::OpenComplaint,
            Reason::NoAddress,
            Reason::UnderAge,
            Reason::Restricted,
            Reason::Merged,
        ];
        assert_eq!(told[..10], all.map(|reason| reason.as_str().to_owned()));
        assert!(all.iter().all(|reason| json!(reason) == json!(reason.as_str())));
    }
}
