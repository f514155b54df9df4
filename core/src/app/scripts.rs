//! Scripts in the running server: check, publish, roll back.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{App, How, Outcome, Wish};
use crate::{
    Error, Result,
    catalogue::{Plugin, ScriptName},
    commands::{Ctx, rights, script},
    error::FieldError,
    model::{Command, Id, Query, Scope, digest, kind::derived::computed_by},
    scripts::{CheckReport, Draft, Example, definitions},
    store::tables,
};

/// A script as it is checked.
#[derive(Clone, Debug)]
pub struct Content {
    /// Rhai.
    pub source: String,
    /// What it reads as `PARAMETERS`.
    pub parameters: Value,
    /// `[{"name","input","output"?}]`, or null.
    pub examples: Value,
    /// Of a reaction: what it asks for.
    pub asks: Vec<String>,
}

/// A draft as somebody looked at it before they published it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    source: String,
    parameters: Value,
    #[serde(default)]
    asks: Vec<String>,
}

impl Seen {
    fn is(&self, draft: &tables::script::Draft) -> bool {
        (&self.source, &self.parameters, &self.asks) == (&draft.source, &draft.parameters, &draft.asks)
    }
}

impl App {
    /// Check a source against its point, or against the field it computes, with the newest record for a sample: it parses,
    /// has its entry, and its examples come out as written.
    ///
    /// # Errors
    /// `examples.invalid` when they are not a list of `{"name","input","output"?}`.
    pub async fn check_script(&self, name: &ScriptName, org: &Id, content: Content) -> Result<CheckReport> {
        let Content { source, parameters, examples, asks } = content;
        let examples: Vec<Example> = match examples {
            Value::Null => Vec::new(),
            examples => serde_json::from_value(examples).map_err(|error| {
                Error::invalid("examples", format!("examples are a list of {{\"name\",\"input\",\"output\"}}: {error}"))
            })?,
        };
        let (scripts, catalogue, name, now) = (self.scripts.clone(), self.catalogue(), name.clone(), self.clock.now());
        let (store, org) = (self.store.clone(), org.clone());
        let check = move || {
            let draft =
                Draft { name: &name, source: &source, parameters: &parameters, examples: &examples, asks: &asks, now };
            let view = store.view(catalogue.orgs.scope(&org))?.at(&org);
            match name {
                ScriptName::Decision(_) => return Ok(scripts.check(&catalogue, draft)),
                ScriptName::Reaction(_) => return Ok(scripts.check_reaction(&catalogue, view.kinds(), draft, &org)),
                ScriptName::Computed(_) => {}
            }
            let target = computed_by(view.kinds().values(), &name.to_string());
            let sample = match target {
                Some((kind, _)) => view.find(&kind.kind, &Query { limit: Some(1), ..Query::default() })?.items.pop(),
                None => None,
            };
            let target = target.map(|(kind, field)| (kind.as_ref(), field));
            Ok(scripts.check_computed(&catalogue, draft, &org, target, sample.as_ref()))
        };
        tokio::task::spawn_blocking(check).await.map_err(Error::internal)?
    }

    /// What scripts of an organisation can see and call, for the editor.
    pub fn definitions(&self, org: &Id) -> Value {
        definitions::told(&self.catalogue(), self.store.kind_tree().at(org))
    }

    /// Check the draft of `ctx.org` and put it in force; the next decision is made by it. Answers the version.
    ///
    /// # Errors
    /// `draft.not_found`, `draft.changed` when it is not what was `seen`, `script.unchecked` with every problem, `denied`.
    pub async fn publish_script(
        self: &Arc<App>,
        ctx: Ctx,
        how: How,
        name: ScriptName,
        share: Option<u8>,
        seen: Option<Seen>,
    ) -> Result<Outcome<u32>> {
        rights::to_script(&ctx, &ctx.org)?;
        let view = self.store.view(Scope::All)?;
        let draft = tables::script::draft(&view, &name.to_string(), &ctx.org)?
            .ok_or_else(|| Error::not_found("draft", format!("{name} has no draft in {}; PUT one first", ctx.org)))?;
        drop(view);
        if seen.is_some_and(|seen| !seen.is(&draft)) {
            return Err(script::changed(&name));
        }
        let content = Content {
            source: draft.source.clone(),
            parameters: draft.parameters.clone(),
            examples: draft.examples.clone(),
            asks: draft.asks.clone(),
        };
        let report = self.check_script(&name, &ctx.org, content).await?;
        if !report.ok {
            return Err(unchecked(&name, &report));
        }
        let digest = digest::hex(&draft.source);
        let shown =
            json!({ "name": name.to_string(), "org": ctx.org, "digest": digest, "asks": draft.asks, "share": share });
        let command = script::Publish {
            name,
            org: ctx.org.clone(),
            digest,
            parameters: draft.parameters,
            examples: draft.examples,
            asks: draft.asks,
            hears: report.hears,
            share,
        };
        self.put_in_force(ctx, how, Wish::of(Command::new("script.publish", shown), command)).await
    }

