//! Actions: a delivery with one hearer and a caller who waits. It does not queue behind the lane; revisions decide conflicts.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Ask, Bus, Staged, Subscription};
use crate::{
    Error, ErrorKind, Result,
    catalogue::Plugin,
    commands::{Ctx, Run, action, page, rights, staged::Effects},
    error::FieldError,
    model::{Actor, Command, Fault, Id, Record},
    store::{Tx, tables},
};

/// What an action came to.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What the plugin answered.
    pub reply: Value,
    /// The record it was done to, or the first of its kind that it made; as committed.
    pub record: Option<Record>,
}

/// What a plugin answered, before anything of it is done.
#[derive(Clone, Debug)]
pub struct Answered {
    ctx: Ctx,
    staged: Staged,
    reply: Value,
    kind: String,
    target: Option<Id>,
}

/// Fresh snapshots tried when a revision has moved on under the plugin.
const TRIES: u32 = 4;

/// What is asked of a plugin.
#[derive(Clone, Debug)]
pub struct Question {
    /// The kind the action stands on.
    pub kind: String,
    /// The action's name.
    pub action: String,
    /// The record it is done to.
    pub target: Option<Id>,
    /// Its input.
    pub input: Value,
    /// Whether it comes from a public page and not from a person who is known: the plugin then acts by itself.
    pub is_page: bool,
    /// The language the asker reads.
    pub locale: String,
    /// Of whoever asks for a record of the kind: `why`, `overrides`, and `data` of fields that the plugin knows nothing of. It is
    /// said of the record that the plugin makes.
    pub said: Map<String, Value>,
}

