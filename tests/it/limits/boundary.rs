//! Guests that break the rules of the boundary itself, which no compiler would write.
//!
//! Guests that break the rules of the boundary itself, which no compiler would write: pointers to nowhere, lengths without end, texts that
//! are none, choices there are not. Each ends in a trap that is the guest's fault, and costs the server nothing.

use std::{fs, path::Path, sync::Arc, time::Duration};

use marque::{
    host::Host,
    model::{Blame, Fault},
};
use serde_json::json;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::desk::{Answering, Desk, cache, hurried, limits, plugin};

const MANIFEST: &str = r#"
    name = "bent"
    version = "1.0.0"
    contract = 1
    label = "Bent"
    component = "bent"
    hears = [{ event = "hostile.*" }]
    reads = { kinds = ["customer"] }
    asks = { commands = ["event.raise", "record.create:bent.thing"] }
    owns = { events = ["bent.done"], kinds = ["bent.thing"] }
"#;

const THING: &str = r#"{"kind":"bent.thing","label":"T","title":"name","fields":{"name":{"type":"text","label":"N"},"score":{"type":"decimal","label":"S"},"price":{"type":"money","label":"P"}}}"#;

/// What a well-behaved module of this kind is made of; each test puts another part in place of one of these.
struct Parts {
    /// What `cabi_realloc` does with (old, old size, align, size).
    realloc: String,
    /// What `handle` does with (events, how many); answers where the result lies.
    handle: String,
    /// What is done when the result has been read.
    after: String,
    /// Bytes from 4096 on.
    data: String,
    encoding: StringEncoding,
}

impl Default for Parts {
    fn default() -> Parts {
        Parts {
            // Sixteen to a step, from the second page on; the memory grows with it.
            realloc: "(local $at i32)
                (local.set $at (i32.and (i32.add (global.get $top) (i32.const 15)) (i32.const -16)))
                (global.set $top (i32.add (local.get $at) (local.get 3)))
                (block $enough (loop $more
                    (br_if $enough (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
                    (br_if $enough (i32.eq (memory.grow (i32.const 1)) (i32.const -1)))
                    (br $more)))
                (local.get $at)"
                .into(),
            // result: ok, an empty list.
            handle: "(i32.const 1024)".into(),
            after: String::new(),
            data: String::new(),
            encoding: StringEncoding::UTF8,
        }
    }
}

/// Words of the result, written one after the other from 1024 on: `ok` with one verdict, in whose place the test puts what it likes.
fn result(words: &[i32]) -> String {
    let store = |(n, word): (usize, &i32)| format!("(i32.store (i32.const {}) (i32.const {word}))", 1024 + n * 4);
    words.iter().enumerate().map(store).chain(["(i32.const 1024)".to_owned()]).collect()
}

/// A result with one verdict at 2048: `seq` (where, how long), the outcome, whether there is a note.
fn verdict(seq: (i32, i32), outcome: i32, has_note: i32) -> String {
    let words = [seq.0, seq.1, outcome, has_note, 0, 0];
    let at = |(n, word): (usize, &i32)| format!("(i32.store (i32.const {}) (i32.const {word}))", 2048 + n * 4);
    let body: String = words.iter().enumerate().map(at).collect();
    format!("{body}{}", result(&[0, 2048, 1]))
}

fn component(parts: &Parts) -> Vec<u8> {
    let Parts { realloc, handle, after, data, encoding } = parts;
    let module = format!(
        r#"(module
            (import "marque:plugin/view@1.0.0" "find" (func $find (param i32 i32 i32 i32 i32)))
            (import "marque:plugin/ask@1.0.0" "stage" (func $stage (param i32 i32 i32)))
            (import "marque:plugin/info@1.0.0" "log" (func $log (param i32 i32 i32 i32 i32)))
            (memory (export "memory") 2)
            (global $top (mut i32) (i32.const 65536))
            (data (i32.const 4096) "{data}")
            (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {realloc})
            (func (export "marque:plugin/react@1.0.0#handle") (param i32 i32) (result i32) {handle})
            (func (export "cabi_post_marque:plugin/react@1.0.0#handle") (param i32) {after}))"#
    );
    let mut bytes = wat::parse_str(&module).expect("the test's module is well written");
    let wit = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/wit/v1/marque.wit"))
        .expect("the contract");
    let mut resolve = Resolve::default();
    let package = resolve.push_str("marque.wit", &wit).expect("the contract reads");
    let world = resolve.select_world(&[package], Some("reacts")).expect("a world of the contract");
    embed_component_metadata(&mut bytes, &resolve, world, *encoding).expect("the module is told what it is");
    let mut encoder = ComponentEncoder::default();
    encoder.validate(true).module(&bytes).expect("a module of the contract").encode().expect("a component")
}

/// A host with room for a bent guest and an honest one.
struct House {
    host: Arc<Host>,
    honest: Desk,
}

impl House {
    fn new() -> House {
        let host = Host::new(limits(), Some(&cache())).expect("a host");
        let honest = Desk::of(&host, &super::desk::hostile(), Arc::new(Answering(Duration::ZERO)));
        House { host, honest }
    }

