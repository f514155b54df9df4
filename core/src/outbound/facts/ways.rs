//! The ways to a customer: their own fields, and records of whatever kind says that its records are ways.

use std::collections::BTreeSet;

use crate::{
    Result,
    model::{
        Id, Kind, Record, Time,
        contact::Channel,
        filter::{Context, Filter},
        format::phone,
        kind,
    },
    outbound::gate::Ways,
    store::tables::{self, Reader},
};

/// A number or address somebody has taken down.
#[derive(Clone, Debug)]
pub struct Point {
    channels: Vec<Channel>,
    value: String,
    use_: Use,
    is_first: bool,
    /// Whether it was taken down with this customer, and not with another dealer's.
    is_own: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Usable,
    Barred,
    Dead,
}

/// A kind whose records are ways, with its filters read.
#[derive(Debug)]
pub struct Leading<'a> {
    kind: &'a Kind,
    ways: &'a kind::Ways,
    usable: Filter,
    barred: Filter,
}

/// The kinds whose records are ways to customers.
///
/// # Errors
/// `filter.invalid`.
pub fn kinds<R: Reader>(reader: &R, at: Time) -> Result<Vec<Leading<'_>>> {
    let kinds = |name: &str| reader.known_kinds().get(name).cloned();
    let context = Context { me: None, now: at, kinds: &kinds };
    let all = reader.known_kinds().values();
    all.filter_map(|kind| Some((&**kind, kind.contact.as_ref()?)))
        .map(|(kind, ways)| {
            let (usable, barred) =
                (Filter::parse(kind, &ways.usable, &context)?, Filter::parse(kind, &ways.barred, &context)?);
            Ok(Leading { kind, ways, usable, barred })
        })
        .collect()
}

/// What was taken down for any of these ids, of which `own` are this customer's.
///
/// # Errors
/// Internal.
pub fn read(reader: &impl Reader, leading: &[Leading<'_>], own: &[Id], all: &[Id]) -> Result<Vec<Point>> {
    let mut points = Vec::new();
    for Leading { kind, ways, usable, barred } in leading {
        for record in tables::record::naming(reader, &kind.kind, &ways.via, all)? {
            let Some(value) = record.text(&ways.value) else { continue };
            let channels =
                record.text(&ways.sort).and_then(|sort| ways.channels.get(sort)).cloned().unwrap_or_default();
            let use_ = if usable.holds(&record.data) {
                Use::Usable
            } else if barred.holds(&record.data) {
                Use::Barred
            } else {
                Use::Dead
            };
            points.push(Point {
                channels,
                value: value.to_owned(),
                use_,
                is_first: ways.first.as_ref().is_some_and(|first| record.field(first) == true),
                is_own: record.text(&ways.via).is_some_and(|of| own.iter().any(|id| id.as_str() == of)),
            });
        }
    }
    // Within each kind the newest stand first; those to be tried first go before all.
    points.sort_by_key(|point| !point.is_first);
    Ok(points)
}

/// The ways by one channel: what is to be tried first, else the customer's own field, else whatever is usable.
pub fn by(channel: Channel, customer: &Record, points: &[Point]) -> Ways {
    let of_channel: Vec<&Point> = points.iter().filter(|point| point.channels.contains(&channel)).collect();
    // A number that the customer wants left alone is left alone whoever took that down.
    let barred: BTreeSet<&str> = values(&of_channel, |point| point.use_ == Use::Barred);
    let dead: BTreeSet<&str> = values(&of_channel, |point| point.use_ == Use::Dead && point.is_own);
    let field = own_field(channel, customer);
    let is_good = |value: &&str| !barred.contains(value) && !dead.contains(value);
    let usable = |is_first: bool| {
        let fit =
            of_channel.iter().filter(|point| point.use_ == Use::Usable && point.is_own && point.is_first == is_first);
        fit.map(|point| point.value.as_str()).find(is_good)
    };
    let chosen = usable(true).or_else(|| field.filter(is_good)).or_else(|| usable(false));
    let is_own_barred = of_channel.iter().any(|point| point.is_own && point.use_ == Use::Barred);
    Ways {
        usable: chosen.map(str::to_owned),
        is_barred: is_own_barred || field.is_some_and(|value| barred.contains(value)),
    }
}

fn values<'a>(points: &[&'a Point], is_meant: impl Fn(&Point) -> bool) -> BTreeSet<&'a str> {
    points.iter().filter(|point| is_meant(point)).map(|point| point.value.as_str()).collect()
}

fn own_field(channel: Channel, customer: &Record) -> Option<&str> {
    match channel {
        Channel::Sms => customer.text("phone").filter(|number| phone::is_mobile(number)),
        Channel::Call => customer.text("phone"),
        Channel::Email => customer.text("email"),
        Channel::Letter => customer.text("address"),
        Channel::Wechat | Channel::App => None,
    }
}
