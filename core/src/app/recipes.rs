//! Recipes: rules to begin with, each with the fields it brings and cases that show it works. They come with the server.

use rust_embed::RustEmbed;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{App, How, Outcome, Wish};
use crate::{
    Error, Result,
    catalogue::ScriptName,
    commands::{Ctx, Run, kind::FieldAdd, script::SaveDraft},
    model::{Command, Field, Text},
    store::{Tx, tables},
};

#[derive(RustEmbed)]
#[folder = "../scripts/recipes"]
struct Files;

/// A rule to begin with.
#[derive(Clone, Debug, Serialize)]
pub struct Recipe {
    /// Its folder.
    pub name: String,
    /// What it says of itself.
    #[serde(flatten)]
    pub told: Told,
    /// Rhai.
    pub source: String,
    /// Its cases, as examples.
    pub examples: Vec<Value>,
}

/// `recipe.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// What people call it.
    pub label: Text,
    /// What it does.
    pub help: Text,
    /// Which script it becomes, `computed/customer.x_score`.
    pub script: String,
    /// Fields it brings, in the order in which they are added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Brought>,
    /// Of a reaction: what it asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<String>,
    /// What it reads as `PARAMETERS`, to be changed without touching the rule.
    pub parameters: Value,
}

/// A field that a recipe brings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brought {
    /// Of which kind.
    pub kind: String,
    /// `x_score`.
    pub name: String,
    /// As in a kind's file.
    pub field: Field,
}

/// All recipes, by name.
///
/// # Errors
/// Internal, for one that this server was built with and that is not sound; the tests look at each.
pub fn all() -> Result<Vec<Recipe>> {
    let folder = |file: &str| file.strip_suffix("/recipe.json").map(str::to_owned);
    let mut names: Vec<String> = Files::iter().filter_map(|file| folder(&file)).collect();
    names.sort();
    names.into_iter().map(read).collect()
}

fn read(name: String) -> Result<Recipe> {
    let text = |file: &str| -> Result<String> {
        let file = Files::get(file).ok_or_else(|| Error::internal(format!("the recipe has no {file}")))?;
        String::from_utf8(file.data.into_owned()).map_err(Error::internal)
    };
    let told: Told = serde_json::from_str(&text(&format!("{name}/recipe.json"))?).map_err(Error::internal)?;
    let cases = format!("{name}/cases/");
    let mut files: Vec<String> =
        Files::iter().filter(|file| file.starts_with(&cases)).map(|file| file.into_owned()).collect();
    files.sort();
    let case = |file: &String| serde_json::from_str(&text(file)?).map_err(Error::internal);
    let examples = files.iter().map(case).collect::<Result<_>>()?;
    Ok(Recipe { source: text(&format!("{name}/script.rhai"))?, name, told, examples })
}

/// A draft that somebody has been writing stays; the recipe's own may be begun with again.
fn refuse_to_overwrite(tx: &Tx<'_>, begun: &SaveDraft) -> Result<()> {
    let Some(kept) = tables::script::draft(tx, &begun.name.to_string(), &begun.org)? else { return Ok(()) };
    if (&kept.source, &kept.parameters, &kept.examples) == (&begun.source, &begun.parameters, &begun.examples) {
        return Ok(());
    }
    let message = format!("{} has a draft already: publish it or empty it before you begin with a recipe", begun.name);
    Err(Error::conflict("draft.exists", message))
}

impl App {
    /// Begin with a recipe: its fields are added to the organisation where it has none of that name, and its rule is the draft. Nothing is in
    /// force before it is published. Answers the script's name.
    ///
    /// # Errors
    /// `recipe.not_found`, `draft.exists`, `denied`, those of adding fields.
    pub async fn begin_with(&self, ctx: Ctx, how: How, name: &str) -> Result<Outcome<ScriptName>> {
        let missing =
            || Error::not_found("recipe", format!("there is no recipe {name:?}; GET /api/v1/recipes lists them"));
        let recipe = all()?.into_iter().find(|recipe| recipe.name == name).ok_or_else(missing)?;
        let script: ScriptName = recipe.told.script.parse()?;
        let shown = json!({ "recipe": recipe.name, "script": recipe.told.script, "org": ctx.org });
        let kinds = self.store.kind_tree();
        // A kind that is not there is for the adding to refuse, by name.
        let is_new = |brought: &&Brought| {
            kinds.kind(&brought.kind, &ctx.org).is_none_or(|kind| kind.fields.get(&brought.name).is_none())
        };
        let add = |brought: &Brought| FieldAdd {
            kind: brought.kind.clone(),
            org: ctx.org.clone(),
            name: brought.name.clone(),
            field: brought.field.clone(),
        };
        let fields: Vec<FieldAdd> = recipe.told.fields.iter().filter(is_new).map(add).collect();
        let draft = SaveDraft {
            name: script.clone(),
            org: ctx.org.clone(),
            source: recipe.source,
            parameters: recipe.told.parameters,
            examples: Value::Array(recipe.examples),
            asks: recipe.told.asks,
        };
        let wish = Wish::new(vec![Command::new("script.begin", shown)], move |tx, ctx| {
            refuse_to_overwrite(tx, &draft)?;
            for field in &fields {
                field.clone().run(tx, ctx)?;
            }
            draft.clone().run(tx, ctx).map(drop)
        });
        let outcome = self.carry_out(ctx, how, Ok(wish), move |_, _, ()| Ok(script)).await?;
        if let Outcome::Done(_) = outcome {
            self.reload()?;
        }
        Ok(outcome)
    }
}
