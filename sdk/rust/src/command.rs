//! Commands: wishes. Nothing happens until the call has returned and the core has checked and committed them.

use serde::Serialize;

use crate::{Fault, Id, Map, Result, Value, bind::RawCommand, host};

/// A wish. The builders in [`record`](crate::record), [`timer`](crate::timer) and [`event`](crate::event) make them.
#[derive(Clone, Debug)]
pub struct Command {
    /// `record.create`.
    pub name: String,
    /// Its arguments, a JSON object.
    pub body: Value,
    /// A value that would not become JSON; told when it is staged, so that builders read as prose.
    fault: Option<Fault>,
}

impl Command {
    /// A command from its name and body.
    pub fn new(name: impl Into<String>, body: Value) -> Command {
        Command { name: name.into(), body, fault: None }
    }

    pub(crate) fn set(&mut self, key: &str, value: &impl Serialize) {
        match serde_json::to_value(value) {
            Ok(value) => self.body[key] = value,
            Err(error) => self.refuse(key, &error),
        }
    }

    pub(crate) fn set_in(&mut self, object: &str, key: &str, value: &impl Serialize) {
        match serde_json::to_value(value) {
            Ok(value) => self.object(object).insert(key.to_owned(), value).map_or((), drop),
            Err(error) => self.refuse(key, &error),
        }
    }

    pub(crate) fn merge(&mut self, object: &str, values: &impl Serialize) {
        match serde_json::to_value(values) {
            Ok(Value::Object(values)) => self.object(object).extend(values),
            Ok(other) => self.fault = Some(Fault::new("invalid", format!("{object} must be an object, not {other}"))),
            Err(error) => self.refuse(object, &error),
        }
    }

    fn refuse(&mut self, key: &str, error: &serde_json::Error) {
        self.fault.get_or_insert_with(|| Fault::new("invalid", format!("{key}: not JSON: {error}")));
    }

    fn object(&mut self, key: &str) -> &mut Map<String, Value> {
        let value = &mut self.body[key];
        if !value.is_object() {
            *value = Value::Object(Map::new());
        }
        value.as_object_mut().expect("it has just been made an object")
    }
}

/// Stages commands, in this order. All that a call stages is committed together, or none of it.
///
/// ```
/// use marque_sdk::{record, stage, testing::Given, timer};
/// # Given::new().run(|| {
/// stage([
///     record::change("complaints.case", "x1").field("level", "important").command(),
///     timer::cancel("respond:x1"),
/// ])?;
/// # Ok(()) });
/// # Ok::<(), marque_sdk::Fault>(())
/// ```
pub fn stage(commands: impl IntoIterator<Item = impl Into<Command>>) -> Result<()> {
    let mut raw = Vec::new();
    for command in commands {
        let Command { name, body, fault } = command.into();
        if let Some(fault) = fault {
            return Err(fault);
        }
        raw.push(RawCommand { name, body: body.to_string() });
    }
    Ok(host::stage(&raw)?)
}

/// An id for a record to be made. A delivery that is repeated is given the same ids again.
pub fn new_id() -> Id {
    host::new_id()
}

impl Command {
    /// Stages this command alone.
    pub fn stage(self) -> Result<()> {
        stage([self])
    }
}

/// The last two words of every builder.
macro_rules! finish {
    ($builder:ty) => {
        impl $builder {
            /// The finished command, to be staged later.
            pub fn command(self) -> crate::Command {
                self.command
            }

            /// Stages it.
            pub fn stage(self) -> crate::Result<()> {
                self.command.stage()
            }
        }

        impl From<$builder> for crate::Command {
            fn from(builder: $builder) -> crate::Command {
                builder.command
            }
        }
    };
}
pub(crate) use finish;
