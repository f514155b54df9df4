//! Work that people do not wait for steps back behind the work that they do.

/// How far: a thread of the bus gets a third of the core that a thread with a request gets when both want it, and all of it otherwise.
#[cfg(target_os = "linux")]
const STEPS: i32 = 5;

/// This thread, and the threads it starts, leave the cores to requests when there are not enough for both: a guest that never comes
/// back, or a backlog of events, would take every core there is. Linux alone keeps this by thread; elsewhere it would be the whole server.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "the priority of a thread is set through the C library")]
pub(super) fn step_back() {
    // SAFETY: `nice` takes a number and changes nothing but the caller's own priority. That it may be refused does no harm.
    unsafe { libc::nice(STEPS) };
}

#[cfg(not(target_os = "linux"))]
pub(super) fn step_back() {}
