//! Components that are hostile before they are called: refused while loading, with words that say why.

use std::{fs, sync::Arc, time::Duration};

use marque::{
    Error,
    catalogue::Catalogue,
    host::{Host, Limits},
};

use super::desk::{Answering, Desk, component, fixed, hurried, limits, plugin};

/// A manifest that needs no export.
const IDLE: &str = r#"
    name = "odd"
    version = "1.0.0"
    contract = 1
    label = "Odd"
    component = "odd"
"#;

/// A manifest that needs two.
const BUSY: &str = r#"
    name = "odd"
    version = "1.0.0"
    contract = 1
    label = "Odd"
    component = "odd"
    hears = [{ event = "customer.created" }]
    owns = { kinds = ["odd.thing"], actions = [{ name = "run", kind = "odd.thing", label = "Run" }] }
"#;

const THING: &str =
    r#"{"kind":"odd.thing","label":"Thing","title":"name","fields":{"name":{"type":"text","label":"Name"}}}"#;

fn load(manifest: &str, bytes: Vec<u8>) -> Result<(), Error> {
    load_in(&Host::new(hurried(), None).expect("a host"), manifest, bytes)
}

fn load_in(host: &Arc<Host>, manifest: &str, bytes: Vec<u8>) -> Result<(), Error> {
    host.load(
        &plugin(manifest, bytes, &[("records/odd.thing.json", THING)]),
        fixed(Catalogue::default()),
        Arc::new(Answering(Duration::ZERO)),
    )
    .map(drop)
}

/// The component is refused with these words.
fn refused(manifest: &str, bytes: Vec<u8>, words: &str) {
    let error = load(manifest, bytes).expect_err(words);
    assert_eq!(error.code, "plugin.invalid");
    assert!(error.message.starts_with("odd 1.0.0: "), "{}", error.message);
    assert!(error.message.contains(words), "{:?} does not contain {words:?}", error.message);
}

fn text(wat: &str) -> Vec<u8> {
    wat::parse_str(wat).expect("the test's component is well written")
}

/// A component around one core module.
fn around(module: &str) -> Vec<u8> {
    text(&format!("(component (core module $m {module}) (core instance (instantiate $m)))"))
}

#[test]
fn what_is_no_component_is_refused() {
    refused(IDLE, b"MZ\x90\0 this is a program".to_vec(), "not a component the server accepts");
    refused(IDLE, Vec::new(), "not a component the server accepts");
    refused(IDLE, text("(module)"), "not a component the server accepts");
    let whole = component("guests/hostile.wasm");
    for part in [9, 100, whole.len() / 2, whole.len() - 1] {
        refused(IDLE, whole[..part].to_vec(), "not a component the server accepts");
    }
}

#[test]
fn a_component_with_a_changed_byte_does_no_harm() {
    let whole = component("guests/hostile.wasm");
    let host = Host::new(limits(), None).expect("a host");
    for at in (0..whole.len()).step_by(whole.len() / 16) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        // Most are refused; some change nothing that matters. Neither may harm the server.
        let _ = load_in(&host, IDLE, bytes);
    }
    load_in(&host, IDLE, whole).expect("the server goes on");
}

#[test]
fn a_component_that_begins_too_big_is_refused() {
    refused(IDLE, around("(memory 65536)"), "memory");
    refused(IDLE, around("(memory 1025)"), "memory");
    refused(IDLE, around("(table 1000000 funcref)"), "table");
    refused(IDLE, around("(memory 1) (memory 1) (memory 1) (memory 1) (memory 1)"), "memor");
    load(IDLE, around("(memory 1024)")).expect("64 MiB are allowed");
}

#[test]
fn a_component_may_only_be_so_large() {
    let host = Host::new(Limits { component_bytes: 1 << 10, ..limits() }, None).expect("a host");
    let error = load_in(&host, IDLE, component("guests/hostile.wasm")).expect_err("too large");
    assert!(error.message.contains("1024 are allowed"), "{}", error.message);
}

