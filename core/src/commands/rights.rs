//! Who may do what. Every actor passes here, in the same way.

mod records;

use super::Ctx;
use crate::{
    Error, Result,
    model::{
        Actor, Data, Id, Kind,
        custom::PREFIX,
        kind::{HOUSE, WrittenBy},
        rights::Power,
        scopes,
        validate::Writer,
    },
};

pub use records::{
    learned, learned_level, may_learn, seen, shown, to_do, to_import, to_kind, to_know, to_rewrite, to_take_out,
};
pub(in crate::commands) use records::{to_fields, to_make, to_refer, was_seen};

/// May do everything everywhere.
pub const ADMIN: &str = "admin";
/// Who keeps organisations, people and plugins.
const KEEPERS: [&str; 2] = [ADMIN, "hq_admin"];

/// Whether the person has one of these roles; administrators have all, an empty list means anybody. Plugins that act for
/// nobody, and the server, pass: their grants are asked elsewhere.
pub fn has_role(actor: &Actor, roles: &[String]) -> bool {
    roles.is_empty()
        || actor.person().is_none()
        || is_one_of(actor, &[ADMIN])
        || actor.roles().iter().any(|role| roles.contains(role))
}

fn is_one_of(actor: &Actor, roles: &[&str]) -> bool {
    actor.roles().iter().any(|role| roles.contains(&role.as_str()))
}

/// May this actor write records of this kind, and as whom?
///
/// # Errors
/// `denied`, naming what is missing.
pub fn to_write(ctx: &Ctx, command: &str, kind: &Kind) -> Result<Writer> {
    match &ctx.actor {
        Actor::System => Ok(Writer::Owner),
        Actor::Plugin { name, .. } => {
            let plugin = ctx.catalogue.plugins.get(name);
            if !plugin.is_some_and(|plugin| plugin.manifest.may_ask(command, Some(&kind.kind))) {
                return Err(Error::denied(format!("the plugin {name:?} has no grant \"{command}:{}\"", kind.kind)));
            }
            let is_owner = kind.kind.starts_with(&format!("{name}."));
            if !is_owner && kind.written_by == WrittenBy::Plugin && !may_write_closed(ctx, name, command, kind) {
                return Err(closed(kind));
            }
            Ok(if is_owner { Writer::Owner } else { Writer::Request })
        }
        Actor::Script { name, asks, .. } => {
            to_write_by_script(name, asks, command, kind)?;
            Ok(Writer::Request)
        }
        Actor::User { scopes: held, .. } => {
            within_token(held, verb_of(command), &kind.kind)?;
            if kind.written_by == WrittenBy::Plugin {
                return Err(closed(kind));
            }
            if HOUSE.contains(&kind.kind.as_str()) && !is_one_of(&ctx.actor, &KEEPERS) {
                return Err(Error::denied(format!(
                    "only administrators ({}) may change a {}",
                    KEEPERS.join(", "),
                    kind.kind
                )));
            }
            Ok(Writer::Request)
        }
    }
}

/// A reaction writes what it was granted, of a kind that is open to it.
fn to_write_by_script(name: &str, asks: &[String], command: &str, kind: &Kind) -> Result<()> {
    let grant = format!("{command}:{}", kind.kind);
    if !asks.contains(&grant) {
        return Err(Error::denied(format!(
            "the script {name} has no grant {grant:?}: name it in `asks` and publish it"
        )));
    }
    if HOUSE.contains(&kind.kind.as_str()) {
        return Err(Error::denied(format!("a {} is never a script's to change", kind.kind)));
    }
    if kind.is_open_to_scripts(command) { Ok(()) } else { Err(closed(kind)) }
}

/// What a command does, in the words of a token's scopes.
fn verb_of(command: &str) -> &'static str {
    match command {
        "record.create" | "record.restore" => "create",
        "record.change" | "record.undo" => "change",
        "record.remove" => "remove",
        _ => "act",
    }
}