    async fn put_in_force(self: &Arc<App>, ctx: Ctx, how: How, wish: Wish<u32>) -> Result<Outcome<u32>> {
        let outcome = self.carry_out(ctx, how, Ok(wish), |_, _, version| Ok(version)).await?;
        if let Outcome::Done(_) = outcome {
            self.reload()?;
            self.listen()?;
        }
        Ok(outcome)
    }

    /// Let the version on trial hold for all. Answers the version.
    ///
    /// # Errors
    /// `script.no_canary`, `denied`.
    pub async fn promote_script(self: &Arc<App>, ctx: Ctx, how: How, name: ScriptName) -> Result<Outcome<u32>> {
        let shown = json!({ "name": name.to_string(), "org": ctx.org });
        let command = script::Promote { name, org: ctx.org.clone() };
        self.put_in_force(ctx, how, Wish::of(Command::new("script.promote", shown), command)).await
    }

    /// Put an earlier version of `ctx.org` in force, or none. Answers the version.
    ///
    /// # Errors
    /// `version.not_found`, `denied`.
    pub async fn rollback_script(
        self: &Arc<App>,
        ctx: Ctx,
        how: How,
        name: ScriptName,
        version: Option<u32>,
    ) -> Result<Outcome<u32>> {
        let shown = json!({ "name": name.to_string(), "org": ctx.org, "version": version });
        let command = script::Rollback { name, org: ctx.org.clone(), version };
        self.put_in_force(ctx, how, Wish::of(Command::new("script.rollback", shown), command)).await
    }

    /// The rules that ship with a plugin must pass their own check, or it would be installed with a rule that cannot answer.
    pub(super) async fn check_scripts(&self, plugin: &Plugin) -> Result<()> {
        for (point, rule) in &plugin.points {
            let (scripts, source) = (self.scripts.clone(), Arc::<str>::clone(&rule.source));
            let name = ScriptName::Decision(point.clone());
            let parses = move || scripts.parses(&name, &source);
            tokio::task::spawn_blocking(parses).await.map_err(Error::internal)?.map_err(|problem| {
                Error::invalid("plugin", format!("scripts/{point}.rhai: line {}: {}", problem.line, problem.message))
            })?;
        }
        for (script, source) in &plugin.computed {
            let (scripts, source, name) = (self.scripts.clone(), source.clone(), script.parse::<ScriptName>()?);
            let parses = move || scripts.parses(&name, &source);
            tokio::task::spawn_blocking(parses).await.map_err(Error::internal)?.map_err(|problem| {
                Error::invalid("plugin", format!("{script}: line {}: {}", problem.line, problem.message))
            })?;
        }
        Ok(())
    }
}

pub(super) fn unchecked(name: &ScriptName, report: &CheckReport) -> Error {
    let problems = report.problems.iter().map(|problem| FieldError {
        pointer: "/source".into(),
        code: problem.code.clone(),
        message: format!("line {}, column {}: {}", problem.line, problem.column, problem.message),
    });
    let examples =
        report.examples.iter().enumerate().filter(|(_, example)| !example.ok).map(|(n, example)| FieldError {
            pointer: format!("/examples/{n}"),
            code: "example.failed".into(),
            message: format!("{}: {}", example.name, example.message),
        });
    let errors: Vec<FieldError> = problems.chain(examples).collect();
    let message = format!("{name} does not pass its check; nothing was published");
    Error { errors, ..Error::invalid("script", message) }
}
