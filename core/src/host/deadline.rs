//! How long a guest has run, by its own account: processor time, without the time it waited for others.
//!
//! Epochs pass by the wall clock, which also runs while other work has the processor; on a busy machine an honest guest
//! would be stopped, a dealer's script passed over and, after a few times, disabled. So when its epochs have passed, the
//! guest is asked for the time it really had, and goes on if there is some left.

use std::{
    ops::AddAssign,
    time::{Duration, Instant},
};

use cpu_time::ThreadTime;

/// After this many times its time by the wall clock a guest is stopped whatever it has used: it may be waiting on a disk.
const PATIENCE: u32 = 5;

/// Starts when it is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch {
    wall: Instant,
    /// The thread's clock at the start; none where threads have no clocks.
    cpu: Option<Duration>,
}

/// Time by two clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Elapsed {
    pub wall: Duration,
    pub cpu: Duration,
}

/// The end of a guest's time.
#[derive(Debug)]
pub(super) struct Deadline {
    time: Duration,
    watch: Stopwatch,
    excused: Elapsed,
}

impl AddAssign for Elapsed {
    fn add_assign(&mut self, more: Elapsed) {
        self.wall += more.wall;
        self.cpu += more.cpu;
    }
}

impl Stopwatch {
    pub fn start() -> Stopwatch {
        Stopwatch { wall: Instant::now(), cpu: thread_clock() }
    }

    /// On the thread that started it. Without a clock for threads all time counts.
    pub fn elapsed(&self) -> Elapsed {
        let wall = self.wall.elapsed();
        Elapsed { wall, cpu: self.cpu.and_then(|start| thread_clock()?.checked_sub(start)).unwrap_or(wall) }
    }
}

fn thread_clock() -> Option<Duration> {
    ThreadTime::try_now().ok().map(|now| now.as_duration())
}

impl Deadline {
    /// This much time from now.
    pub fn after(time: Duration) -> Deadline {
        Deadline { time, watch: Stopwatch::start(), excused: Elapsed::default() }
    }

    /// What has passed since it began.
    pub fn elapsed(&self) -> Elapsed {
        self.watch.elapsed()
    }

    /// Time that others took while the guest waited for them.
    pub fn excuse(&mut self, waited: Elapsed) {
        self.excused += waited;
    }

    /// What is left of its time.
    pub fn left(&self) -> Duration {
        self.left_at(self.watch.elapsed())
    }

    fn left_at(&self, elapsed: Elapsed) -> Duration {
        let wall = elapsed.wall.saturating_sub(self.excused.wall);
        let cpu = elapsed.cpu.saturating_sub(self.excused.cpu);
        left(self.time, Elapsed { wall, cpu })
    }
}

/// What is left of some time.
pub(super) fn left(time: Duration, used: Elapsed) -> Duration {
    time.saturating_sub(used.cpu).min((time * PATIENCE).saturating_sub(used.wall))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(wall_ms: u64, cpu_ms: u64) -> Elapsed {
        Elapsed { wall: Duration::from_millis(wall_ms), cpu: Duration::from_millis(cpu_ms) }
    }

    fn left_of_100_ms(elapsed: Elapsed, excused: Elapsed) -> u128 {
        let mut deadline = Deadline::after(Duration::from_millis(100));
        deadline.excuse(excused);
        deadline.left_at(elapsed).as_millis()
    }

    #[test]
    fn time_without_the_processor_does_not_count() {
        assert_eq!(left_of_100_ms(at(300, 40), at(0, 0)), 60);
        assert_eq!(left_of_100_ms(at(300, 100), at(0, 0)), 0);
    }

    #[test]
    fn time_that_others_took_does_not_count() {
        assert_eq!(left_of_100_ms(at(900, 840), at(600, 800)), 60);
    }

    #[test]
    fn patience_ends() {
        assert_eq!(left_of_100_ms(at(500, 1), at(0, 0)), 0);
        assert_eq!(left_of_100_ms(at(500, 1), at(100, 0)), 99);
    }

    #[test]
    fn a_busy_thread_is_timed() {
        let watch = Stopwatch::start();
        while watch.elapsed().wall < Duration::from_millis(5) {}
        assert!(watch.elapsed().cpu > Duration::ZERO);
    }
}
