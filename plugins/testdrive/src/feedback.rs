//! What they thought of it: five marks from 1 to 10 and a sentence, at the desk or on their own phone.

use marque_sdk::{Result, Value, json, record};
use serde::{Deserialize, Serialize};

use crate::{
    desk::{Desk, refuse, refuse_at, said},
    drive::{Drive, KIND},
};

/// What is marked.
pub const ASPECTS: [&str; 5] = ["comfort", "power", "handling", "space", "technology"];

/// Input of `give_feedback`; see plugin.toml.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Marks {
    /// How it rides.
    pub comfort: Option<i64>,
    /// How it pulls.
    pub power: Option<i64>,
    /// How it steers.
    pub handling: Option<i64>,
    /// How much room there is.
    pub space: Option<i64>,
    /// What it can do.
    pub technology: Option<i64>,
    /// In their words.
    pub feedback: Option<String>,
}

impl Marks {
    /// The mean of the marks that were given, in hundredths.
    fn mean(&self) -> Option<i64> {
        let given: Vec<i64> =
            [self.comfort, self.power, self.handling, self.space, self.technology].into_iter().flatten().collect();
        let (sum, n) = (given.iter().sum::<i64>() * 100, i64::try_from(given.len()).ok()?);
        // Rounded half up.
        (n > 0).then(|| (2 * sum + n) / (2 * n))
    }
}

/// Notes what they thought. Once: an opinion is not corrected by the house.
pub fn give(desk: &Desk, drive: &Drive, marks: &Marks) -> Result<()> {
    drive.must_be(&["done"])?;
    if drive.text("feedback_at").is_some() {
        return refuse("feedback_given", "they have said what they think already");
    }
    let Some(mean) = marks.mean() else {
        return refuse_at("feedback_empty", "/comfort", "give one mark at least");
    };
    #[expect(clippy::cast_precision_loss, reason = "a mark of at most ten in hundredths")]
    let score = mean as f64 / 100.0;
    let write = record::change(KIND, &drive.id).if_rev(drive.rev).fields(said(json!(marks)));
    write.field("score", score).field("feedback_at", desk.now()).stage()?;
    drive.raise("testdrive.drive.feedback_given", json!({ "score": score, "model": drive.text("model") }))
}

/// The marks of a matrix that was filled in on a page.
pub fn of_matrix(matrix: &Value, words: Option<&str>) -> Marks {
    let mark = |aspect: &str| matrix.get(aspect).and_then(Value::as_i64);
    let [comfort, power, handling, space, technology] = ASPECTS.map(mark);
    Marks { comfort, power, handling, space, technology, feedback: words.map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_of_the_marks_that_were_given() {
        let marks = of_matrix(&json!({ "comfort": 9, "power": 8, "handling": 8 }), None);
        assert_eq!(marks.mean(), Some(833));
        let marks = of_matrix(&json!({ "comfort": 9, "power": 8 }), None);
        assert_eq!(marks.mean(), Some(850));
        assert_eq!(Marks::default().mean(), None);
    }
}
