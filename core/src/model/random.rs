//! The one place where random bytes come from.

/// Random bytes of the operating system. Without them nothing could be kept safe, so there is no going on.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
