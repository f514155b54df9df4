//! Chance from a seed: the same text draws the same sample on every machine.

/// A generator (SplitMix64) begun from a text.
#[derive(Clone, Debug)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// From a seed, by FNV-1a.
    pub fn new(seed: &str) -> Dice {
        let state = seed.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Dice { state }
    }

    /// Any number.
    pub fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, each as likely as the others; 0 for an empty range.
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 {
            return 0;
        }
        // What is left over after whole ranges would favour the low numbers.
        let bound = u64::MAX - u64::MAX % end;
        loop {
            let roll = self.roll();
            if roll < bound {
                return roll % end;
            }
        }
    }

    /// Some of a list, in the order they were drawn.
    pub fn draw<T>(&mut self, mut from: Vec<T>, n: usize) -> Vec<T> {
        let n = n.min(from.len());
        for place in 0..n {
            let other = place + self.below((from.len() - place) as u64) as usize;
            from.swap(place, other);
        }
        from.truncate(n);
        from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_draws_one_sample() {
        let draw = |seed: &str| Dice::new(seed).draw((0..1_000).collect::<Vec<u32>>(), 50);
        assert_eq!(draw("2026-03"), draw("2026-03"));
        assert_ne!(draw("2026-03"), draw("2026-04"));
        let mut once = draw("2026-03");
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), 50);
    }

    #[test]
    fn everybody_is_drawn_as_often() {
        let mut hits = [0_u32; 10];
        for n in 0..4_000 {
            for drawn in Dice::new(&format!("seed {n}")).draw((0..10).collect::<Vec<usize>>(), 3) {
                hits[drawn] += 1;
            }
        }
        // 1 200 each is expected; six standard deviations are 174.
        assert!(hits.iter().all(|hits| (1_026..=1_374).contains(hits)), "{hits:?}");
    }
}
