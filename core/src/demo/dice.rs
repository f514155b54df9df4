//! Chance that repeats: the same seed and place always throw the same.

/// A small generator of our own (SplitMix64), so that sample data never changes with a library's version.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice for one thing: `what` keeps things of different sorts apart, `n` counts within a sort.
    pub fn new(seed: u64, what: &str, n: u64) -> Dice {
        // FNV-1a over the sort's name; the generator itself mixes what is left alike.
        let sort = what.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mut dice = Dice(seed ^ sort.rotate_left(17));
        dice.0 = dice.next() ^ n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `below` - 1; 0 when `below` is 0.
    pub fn below(&mut self, below: u64) -> u64 {
        // Multiply and shift: for the small ranges here the bias is far below what anyone could see.
        ((u128::from(self.next()) * u128::from(below)) >> 64) as u64
    }

    /// True `percent` times in a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of `items`.
    pub fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len() as u64) as usize]
    }

    /// One of `items`, each as often as its weight says.
    pub fn weighted<'a, T: ?Sized>(&mut self, items: &[(&'a T, u32)]) -> &'a T {
        let total: u64 = items.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut left = self.below(total);
        for (item, weight) in items {
            match left.checked_sub(u64::from(*weight)) {
                Some(rest) => left = rest,
                None => return item,
            }
        }
        items[items.len() - 1].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_place_throws_the_same() {
        let throw = |seed, what, n| Dice::new(seed, what, n).below(u64::MAX);
        assert_eq!(throw(7, "customer", 3), throw(7, "customer", 3));
        assert_ne!(throw(7, "customer", 3), throw(7, "customer", 4));
        assert_ne!(throw(7, "customer", 3), throw(7, "user", 3));
        assert_ne!(throw(7, "customer", 3), throw(8, "customer", 3));
    }

    #[test]
    fn throws_are_spread_evenly() {
        let mut seen = [0u32; 10];
        for n in 0..10_000 {
            seen[Dice::new(1, "even", n).below(10) as usize] += 1;
        }
        assert!(seen.iter().all(|count| (850..1150).contains(count)), "{seen:?}");
    }

    #[test]
    fn weights_are_kept() {
        let mut dice = Dice::new(1, "weights", 0);
        let heavy = (0..10_000).filter(|_| dice.weighted(&[("heavy", 9), ("light", 1)]) == "heavy").count();
        assert!((8_800..9_200).contains(&heavy), "{heavy}");
    }
}
