//! When things are due.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn at(text: &str) -> Time {
    text.parse().expect("a moment")
}

fn span(text: &str) -> Span {
    text.parse().expect("a span")
}

fn from(data: serde_json::Value) -> Result<Calendar> {
    Calendar::from_data(data.as_object().expect("an object"))
}

/// `span` after `start`, both in the calendar's own clock.
fn check(calendar: &Calendar, start: &str, text: &str, expected: &str) {
    let start = calendar.instant(start.parse().expect("a local time")).expect("an instant");
    let due = calendar.due(start, &span(text)).map(|due| calendar.local(due).to_string());
    assert_eq!(due.expect("a due time"), expected, "{text}");
}

#[test]
fn a_general_complaint_of_a_friday() {
    let calendar = Calendar::default();
    let received = at("2026-03-13T10:00:00+08:00");
    for (text, due) in [
        ("24h", "2026-03-14T10:00:00+08:00"),
        ("7wd", "2026-03-24T10:00:00+08:00"),
        ("3d", "2026-03-16T10:00:00+08:00"),
        ("90m", "2026-03-13T11:30:00+08:00"),
        ("0bm", "2026-03-13T10:00:00+08:00"),
    ] {
        assert_eq!(calendar.due(received, &span(text)).expect(text), at(due), "{text}");
    }
}

#[test]
fn business_time_stops_at_closing_and_goes_on_at_opening() {
    let calendar = Calendar::default();
    for (start, text, due) in [
        ("2026-03-13T17:45:00", "30bm", "2026-03-14T08:45:00"),
        ("2026-03-13T17:30:00", "30bm", "2026-03-13T18:00:00"),
        ("2026-03-13T22:00:00", "30bm", "2026-03-14T09:00:00"),
        ("2026-03-13T06:00:00", "8bh", "2026-03-13T16:30:00"),
        ("2026-03-13T12:00:00", "8bh", "2026-03-14T10:30:00"),
        ("2026-03-13T12:00:00", "95bh", "2026-03-23T12:00:00"),
    ] {
        check(&calendar, start, text, due);
    }
}

#[test]
fn opening_hours_with_a_break_and_a_closed_day() {
    let hours = json!([["13:00", "18:00"], ["08:30", "12:00"]]);
    let calendar = from(json!({ "opening_hours": { "fri": hours, "sat": hours, "mon": [["00:00", "24:00"]] } }));
    let calendar = calendar.expect("sound hours");
    check(&calendar, "2026-03-13T11:45:00", "30bm", "2026-03-13T13:15:00");
    check(&calendar, "2026-03-14T17:30:00", "60bm", "2026-03-16T00:30:00");
    check(&calendar, "2026-03-16T12:00:00", "13bh", "2026-03-20T09:30:00");
}

#[test]
fn working_days_know_weekends_holidays_and_exchanged_days() {
    let calendar = from(json!({ "calendar": {
        "holidays": ["2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"], "working": ["2026-10-10"]
    } }));
    let calendar = calendar.expect("sound days");
    check(&calendar, "2026-09-30T15:00:00", "1wd", "2026-10-08T15:00:00");
    check(&calendar, "2026-10-09T15:00:00", "1wd", "2026-10-10T15:00:00");
    check(&calendar, "2026-10-09T15:00:00", "2wd", "2026-10-12T15:00:00");
    check(&calendar, "2026-10-03T15:00:00", "1wd", "2026-10-08T23:59:59.999");
    check(&Calendar::default(), "2026-03-14T10:00:00", "7wd", "2026-03-24T23:59:59.999");
}

#[test]
fn months_are_clamped_to_their_last_day() {
    let calendar = Calendar::default();
    check(&calendar, "2026-01-31T10:00:00", "1mo", "2026-02-28T10:00:00");
    check(&calendar, "2028-01-31T10:00:00", "1mo", "2028-02-29T10:00:00");
    check(&calendar, "2026-08-31T10:00:00", "18mo", "2028-02-29T10:00:00");
}

#[test]
fn where_clocks_are_changed_hours_are_real_and_days_keep_the_time() {
    let calendar = from(json!({ "time_zone": "America/New_York" })).expect("a zone");
    // Clocks go from 02:00 to 03:00 on 2026-03-08 and from 02:00 back to 01:00 on 2026-11-01.
    check(&calendar, "2026-03-07T12:00:00", "24h", "2026-03-08T13:00:00");
    check(&calendar, "2026-03-07T12:00:00", "1d", "2026-03-08T12:00:00");
    check(&calendar, "2026-03-07T02:30:00", "1d", "2026-03-08T03:30:00");
    check(&calendar, "2026-10-31T12:00:00", "24h", "2026-11-01T11:00:00");
    check(&calendar, "2026-03-07T17:30:00", "1bh", "2026-03-08T09:00:00");
    let always = json!([["00:00", "24:00"]]);
    let calendar = from(json!({ "time_zone": "America/New_York", "opening_hours": { "sat": always, "sun": always } }));
    check(&calendar.expect("sound"), "2026-03-07T12:00:00", "24bh", "2026-03-08T13:00:00");
}

