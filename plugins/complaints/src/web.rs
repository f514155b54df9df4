//! The public pages: a customer complains without calling anybody, and looks up how it stands.

use marque_sdk::{
    Action, Data, Fault, Filter, Result, Value, json, message, new_id,
    page::{Field, Link, Page, Visit, both},
    record, view,
};

use crate::{
    case::{Case, State},
    clock,
    desk::Desk,
    handle::keep,
    notes, raise, texts, verification,
};

/// So long may a customer answer by message.
const RATE_WITHIN: &str = "7d";

/// The kinds of complaint a customer can tell apart, with what they are called in texts/.
const KINDS: [&str; 8] = [
    "repair_quality",
    "product_quality",
    "service_quality",
    "sales_process",
    "price_fee",
    "delivery_delay",
    "staff_attitude",
    "other",
];

/// What a page is to show, or what becomes of what was filled in.
pub fn answer(action: &Action, visit: &Visit) -> Result<Value> {
    let page = match (visit.page.as_str(), visit.is_fill) {
        ("complain", false) => form(),
        ("complain", true) => complain(&Desk::open()?, visit)?,
        ("status", false) => status(&Case::load(action.target()?)?),
        ("status", true) => add(&Desk::open()?, &Case::load(action.target()?)?, visit)?,
        ("rate", false) => rate(&Case::load(action.target()?)?),
        ("rate", true) => rated(&Desk::open()?, &Case::load(action.target()?)?, visit)?,
        (other, _) => return Err(Fault::not_found(format!("complaints have no page {other:?}"))),
    };
    Ok(page.reply())
}

/// A text of texts/ in both languages.
fn words(key: &str) -> Value {
    both(&texts::text("zh-CN", key), &texts::text("en", key))
}

fn form() -> Page {
    let kinds = KINDS.iter().fold(Field::choice("kind", words("web.kind")), |field, kind| {
        field.option(kind, words(&format!("web.kind.{kind}")))
    });
    Page::new(words("web.complain"))
        .intro(words("web.complain.intro"))
        .field(Field::text("name", words("web.name")).required().max(50))
        .field(Field::phone("phone", words("web.phone")).required().help(words("web.phone.help")))
        .field(kinds)
        .field(Field::long_text("facts", words("web.facts")).required().help(words("web.facts.help")))
        .field(Field::long_text("demand", words("web.demand")))
        .field(Field::text("plate", words("web.plate")).max(20))
        .field(Field::consent("consent", words("web.consent")).required())
}

/// Records the complaint, of the customer with that number if there is one. Nothing tells the visitor whether there is.
fn complain(desk: &Desk, visit: &Visit) -> Result<Page> {
    let (name, phone) = (visit.text("name").unwrap_or_default(), visit.text("phone").unwrap_or_default());
    let customer = match known(desk, phone)? {
        Some(customer) => customer,
        None => {
            let id = new_id();
            let data = json!({ "type": "prospect", "name": name, "phone": phone, "source": "web" });
            record::create("customer").id(id.as_str()).fields(&data).stage()?;
            id
        }
    };
    let case = raise::from_web(desk, &customer, visit)?;
    Ok(Page::done(words("web.complained"), words("web.complained.intro"))
        .fact_of(words("web.number"), "number")
        .link(words("web.follow"), Link::new("status", case)))
}

/// The customer of this organisation who has had the number longest.
fn known(desk: &Desk, phone: &str) -> Result<Option<String>> {
    let with_number = Filter::eq("phone", phone).and(Filter::eq("org", desk.call.org.as_str()));
    let found = view::find::<Data>("customer").filter(with_number).order("created_at").limit(1).page()?;
    Ok(found.items.into_iter().next().map(|customer| customer.id))
}

/// How it stands, without a word of what was complained about or by whom: the link may be passed on.
fn status(case: &Case) -> Page {
    let page = Page::new(words("web.status"))
        .fact_of(words("web.number"), "number")
        .fact_of(words("web.received_at"), "received_at")
        .fact(words("web.state"), words(&format!("web.state.{}", stage(case.state()))));
    if !case.is_open() {
        return page.intro(words("web.status.over"));
    }
    page.intro(words("web.status.intro"))
        .field(Field::long_text("more", words("web.more")).required().help(words("web.more.help")))
}

/// What a customer adds goes to the notes; whoever owns the case is told by its event.
fn add(desk: &Desk, case: &Case, visit: &Visit) -> Result<Page> {
    case.must_be(&State::OPEN)?;
    let mut patch = Data::new();
    let said = format!("{}{}", texts::text("zh-CN", "web.added"), visit.text("more").unwrap_or_default());
    notes::add(desk, case, &mut patch, Some(&said));
    keep(case, patch)?;
    desk.raise("complaints.case.added", case, json!({ "owner": case.owner() }))?;
    Ok(Page::done(words("web.more.done"), words("web.more.done.intro")).fact_of(words("web.number"), "number"))
}

/// Asks the customer by message whether it helped, where the dealer wants it so. Somebody calls all the same until there is an answer.
pub fn ask(desk: &Desk, case: &Case) -> Result<()> {
    let (true, Some(customer), Some(number)) = (desk.settings.asks_by_message, case.text("customer"), case.text("number"))
    else {
        return Ok(());
    };
    let end = clock::after(desk.now, RATE_WITHIN)?.to_string();
    let text = texts::text("zh-CN", "message.rate").replace("{number}", number);
    let link = Link::new("rate", case.id.as_str()).until(&end).once();
    message::serve(customer, "sms", &text).link("rate", link).until(&end).template("complaints.rate").stage()
}

fn rate(case: &Case) -> Page {
    let page = Page::new(words("web.rate")).fact_of(words("web.number"), "number");
    if case.state() != State::Verifying {
        return page.intro(words("web.rate.over"));
    }
    page.intro(words("web.rate.intro"))
        .field(
            Field::scale("satisfaction", words("web.rate.satisfaction"), 1, 5)
                .ends(words("web.rate.low"), words("web.rate.high"))
                .required(),
        )
        .field(Field::long_text("customer_words", words("web.rate.words")))
}

/// The customer's own answer counts as the call's would: 4 and 5 close the case, 1 to 3 reopen it.
fn rated(desk: &Desk, case: &Case, visit: &Visit) -> Result<Page> {
    verification::verify(desk, case, visit.values()?)?;
    let is_content = visit.values.get("satisfaction").and_then(Value::as_i64) >= Some(4);
    let said = if is_content { "web.rated.content" } else { "web.rated.not_content" };
    Ok(Page::done(words("web.rated"), words(said)).spent())
}

/// What a customer calls the state.
fn stage(state: State) -> &'static str {
    match state {
        State::Received => "received",
        State::Accepted | State::Soothed => "accepted",
        State::Analysing | State::Reopened => "analysing",
        State::Proposed | State::Agreed => "proposed",
        State::Executing => "executing",
        State::Verifying => "verifying",
        State::Closed | State::Archived => "closed",
        State::Rejected => "rejected",
        State::Withdrawn => "withdrawn",
        State::Transferred => "transferred",
    }
}
