//! Which options go together: what one needs, what it excludes, which cars it fits.

use marque_sdk::Result;

use crate::{catalogue::Item, desk::refuse_at};

/// Codes as people write them, with commas of either language.
pub fn codes(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '，', '、', ';', '；']).map(str::trim).filter(|code| !code.is_empty())
}

/// Refuses what does not go together. `chosen` is the car first, then the lines with the place each was chosen at.
pub fn check(car: &Item, chosen: &[(String, &Item)]) -> Result<()> {
    let has = |code: &str| car.code == code || chosen.iter().any(|(_, item)| item.code == code);
    for (at, (pointer, item)) in chosen.iter().enumerate() {
        if chosen[..at].iter().any(|(_, before)| before.id == item.id) {
            return refuse_at(
                "chosen_twice",
                pointer,
                format!("{} is there already: raise how many instead", item.name),
            );
        }
        if codes(&item.fits).next().is_some() && !codes(&item.fits).any(|code| code == car.code) {
            return refuse_at(
                "option_not_for_car",
                pointer,
                format!("{} is not for {}: choose another", item.name, car.name),
            );
        }
        if let Some(missing) = codes(&item.needs).find(|code| !has(code)) {
            return refuse_at(
                "option_needs",
                pointer,
                format!("{} needs {missing}: add it, or leave this out", item.name),
            );
        }
    }
    let everything = || chosen.iter().map(|(pointer, item)| (pointer.as_str(), *item)).chain([("/car", car)]);
    for (pointer, item) in everything() {
        let other = codes(&item.excludes).find(|code| has(code));
        if let Some(other) = other {
            let name = everything().find(|(_, one)| one.code == other).map_or(other, |(_, one)| one.name.as_str());
            return refuse_at(
                "option_excludes",
                pointer,
                format!("{} and {name} do not go together: leave one out", item.name),
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(code: &str, needs: &str, excludes: &str, fits: &str) -> Item {
        Item {
            id: code.into(),
            code: code.into(),
            name: code.into(),
            needs: needs.into(),
            excludes: excludes.into(),
            fits: fits.into(),
            ..Item::default()
        }
    }

    fn fault(items: &[Item]) -> Option<String> {
        let car = item("C5", "", "", "");
        let chosen: Vec<(String, &Item)> =
            items.iter().enumerate().map(|(n, item)| (format!("/lines/{n}"), item)).collect();
        check(&car, &chosen).err().map(|fault| fault.code)
    }

    #[test]
    fn what_needs_another_comes_with_it() {
        assert_eq!(fault(&[item("ROOF", "RAILS，BAR", "", "")]).as_deref(), Some("option_needs"));
        assert_eq!(
            fault(&[item("ROOF", "RAILS，BAR", "", ""), item("RAILS", "", "", ""), item("BAR", "", "", "")]),
            None
        );
        assert_eq!(fault(&[item("MAT", "C5", "", "")]), None, "the car itself is chosen");
    }

    #[test]
    fn of_a_pair_that_excludes_each_other_one_is_left_out_whichever_says_so() {
        assert_eq!(fault(&[item("R18", "", "R19", ""), item("R19", "", "", "")]).as_deref(), Some("option_excludes"));
        assert_eq!(fault(&[item("R18", "", "", ""), item("R19", "", "R18", "")]).as_deref(), Some("option_excludes"));
        assert_eq!(fault(&[item("R18", "", "C5", "")]).as_deref(), Some("option_excludes"));
    }

    #[test]
    fn an_option_is_for_the_cars_it_names() {
        assert_eq!(fault(&[item("HUD", "", "", "C6, C4L")]).as_deref(), Some("option_not_for_car"));
        assert_eq!(fault(&[item("HUD", "", "", "C6, C5")]), None);
        assert_eq!(fault(&[item("HUD", "", "", " ， ")]), None);
    }

    #[test]
    fn the_same_twice_is_a_number() {
        assert_eq!(fault(&[item("MAT", "", "", ""), item("MAT", "", "", "")]).as_deref(), Some("chosen_twice"));
    }
}
