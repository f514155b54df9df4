//! Fen as people read them.

/// Fen with yuan in groups of three.
///
/// ```
/// assert_eq!(marque_sdk::money::yuan(1_498_000), "14,980.00");
/// ```
pub fn yuan(fen: i64) -> String {
    let whole = (fen / 100).unsigned_abs().to_string();
    let grouped: Vec<&str> =
        whole.as_bytes().rchunks(3).rev().filter_map(|part| std::str::from_utf8(part).ok()).collect();
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", grouped.join(","), (fen % 100).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fen_are_read_in_groups_of_three() {
        for (fen, read) in
            [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (14_380_000, "143,800.00"), (-123_456_789, "-1,234,567.89")]
        {
            assert_eq!(yuan(fen), read);
        }
    }
}