#[test]
fn a_calendar_that_never_opens_is_an_error() {
    let calendar = from(json!({ "opening_hours": {} })).expect("no hours at all are sound");
    let error = calendar.due(at("2026-03-13T02:00:00Z"), &span("30bm")).expect_err("never open");
    assert_eq!(error.code, "calendar.closed");
    assert!(calendar.due(at("2026-03-13T02:00:00Z"), &span("30m")).is_ok(), "clock time passes all the same");
    let hardly = from(json!({ "opening_hours": { "mon": [["09:00", "09:01"]] } })).expect("sound");
    let error = hardly.due(at("2026-03-13T02:00:00Z"), &span("3000bh")).expect_err("not within 50 years");
    assert_eq!(error.code, "calendar.closed");
}

#[test]
fn the_end_of_time_is_an_error() {
    for text in ["100d", "2mo", "9wd", "99bh", "2400h"] {
        assert!(Calendar::default().due(at("9999-12-30T00:00:00Z"), &span(text)).is_err(), "{text}");
    }
}

#[test]
fn what_is_stored_is_read_and_written_back() {
    let stored = json!({ "fri": [["08:30", "12:00"], ["13:00", "18:00"]], "mon": [], "sat": [], "sun": [["00:00", "24:00"]],
        "thu": [], "tue": [], "wed": [] });
    let calendar = from(json!({ "opening_hours": stored })).expect("sound hours");
    assert_eq!(serde_json::to_value(&calendar.opening).expect("JSON"), stored);
    assert_eq!(from(json!({})).expect("nothing stored"), Calendar::default());
}

#[test]
fn wrong_fields_are_named() {
    let error = from(json!({
        "time_zone": "Asia/Wuhan", "opening_hours": { "mon": [["18:00", "08:30"]] }, "calendar": { "holidays": ["1 May"] }
    }));
    let error = error.expect_err("all are wrong");
    let pointers: Vec<&str> = error.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/data/time_zone", "/data/opening_hours", "/data/calendar"]);
    for hours in [
        json!({ "monday": [] }),
        json!({ "mon": [["8", "9"]] }),
        json!({ "mon": [["09:00", "24:01"]] }),
        json!({ "mon": [["09:60", "11:00"]] }),
        json!({ "mon": [["09:00", "11:00"], ["10:00", "12:00"]] }),
        json!([]),
    ] {
        assert!(from(json!({ "opening_hours": hours })).is_err(), "{hours}");
    }
}

#[test]
fn spans_are_read_and_compared_by_length() {
    let ascending = ["0m", "30m", "30bm", "90m", "2h", "1bh", "24h", "1d", "1wd", "7d", "7wd", "1mo", "32d", "100mo"];
    let spans: Vec<Span> = ascending.iter().map(|text| span(text)).collect();
    assert!(spans.is_sorted(), "{spans:?}");
    assert!(span("48m") < span("19bm") && span("48m") != span("19bm"), "equal lengths are ordered by unit");
    for (text, one) in ascending.iter().zip(&spans) {
        assert_eq!(*text, one.to_string());
    }
    assert_eq!(span(" 24 h "), span("24h"));
    for text in ["", "h", "24", "-1h", "1.5h", "24 hours", "1y", "99999999999m", "1201mo", "+3d"] {
        assert_eq!(text.parse::<Span>().expect_err(text).code, "span.invalid");
    }
    assert_eq!(serde_json::to_value(span("7wd")).expect("JSON"), json!("7wd"));
}

proptest! {
    #[test]
    fn a_later_start_is_never_due_earlier(
        starts in prop::collection::vec(1_767_225_600_000i64..1_830_297_600_000, 2),
        text in "[0-9]{1,2}(m|h|d|bm|bh|wd)",
    ) {
        let calendar = from(json!({
            "opening_hours": { "mon": [["08:30", "12:00"], ["13:00", "18:00"]], "thu": [["00:00", "24:00"]], "sat": [["10:00", "10:05"]] },
            "calendar": { "holidays": ["2026-10-01", "2026-10-02"], "working": ["2026-10-10"] }
        })).expect("sound");
        let (early, late) = (Time::from_millis(starts[0].min(starts[1])), Time::from_millis(starts[0].max(starts[1])));
        let due = |start| calendar.due(start, &span(&text)).expect("open some time");
        prop_assert!(due(early) <= due(late), "{} {} {}", early, late, text);
        prop_assert!(early <= due(early));
    }

    #[test]
    fn business_time_between_start_and_due_is_the_span(start in 1_767_225_600_000i64..1_830_297_600_000, minutes in 1u32..3000) {
        let calendar = from(json!({ "time_zone": "America/New_York" })).expect("a zone");
        let start = Time::from_millis(start / 60_000 * 60_000);
        let due = calendar.due(start, &span(&format!("{minutes}bm"))).expect("open every day");
        let opens = jiff::civil::time(8, 30, 0, 0);
        let closes = jiff::civil::time(18, 0, 0, 0);
        let open = (0..(due - start) / 60_000)
            .filter(|minute| (opens..closes).contains(&calendar.local(start.plus_millis(minute * 60_000)).time()));
        prop_assert_eq!(open.count() as u32, minutes);
    }
}

#[test]
fn a_moment_is_written_with_the_offset_that_holds_here() {
    let now: Time = "2026-03-13T02:00:00Z".parse().unwrap();
    assert_eq!(Calendar::default().text(now), "2026-03-13T10:00:00.000+08:00");
}
