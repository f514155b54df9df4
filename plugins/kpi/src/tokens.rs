//! Filters of a definition name moments of the period, `{"$at":"from-12mo"}`; here they become those moments.

use marque_sdk::{Date, Map, Result, Value};

use crate::{desk::refuse, period::Period};

/// What the tokens stand for.
#[derive(Clone, Debug)]
pub struct Clock<'a> {
    /// The period that is counted.
    pub period: &'a Period,
    /// The time of the call: a period that is not over ends now.
    pub now: &'a str,
    /// The day it is.
    pub today: Date,
}

impl Clock<'_> {
    /// The filter with its tokens replaced.
    pub fn resolve(&self, filter: &Value) -> Result<Value> {
        Ok(match filter {
            Value::Object(tests) => match (tests.get("$at"), tests.get("$day"), tests.get("$name")) {
                (Some(token), _, _) => self.moment(text(token)?)?.into(),
                (_, Some(token), _) => self.day(text(token)?)?.to_string().into(),
                (_, _, Some(token)) => self.name(text(token)?)?.into(),
                _ => Value::Object(
                    tests
                        .iter()
                        .map(|(name, test)| Ok((name.clone(), self.resolve(test)?)))
                        .collect::<Result<Map<_, _>>>()?,
                ),
            },
            Value::Array(tests) => tests.iter().map(|test| self.resolve(test)).collect::<Result<_>>()?,
            other => other.clone(),
        })
    }

    /// `from`, `to`, `end` (now, while the period is not over), each with `-12mo` or `-90d` behind it.
    fn moment(&self, token: &str) -> Result<String> {
        let (base, _) = split(token);
        if base == "end" && token == "end" && *self.now < *self.period.to() {
            return Ok(self.now.to_owned());
        }
        let is_running = base == "end" && *self.now < *self.period.to();
        let day = self.day(token)?;
        match is_running {
            // The same time of the day, so many days before.
            true => Ok(format!("{}{}", day_of(self.now)?.plus_days(self.today.days_until(day)), &self.now[10..])),
            false => Ok(self.period.midnight(day)),
        }
    }

    fn day(&self, token: &str) -> Result<Date> {
        let (base, span) = split(token);
        let day = match base {
            "from" => self.period.first,
            "to" => self.period.after,
            "end" if *self.now < *self.period.to() => self.today,
            "end" => self.period.after,
            _ => return wrong(token),
        };
        let Some(number) = span.strip_suffix("mo").or_else(|| span.strip_suffix('d')) else {
            return if span.is_empty() { Ok(day) } else { wrong(token) };
        };
        let Ok(number) = number.parse::<i64>() else { return wrong(token) };
        Ok(if span.ends_with("mo") { day.plus_months(number) } else { day.plus_days(number) })
    }

    /// The name of the period, or of one so many months off: `+1`.
    fn name(&self, token: &str) -> Result<String> {
        match token.parse::<i64>() {
            Ok(months) => Ok(self.period.months_off(months).name()),
            Err(_) => wrong(token),
        }
    }
}

fn split(token: &str) -> (&str, &str) {
    token.split_at(token.find(['-', '+']).unwrap_or(token.len()))
}

fn day_of(moment: &str) -> Result<Date> {
    moment.get(..10).unwrap_or_default().parse()
}

fn text(token: &Value) -> Result<&str> {
    token.as_str().map_or_else(|| wrong(&token.to_string()), Ok)
}

fn wrong<T>(token: &str) -> Result<T> {
    refuse(
        "token_invalid",
        "/filter",
        format!("{token:?} names no moment: write from, to or end, with -12mo or -90d behind it"),
    )
}

#[cfg(test)]
mod tests {
    use marque_sdk::json;

    use super::*;

    #[test]
    fn tokens_are_moments_days_and_names() {
        let period = Period::parse("2026-03", 8).unwrap();
        let today = "2026-04-02".parse().unwrap();
        let clock = Clock { period: &period, now: "2026-04-02T02:00:00.000Z", today };
        let resolved = clock
            .resolve(&json!({ "and": [{ "a": { "gte": { "$at": "from-12mo" } } }, { "b": { "lt": { "$at": "end" } } }], "c": { "lt": { "$day": "to" } }, "d": { "$name": "+1" }, "e": { "$field": "f" } }))
            .unwrap();
        let expected = json!({ "and": [{ "a": { "gte": "2025-02-28T16:00:00.000Z" } }, { "b": { "lt": "2026-03-31T16:00:00.000Z" } }], "c": { "lt": "2026-04-01" }, "d": "2026-04", "e": { "$field": "f" } });
        assert_eq!(resolved, expected);
    }

    #[test]
    fn a_period_that_is_not_over_ends_now() {
        let period = Period::parse("2026-03", 8).unwrap();
        let clock = Clock { period: &period, now: "2026-03-13T02:00:00.000Z", today: "2026-03-13".parse().unwrap() };
        assert_eq!(clock.resolve(&json!({ "$at": "end" })).unwrap(), "2026-03-13T02:00:00.000Z");
        assert_eq!(clock.resolve(&json!({ "$at": "end-1d" })).unwrap(), "2026-03-12T02:00:00.000Z");
        // Past four in the afternoon UTC it is the next day in China; the span is counted all the same.
        let late = Clock { now: "2026-03-12T20:00:00.000Z", ..clock };
        assert_eq!(late.resolve(&json!({ "$at": "end-1d" })).unwrap(), "2026-03-11T20:00:00.000Z");
    }

    #[test]
    fn other_words_are_refused() {
        let period = Period::parse("2026-03", 8).unwrap();
        let clock = Clock { period: &period, now: "2026-03-13T02:00:00.000Z", today: "2026-03-13".parse().unwrap() };
        for token in [
            json!({ "$at": "tomorrow" }),
            json!({ "$at": "from-3y" }),
            json!({ "$day": 3 }),
            json!({ "$name": "next" }),
        ] {
            assert_eq!(clock.resolve(&token).unwrap_err().code, "token_invalid", "{token}");
        }
    }
}
