//! What domain §1.3 says of each role, written down apart from the grants that ship.

/// The roles there are, and what each is to the customers of its dealer.
pub const ROLES: [&str; 26] = [
    "admin",
    "hq_admin",
    "hq_crm",
    "hq_analyst",
    "hq_campaign",
    "hq_segment",
    "hq_channel",
    "hq_agent",
    "region_mgr",
    "gm",
    "sales_mgr",
    "consultant",
    "reception",
    "service_mgr",
    "advisor",
    "technician",
    "crm_officer",
    "crm_mgr",
    "insurance",
    "appraiser",
    "credit_ctrl",
    "dealer_dev",
    "dpo",
    "vendor_agent",
    "survey_house",
    "integration",
];

/// Whose a record is, to whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    Own,
    Colleague,
    Sibling,
    Parent,
    Removed,
    RemovedOwn,
    Merged,
    /// A colleague's customer with whom the asker has a case open.
    Case,
    /// A colleague's customer who lets the maker know of them.
    Shared,
}

pub const OBJECTS: [Object; 9] = [
    Object::Own,
    Object::Colleague,
    Object::Sibling,
    Object::Parent,
    Object::Removed,
    Object::RemovedOwn,
    Object::Merged,
    Object::Case,
    Object::Shared,
];

impl Object {
    pub fn is_own(self) -> bool {
        matches!(self, Object::Own | Object::RemovedOwn)
    }

    /// Whether there is such a thing of customers alone.
    pub fn is_of_customers(self) -> bool {
        matches!(self, Object::Merged | Object::Case | Object::Shared)
    }

    pub fn is_gone(self) -> bool {
        matches!(self, Object::Removed | Object::RemovedOwn)
    }
}

/// How much of a record is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Nothing,
    /// That it is there, and a person's name.
    NameAlone,
    /// All that is not about the person.
    Anonymous,
    /// All, but what is personal masked.
    Masked,
    /// As masked, and the name in the open.
    MaskedButName,
    Whole,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Plain,
    Masked,
    Hidden,
}

/// Where somebody of a role works.
pub fn seat(role: &str) -> &'static str {
    match role {
        "admin" | "dpo" => "hq",
        role if role.starts_with("hq_") => "hq",
        "region_mgr" => "north",
        _ => "d1",
    }
}

/// Whether the object lies in what belongs to somebody's organisation.
pub fn is_near(role: &str, object: Object) -> bool {
    match seat(role) {
        "hq" => true,
        "north" => object != Object::Parent,
        _ => !matches!(object, Object::Sibling | Object::Parent),
    }
}

fn is_desk(role: &str) -> bool {
    matches!(role, "reception" | "advisor" | "service_mgr" | "insurance" | "appraiser")
}

/// Desks that see a customer whole while something is open.
fn takes_cases(role: &str) -> bool {
    is_desk(role) && role != "reception"
}

/// Whether it is the asker's own, or theirs while a case is open.
fn is_theirs(role: &str, object: Object) -> bool {
    let by_case = takes_cases(role) || matches!(role, "hq_agent" | "hq_crm" | "consultant");
    object.is_own() || (by_case && object == Object::Case)
}

/// What is seen of a customer.
pub fn look(role: &str, object: Object) -> Look {
    if !is_near(role, object) {
        return Look::Nothing;
    }
    match role {
        "admin" | "dpo" | "gm" | "crm_mgr" | "sales_mgr" | "crm_officer" | "integration" => Look::Whole,
        "consultant" if is_theirs(role, object) => Look::Whole,
        "hq_agent" | "hq_crm" if is_theirs(role, object) => Look::Whole,
        // Rule 2: who came to the maker, or lets it know.
        "hq_agent" | "hq_crm" if matches!(object, Object::Parent | Object::Shared) => Look::Masked,
        role if is_desk(role) && is_theirs(role, object) => Look::Whole,
        role if is_desk(role) => Look::MaskedButName,
        "region_mgr" => Look::MaskedButName,
        "technician" => Look::NameAlone,
        "dealer_dev" | "hq_analyst" | "hq_campaign" | "hq_segment" | "hq_channel" => Look::Anonymous,
        "vendor_agent" if object.is_own() => Look::MaskedButName,
        "survey_house" if object.is_own() => Look::Masked,
        _ => Look::Nothing,
    }
}