/// Written in the same transaction as what the plugin staged: the caller's note that it has been answered. May be called
/// again when a revision has moved on under the plugin; what it wrote the first time is taken back then.
pub type Seal = Arc<dyn Fn(&mut Tx<'_>, &Reply) -> Result<()> + Send + Sync>;

impl Answered {
    /// What the plugin said.
    pub fn reply(&self) -> &Value {
        &self.reply
    }

    /// What the plugin staged.
    pub fn commands(&self) -> &[Command] {
        &self.staged.commands
    }

    /// Do what was staged, at the moment and with the ids of `ctx`.
    ///
    /// # Errors
    /// What the core refuses of it.
    pub fn carry_out(&self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Reply> {
        let ctx = Ctx { done_at: ctx.done_at, ids: ctx.ids.clone(), ..self.ctx.clone() };
        let record = carry_out(tx, &ctx, self.staged.clone(), &self.kind, self.target.clone())?;
        Ok(Reply { reply: self.reply.clone(), record })
    }
}

impl Bus {
    /// Ask the plugin that owns the kind to run an action. Everything it stages is committed, with the seal, before this answers.
    ///
    /// # Errors
    /// See [`action::check`]; the plugin's own fault; what the core refuses of the commands it staged.
    pub async fn ask(&self, ctx: Ctx, question: Question, seal: Seal) -> Result<Reply> {
        let bus = self.clone();
        tokio::task::spawn_blocking(move || bus.ask_blocking(&ctx, &question, &seal)).await.map_err(Error::internal)?
    }

    /// Ask the plugin and do nothing yet: a preview rehearses what was answered, and whoever applies it does that and nothing else.
    ///
    /// # Errors
    /// As [`Bus::ask`], but for what the core refuses.
    pub async fn consult(&self, ctx: Ctx, question: Question) -> Result<Answered> {
        let bus = self.clone();
        tokio::task::spawn_blocking(move || {
            let (ctx, staged, reply) = bus.answer(&ctx, &question)?;
            Ok(Answered { ctx, staged, reply, kind: question.kind, target: question.target })
        })
        .await
        .map_err(Error::internal)?
    }

    fn ask_blocking(&self, ctx: &Ctx, question: &Question, seal: &Seal) -> Result<Reply> {
        let mut tries = 1;
        loop {
            match self.try_once(ctx, question, seal) {
                Err(error) if error.kind == ErrorKind::Stale && tries < TRIES => tries += 1,
                outcome => return outcome,
            }
        }
    }

    fn try_once(&self, ctx: &Ctx, question: &Question, seal: &Seal) -> Result<Reply> {
        let (ctx, staged, reply) = self.answer(ctx, question)?;
        let (kind, target, seal) = (question.kind.clone(), question.target.clone(), seal.clone());
        self.shared.store.commit_blocking(move |tx| {
            let record = carry_out(tx, &ctx, staged, &kind, target)?;
            let reply = Reply { reply, record };
            seal(tx, &reply)?;
            Ok(reply)
        })
    }

    /// Ask the plugin: what it stages, and as whom that is to be done.
    fn answer(&self, ctx: &Ctx, question: &Question) -> Result<(Ctx, Staged, Value)> {
        // A kind is named after the plugin that answers for it.
        let _turn = self.shared.turns.take(question.kind.split('.').next().unwrap_or_default());
        let view = self.shared.store.view(ctx.scope.clone())?.asked_by(&ctx.actor, ctx.now).at(&ctx.org);
        let Question { kind, action: name, target, input, is_page, locale, said } = question;
        let checked = if *is_page {
            page::check(ctx, &view, kind, name, target.as_ref())?
        } else {
            action::check(ctx, &view, kind, name, target.as_ref(), input)?
        };
        let plugin = &checked.plugin;
        let subscription = self.shared.subscription(&plugin.manifest.name);
        let responder = subscription.as_ref().and_then(|subscription| subscription.responder.clone());
        let (Some(subscription), Some(responder)) = (subscription, responder) else {
            let message = format!("the plugin {:?} does not answer actions just now", plugin.manifest.name);
            return Err(Error::new(ErrorKind::Unavailable, "plugin.failed", message));
        };
        // It reads as the plugin in the record's organisation, and writes there.
        let org = checked.target.as_ref().map_or_else(|| ctx.org.clone(), |record| record.org.clone());
        let ask = Ask {
            org: org.clone(),
            actor: ctx.actor.clone(),
            locale: locale.clone(),
            kind: kind.clone(),
            action: name.clone(),
            target: target.clone(),
            input: input.clone(),
            view: self
                .shared
                .store
                .view(self.shared.scope(&org))?
                .for_server(ctx.actor.person().cloned(), ctx.now)
                .at(&org),
            now: ctx.now,
            // A second look at the same wish makes the same ids.
            nonce: ctx.ids.seed().clone(),
        };
        let answer = responder.run(ask);
        subscription.watch.called(answer.usage);
        self.shared.logs.keep(subscription.subscriber.name(), answer.logs);
        let (mut staged, reply) = answer.result.map_err(|fault| refused(&subscription, plugin, locale, &fault))?;
        staged.commands.iter_mut().filter(|command| makes(command, kind)).for_each(|command| pass_on(command, said));
        let actor = if *is_page { ctx.actor.clone() } else { acting(plugin, &ctx.actor) };
        Ok((Ctx { org, actor, ..ctx.clone() }, staged, reply))
    }
}

/// Whether a command makes a record of a kind.
fn makes(command: &Command, kind: &str) -> bool {
    command.name == "record.create" && command.body.get("kind").and_then(Value::as_str) == Some(kind)
}

/// What the plugin has said itself stays.
fn pass_on(command: &mut Command, said: &Map<String, Value>) {
    let Some(body) = command.body.as_object_mut() else { return };
    for (key, value) in said {
        match (body.get_mut(key).and_then(Value::as_object_mut), value) {
            (Some(there), Value::Object(more)) => {
                more.iter().for_each(|(name, value)| _ = there.entry(name.clone()).or_insert_with(|| value.clone()));
            }
            (Some(_), _) => {}
            (None, value) => _ = body.entry(key.clone()).or_insert_with(|| value.clone()),
        }
    }
}

/// Do what was staged; answers the record it was done to, or the first of the kind that it made.
fn carry_out(tx: &mut Tx<'_>, ctx: &Ctx, staged: Staged, kind: &str, target: Option<Id>) -> Result<Option<Record>> {
    let made = staged.commands.iter().position(|command| makes(command, kind));
    let done = Effects { commands: staged.commands, receipts: staged.receipts }.run(tx, ctx)?;
    let made = made.and_then(|n| done.get(n)?.get("id")?.as_str()?.parse().ok());
    match target.or(made) {
        Some(id) => {
            let record = tables::record::get(tx, kind, &id, &ctx.scope)?;
            record.map(|record| rights::shown(tx, ctx, &record)).transpose()
        }
        None => Ok(None),
    }
}

/// The plugin, for the person: both must be allowed.
fn acting(plugin: &Plugin, person: &Actor) -> Actor {
    Actor::Plugin {
        name: plugin.manifest.name.clone(),
        version: plugin.manifest.version.clone(),
        on_behalf: Some(Box::new(person.clone())),
    }
}

/// A plugin's fault as the caller is told it, in the caller's language where the plugin has a text for the code.
fn refused(subscription: &Subscription, plugin: &Plugin, locale: &str, fault: &Fault) -> Error {
    subscription.watch.failed(fault);
    let texts = plugin.texts.get(locale);
    let worded = |code: &str, message: &str| {
        let text = texts.and_then(|texts| texts.get(&format!("fault.{code}")));
        text.map_or_else(|| message.to_owned(), Clone::clone)
    };
    let message = worded(&fault.code, &fault.message);
    let details: Option<Value> = fault.details.as_deref().and_then(|details| serde_json::from_str(details).ok());
    let errors = details.as_ref().and_then(|details| details.get("errors")).and_then(Value::as_array);
    let errors: Vec<FieldError> =
        errors.into_iter().flatten().filter_map(|error| field_error(error, &worded)).collect();
    let kind = match fault.code.as_str() {
        "deadline" | "memory" | "trap" | "quota" | "host" | "pool" => {
            let message = format!(
                "the plugin {:?} failed ({}); nothing was changed and the failure is on its page",
                plugin.manifest.name, fault.code
            );
            return Error::new(ErrorKind::Unavailable, format!("plugin.{}", fault.code), message)
                .caused_by(fault.message.clone());
        }
        _ if !errors.is_empty() => ErrorKind::Invalid,
        "invalid" => ErrorKind::Invalid,
        "not_found" => ErrorKind::NotFound,
        "denied" => ErrorKind::Denied,
        _ => ErrorKind::Conflict,
    };
    Error { errors, ..Error::new(kind, fault.code.clone(), message) }
}

fn field_error(error: &Value, worded: &impl Fn(&str, &str) -> String) -> Option<FieldError> {
    let text = |name: &str| error.get(name)?.as_str();
    let code = text("code")?;
    Some(FieldError { pointer: text("pointer")?.into(), code: code.into(), message: worded(code, text("message")?) })
}
