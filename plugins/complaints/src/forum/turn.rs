//! A post becomes a complaint in one step: linked both ways, with the clocks of the post and what was said there already.

use marque_sdk::{Data, Fault, Filter, Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    case::{Case, patch},
    desk::Desk,
    forum::{
        answer, desk,
        post::{KIND, Post, State},
    },
    people,
    raise::{self, Raise},
    task,
};

/// Input of `to_complaint`: nothing where the customer is known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToComplaint {
    customer: Option<String>,
    kind: Option<String>,
    demand: Option<String>,
    responsible_staff: Option<String>,
}

/// What a complaint may be about; a question or praise is none of it.
const KINDS: [&str; 10] = [
    "product_quality",
    "service_quality",
    "repair_quality",
    "parts",
    "sales_process",
    "price_fee",
    "delivery_delay",
    "staff_attitude",
    "data_privacy",
    "insurance_finance",
];

/// Makes it a complaint; the reply names it.
pub fn to_complaint(desk: &Desk, post: &Post, input: ToComplaint) -> Result<Value> {
    desk::may_answer(desk, post)?;
    post.must_be(&[State::New, State::Answered])?;
    let customer = customer(desk, post, input.customer)?;
    let text = |field: &str| post.text(field);
    let topic = text("topic").filter(|topic| KINDS.contains(topic)).map(str::to_owned);
    let said: Vec<&str> = [text("title"), text("text")].into_iter().flatten().collect();
    // Whoever has the post has the complaint, unless it is about them: then somebody else is chosen.
    let is_accused = input.responsible_staff.as_deref() == text("owner");
    let owner = text("owner").filter(|owner| !is_accused && people::member(owner).is_ok());
    let raised = json!({
        "customer": customer, "facts": said.join("\n"), "demand": input.demand, "kind": input.kind.or(topic),
        "channel": text("channel").unwrap_or("forum"), "plate": text("plate"), "responsible_org": text("asked"),
        "responsible_staff": input.responsible_staff, "owner": owner, "about_kind": KIND, "about": post.id,
        "contact_name": text("author"), "contact_phone": text("author_phone"),
    });
    let kept = ["first_answered_at", "contacted_at", "answered_at", "public_answer"];
    let kept: Data =
        kept.iter().filter_map(|field| Some(((*field).to_owned(), post.data.get(*field)?.clone()))).collect();
    task::end_about(desk, &post.id, "done")?;
    let posted_at = post.moment("posted_at").unwrap_or(desk.now);
    let case = raise::from_post(desk, Raise::deserialize(&raised)?, posted_at, kept)?;
    let fields = patch(
        json!({ "case": case, "customer": customer, "moved_at": desk.call.now, "moved_by": desk.me(), "task": null }),
    );
    post.go(desk, "move", State::Complaint, fields)?;
    Ok(json!({ "id": post.id, "case": case }))
}

/// Whom the complaint is of: who was named, the post's customer, whoever has the number left with it, else somebody new.
fn customer(desk: &Desk, post: &Post, named: Option<String>) -> Result<String> {
    if let Some(id) = named.or_else(|| post.text("customer").map(str::to_owned)) {
        return match view::get::<Data>("customer", &id)? {
            Some(_) => Ok(id),
            None => Err(Fault::at("customer_unknown", "/customer", "there is no such customer in your organisation")),
        };
    }
    let Some(phone) = post.text("author_phone") else {
        let message = "nobody knows who wrote this: name the customer, or ask the author for a number first";
        return Err(Fault::at("post_customer_missing", "/customer", message));
    };
    if let Some(known) = with_phone(desk, phone)? {
        return Ok(known);
    }
    let id = new_id();
    let data = json!({ "type": "prospect", "name": post.text("author"), "phone": phone, "source": "web" });
    record::create("customer").id(id.as_str()).fields(&data).stage()?;
    Ok(id)
}

/// The customer of this organisation who has had a number longest.
pub fn with_phone(desk: &Desk, phone: &str) -> Result<Option<String>> {
    let with_number = Filter::eq("phone", phone).and(Filter::eq("org", desk.call.org.as_str()));
    Ok(view::find::<Data>("customer").filter(with_number).order("created_at").first()?.map(|customer| customer.id))
}

/// What is said in a complaint to whoever posted is said of the post too: its figures are right, and our page shows the answer.
pub fn follow(desk: &Desk, case: &Case, said: &Data) -> Result<()> {
    let Some(post) = answer::of_case(case)? else { return Ok(()) };
    let mut fields = Data::new();
    for field in ["first_answered_at", "contacted_at"] {
        if let Some(at) = said.get(field).filter(|_| post.text(field).is_none()) {
            fields.insert(field.into(), at.clone());
        }
    }
    if let Some(words) = said.get("public_answer").and_then(Value::as_str)
        && post.text("answered_at").is_none()
    {
        fields.extend(answer::answered(desk, &post, words));
        fields.extend(desk.me().map(|me| ("answered_by".to_owned(), me.into())));
    }
    if fields.is_empty() { Ok(()) } else { post.keep(desk, fields) }
}