    fn bent(&self, parts: &Parts) -> Desk {
        let plugin = plugin(MANIFEST, component(parts), &[("records/bent.thing.json", THING)]);
        Desk::of(&self.host, &plugin, Arc::new(Answering(Duration::ZERO)))
    }

    /// The call ends in a fault that is the guest's, again and again, and the guest next door is served.
    fn fails(&self, what: &str, parts: &Parts) -> Fault {
        let bent = self.bent(parts);
        let mut faults: Vec<Fault> =
            (0..5).map(|_| bent.tell(&[json!({})]).result.map(drop).expect_err(what)).collect();
        let fault = faults.pop().expect("there were five");
        assert_eq!(fault.blame, Blame::Guest, "{what}: {fault:?}");
        assert!(faults.iter().all(|earlier| earlier.code == fault.code), "{what}: the same each time");
        self.honest.lives();
        fault
    }
}

#[test]
fn a_guest_that_keeps_to_the_rules_is_served() {
    let bent = House::new().bent(&Parts { handle: verdict((4096, 1), 0, 0), data: "7".into(), ..Parts::default() });
    let staged = bent.tell(&[json!({})]).result.expect("it did nothing wrong");
    assert_eq!(staged.verdicts.len(), 1);
}

#[test]
fn answers_that_lie_nowhere_are_a_trap() {
    let house = House::new();
    for (what, handle) in [
        ("a result behind the end of memory", "(i32.const 0x7ffffff0)".to_owned()),
        ("a result at the last byte", "(i32.const 131071)".into()),
        ("a result at an odd place", "(i32.const 1025)".into()),
        ("a list without end", result(&[0, 2048, -1])),
        ("a list behind the end of memory", result(&[0, 0x7fff_fff0, 4])),
        ("a list at an odd place", result(&[0, 2049, 1])),
        ("a list whose bytes are more than there are numbers", result(&[0, 2048, 0x1000_0000])),
        ("a text of a gigabyte", verdict((4096, 1 << 30), 0, 0)),
        ("a text behind the end of memory", verdict((-16, 8), 0, 0)),
    ] {
        let fault = house.fails(what, &Parts { handle, ..Parts::default() });
        assert!(["trap", "memory", "invalid"].contains(&fault.code.as_str()), "{what}: {fault:?}");
    }
}

#[test]
fn choices_there_are_not_are_a_trap() {
    let house = House::new();
    for (what, handle) in [
        ("neither ok nor error", result(&[7, 2048, 0])),
        ("an outcome there is not", verdict((4096, 1), 9, 0)),
        ("neither some nor none", verdict((4096, 1), 0, 2)),
    ] {
        house.fails(what, &Parts { handle, data: "7".into(), ..Parts::default() });
    }
}

#[test]
fn texts_that_are_none_are_a_trap() {
    let house = House::new();
    for (what, data, n) in [
        ("a byte that begins nothing", "\\ff", 1),
        ("an overlong slash", "\\c0\\af", 2),
        ("half of a pair", "\\ed\\a0\\80", 3),
        ("beyond the last sign", "\\f4\\90\\80\\80", 4),
        ("a sign cut off", "\\e5\\ad", 2),
    ] {
        let handle = verdict((4096, n), 0, 0);
        house.fails(what, &Parts { handle, data: data.into(), ..Parts::default() });
    }
    // A guest may speak UTF-16; then a lone half and an odd place are as wrong.
    let wide = |seq, data: &str| Parts {
        handle: verdict(seq, 0, 0),
        data: data.into(),
        encoding: StringEncoding::UTF16,
        ..Parts::default()
    };
    house.fails("a lone half in UTF-16", &wide((4096, 1), "\\00\\d8"));
    house.fails("UTF-16 at an odd place", &wide((4097, 1), "\\00\\37\\00\\00"));
}

#[test]
fn memory_that_is_given_where_there_is_none_is_a_trap() {
    let house = House::new();
    for (what, realloc) in [
        ("behind the end", "(i32.const 0x7ffffff0)"),
        ("at the very end", "(i32.const 131072)"),
        ("at an odd place", "(i32.const 65537)"),
        ("none", "unreachable"),
    ] {
        house.fails(what, &Parts { realloc: realloc.into(), ..Parts::default() });
    }
    // It takes a hundred pages for each thing it is given, until it is given no more.
    let greedy =
        "(drop (memory.grow (i32.const 100))) (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 65536))";
    let bent = house.bent(&Parts { realloc: greedy.into(), ..Parts::default() });
    let many: Vec<_> = (0..64).map(|n| json!({ "n": n })).collect();
    for _ in 0..20 {
        // Whether it fails or is told that there is no more, it holds no more than it may.
        if let Err(fault) = bent.tell(&many).result {
            assert_eq!(fault.blame, Blame::Guest, "{fault:?}");
        }
    }
    house.honest.lives();
}

#[test]
fn what_is_done_after_the_answer_is_under_the_same_limits() {
    let host = Host::new(hurried(), Some(&cache())).expect("a host");
    let plugin = plugin(
        MANIFEST,
        component(&Parts { after: "(loop $on (br $on))".into(), ..Parts::default() }),
        &[("records/bent.thing.json", THING)],
    );
    let bent = Desk::of(&host, &plugin, Arc::new(Answering(Duration::ZERO)));
    if let Err(fault) = bent.tell(&[json!({})]).result {
        assert_eq!((fault.code.as_str(), fault.blame), ("deadline", Blame::Guest));
    }
    let house = House::new();
    let trapping = house.bent(&Parts { after: "unreachable".into(), ..Parts::default() });
    if let Err(fault) = trapping.tell(&[json!({})]).result {
        assert_eq!(fault.blame, Blame::Guest);
    }
    house.honest.lives();
}

/// Calls of the server with wrong arguments, each followed by an honest end if it comes so far.
fn calling(call: &str) -> Parts {
    Parts { handle: format!("{call} (i32.const 1024)"), data: "customer{}".into(), ..Parts::default() }
}

#[test]
fn calls_with_arguments_that_lie_nowhere_are_a_trap() {
    let house = House::new();
    for (what, call) in [
        (
            "a kind of four gigabytes",
            "(call $find (i32.const 4096) (i32.const -1) (i32.const 4104) (i32.const 2) (i32.const 512))",
        ),
        (
            "a question behind the end",
            "(call $find (i32.const 4096) (i32.const 8) (i32.const 0x7ffffff0) (i32.const 2) (i32.const 512))",
        ),
        (
            "an answer wanted behind the end",
            "(call $find (i32.const 4096) (i32.const 8) (i32.const 4104) (i32.const 2) (i32.const 0x7ffffff0))",
        ),
        (
            "an answer wanted at an odd place",
            "(call $find (i32.const 4096) (i32.const 8) (i32.const 4104) (i32.const 2) (i32.const 513))",
        ),
        ("commands without end", "(call $stage (i32.const 4096) (i32.const -1) (i32.const 512))"),
        ("commands at an odd place", "(call $stage (i32.const 4097) (i32.const 1) (i32.const 512))"),
        (
            "a line of two gigabytes",
            "(call $log (i32.const 1) (i32.const 4096) (i32.const 0x7fffffff) (i32.const 4104) (i32.const 2))",
        ),
    ] {
        house.fails(what, &calling(call));
    }
}

#[test]
fn an_answer_over_ones_own_question_harms_oneself_alone() {
    let house = House::new();
    let bent = house
        .bent(&calling("(call $find (i32.const 4096) (i32.const 8) (i32.const 4104) (i32.const 2) (i32.const 4096))"));
    bent.tell(&[json!({})]).result.expect("the question is read before the answer is written");
    house.honest.lives();
}

/// Stages one command whose name and body lie one after the other at 4096.
fn staging(name: &str, body: &str) -> Parts {
    let store = |at: i32, word: usize| format!("(i32.store (i32.const {at}) (i32.const {word}))");
    let words = [(3072, 4096), (3076, name.len()), (3080, 4096 + name.len()), (3084, body.len())];
    let words: String = words.into_iter().map(|(at, word)| store(at, word)).collect();
    // The result of staging is handed on: a refused command is the call's own failure.
    let call = "(call $stage (i32.const 3072) (i32.const 1) (i32.const 512))
        (if (i32.load8_u (i32.const 512)) (then unreachable))";
    Parts {
        handle: format!("{words}{call}(i32.const 1024)"),
        data: format!("{name}{}", body.replace('"', "\\22")),
        ..Parts::default()
    }
}

#[test]
fn numbers_that_are_none_and_nests_without_bottom_are_refused() {
    let house = House::new();
    let created = |data: &str| format!(r#"{{"kind":"bent.thing","data":{data}}}"#);
    for body in [
        created(r#"{"score":1e999}"#),
        created(r#"{"score":NaN}"#),
        created(r#"{"price":Infinity}"#),
        created(r#"{"price":-0.5e}"#),
        format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000)),
        created(&format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000))),
    ] {
        house.fails(&body[..body.len().min(60)], &staging("record.create", &body));
    }
    let honest = house.bent(&staging("record.create", &created(r#"{"name":"n","score":1.5}"#)));
    assert_eq!(honest.tell(&[json!({})]).result.expect("it is well formed").commands.len(), 1);
}
