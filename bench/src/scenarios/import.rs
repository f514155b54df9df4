//! A file of rows: read, matched, written with history, events and search; bare: split, written and indexed.

use serde_json::Value;

use crate::{Outcome, bare, client::Client, house::House, load::until, people, report::Figure, server::Server, text};

pub fn run(house: &mut House) -> Outcome<Vec<Figure>> {
    let folder = house.usual()?;
    let server = house.serve(folder.path(), &[])?;
    let n_rows = u64::from(house.plan.rows);
    let file = people::file(0, n_rows, "prospect");
    let (per_second, cpu_us, job) = import(&server, &server.admin()?, &file, n_rows)?;
    let counts = &job["counts"];
    let sum: u64 =
        ["invalid", "repeated", "known", "review", "new"].iter().filter_map(|name| counts[*name].as_u64()).sum();
    if sum != n_rows {
        return Err(format!("{n_rows} rows came to {counts}").into());
    }
    let memory = server.usage()?.resident_mb;
    drop(server);
    let alone = house.folder()?;
    let limit = n_rows as f64 / bare::import(&alone.path().join("bare.db"), &file)?.as_secs_f64();
    let figure = Figure::new(format!("import of {n_rows} rows"), per_second, "/s")
        .with("cpu_us", cpu_us)
        .with("resident_mb", memory)
        .beside(limit)
        .target("≥ 7 000/s");
    Ok(vec![figure])
}

/// Bring a file in; rows a second, processor time of each, and the job.
pub fn import(server: &Server, admin: &Client, file: &str, n_rows: u64) -> Outcome<(f64, f64, Value)> {
    let before = server.usage()?.cpu;
    let begun = std::time::Instant::now();
    let answer = admin.give("POST", "/records/customer/import?mode=apply&org=d1", "text/csv", file.as_bytes())?;
    let id = answer["job"]["id"].as_str().or(answer["job"].as_str()).ok_or("no job")?.to_owned();
    let job = ended(admin, &id)?;
    let seconds = begun.elapsed().as_secs_f64();
    let cpu = (server.usage()?.cpu - before).as_secs_f64();
    Ok((n_rows as f64 / seconds, cpu * 1e6 / n_rows as f64, job))
}

/// A job, when it is done.
pub fn ended(client: &Client, id: &str) -> Outcome<Value> {
    let path = format!("/jobs/{id}");
    let (job, _) =
        until("the job ends", || Ok(Some(client.get(&path)?).filter(|job| text(job, "state") != "running")))?;
    if text(&job, "state") == "done" { Ok(job) } else { Err(format!("the job ended otherwise: {job}").into()) }
}
