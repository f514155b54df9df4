//! Turns: how many actions are answered side by side, and how many of them one plugin's.

use std::{
    collections::HashMap,
    sync::{Condvar, Mutex, PoisonError},
};

use super::lock;

/// How many actions are answered at a time. More would only share the cores, and each reads through connections of its own: beyond those
/// that are kept open every action would open one, which takes longer than most actions do. One plugin has half of them at most, so that
/// one whose actions take their time keeps nobody waiting but who asks it.
pub(super) struct Turns {
    most: usize,
    taken: Mutex<HashMap<String, usize>>,
    freed: Condvar,
}

/// One of them, until it is dropped.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    plugin: String,
}

impl Turns {
    /// So many, and at least two.
    pub(super) fn new(n: usize) -> Turns {
        Turns { most: n.max(2), taken: Mutex::default(), freed: Condvar::new() }
    }

    fn is_full(&self, taken: &HashMap<String, usize>, plugin: &str) -> bool {
        taken.values().sum::<usize>() >= self.most || taken.get(plugin).is_some_and(|n| *n >= self.most / 2)
    }

    /// Waits for one.
    pub(super) fn take(&self, plugin: &str) -> Turn<'_> {
        let taken = lock(&self.taken);
        let waited = self.freed.wait_while(taken, |taken| self.is_full(taken, plugin));
        *waited.unwrap_or_else(PoisonError::into_inner).entry(plugin.to_owned()).or_default() += 1;
        Turn { turns: self, plugin: plugin.to_owned() }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut taken = lock(&self.turns.taken);
        if let Some(n) = taken.get_mut(&self.plugin) {
            *n -= 1;
        }
        taken.retain(|_, n| *n > 0);
        // Those who wait may wait for different plugins.
        self.turns.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn is_full(turns: &Turns, plugin: &str) -> bool {
        turns.is_full(&lock(&turns.taken), plugin)
    }

    #[test]
    fn a_plugin_that_takes_its_time_leaves_half_of_them_to_others() {
        let turns = Turns::new(4);
        let slow = [turns.take("slow"), turns.take("slow")];
        assert!(is_full(&turns, "slow") && !is_full(&turns, "quick"));
        let quick = [turns.take("quick"), turns.take("quick")];
        assert!(is_full(&turns, "another"), "there are no more than four");
        drop(quick);
        assert!(is_full(&turns, "slow") && !is_full(&turns, "another"));
        drop(slow);
        assert!(lock(&turns.taken).is_empty());
    }

    #[test]
    fn whoever_waits_goes_on_when_a_turn_of_theirs_is_free() {
        let turns = Turns::new(2);
        let first = turns.take("slow");
        thread::scope(|scope| {
            let waiting = scope.spawn(|| drop(turns.take("slow")));
            drop(turns.take("quick"));
            drop(first);
            waiting.join().unwrap();
        });
    }
}
