//! The imports: the server's in a plugin, a stand-in's in native tests.

#[cfg(target_arch = "wasm32")]
pub use guest::*;
#[cfg(not(target_arch = "wasm32"))]
pub use native::*;

#[cfg(target_arch = "wasm32")]
mod guest {
    pub use crate::bind::services::marque::plugin::{
        ask::{decide, new_id, stage},
        info::{call, due, log, settings},
        view::{aggregate, find, get},
    };
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use crate::{
        bind::{RawCommand, RawFault},
        testing::with_stand_in,
    };

    type Raw<T> = Result<T, RawFault>;

    pub fn get(kind: &str, ids: &[String]) -> Raw<String> {
        with_stand_in(|stand_in| Ok(stand_in.get(kind, ids)))
    }

    pub fn find(kind: &str, query: &str) -> Raw<String> {
        with_stand_in(|stand_in| Ok(stand_in.find(kind, query)?))
    }

    pub fn aggregate(kind: &str, query: &str) -> Raw<String> {
        with_stand_in(|stand_in| Ok(stand_in.aggregate(kind, query)?))
    }

    pub fn stage(commands: &[RawCommand]) -> Raw<()> {
        with_stand_in(|stand_in| Ok(stand_in.stage(commands)?))
    }

    pub fn new_id() -> String {
        with_stand_in(|stand_in| stand_in.new_id())
    }

    pub fn decide(point: &str, input: &str) -> Raw<String> {
        with_stand_in(|stand_in| Ok(stand_in.decide(point, input)?))
    }

    pub fn settings() -> String {
        with_stand_in(|stand_in| stand_in.settings.to_string())
    }

    pub fn call() -> String {
        with_stand_in(|stand_in| stand_in.call())
    }

    pub fn log(level: u8, message: &str, _fields: &str) {
        with_stand_in(|stand_in| stand_in.logs.push((level, message.to_owned())));
    }

    pub fn due(start: &str, span: &str) -> Raw<String> {
        with_stand_in(|stand_in| Ok(stand_in.due(start, span)?))
    }
}
