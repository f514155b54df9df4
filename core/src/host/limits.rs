//! What a guest may use up in one call, and how large it may be.

/// Every limit on guests in one place. They hold for each call; a guest that passes one is stopped and its staged commands are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Length of an epoch. A deadline is noticed at the end of one, so a call may last this much longer.
    pub tick_ms: u64,
    /// How long a batch of events or an action may run, in processor time; so with all times below. By the wall clock it
    /// may take five times as long.
    pub call_ms: u64,
    /// How long a script may take to decide once; not charged to the plugin that asked.
    pub decide_ms: u64,
    /// How long a script may take for many inputs in one call: previews and computed fields.
    pub bulk_ms: u64,
    /// How long all decisions of one call may take together.
    pub decides_ms: u64,
    /// How long parsing and trying a script may take in the editor.
    pub check_ms: u64,
    /// Linear memory of an instance.
    pub memory_bytes: usize,
    /// Native stack of an instance.
    pub stack_bytes: usize,
    /// Elements of a table.
    pub table_elements: usize,
    /// Linear memories of a component; the adapters of a QuickJS guest need several.
    pub memories: u32,
    /// Tables of a component.
    pub tables: u32,
    /// Core instances of a component; a QuickJS guest needs several.
    pub core_instances: u32,
    /// Handles of the component model alive at once. The contract has no resources, so an honest guest has none.
    pub handles: usize,
    /// Bytes that may cross from the guest to the host in one host call.
    pub hostcall_bytes: usize,
    /// Calls of the host.
    pub host_calls: u32,
    /// Records read and groups counted.
    pub rows: u32,
    /// Bytes of records and groups read, as JSON. An instance could not hold more anyway, and the host need not make it.
    pub bytes_read: usize,
    /// Commands staged, raised events included.
    pub commands: u32,
    /// Events raised.
    pub emits: u32,
    /// Decisions asked for.
    pub decisions: u32,
    /// Bytes of event data or action input given to the guest.
    pub bytes_in: usize,
    /// Bytes of command bodies, notes and reply taken from the guest.
    pub bytes_out: usize,
    /// Lines of log kept; further ones are counted.
    pub log_lines: usize,
    /// Bytes of a log line's message, and of its fields.
    pub log_bytes: usize,
    /// Size of a component. A Rust guest takes 0.1 MB, one with QuickJS inside 1.6 MB, one with StarlingMonkey 12 MB.
    pub component_bytes: usize,
    /// Processor time that compiling a component may take, in a process of its own.
    pub compile_cpu_s: u64,
    /// The same by the clock on the wall.
    pub compile_wall_s: u64,
    /// Memory that compiling a component may take.
    pub compile_bytes: u64,
    /// Length of a script's source: parsing cannot be interrupted from inside, and takes time with the length.
    pub script_bytes: usize,
    /// Instances alive at once, over all guests.
    pub instances: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            tick_ms: 10,
            call_ms: 500,
            decide_ms: 200,
            bulk_ms: 5_000,
            decides_ms: 2_000,
            check_ms: 1_000,
            memory_bytes: 64 << 20,
            stack_bytes: 512 << 10,
            table_elements: 20_000,
            memories: 4,
            tables: 16,
            core_instances: 64,
            handles: 1_024,
            hostcall_bytes: 1 << 20,
            host_calls: 2_000,
            rows: 20_000,
            bytes_read: 32 << 20,
            commands: 2_000,
            emits: 500,
            decisions: 256,
            bytes_in: 256 << 10,
            bytes_out: 256 << 10,
            log_lines: 100,
            log_bytes: 1 << 10,
            component_bytes: 24 << 20,
            compile_cpu_s: 60,
            compile_wall_s: 180,
            compile_bytes: 1 << 30,
            script_bytes: 32 << 10,
            instances: 64,
        }
    }
}
