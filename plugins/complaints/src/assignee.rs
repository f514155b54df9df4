//! Who does a step: the owner as a rule, but somebody uninvolved verifies and somebody with authority approves.

use marque_sdk::Result;

use crate::{
    approval::Authority,
    case::Case,
    desk::Desk,
    people::{self, Person},
    step::Step,
};

/// Who asks customers whether it helped, first found.
const VERIFIERS: [&str; 7] = ["crm_officer", "crm_mgr", "reception", "gm", "service_mgr", "sales_mgr", "hq_agent"];
/// Who closes where a manager must.
pub const CLOSERS: [&str; 4] = ["crm_mgr", "gm", "hq_crm", "hq_admin"];

/// Who does a step of a case. Where nobody fits, its owner has the task of finding somebody: no case is left alone.
pub fn of(desk: &Desk, case: &Case, step: Step) -> Result<String> {
    let chosen = match step {
        Step::Verification => verifier(&people::staff(desk)?, case).map(|person| person.id.clone()),
        Step::Approval => approver(&people::staff(desk)?, case).map(|person| person.id.clone()),
        Step::Closing => {
            people::first_with(&people::staff(desk)?, &CLOSERS, &accused(case)).map(|person| person.id.clone())
        }
        _ => None,
    };
    Ok(chosen.unwrap_or_else(|| case.owner().to_owned()))
}

/// Who must not do a step.
pub fn barred(case: &Case, step: Step) -> Vec<String> {
    let barred = match step {
        Step::Verification => people::involved(case),
        _ => accused(case),
    };
    barred.into_iter().map(str::to_owned).collect()
}

fn verifier<'a>(staff: &'a [Person], case: &Case) -> Option<&'a Person> {
    let involved = people::involved(case);
    let anybody = || staff.iter().find(|person| !involved.contains(&person.id.as_str()));
    people::first_with(staff, &VERIFIERS, &involved).or_else(anybody)
}

/// Somebody with the authority the remedy needs, or more. Headquarters' people are not seen from a dealer:
/// its general manager then has the task of obtaining their approval.
fn approver<'a>(staff: &'a [Person], case: &Case) -> Option<&'a Person> {
    let needed = Authority::parse(case.text("approver").unwrap_or_default());
    let able = Authority::ALL.into_iter().filter(|authority| *authority >= needed);
    let roles: Vec<&str> =
        able.chain([Authority::Gm]).flat_map(|authority| authority.roles().iter().copied()).collect();
    people::first_with(staff, &roles, &accused(case))
}

fn accused(case: &Case) -> Vec<&str> {
    case.accused().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::patch;
    use marque_sdk::json;

    fn staff() -> Vec<Person> {
        let person = |id: &str, role: &str| Person { id: id.into(), name: id.into(), roles: vec![role.into()] };
        vec![person("li", "crm_officer"), person("zhou", "advisor"), person("wu", "crm_mgr"), person("gao", "gm")]
    }

    fn case(data: marque_sdk::Value) -> Case {
        Case { id: "c".into(), rev: 1, data: patch(data) }
    }

    #[test]
    fn somebody_uninvolved_verifies() {
        let case = case(json!({ "owner": "li", "responsible_staff": "zhou", "executed_by": "wu" }));
        assert_eq!(verifier(&staff(), &case).unwrap().id, "gao");
        assert_eq!(barred(&case, Step::Verification), ["li", "wu", "zhou"]);
    }

    #[test]
    fn where_no_role_fits_any_uninvolved_colleague_verifies() {
        let case = case(json!({ "owner": "li", "executed_by": "gao", "responsible_staff": "wu" }));
        assert_eq!(verifier(&staff(), &case).unwrap().id, "zhou");
    }

    #[test]
    fn the_approver_has_the_authority_needed() {
        assert_eq!(approver(&staff(), &case(json!({ "approver": "manager" }))).unwrap().id, "wu");
        assert_eq!(approver(&staff(), &case(json!({ "approver": "gm" }))).unwrap().id, "gao");
        assert_eq!(approver(&staff(), &case(json!({ "approver": "hq" }))).unwrap().id, "gao");
    }

    #[test]
    fn the_person_complained_about_approves_nothing() {
        assert_eq!(
            approver(&staff(), &case(json!({ "approver": "manager", "responsible_staff": "wu" }))).unwrap().id,
            "gao"
        );
    }
}
