//! Numbers that hold up to checking and reach nobody: phones, plates, VINs, company codes.

use crate::demo::dice::Dice;

/// How many different phone numbers there are.
pub const MOST_PHONES: u64 = 1_600_000;
/// Those of one set of prefixes.
const BLOCK: u64 = 800_000;

/// The `n`-th mobile number in E.164: from the blocks 1xx 000 …, which are not given to anyone.
///
/// Numbers of different `n` below [`MOST_PHONES`] differ, and neighbours do not look alike.
pub fn phone(seed: u64, n: u64) -> String {
    const PREFIXES: [[&str; 8]; 2] = [
        ["130", "135", "138", "139", "150", "158", "186", "199"],
        ["131", "136", "137", "151", "159", "177", "187", "188"],
    ];
    // An odd factor without a common divisor with 800 000 (2⁸·5⁵) makes this a permutation.
    let place = (n % BLOCK * 488_881 + seed % BLOCK) % BLOCK;
    let prefixes = PREFIXES[(n % MOST_PHONES / BLOCK) as usize];
    format!("+86{}000{:05}", prefixes[(place % 8) as usize], place / 8)
}

/// A plate of a city: `鄂A` and five digits or letters, never I or O.
pub fn plate(prefix: &str, dice: &mut Dice) -> String {
    const SIGNS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    // At most two letters, as on real plates of five.
    let tail: String = (0..5)
        .map(|place| {
            let n_signs = if place == 1 || place == 3 { SIGNS.len() } else { 10 };
            char::from(SIGNS[dice.below(n_signs as u64) as usize])
        })
        .collect();
    format!("{prefix}{tail}")
}

/// The `n`-th vehicle identification number of a model: seventeen signs with a right check digit in the ninth place.
pub fn vin(model: &str, year: char, n: u64) -> String {
    let mut vin: Vec<u8> = format!("LDC{model:0<5.5}0{year}2{:06}", n % 1_000_000).into_bytes();
    vin[8] = vin_check(&vin);
    vin.into_iter().map(char::from).collect()
}

/// The check digit of a VIN (ISO 3779 as used in GB 16735): weighted sum of the signs modulo 11.
fn vin_check(vin: &[u8]) -> u8 {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let value = |sign: u8| match sign {
        b'0'..=b'9' => u32::from(sign - b'0'),
        b'A'..=b'H' => u32::from(sign - b'A') + 1,
        b'J'..=b'R' => u32::from(sign - b'J') + 1,
        b'S'..=b'Z' => u32::from(sign - b'S') + 2,
        _ => 0,
    };
    let sum: u32 = vin.iter().zip(WEIGHTS).map(|(sign, weight)| value(*sign) * weight).sum();
    if sum % 11 == 10 { b'X' } else { b'0' + (sum % 11) as u8 }
}

/// The `n`-th unified social credit code, of a district that does not exist (000000), with a right check sign.
pub fn uscc(n: u64) -> String {
    const SIGNS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("91000000MA{:07}", n % 10_000_000);
    let place = |sign: u8| SIGNS.iter().position(|known| *known == sign).unwrap_or(0) as u32;
    let weights = std::iter::successors(Some(1u32), |weight| Some(weight * 3 % 31));
    let sum: u32 = body.bytes().zip(weights).map(|(sign, weight)| place(sign) * weight).sum();
    let check = SIGNS[((31 - sum % 31) % 31) as usize];
    format!("{body}{}", char::from(check))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn phones_differ_and_stay_in_their_blocks() {
        let phones: HashSet<String> = (0..MOST_PHONES).map(|n| phone(7, n)).collect();
        assert_eq!(phones.len() as u64, MOST_PHONES);
        assert!(phones.iter().all(|phone| phone.len() == 14 && &phone[6..9] == "000"));
    }

    #[test]
    fn a_known_vin_has_its_check_digit() {
        // The example of the domain's fixtures: check digit 9.
        assert_eq!(char::from(vin_check(b"LDC613P2960012345")), '9');
        let vin = vin("613P2", 'T', 12_345);
        assert_eq!((vin.len(), vin.as_bytes()[8]), (17, vin_check(vin.as_bytes())));
    }

    #[test]
    fn company_codes_end_in_their_check_sign() {
        let codes: HashSet<String> = (0..500).map(uscc).collect();
        assert!(codes.iter().all(|code| code.len() == 18 && code.starts_with("91000000MA")));
        // Computed by hand for the first: 9·1 + 1·3 + M(21)·20 + A(10)·29 = 722, 722 mod 31 = 9, 31 − 9 = 22, which is N.
        assert_eq!(uscc(0), "91000000MA0000000N");
    }

    #[test]
    fn plates_have_five_signs_after_the_city() {
        let mut dice = Dice::new(7, "plate", 0);
        for _ in 0..500 {
            let plate = plate("鄂A", &mut dice);
            let tail: String = plate.chars().skip(2).collect();
            assert!(tail.len() == 5 && !tail.contains(['I', 'O']), "{plate}");
        }
    }
}
