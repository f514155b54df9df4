//! Who looks after a post, and the one open task that says so.

use marque_sdk::{Result, Value, json, new_id, record, view};
use serde::Deserialize;

use crate::{
    case::patch,
    desk::{Desk, refuse},
    forum::post::{KIND, Post, State},
    people::{self, Person},
    task::{self, TASK},
    texts,
};

/// The step of the task of an open post.
pub const STEP: &str = "complaint.forum";
/// Who looks after posts, first found: headquarters' customer care, at a dealer its complaint desk.
const TIERS: [&[&str]; 4] = [&["hq_crm"], &["hq_agent"], &["crm_officer", "crm_mgr"], &["gm", "hq_admin"]];
/// Who answers in the brand's name.
const MAY_ANSWER: [&str; 6] = ["hq_crm", "hq_agent", "hq_admin", "crm_officer", "crm_mgr", "gm"];
/// Who takes a post out of sight. A complaint desk does not: it would be hiding what it is to be asked about.
const MAY_HIDE: [&str; 5] = ["hq_crm", "hq_agent", "hq_admin", "crm_mgr", "gm"];

/// Input of `assign_post`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    owner: String,
}

/// How many posts somebody has to answer.
#[derive(Deserialize)]
struct Load {
    #[serde(default)]
    owner: Option<String>,
    open: u64,
}

/// The owners of posts that come together: each time whoever has the fewest.
pub struct Owners {
    staff: Vec<Person>,
    loads: Vec<Load>,
    me: Option<String>,
}

impl Owners {
    /// As they are now.
    pub fn here(desk: &Desk) -> Result<Owners> {
        let open = marque_sdk::Filter::eq("state", State::New.code())
            .and(marque_sdk::Filter::eq("org", desk.call.org.as_str()));
        Ok(Owners {
            staff: people::staff(desk)?,
            loads: view::aggregate(KIND).filter(open).group(&["owner"]).count("open").rows()?,
            me: desk.me().map(str::to_owned),
        })
    }

    /// The next one's owner.
    pub fn next(&mut self) -> Result<String> {
        let load =
            |id: &str| self.loads.iter().find(|load| load.owner.as_deref() == Some(id)).map_or(0, |load| load.open);
        let of_tier = |roles: &&[&str]| {
            self.staff.iter().filter(|person| person.has_role(roles)).min_by_key(|person| load(&person.id))
        };
        let chosen = TIERS.iter().find_map(of_tier).map(|person| person.id.clone()).or_else(|| self.me.clone());
        let Some(id) = chosen else {
            return refuse(
                "post_owner_missing",
                "nobody here can answer posts: give somebody the role hq_crm, or crm_officer at a dealer",
            );
        };
        match self.loads.iter_mut().find(|load| load.owner.as_ref() == Some(&id)) {
            Some(load) => load.open += 1,
            None => self.loads.push(Load { owner: Some(id.clone()), open: 1 }),
        }
        Ok(id)
    }
}

/// Whoever owns it or answers in the brand's name.
pub fn may_answer(desk: &Desk, post: &Post) -> Result<()> {
    may(desk, post.text("owner"), &MAY_ANSWER, "answers posts")
}

/// Whoever moderates.
pub fn may_hide(desk: &Desk) -> Result<()> {
    may(desk, None, &MAY_HIDE, "moderates the forum")
}

fn may(desk: &Desk, owner: Option<&str>, roles: &[&str], what: &str) -> Result<()> {
    let Some(person) = &desk.person else { return Ok(()) };
    if owner == Some(&person.id) || person.may_as(roles) {
        return Ok(());
    }
    Err(marque_sdk::Fault::denied(format!("{} neither owns the post nor {what}", person.name)))
}

/// Makes the task to answer a post; its id.
pub fn open_task(desk: &Desk, post: &Post) -> Result<String> {
    let title = post.text("title").or_else(|| post.text("forum")).unwrap_or_default();
    let due = post.text("answer_due").unwrap_or_default();
    task(desk, post, &desk.call.org, (STEP, title), post.text("owner").unwrap_or_default(), due, true)
}

/// Makes a task about a post for somebody in `org`.
pub fn task(
    desk: &Desk,
    post: &Post,
    org: &str,
    (step, about): (&str, &str),
    owner: &str,
    due: &str,
    held: bool,
) -> Result<String> {
    let id = new_id();
    let mut data = json!({
        "title": texts::title(&desk.call.locale, step, about), "step": step, "owner": owner, "due": due,
        "about_kind": KIND, "about": post.id, "held": held,
    });
    if let Some(customer) = post.text("customer") {
        data["customer"] = customer.into();
    }
    let create = record::create(TASK).id(id.as_str()).fields(data);
    if org == desk.call.org { create } else { create.org(org) }.stage()?;
    Ok(id)
}

/// Another owner, with the task.
pub fn assign(desk: &Desk, post: &Post, input: Assign) -> Result<()> {
    may_answer(desk, post)?;
    post.must_be(&[State::New, State::Answered])?;
    if post.text("owner") == Some(&input.owner) {
        return refuse("owner_same", "this person has the post already");
    }
    people::member(&input.owner)?;
    for task in task::about(&post.id)? {
        if task.data.get("step").and_then(Value::as_str) == Some(STEP) {
            record::change(TASK, &task.id).field("owner", &input.owner).stage()?;
        }
    }
    post.keep(desk, patch(json!({ "owner": input.owner })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(roles: &[(&str, &str)], loads: &[(&str, u64)], me: Option<&str>) -> Owners {
        let person =
            |(id, role): &(&str, &str)| Person { id: (*id).into(), name: (*id).into(), roles: vec![(*role).into()] };
        Owners {
            staff: roles.iter().map(person).collect(),
            loads: loads.iter().map(|(id, open)| Load { owner: Some((*id).into()), open: *open }).collect(),
            me: me.map(str::to_owned),
        }
    }

    #[test]
    fn posts_that_come_together_are_shared_out() {
        let mut owners = owners(&[("a", "hq_crm"), ("b", "hq_crm"), ("c", "hq_agent")], &[("a", 1)], None);
        let given: Vec<String> = (0..4).map(|_| owners.next().unwrap()).collect();
        assert_eq!(given, ["b", "a", "b", "a"]);
    }

    #[test]
    fn without_headquarters_people_the_complaint_desk_has_it_then_whoever_writes_it_down() {
        assert_eq!(owners(&[("g", "gm"), ("o", "crm_officer")], &[], None).next().unwrap(), "o");
        assert_eq!(owners(&[("z", "advisor")], &[], Some("z")).next().unwrap(), "z");
        assert_eq!(owners(&[("z", "advisor")], &[], None).next().unwrap_err().code, "post_owner_missing");
    }
}
