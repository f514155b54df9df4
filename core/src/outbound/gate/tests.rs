//! The rule, fact by fact.

use super::*;
use crate::model::contact::Window;

const SEND: &str = "2026-03-13T12:00:00+08:00";

fn at(text: &str) -> Time {
    text.parse().expect("a moment")
}

fn granted() -> Standing {
    Standing::Granted("k1".parse().expect("an id"))
}

/// A customer who has said yes and of whom nothing stands against a text message at noon.
fn facts() -> Facts {
    Facts {
        purpose: Purpose::Marketing,
        channel: Some(Channel::Sms),
        at: at(SEND),
        consent: granted(),
        is_opted_out: false,
        ways: Ways { usable: Some("+8613800001234".into()), is_barred: false },
        is_suppressed: false,
        touches: Vec::new(),
        limits: Limits::default(),
        calendar: Calendar::default(),
        is_restricted: false,
        is_under_age: false,
        is_repeated: false,
    }
}

fn serve(channel: Channel) -> Facts {
    Facts { purpose: Purpose::Serve, channel: Some(channel), consent: Standing::Missing, ..facts() }
}

fn days_ago(days: i64) -> Touch {
    Touch { at: at(SEND).plus_millis(-days * DAY_MS), is_call: false }
}

fn call_ago(days: i64) -> Touch {
    Touch { is_call: true, ..days_ago(days) }
}

fn reason(facts: Facts) -> Option<Reason> {
    let verdict = may(&facts);
    assert_eq!(verdict.is_allowed, verdict.reason.is_none());
    assert_eq!(verdict.detail.is_some(), verdict.reason.is_some(), "a no is explained");
    verdict.reason
}

#[test]
fn every_fact_has_its_reason() {
    let none = Ways::default();
    let barred = Ways { usable: None, is_barred: true };
    let night = at("2026-03-13T23:30:00+08:00");
    for (case, facts, wanted) in [
        ("all is well", facts(), None),
        ("never asked", Facts { consent: Standing::Missing, ..facts() }, Some(Reason::NoConsent)),
        ("refused", Facts { consent: Standing::Refused, ..facts() }, Some(Reason::NoConsent)),
        ("taken back as a whole", Facts { consent: Standing::Withdrawn, ..facts() }, Some(Reason::NoConsent)),
        ("over", Facts { consent: Standing::Expired, ..facts() }, Some(Reason::NoConsent)),
        ("not to be shared", Facts { consent: Standing::NotShared, ..facts() }, Some(Reason::NoConsent)),
        ("opted out here", Facts { consent: Standing::OptedOut, ..facts() }, Some(Reason::OptedOut)),
        ("opted out elsewhere", Facts { is_opted_out: true, ..facts() }, Some(Reason::OptedOut)),
        ("barred", Facts { ways: barred.clone(), ..facts() }, Some(Reason::DoNotCall)),
        ("barred, but another way", Facts { ways: Ways { is_barred: true, ..facts().ways }, ..facts() }, None),
        ("no way", Facts { ways: none.clone(), ..facts() }, Some(Reason::NoAddress)),
        ("a complaint", Facts { is_suppressed: true, ..facts() }, Some(Reason::OpenComplaint)),
        ("restricted", Facts { is_restricted: true, ..facts() }, Some(Reason::Restricted)),
        ("a child", Facts { is_under_age: true, ..facts() }, Some(Reason::UnderAge)),
        ("repeated", Facts { is_repeated: true, ..facts() }, Some(Reason::Merged)),
        ("at night", Facts { at: night, ..facts() }, Some(Reason::QuietHours)),
        ("service takes no consent", serve(Channel::Email), None),
        ("service to the restricted", Facts { is_restricted: true, ..serve(Channel::Sms) }, None),
        ("service during a complaint", serve(Channel::Sms), None),
        ("service to a barred number", Facts { ways: barred.clone(), ..serve(Channel::Call) }, Some(Reason::DoNotCall)),
        ("service by SMS at night", Facts { at: night, ..serve(Channel::Sms) }, Some(Reason::QuietHours)),
        ("service by call at night", Facts { at: night, ..serve(Channel::Call) }, Some(Reason::QuietHours)),
        ("service by e-mail at night", Facts { at: night, ..serve(Channel::Email) }, None),
        ("service repeated", Facts { is_repeated: true, ..serve(Channel::Sms) }, Some(Reason::Merged)),
        (
            "a recall letter, whatever stands against it",
            Facts { at: night, ways: barred, is_restricted: true, ..serve(Channel::Letter) },
            None,
        ),
        ("a recall letter without an address", Facts { ways: none, ..serve(Channel::Letter) }, None),
    ] {
        assert_eq!(reason(facts), wanted, "{case}");
    }
}