/// A token with scopes reaches no further than they do, whatever its person may.
fn within_token(held: &[String], verb: &str, kind: &str) -> Result<()> {
    if scopes::allow(held, verb, kind) {
        return Ok(());
    }
    let message = format!("this token is not for that: it lacks the scope \"{verb}:{kind}\"; make one that has it");
    Err(Error::denied(message).coded("token.scope"))
}

/// May it hang files on records of this kind? Whoever sees a record may, for a photo is no decision; people and organisations are kept by
/// those who keep them.
///
/// # Errors
/// `denied`.
pub fn to_attach(ctx: &Ctx, kind: &Kind) -> Result<()> {
    if let Actor::User { scopes: held, .. } = &ctx.actor {
        within_token(held, "attach", &kind.kind)?;
    }
    if kind.private.is_some() {
        return Err(Error::denied(format!("a {} is one person's alone and takes no files", kind.kind)));
    }
    if matches!(kind.kind.as_str(), "org" | "user") {
        return allow(ctx, &KEEPERS, "change people and organisations");
    }
    Ok(())
}

/// May it change these fields of a record? A kind that is closed to people is open to them where they write an
/// organisation's own fields alone: its plugin knows nothing of those, so no rule of its can be broken.
///
/// # Errors
/// `denied`, naming what is missing.
pub fn to_change(ctx: &Ctx, kind: &Kind, data: &Data) -> Result<Writer> {
    let is_own_alone = !data.is_empty() && data.keys().all(|name| name.starts_with(PREFIX));
    match &ctx.actor {
        Actor::User { scopes: held, .. } if is_own_alone && kind.written_by == WrittenBy::Plugin => {
            within_token(held, "change", &kind.kind)?;
            Ok(Writer::Request)
        }
        _ => to_write(ctx, "record.change", kind),
    }
}

/// A kind closed to people is open to another plugin that was granted the very command on it.
fn may_write_closed(ctx: &Ctx, plugin: &str, command: &str, kind: &Kind) -> bool {
    let grant = format!("{command}:{}", kind.kind);
    ctx.catalogue.plugins.get(plugin).is_some_and(|plugin| plugin.manifest.asks.commands.contains(&grant))
}

fn closed(kind: &Kind) -> Error {
    let way = match &kind.create_action {
        Some(action) => format!("create it with the action {action:?} and use its other actions"),
        None => "use its actions".into(),
    };
    Error::denied(format!("{} is written by its plugin alone; {way}", kind.kind))
}

/// Has the plugin been granted a command that stands on no kind?
///
/// # Errors
/// `denied`, naming the grant.
pub fn has_grant(ctx: &Ctx, plugin: &str, command: &str) -> Result<()> {
    let granted = ctx.catalogue.plugins.get(plugin).is_some_and(|plugin| plugin.manifest.may_ask(command, None));
    if granted { Ok(()) } else { Err(Error::denied(format!("the plugin {plugin:?} has no grant {command:?}"))) }
}

/// May it write in this organisation?
///
/// # Errors
/// `denied`.
pub fn in_org(ctx: &Ctx, org: &Id) -> Result<()> {
    if ctx.scope.holds(org) {
        Ok(())
    } else {
        Err(Error::denied(format!("the organisation {org} is not one of yours")))
    }
}

/// May it install plugins and set them to work?
///
/// # Errors
/// `denied`.
pub fn to_keep_plugins(ctx: &Ctx) -> Result<()> {
    allow(ctx, &KEEPERS, "keep plugins")
}

/// May it write scripts in this organisation?
///
/// # Errors
/// `denied`.
pub fn to_script(ctx: &Ctx, org: &Id) -> Result<()> {
    whole(ctx, "change scripts and settings")?;
    to(ctx, Power::Shape, "change scripts and settings")?;
    in_org(ctx, org)
}

