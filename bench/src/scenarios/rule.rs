//! A dealer's own rule on every new customer: what it adds to making one, and how soon its effect is there.

use serde_json::json;

use super::{create::made, events};
use crate::{Outcome, house::House, load::Pace, report::Figure, server::Server};

const SCRIPT: &str = "/scripts/reaction/welcome";
const SOURCE: &str = r#"
fn on_customer_created(event) {
    #{ command: "record.change", kind: "customer", id: event.record.id, data: #{ tags: "新客户" }, why: "第一次来" }
}
"#;

pub fn run(house: &mut House) -> Outcome<Vec<Figure>> {
    let folder = house.usual()?;
    let server = house.serve(folder.path(), &[])?;
    let admin = server.admin()?;
    let rate = Pace::Rate(house.plan.rate);
    // What is done for the first time is not what is measured.
    made(house, &server, &admin, rate, 0, "prospect")?;
    let without = made(house, &server, &admin, rate, 1, "prospect")?;
    publish(&server)?;
    made(house, &server, &admin, rate, 2, "prospect")?;
    let with = made(house, &server, &admin, rate, 3, "prospect")?;
    let added = with.ms(50.0) - without.ms(50.0);
    let soon = events::until_effect(house, &admin, 4, "prospect", ("customer.changed", Some("tags")), true)?;
    let rate = house.plan.rate;
    Ok(vec![
        Figure::new(format!("a rule adds to a create, p50 at {rate}/s"), added, "ms")
            .with("without_ms", without.ms(50.0))
            .with("cpu_us", with.cpu_us - without.cpu_us)
            .target("≤ 0.5 ms"),
        soon.what(format!("from the create to the rule's effect, {rate}/s")),
    ])
}

fn publish(server: &Server) -> Outcome<()> {
    let author = server.staff("deng")?;
    let draft = json!({ "source": SOURCE, "asks": ["record.change:customer"] });
    author.send("PUT", &format!("{SCRIPT}/draft?org=d1"), &draft)?;
    author.send("POST", &format!("{SCRIPT}/publish?org=d1"), &json!({})).map(drop)
}