#[test]
fn consent_is_looked_for_before_a_complaint_and_that_before_the_caps() {
    let all = Facts {
        consent: Standing::Missing,
        is_suppressed: true,
        touches: vec![days_ago(2), days_ago(1)],
        at: at("2026-03-13T23:00:00+08:00"),
        ways: Ways::default(),
        ..facts()
    };
    assert_eq!(reason(all.clone()), Some(Reason::NoConsent));
    let all = Facts { consent: granted(), ..all };
    assert_eq!(reason(all.clone()), Some(Reason::OpenComplaint));
    let all = Facts { is_suppressed: false, ..all };
    assert_eq!(reason(all.clone()), Some(Reason::FrequencyCap));
    let all = Facts { touches: Vec::new(), ..all };
    assert_eq!(reason(all.clone()), Some(Reason::QuietHours));
    assert_eq!(reason(Facts { at: at(SEND), ..all }), Some(Reason::NoAddress));
}

#[test]
fn two_a_week_four_a_month_and_one_call_a_week() {
    let sms = |touches: Vec<Touch>| reason(Facts { touches, ..facts() });
    assert_eq!(sms(vec![days_ago(1)]), None);
    assert_eq!(sms(vec![days_ago(6), days_ago(1)]), Some(Reason::FrequencyCap));
    assert_eq!(sms(vec![days_ago(7), days_ago(1)]), None, "a week ago to the second is a week ago");
    assert_eq!(sms(vec![days_ago(29), days_ago(20), days_ago(10), days_ago(8)]), Some(Reason::FrequencyCap));
    assert_eq!(sms(vec![days_ago(30), days_ago(20), days_ago(10), days_ago(8)]), None);
    let call = |touches: Vec<Touch>| reason(Facts { channel: Some(Channel::Call), touches, ..facts() });
    assert_eq!(call(vec![call_ago(6)]), Some(Reason::FrequencyCap));
    assert_eq!(call(vec![days_ago(6)]), None, "a text is no call");
    assert_eq!(reason(Facts { touches: vec![days_ago(1); 9], ..serve(Channel::Sms) }), None, "service is not counted");
}

#[test]
fn a_full_cap_says_when_to_ask_again() {
    let retry = |touches: Vec<Touch>| may(&Facts { touches, ..facts() }).retry_at;
    assert_eq!(retry(vec![days_ago(6), days_ago(1)]), Some(at("2026-03-14T12:00:00+08:00")));
    assert_eq!(retry(vec![days_ago(6), days_ago(5), days_ago(1)]), Some(at("2026-03-15T12:00:00+08:00")));
    let month = vec![days_ago(25), days_ago(20), days_ago(10), days_ago(8)];
    assert_eq!(retry(month), Some(at("2026-03-18T12:00:00+08:00")));
}

#[test]
fn quiet_hours_are_those_of_the_dealers_clock_and_end() {
    let told = |text: &str| may(&Facts { at: at(text), ..facts() });
    for (text, retry) in [
        ("2026-03-13T19:59:59+08:00", None),
        ("2026-03-13T20:00:00+08:00", Some("2026-03-14T08:00:00+08:00")),
        ("2026-03-14T07:59:59+08:00", Some("2026-03-14T08:00:00+08:00")),
        ("2026-03-14T08:00:00+08:00", None),
        ("2026-03-13T15:00:00Z", Some("2026-03-14T08:00:00+08:00")),
    ] {
        assert_eq!(told(text).retry_at, retry.map(at), "{text}");
    }
    let time_zone = jiff::tz::TimeZone::get("Asia/Urumqi").expect("a zone");
    let urumqi = Calendar { time_zone, ..Calendar::default() };
    let there = may(&Facts { at: at("2026-03-13T21:00:00+08:00"), calendar: urumqi, ..facts() });
    assert!(there.is_allowed, "it is 19:00 there");
}

#[test]
fn windows_that_follow_on_each_other_are_one_night() {
    let with = |quiet: Vec<Window>| Limits { quiet, ..Limits::default() };
    let limits = with(vec![Window::hours(20, 8), Window::hours(8, 10)]);
    let verdict = may(&Facts { limits, at: at("2026-03-13T21:00:00+08:00"), ..facts() });
    assert_eq!(verdict.retry_at, Some(at("2026-03-14T10:00:00+08:00")));
    let limits = with(vec![Window::hours(0, 24)]);
    assert_eq!(reason(Facts { limits, ..facts() }), Some(Reason::QuietHours), "a day that is all quiet");
}

#[test]
fn a_refusal_brings_what_a_screen_needs_to_say_it_in_its_own_words() {
    let why = |facts: &Facts| may(facts).why;
    for (consent, wanted) in [
        (Standing::Missing, "not_asked"),
        (Standing::Refused, "refused"),
        (Standing::Withdrawn, "withdrawn"),
        (Standing::Expired, "expired"),
        (Standing::NotShared, "not_shared"),
        (Standing::OptedOut, "opted_out"),
    ] {
        assert_eq!(why(&Facts { consent, ..facts() }), Some(wanted));
    }
    let capped = may(&Facts { touches: vec![days_ago(2), days_ago(1)], ..facts() });
    assert_eq!(serde_json::json!(capped.values), serde_json::json!({ "n": 2, "days": 7, "most": 2 }));
    let night = may(&Facts { at: at("2026-03-13T21:30:00+08:00"), ..facts() });
    assert_eq!((night.why, &night.values["time"]), (Some("quiet_hours"), &serde_json::json!("21:30")));
    assert_eq!(why(&facts()), None);
}