/// How a field of a customer is shown.
pub fn shown(look: Look, name: &str, is_personal: bool) -> Shown {
    match look {
        Look::Whole => Shown::Plain,
        Look::Nothing => Shown::Hidden,
        Look::NameAlone if name == "name" => Shown::Plain,
        Look::NameAlone => Shown::Hidden,
        Look::Anonymous if is_personal => Shown::Hidden,
        Look::Masked if is_personal => Shown::Masked,
        Look::MaskedButName if is_personal && name != "name" => Shown::Masked,
        _ => Shown::Plain,
    }
}

/// What may be done with a customer that is seen.
pub fn may(role: &str, verb: &str, object: Object) -> bool {
    if look(role, object) == Look::Nothing {
        return false;
    }
    match role {
        "admin" | "dpo" | "gm" | "crm_mgr" => true,
        "sales_mgr" | "crm_officer" => verb != "export",
        "integration" => !matches!(verb, "export" | "remove"),
        "consultant" => matches!(verb, "read" | "change" | "act" | "attach"),
        "hq_agent" | "hq_crm" if is_theirs(role, object) => matches!(verb, "read" | "change" | "act" | "attach"),
        role if is_desk(role) && is_theirs(role, object) => matches!(verb, "read" | "change" | "act" | "attach"),
        "hq_agent" | "hq_crm" => matches!(verb, "read" | "act"),
        role if is_desk(role) => matches!(verb, "read" | "act"),
        "hq_campaign" | "hq_segment" => matches!(verb, "read" | "export"),
        _ => verb == "read",
    }
}

/// Whether masked fields may be asked for with a purpose.
pub fn may_reveal(role: &str) -> bool {
    is_desk(role) || matches!(role, "hq_agent" | "hq_crm" | "region_mgr")
}

/// Whether a customer may be made in one's own dealer.
pub fn may_make(role: &str) -> bool {
    is_desk(role)
        || matches!(
            role,
            "admin"
                | "dpo"
                | "gm"
                | "crm_mgr"
                | "sales_mgr"
                | "crm_officer"
                | "integration"
                | "consultant"
                | "hq_agent"
                | "hq_crm"
        )
}

/// What may be done with a record of a kind that says nothing of rights.
pub fn may_open_kind(role: &str, verb: &str, object: Object) -> bool {
    let work = matches!(verb, "read" | "change" | "act" | "attach" | "create");
    is_near(role, object)
        && match role {
            "admin" | "dpo" | "gm" | "crm_mgr" => true,
            "sales_mgr" | "crm_officer" => verb != "export",
            "integration" => !matches!(verb, "export" | "remove"),
            "hq_agent" | "hq_crm" | "dealer_dev" => work,
            "consultant" => work || verb == "remove",
            role if is_desk(role) => work || verb == "remove",
            "technician" | "credit_ctrl" => matches!(verb, "read" | "act" | "attach"),
            "region_mgr" => verb == "read",
            "vendor_agent" | "survey_house" => object.is_own() && matches!(verb, "read" | "act"),
            _ => false,
        }
}

/// What may be done with a record of the kind of these tests that says what three roles may; who has all kinds has it too.
pub fn may_said_kind(role: &str, verb: &str, object: Object) -> bool {
    is_near(role, object)
        && match role {
            "admin" | "dpo" | "gm" | "crm_mgr" => true,
            "integration" => !matches!(verb, "export" | "remove"),
            "consultant" => object.is_own() && matches!(verb, "read" | "change"),
            "reception" => verb == "read",
            "hq_agent" | "hq_crm" => verb == "read" || (verb == "change" && object.is_own()),
            _ => false,
        }
}

/// How the secret of that kind is shown to who sees the record.
pub fn said_secret(role: &str, object: Object) -> Shown {
    match role {
        "reception" => Shown::Masked,
        "hq_agent" | "hq_crm" if !object.is_own() => Shown::Hidden,
        _ => Shown::Plain,
    }
}
