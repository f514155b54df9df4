//! Customers: people and companies with a plausible life, each a function of the seed and a number.

use serde_json::{Map, json};

use crate::{
    demo::{
        Plan, Step,
        dice::Dice,
        names::{self, Gender},
        network::Dealer,
        numbers,
    },
    model::{Command, Data, Id, Time},
};

/// How many of a hundred customers are companies.
const COMPANIES: u64 = 6;
/// The hours in which customers come, whatever the dealer's own.
const OPENS_MS: i64 = 9 * 3_600_000;
const OPEN_MS: i64 = 9 * 3_600_000;
const DAY_MS: i64 = 86_400_000;
/// Sample dealers keep the time of Beijing; where one does not, its first customers come a little early.
const BEIJING_MS: i64 = 8 * 3_600_000;

/// A customer before it is a record.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Its id.
    pub id: Id,
    /// When it was made.
    pub at: Time,
    /// Index of its dealer.
    pub dealer: usize,
    /// The dealer's id.
    pub org: String,
    /// Its fields.
    pub data: Data,
}

impl Customer {
    /// The command that makes it.
    pub fn step(self) -> Step {
        let body = json!({ "kind": "customer", "id": self.id, "org": self.org, "data": self.data });
        Step { at: self.at, command: Command::new("record.create", body) }
    }
}

/// The `n`-th customer of a plan.
pub fn customer(plan: &Plan, dealers: &[Dealer], n: usize) -> Customer {
    let mut dice = Dice::new(plan.seed, "customer", n as u64);
    let at = came_at(plan, n, &mut dice);
    let dealer = which_dealer(dealers.len(), &mut dice);
    let place = &dealers[dealer];
    let mut data = if dice.chance(COMPANIES) { company(place, n, &mut dice) } else { person(at, &mut dice) };
    data.insert("phone".into(), numbers::phone(plan.seed, n as u64).into());
    data.insert("city".into(), place.city.name.into());
    data.insert("source".into(), source(&mut dice).into());
    data.insert("first_seen".into(), at.plus_millis(BEIJING_MS).to_string()[..10].into());
    data.insert("owner".into(), format!("{}-{}", place.id, dice.pick(&["li", "zhang", "huang"])).into());
    sometimes(&mut data, place, n, &mut dice);
    let number = n.to_string();
    let id = Id::derived(at, &["demo", &plan.seed.to_string(), &number], 0);
    Customer { id, at, dealer, org: place.id.clone(), data }
}

/// Customers come evenly over the opening hours of two years, one after the other.
fn came_at(plan: &Plan, n: usize, dice: &mut Dice) -> Time {
    let n_days = (plan.now - plan.begin()) / DAY_MS;
    let n_slots = plan.customers.max(1) as i128;
    let open_ms = i128::from(n_days) * i128::from(OPEN_MS);
    let slot_ms = (open_ms / n_slots).max(1);
    let open_so_far = (n as i128 * open_ms / n_slots) as i64 + dice.below(slot_ms as u64) as i64;
    // Midnight in Beijing before the history begins.
    let first_midnight = (plan.begin().millis() + BEIJING_MS).div_euclid(DAY_MS) * DAY_MS - BEIJING_MS;
    let at = first_midnight + open_so_far / OPEN_MS * DAY_MS + OPENS_MS + open_so_far % OPEN_MS;
    Time::from_millis(at.clamp(plan.begin().millis(), plan.now.millis()))
}

/// The first dealers are the larger ones: one customer in four goes to an earlier dealer than chance would have it.
fn which_dealer(n_dealers: usize, dice: &mut Dice) -> usize {
    let any = dice.below(n_dealers.max(1) as u64);
    let chosen = if dice.chance(25) { dice.below(any + 1) } else { any };
    chosen as usize
}

/// How people stand to the brand; most who bought are still with us.
const TYPES: [(&str, u32); 4] = [("prospect", 52), ("owner", 38), ("past_owner", 7), ("user", 3)];

fn person(at: Time, dice: &mut Dice) -> Data {
    let gender = if dice.chance(63) { Gender::Male } else { Gender::Female };
    // Car buyers: mostly between 23 and 55.
    let age = 23 + dice.below(20) + dice.below(14) + dice.below(8);
    let year = at.timestamp().strftime("%Y").to_string().parse::<i16>().unwrap_or(2026) - age as i16;
    let mut data = Map::new();
    data.insert("type".into(), dice.weighted(&TYPES).into());
    data.insert("name".into(), names::person(dice, gender, year).into());
    data.insert("gender".into(), gender.as_str().into());
    if dice.chance(72) {
        let (month, day) = (1 + dice.below(12), 1 + dice.below(28));
        data.insert("birth_date".into(), format!("{year:04}-{month:02}-{day:02}").into());
    }
    data
}

fn company(place: &Dealer, n: usize, dice: &mut Dice) -> Data {
    let mut data = Map::new();
    data.insert("type".into(), "company".into());
    data.insert("name".into(), names::company(dice, place.city.name).into());
    data.insert("uscc".into(), numbers::uscc(n as u64).into());
    data
}

fn source(dice: &mut Dice) -> &'static str {
    const SOURCES: [(&str, u32); 9] = [
        ("到店", 28),
        ("汽车网站", 22),
        ("来电", 12),
        ("老客户介绍", 12),
        ("官网", 8),
        ("售后", 7),
        ("车展", 5),
        ("市场活动", 4),
        ("其他", 2),
    ];
    dice.weighted(&SOURCES)
}

