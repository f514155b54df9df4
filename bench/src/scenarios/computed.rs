//! A computed field: worked out for every customer in bulk when its script is published, and a change of the script tried on all of them.

use std::{path::Path, time::Instant};

use serde_json::{Value, json};

use super::import::ended;
use crate::{Outcome, client::Client, house::House, report::Figure, server::Server, text};

const SCRIPT: &str = "/scripts/computed/customer.x_score";
const SOURCE: &str = r#"
fn compute(record) {
    let score = 40;
    if record.type == "owner" { score += 20; }
    if record.city == "武汉" { score += 10; }
    if record.phone != () { score += 15; }
    if record.preferred_channel == "wechat" { score += 5; }
    #{ value: score, reasons: ["资料 " + score] }
}
"#;

pub fn run(house: &mut House) -> Outcome<Vec<Figure>> {
    let folder = house.usual()?;
    let server = house.serve(folder.path(), &[])?;
    let admin = server.admin()?;
    define(&admin)?;
    let publish = || admin.send("POST", &format!("{SCRIPT}/publish?org=hq"), &json!({})).map(drop);
    admin.send("PUT", &format!("{SCRIPT}/draft?org=hq"), &json!({ "source": SOURCE }))?;
    let mut figures = vec![bulk(&server, &admin, "recompute a computed field, first values", publish)?];
    admin.send("PUT", &format!("{SCRIPT}/draft?org=hq"), &json!({ "source": SOURCE.replace("40", "41") }))?;
    figures.push(
        bulk(&server, &admin, "recompute a computed field, each value changes", publish)?.target("700 000 in 10 s"),
    );
    figures.push(preview(&server, &admin)?);
    Ok(figures)
}

/// A script tried on all customers of a store that has no such field.
pub fn tried(house: &House, folder: &Path) -> Outcome<Vec<Figure>> {
    let server = house.serve(folder, &[])?;
    let admin = server.admin()?;
    if admin.get("/kinds/customer")?["fields"].get("x_score").is_none() {
        define(&admin)?;
    }
    Ok(vec![preview(&server, &admin)?])
}

/// The field, and whatever its definition begins.
fn define(admin: &Client) -> Outcome<()> {
    let field = json!({
        "org": "hq", "name": "x_score", "type": "computed", "as": "int", "label": "评分", "script": "computed/customer.x_score",
    });
    admin.send("POST", "/kinds/customer/fields", &field)?;
    last_job(admin).map(drop)
}

/// The newest back-fill, when it has ended.
fn last_job(admin: &Client) -> Outcome<Option<Value>> {
    let jobs = admin.get("/jobs?limit=5")?;
    let derive = jobs["items"].as_array().and_then(|items| items.iter().find(|job| job["kind"] == "derive"));
    derive.map(|job| ended(admin, text(job, "id"))).transpose()
}

fn bulk(server: &Server, admin: &Client, what: &str, publish: impl FnOnce() -> Outcome<()>) -> Outcome<Figure> {
    let (before, begun) = (server.usage()?.cpu, Instant::now());
    publish()?;
    let job = last_job(admin)?.ok_or("publishing began no job")?;
    let seconds = begun.elapsed().as_secs_f64();
    let n = job["done"].as_f64().unwrap_or_default();
    let cpu = (server.usage()?.cpu - before).as_secs_f64() * 1e6 / n.max(1.0);
    Ok(Figure::new(what, n / seconds, "/s").with("cpu_us", cpu).with("customers", n))
}

fn preview(server: &Server, admin: &Client) -> Outcome<Figure> {
    let (before, begun) = (server.usage()?.cpu, Instant::now());
    let source = SOURCE.replace("40", "42");
    let job = admin.send("POST", &format!("{SCRIPT}/preview?org=hq"), &json!({ "source": source }))?;
    let job = ended(admin, text(&job, "job"))?;
    let seconds = begun.elapsed().as_secs_f64();
    let n = job["detail"]["effects"]["x_score"]["n"].as_f64().ok_or("a preview without its effects")?;
    let cpu = (server.usage()?.cpu - before).as_secs_f64() * 1e6 / n.max(1.0);
    Ok(Figure::new("preview of a script", n / seconds, "/s")
        .with("cpu_us", cpu)
        .with("customers", n)
        .target("700 000 in 15 s"))
}