/// May it add fields, values and labels to kinds in this organisation?
///
/// # Errors
/// `denied`.
pub fn to_shape(ctx: &Ctx, org: &Id) -> Result<()> {
    whole(ctx, "change fields, values and labels")?;
    to(ctx, Power::Shape, "change fields, values and labels")?;
    in_org(ctx, org)
}

/// Whether it is an administrator of this organisation.
pub fn may_shape(ctx: &Ctx, org: &Id) -> bool {
    to_shape(ctx, org).is_ok()
}

/// Whether the person's roles give them a power. Plugins that act for nobody, and the server, pass: their grants are asked elsewhere.
pub fn has(ctx: &Ctx, power: Power) -> bool {
    ctx.actor.person().is_none() || ctx.catalogue.roles.has(ctx.actor.roles(), power)
}

/// The same, refused in words.
///
/// # Errors
/// `denied`, naming the roles that may.
pub fn to(ctx: &Ctx, power: Power, what: &str) -> Result<()> {
    if has(ctx, power) {
        return Ok(());
    }
    // That one stands in no book.
    let admin = Some(ADMIN).filter(|admin| ctx.catalogue.roles.has(&[(*admin).to_owned()], power));
    let roles: Vec<&str> = admin.into_iter().chain(ctx.catalogue.roles.with(power)).collect();
    Err(Error::denied(format!("you may not {what}; that takes one of the roles {}", roles.join(", "))))
}

/// May it take records out as a file, or approve that another does?
///
/// # Errors
/// `denied`.
pub fn to_export(ctx: &Ctx) -> Result<()> {
    // A token's scopes have a verb for this, which is asked where it comes in.
    to(ctx, Power::Export, "take records out as a file")
}

/// Whether it may take records out as a file, or approve that another does.
pub fn may_export(ctx: &Ctx) -> bool {
    to_export(ctx).is_ok()
}

/// May it see who was erased and who would be, of the organisations within its scope?
///
/// # Errors
/// `denied`.
pub fn to_see_retention(ctx: &Ctx) -> Result<()> {
    to(ctx, Power::SeeRetention, "look after retention")
}

/// May it set how long the brand keeps what need not be kept?
///
/// # Errors
/// `denied`.
pub fn to_set_retention(ctx: &Ctx) -> Result<()> {
    whole(ctx, "set retention")?;
    to(ctx, Power::SetRetention, "set retention")?;
    in_org(ctx, &Id::hq())
}

/// May it read the audit log, of the organisations within its scope?
///
/// # Errors
/// `denied`.
pub fn to_audit(ctx: &Ctx) -> Result<()> {
    whole(ctx, "read the audit log")?;
    to(ctx, Power::Audit, "read the audit log")
}

/// Whether it is an administrator of everything, or the server itself.
pub fn is_admin(ctx: &Ctx) -> bool {
    ctx.actor == Actor::System || is_one_of(&ctx.actor, &[ADMIN])
}

/// May it look after people's accounts?
///
/// # Errors
/// `denied`.
pub fn to_keep_people(ctx: &Ctx) -> Result<()> {
    allow(ctx, &KEEPERS, "look after accounts")
}

/// Keeping plugins, scripts and people is none of the verbs a token is held to.
fn whole(ctx: &Ctx, what: &str) -> Result<()> {
    if scopes::are_open(ctx.actor.scopes()) {
        return Ok(());
    }
    Err(Error::denied(format!("a token with scopes may not {what}")).coded("token.scope"))
}

fn allow(ctx: &Ctx, roles: &[&str], what: &str) -> Result<()> {
    whole(ctx, what)?;
    of_roles(ctx, roles, what)
}

fn of_roles(ctx: &Ctx, roles: &[&str], what: &str) -> Result<()> {
    if ctx.actor == Actor::System || is_one_of(&ctx.actor, roles) {
        Ok(())
    } else {
        Err(Error::denied(format!("you may not {what}; that takes one of the roles {}", roles.join(", "))))
    }
}