/// What is known of some customers only.
fn sometimes(data: &mut Data, place: &Dealer, n: usize, dice: &mut Dice) {
    const MODELS: [(&str, u32); 6] =
        [("凡尔赛C5 X", 30), ("天逸", 28), ("C6", 14), ("C3-XR", 12), ("世嘉", 10), ("C5", 6)];
    if dice.chance(38) {
        data.insert("email".into(), format!("u{:06}@example.cn", n + 1).into());
    }
    if dice.chance(55) {
        data.insert("address".into(), address(place, dice).into());
    }
    if dice.chance(60) {
        const CHANNELS: [(&str, u32); 4] = [("phone", 48), ("wechat", 38), ("sms", 11), ("email", 3)];
        const TIMES: [(&str, u32); 4] = [("any", 40), ("evening", 30), ("morning", 15), ("afternoon", 15)];
        data.insert("preferred_channel".into(), dice.weighted(&CHANNELS).into());
        data.insert("preferred_time".into(), dice.weighted(&TIMES).into());
    }
    if dice.chance(78) {
        data.insert("interest".into(), dice.weighted(&MODELS).into());
    }
    if dice.chance(45) {
        data.insert("tags".into(), tags(dice).into());
    }
    if dice.chance(20) {
        data.insert("note".into(), dice.pick(&NOTES).into());
    }
}

fn address(place: &Dealer, dice: &mut Dice) -> String {
    const ROADS: [&str; 14] = [
        "中山路",
        "解放大道",
        "人民路",
        "建设路",
        "和平路",
        "长江路",
        "文化路",
        "学府路",
        "滨江大道",
        "迎宾大道",
        "友谊路",
        "新华路",
        "幸福路",
        "光明路",
    ];
    let (district, road) = (dice.pick(place.city.districts), dice.pick(&ROADS));
    let (number, house) = (1 + dice.below(380), 1 + dice.below(28));
    let flat = 100 * (1 + dice.below(24)) + 1 + dice.below(6);
    format!("{}市{district}{road}{number}号{house}栋{flat}室", place.city.name)
}

fn tags(dice: &mut Dice) -> String {
    const TAGS: [(&str, u32); 10] = [
        ("置换意向", 14),
        ("增购", 8),
        ("二胎家庭", 8),
        ("商务用车", 9),
        ("新能源关注", 16),
        ("喜欢露营", 7),
        ("周末到店", 12),
        ("价格敏感", 14),
        ("贷款购车", 12),
        ("VIP", 4),
    ];
    let mut tags: Vec<&str> = (0..1 + dice.below(3)).map(|_| dice.weighted(&TAGS)).collect();
    tags.sort_unstable();
    tags.dedup();
    tags.join("，")
}

/// What consultants write down.
const NOTES: [&str; 8] = [
    "下班后联系",
    "对油耗很关心，建议推荐混动版",
    "陪同家人看车，主要由爱人决定",
    "上一台车在本店保养三年",
    "希望周末上门试驾",
    "对比过同级两款车型，关注后排空间",
    "要求报价含保险和上牌",
    "孩子上小学，接送用车",
];

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use serde_json::Value;

    use super::*;
    use crate::demo::network::dealers;

    fn all() -> Vec<Customer> {
        let plan = Plan::example();
        let dealers = dealers(&plan);
        (0..plan.customers).map(|n| customer(&plan, &dealers, n)).collect()
    }

    #[test]
    fn phones_and_ids_are_unique() {
        let all = all();
        let phones: HashSet<&str> = all.iter().filter_map(|customer| customer.data["phone"].as_str()).collect();
        let ids: HashSet<&Id> = all.iter().map(|customer| &customer.id).collect();
        assert_eq!((phones.len(), ids.len()), (all.len(), all.len()));
    }

    #[test]
    fn people_and_companies_have_their_own_fields() {
        let (companies, people): (Vec<_>, Vec<_>) =
            all().into_iter().partition(|customer| customer.data["type"] == "company");
        assert!((60..200).contains(&companies.len()), "{}", companies.len());
        assert!(companies.iter().all(|c| c.data.contains_key("uscc") && !c.data.contains_key("gender")));
        assert!(people.iter().all(|p| p.data.contains_key("gender") && !p.data.contains_key("uscc")));
    }

    #[test]
    fn customers_come_by_day_and_to_every_dealer() {
        let mut by_dealer: HashMap<usize, usize> = HashMap::new();
        for customer in all() {
            *by_dealer.entry(customer.dealer).or_default() += 1;
            let hour = (customer.at.millis() + BEIJING_MS).rem_euclid(DAY_MS) / 3_600_000;
            let is_first_or_last = customer.at == Plan::example().begin() || customer.at == Plan::example().now;
            assert!((9..18).contains(&hour) || is_first_or_last, "{}", customer.at);
        }
        assert_eq!(by_dealer.len(), 3);
        assert!(by_dealer.values().all(|n| *n > 200), "{by_dealer:?}");
    }

    #[test]
    fn a_birth_date_makes_an_adult() {
        for customer in all() {
            if let Some(born) = customer.data.get("birth_date").and_then(Value::as_str) {
                let year: i32 = born[..4].parse().expect("a year");
                assert!((1955..=2005).contains(&year), "{born}");
            }
        }
    }
}