#[test]
fn a_start_function_is_under_the_same_limits() {
    refused(IDLE, around("(func $f (loop br 0)) (start $f)"), "ran past its deadline");
    refused(IDLE, around("(func $f unreachable) (start $f)"), "it broke off");
    refused(IDLE, around("(func $f call $f) (start $f)"), "it broke off");
    let grows = "(memory 1) (func $f (if (i32.eq (memory.grow (i32.const 60000)) (i32.const -1)) (then unreachable))) (start $f)";
    refused(IDLE, around(grows), "asked for more memory");
}

#[test]
fn a_start_function_that_never_tires_is_stopped_whatever_it_does() {
    // Each fill is one long step of the host's own; between two of them the deadline is looked at.
    let fills = "(memory 1024) (func $f (loop (memory.fill (i32.const 0) (i32.const 7) (i32.const 67108864)) (br 0))) (start $f)";
    refused(IDLE, around(fills), "ran past its deadline");
    let copies = "(memory 1024) (func $f (loop (memory.copy (i32.const 1) (i32.const 0) (i32.const 67108863)) (br 0))) (start $f)";
    refused(IDLE, around(copies), "ran past its deadline");
    let deaf = "(memory 1) (func $f (loop (drop (memory.grow (i32.const 1))) (br 0))) (start $f)";
    refused(IDLE, around(deaf), "ran past its deadline");
    let in_turn = "(type $t (func)) (table funcref (elem $a $b))
        (func $a (call_indirect (type $t) (i32.const 1))) (func $b (call_indirect (type $t) (i32.const 0))) (start $a)";
    refused(IDLE, around(in_turn), "it broke off");
}

#[test]
fn a_table_grows_no_further_than_it_may_and_the_guest_is_told_so() {
    let asks = "(table 1 funcref) (func $f
        (if (i32.ne (table.grow (ref.null func) (i32.const 0x7fffffff)) (i32.const -1)) (then unreachable))
        (if (i32.ne (table.grow (ref.null func) (i32.const 20000)) (i32.const -1)) (then unreachable))
        (if (i32.ne (table.grow (ref.null func) (i32.const 10)) (i32.const 1)) (then unreachable))) (start $f)";
    load(IDLE, around(asks)).expect("it was refused and lives with that");
}

#[test]
fn a_choice_of_fifty_thousand_ways_and_a_section_of_megabytes_do_no_harm() {
    let ways = " 0".repeat(50_000);
    load(IDLE, around(&format!("(func (param i32) (block (br_table{ways} (local.get 0))))"))).expect("it is only long");
    let mut padded = around("");
    let payload = 16 << 20;
    // A custom section: its number, its length as LEB128, its name.
    padded.extend([0, 0x82, 0x80, 0x80, 0x08, 1, b'x']);
    padded.extend(std::iter::repeat_n(0, payload));
    load(IDLE, padded).expect("what nobody asks for is passed over");
}

#[test]
fn proposals_that_no_guest_needs_are_refused() {
    refused(IDLE, around("(memory 1 2 shared)"), "threads must be enabled");
    refused(IDLE, around("(memory i64 1)"), "memory64 must be enabled");
    refused(IDLE, around("(tag)"), "exceptions proposal not enabled");
    refused(IDLE, around("(type (struct (field i32)))"), "gc");
    refused(IDLE, around("(func return_call 0)"), "tail calls support is not enabled");
    let relaxed = "(func (param v128) (drop (i8x16.relaxed_swizzle (local.get 0) (local.get 0))))";
    refused(IDLE, around(relaxed), "relaxed SIMD support is not enabled");
}

