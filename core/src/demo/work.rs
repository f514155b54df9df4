//! What people of the sample data can do and when they work: teams, skills, certificates, duty plans.

use serde_json::{Map, Value, json};

use crate::demo::{Plan, dice::Dice, network::Staff};

/// A team every dealer has.
#[derive(Debug)]
pub struct Team {
    /// Its kind.
    pub kind: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The roles of its members.
    pub roles: &'static [&'static str],
}

/// The teams of a dealer.
pub const TEAMS: [Team; 4] = [
    Team { kind: "showroom", name: "展厅销售组", roles: &["sales_mgr", "consultant"] },
    Team { kind: "web_phone", name: "网电组", roles: &["reception"] },
    Team { kind: "workshop", name: "服务顾问组", roles: &["service_mgr", "advisor", "technician"] },
    Team { kind: "crm", name: "客户关系组", roles: &["crm_mgr", "crm_officer"] },
];

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Team {
    /// Its id and code at a dealer.
    pub fn id(&self, dealer: &str) -> String {
        format!("{dealer}-{}", self.kind)
    }
}

/// What a member of staff has beyond name and role.
pub fn of(plan: &Plan, person: &Staff) -> Vec<(&'static str, Value)> {
    let mut dice = Dice::new(plan.seed, "work", number(&person.id));
    let mut fields = Vec::new();
    let is_dealer = person.org.starts_with('d');
    if let Some(team) = TEAMS.iter().find(|team| is_dealer && team.roles.contains(&person.role)) {
        fields.push(("team", json!(team.id(&person.org))));
    }
    if person.role == "consultant" {
        fields.push(("capacity", json!(40 + 10 * dice.below(4))));
    }
    let skills = skills(person.role, &mut dice);
    if !skills.is_empty() {
        fields.push(("skills", Value::Object(skills)));
    }
    if matches!(person.role, "crm_officer" | "crm_mgr") {
        let month = 1 + dice.below(12);
        let certificate = json!({
            "name": "DCRC", "issued": format!("2025-{month:02}-01"), "expires": format!("2027-{month:02}-01"),
        });
        fields.push(("certificates", json!([certificate])));
    }
    if is_dealer && !matches!(person.role, "gm" | "dealer_dev") {
        fields.push(("duty", duty(person, &mut dice)));
    }
    fields
}

fn skills(role: &str, dice: &mut Dice) -> Map<String, Value> {
    let known: &[&str] = match role {
        "consultant" => &["轿车", "SUV", "新能源", "大客户"],
        "advisor" | "technician" => &["保养", "机电", "钣喷", "新能源"],
        "crm_officer" => &["回访", "投诉处理"],
        "reception" => &["电话接待", "网络线索"],
        _ => &[],
    };
    // Nobody can do everything.
    let able = known.iter().map(|skill| (*skill, dice.below(6))).filter(|(_, level)| *level > 0);
    able.map(|(skill, level)| (skill.to_owned(), json!(level))).collect()
}

/// Six days a week with a day off that differs; those who meet customers in two shifts. The national day is everybody's.
fn duty(person: &Staff, dice: &mut Dice) -> Value {
    let off = dice.below(5) as usize;
    let is_early = dice.below(2) == 0;
    let hours = match person.role {
        "consultant" | "reception" if is_early => json!([["08:30", "16:30"]]),
        "consultant" | "reception" => json!([["10:00", "18:00"]]),
        _ => json!([["08:30", "12:00"], ["13:00", "17:30"]]),
    };
    let week = DAYS.iter().enumerate().filter(|(n, _)| *n != off);
    let week: Map<String, Value> = week.map(|(_, day)| ((*day).to_owned(), hours.clone())).collect();
    json!({ "week": week, "days": { "2026-10-01": [] } })
}

/// The same for the same id, wherever somebody stands in the list.
fn number(id: &str) -> u64 {
    id.bytes().fold(0, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        demo::network,
        model::{Time, calendar::Calendar, duty},
    };

    #[test]
    fn every_consultant_is_on_duty_at_eleven_on_some_of_the_days() {
        let plan = Plan { dealers: 30, ..Plan::example() };
        let friday: Time = "2026-03-13T11:00:00+08:00".parse().expect("a time");
        for dealer in network::dealers(&plan) {
            let staff = network::staff(&plan);
            let on_duty = staff.iter().filter(|person| person.org == dealer.id && person.role == "consultant");
            let on_duty = on_duty.filter(|person| {
                let data = of(&plan, person).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
                (0..5).any(|day| duty::is_on_duty(&data, &Calendar::default(), friday.plus_millis(day * 86_400_000)))
            });
            assert_eq!(on_duty.count(), 3, "{}", dealer.id);
        }
    }

    #[test]
    fn whoever_has_skills_has_levels_from_one_to_five() {
        let plan = Plan::example();
        for person in network::staff(&plan) {
            for (_, value) in of(&plan, &person).into_iter().filter(|(name, _)| *name == "skills") {
                assert!(
                    value.as_object().is_some_and(|skills| skills
                        .values()
                        .all(|level| (1..=5).contains(&level.as_i64().unwrap_or(0))))
                );
            }
        }
    }
}
