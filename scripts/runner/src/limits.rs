//! What one run of a script may use. Far above what a rule needs, far below what the sandbox allows.

/// Characters of one source, in bytes. Parsing is not counted by the engine, so its time is bounded by its length.
pub const SOURCE_BYTES: usize = 32 << 10;
/// Libraries a script is merged with.
pub const LIBRARIES: usize = 16;
/// Operations of one call, each a statement, an operator or a call.
pub const OPERATIONS: u64 = 200_000;
/// Script functions inside one another.
pub const CALL_LEVELS: usize = 24;
/// How deep an expression is nested, in a function and outside.
pub const EXPRESSION_DEPTH: usize = 48;
/// Variables that are alive at once.
pub const VARIABLES: usize = 500;
/// Functions of a script and its libraries.
pub const FUNCTIONS: usize = 500;
/// A text in bytes.
pub const TEXT_BYTES: usize = 32 << 10;
/// Elements of an array, those of arrays inside it included.
pub const ARRAY_ITEMS: usize = 2_000;
/// Entries of a map, those of maps inside it included.
pub const MAP_ENTRIES: usize = 1_000;
/// How deep values may be nested on their way in and out.
pub const VALUE_DEPTH: usize = 32;
/// An answer as JSON, in bytes.
pub const ANSWER_BYTES: usize = 64 << 10;
