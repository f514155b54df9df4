//! The other way round: somebody has changed the number on a customer's file, and the contact points follow.

use marque_sdk::{Event, Result, view};

use crate::{
    book::{Book, Status},
    channel::Channel,
    desk::Customer,
};

/// Brings the points in line with the file; answers whether anything had to be done. What the points have written to the
/// file themselves comes back here and is found to be in line.
pub fn follow(event: &Event) -> Result<bool> {
    if !event.changed("phone") && !event.changed("email") {
        return Ok(false);
    }
    let Some(record) = event.record() else { return Ok(false) };
    let Some(person) = view::get::<Customer>("customer", &record.id)? else { return Ok(false) };
    let mut book = Book::load(person)?;
    if book.entries.is_empty() {
        return Ok(false);
    }
    align(&mut book);
    book.finish(None)
}

/// The file as it stands is what counts, not what the event told: somebody may have changed it again since, and what
/// they wrote must not be taken back.
pub fn align(book: &mut Book) {
    let Customer { phone, email, .. } = book.file().clone();
    let at = phone.as_deref().and_then(|phone| book.find_number(phone));
    let channel = phone.as_deref().map_or(Channel::Mobile, Channel::of_number);
    put(book, channel, phone, at);
    let at = email.as_deref().and_then(|email| book.find(Channel::Email, email));
    put(book, Channel::Email, email, at);
}

/// A value stands on the file, or none does.
fn put(book: &mut Book, channel: Channel, value: Option<String>, at: Option<usize>) {
    let at = match (value, at) {
        (Some(_), Some(at)) => at,
        (Some(value), None) => book.push(channel, value),
        (None, _) => return leave(book, channel),
    };
    // Whoever writes a number down anew has it from the customer; one not to be used stays so all the same.
    if !book.entries[at].now.status.is_right() {
        book.move_to(at, Status::Ok, "restore");
    }
    book.prefer(at);
}

/// The primary one was taken off the file: it is used no more.
fn leave(book: &mut Book, channel: Channel) {
    let was = book.entries.iter().position(|entry| entry.now.kind == channel && entry.now.primary);
    if let Some(at) = was {
        book.move_to(at, Status::Stopped, "stop");
    }
}
