//! What is measured, in the order it is done.

mod computed;
mod create;
mod events;
mod find;
mod growth;
mod import;
mod large;
mod mixed;
mod neighbour;
mod rule;
mod start;

use clap::ValueEnum;

use crate::{Outcome, house::House, report::Figure};

pub use find::questions;

/// One thing to find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Cold start, idle memory, sizes of binary and store, filling a store.
    Start,
    /// Reads, lists, searches and the customer page.
    Find,
    /// Customers made, each on the disk when it is answered.
    Create,
    /// A file of rows.
    Import,
    /// A dealer's rule on every new customer.
    Rule,
    /// A computed field recomputed in bulk, and a script tried on all customers.
    Computed,
    /// Events through a plugin, a backlog drained while people ask, how soon an effect is there.
    Events,
    /// People beside a plugin that never comes back.
    Neighbour,
    /// Reads, lists, searches and writes at once, with plugins at work.
    Mixed,
    /// What more plugins and more connections cost.
    Growth,
    /// The same questions to a store of many more customers.
    Large,
}

impl Scenario {
    /// Those named, or all.
    pub fn wanted(named: &[Scenario]) -> impl Iterator<Item = Scenario> {
        Scenario::value_variants().iter().copied().filter(|scenario| named.is_empty() || named.contains(scenario))
    }

    /// Find it out.
    pub fn run(self, house: &mut House) -> Outcome<Vec<Figure>> {
        match self {
            Scenario::Start => start::run(house),
            Scenario::Find => find::run(house),
            Scenario::Create => create::run(house),
            Scenario::Import => import::run(house),
            Scenario::Rule => rule::run(house),
            Scenario::Computed => computed::run(house),
            Scenario::Events => events::run(house),
            Scenario::Neighbour => neighbour::run(house),
            Scenario::Mixed => mixed::run(house),
            Scenario::Growth => growth::run(house),
            Scenario::Large => large::run(house),
        }
    }
}
