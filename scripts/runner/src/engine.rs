//! The engine: which language a dealer's script is written in.

use std::{cell::Cell, collections::BTreeMap, rc::Rc};

use rhai::{
    Dynamic, Engine, ImmutableString, OptimizationLevel,
    packages::{
        ArithmeticPackage, BasicArrayPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage,
        BasicStringPackage, LogicPackage, MoreStringPackage, Package,
    },
};

use crate::{dates, exports::marque::runner::scripts::Problem, limits, problem, texts, values};

/// Words that would let a script out, or that mean nothing here.
const FORBIDDEN: [&str; 9] = ["eval", "import", "export", "print", "debug", "Fn", "call", "curry", "is_shared"];

/// What a script sees besides its input: the time and the dealer's parameters.
#[derive(Clone, Debug)]
pub struct Surroundings {
    now: ImmutableString,
    offset_minutes: i64,
    parameters: Dynamic,
}

impl Default for Surroundings {
    fn default() -> Surroundings {
        let now = "1970-01-01T00:00:00.000Z".into();
        Surroundings { now, offset_minutes: 0, parameters: rhai::Map::new().into() }
    }
}

impl Surroundings {
    /// From the texts the server sends.
    pub fn read(now: &str, parameters: &str) -> Result<Surroundings, Problem> {
        let moment = dates::Moment::parse(now, 0)
            .ok_or_else(|| problem::anywhere(problem::TYPE, format!("now {now:?} is not an RFC 3339 moment")))?;
        let parameters = values::read(if parameters.is_empty() { "{}" } else { parameters })
            .map_err(|cause| problem::anywhere(problem::TYPE, format!("parameters: {cause}")))?;
        if !parameters.is_map() {
            return Err(problem::anywhere(problem::TYPE, "parameters: must be a JSON object"));
        }
        Ok(Surroundings { now: now.into(), offset_minutes: moment.offset_minutes, parameters })
    }
}

/// Constants by name: `NOW`, `PARAMETERS` and those at the top of the sources.
pub type Constants = BTreeMap<String, Dynamic>;

/// An engine that knows `surroundings`. It prints nothing, loads nothing, waits for nothing.
pub fn new(surroundings: &Surroundings) -> Engine {
    // Raw: the ordinary engine prints to the terminal and imports files.
    let mut engine = Engine::new_raw();
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    BasicMathPackage::new().register_into_engine(&mut engine);
    texts::register(&mut engine);
    dates::register(&mut engine, surroundings.offset_minutes);
    for word in FORBIDDEN {
        engine.disable_symbol(word);
    }
    engine.set_strict_variables(true);
    engine.set_fail_on_invalid_map_property(false);
    engine.set_optimization_level(OptimizationLevel::Simple);
    limit(&mut engine);
    engine
}

fn limit(engine: &mut Engine) {
    engine.set_max_operations(limits::OPERATIONS);
    engine.set_max_call_levels(limits::CALL_LEVELS);
    engine.set_max_expr_depths(limits::EXPRESSION_DEPTH, limits::EXPRESSION_DEPTH);
    engine.set_max_variables(limits::VARIABLES);
    engine.set_max_functions(limits::FUNCTIONS);
    engine.set_max_string_size(limits::TEXT_BYTES);
    engine.set_max_array_size(limits::ARRAY_ITEMS);
    engine.set_max_map_size(limits::MAP_ENTRIES);
}

/// `NOW` and `PARAMETERS`.
pub fn constants(surroundings: &Surroundings) -> Constants {
    Constants::from([
        ("NOW".into(), surroundings.now.clone().into()),
        ("PARAMETERS".into(), surroundings.parameters.clone()),
    ])
}

/// Counts operations over a whole call, and how to begin a new one.
#[derive(Clone, Debug, Default)]
pub struct Meter(Rc<Cell<u64>>);

impl Meter {
    /// Ends whatever runs on `engine` after [`limits::OPERATIONS`].
    ///
    /// The engine has a counter too, but each callback of `filter`, `map` or `sort` gets a copy of it: a loop round a
    /// `filter` over 1 900 items went on for 148 s under a limit of 200 000.
    pub fn watch(engine: &mut Engine) -> Meter {
        let meter = Meter::default();
        let counter = meter.0.clone();
        engine.on_progress(move |_| {
            counter.set(counter.get() + 1);
            (counter.get() > limits::OPERATIONS).then_some(Dynamic::UNIT)
        });
        meter
    }

    /// Begins at nothing.
    pub fn reset(&self) {
        self.0.set(0);
    }
}

/// Lets functions see the constants, which Rhai's own functions do not.
pub fn show(engine: &mut Engine, constants: Constants) {
    let constants = Rc::new(constants);
    #[expect(deprecated, reason = "the mark means volatile, and the version is pinned by the lock file")]
    engine.on_var(move |name, index, _| {
        // A place in the scope was found while parsing: a local variable of that name.
        Ok(if index == 0 { constants.get(name).cloned() } else { None })
    });
}