#[test]
fn services_the_server_lacks_are_named() {
    let asks =
        |instance: &str, functions: &str| text(&format!("(component (import \"{instance}\" (instance {functions})))"));
    let file = asks("wasi:filesystem/types@0.2.0", r#"(export "open" (func))"#);
    refused(
        IDLE,
        file,
        "asks for what this server does not offer: component imports instance `wasi:filesystem/types@0.2.0`",
    );
    let later = asks("marque:plugin/view@1.1.0", r#"(export "count" (func))"#);
    refused(IDLE, later, "`marque:plugin/view@1.1.0`");
    let other = asks("marque:plugin/ask@1.0.0", r#"(export "new-id" (func (param "n" u32) (result string)))"#);
    refused(IDLE, other, "`marque:plugin/ask@1.0.0`");
}

#[test]
fn an_export_that_the_manifest_needs_must_be_there() {
    refused(BUSY, around(""), "plugin.toml needs the export react, which the component lacks");
    let deaf = BUSY.replace("hears = ", "# ");
    refused(&deaf, around(""), "plugin.toml needs the export act, which the component lacks");
}

#[test]
fn an_export_with_another_signature_is_refused_at_once() {
    let bytes = text(
        r#"(component
            (core module $m (func (export "run")))
            (core instance $i (instantiate $m))
            (func $run (canon lift (core func $i "run")))
            (instance $act (export "run" (func $run)))
            (export "marque:plugin/act@1.0.0" (instance $act)))"#,
    );
    refused(IDLE, bytes, "it broke the contract");
}

#[test]
fn a_compiled_component_that_was_tampered_with_is_compiled_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = component("guests/hostile.wasm");
    let compiled = folder.path().join("compiled");
    let load = || load_in(&Host::new(limits(), Some(&compiled)).expect("a host"), IDLE, bytes.clone());
    load().expect("compiled");
    let file = fs::read_dir(&compiled).expect("a folder").map(|entry| entry.expect("an entry").path());
    let file =
        file.into_iter().find(|path| path.extension().is_some_and(|end| end == "cwasm")).expect("a compiled file");
    let honest = fs::read(&file).expect("the file");
    let mut tampered = honest.clone();
    let middle = tampered.len() / 2;
    tampered[middle] ^= 0xff;
    fs::write(&file, &tampered).expect("written");
    load().expect("compiled again");
    assert_ne!(fs::read(&file).expect("the file"), tampered, "the tampered file is gone");
    load().expect("loaded from the cache");
}

#[test]
fn a_full_pool_is_the_servers_fault_and_worth_another_try() {
    let limits = Limits { instances: 1, ..limits() };
    let asked_within = Arc::new(super::desk::Within::default());
    let desk = Arc::new(Desk::with(limits, asked_within.clone()));
    asked_within.set(&desk);
    let fault =
        desk.ask("decide", serde_json::json!({})).result.map(drop).expect_err("the inner call finds no instance");
    assert_eq!((fault.code.as_str(), fault.blame, fault.retry), ("host", marque::model::Blame::Host, true));
    desk.lives();
}

/// One function that looks at memory and changes it some hundred thousand times.
fn bomb() -> Vec<u8> {
    let step = "(if (i32.load (local.get 0)) (then (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (i32.const 7)))))";
    around(&format!("(memory 1) (func (export \"f\") (param i32) {})", step.repeat(300_000)))
}

#[test]
fn a_component_that_takes_the_compiler_too_long_is_refused_and_the_server_is_not_troubled() {
    let program = crate::support::server::binary();
    let bomb = bomb();
    assert!(bomb.len() < Limits::default().component_bytes, "small enough to be let in");
    let hurried = Limits { compile_cpu_s: 1, ..limits() };
    let host = Host::compiling_in(program.clone(), hurried, None).expect("a host");
    let error = load_in(&host, IDLE, bomb.clone()).expect_err("too long");
    assert!(error.message.contains("takes more than 1 seconds of processor time"), "{}", error.message);

    let narrow = Limits { compile_bytes: 48 << 20, ..limits() };
    let host = Host::compiling_in(program.clone(), narrow, None).expect("a host");
    let error = load_in(&host, IDLE, bomb).expect_err("too much memory");
    assert!(error.message.contains("takes more than 48 MiB of memory"), "{}", error.message);

    let host = Host::compiling_in(program, limits(), None).expect("a host");
    load_in(&host, IDLE, component("guests/hostile.wasm")).expect("an honest component");
    let error = load_in(&host, IDLE, b"MZ".to_vec()).expect_err("no component");
    assert!(error.message.contains("not a component the server accepts"), "{}", error.message);
}

#[test]
fn compiled_code_is_not_kept_with_the_key_that_seals_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let compiled = folder.path().join("compiled");
    let host = Host::new(limits(), Some(&compiled)).expect("a host");
    load_in(&host, IDLE, component("guests/hostile.wasm")).expect("compiled");
    let names: Vec<_> =
        fs::read_dir(&compiled).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    assert!(names.iter().all(|path| path.extension().is_some_and(|end| end == "cwasm")), "{names:?}");
}
