//! The sales network: regions, dealers and the people who work there.

use crate::demo::{
    Plan,
    dice::Dice,
    names::{self, Gender},
    numbers,
};

/// A city with dealers in it.
#[derive(Debug)]
pub struct City {
    /// Its name.
    pub name: &'static str,
    /// The first two signs of its plates.
    pub plate: &'static str,
    /// Index into [`REGIONS`].
    pub region: usize,
    /// Districts, for dealers' names and customers' addresses.
    pub districts: &'static [&'static str],
}

/// Regions: id, name.
pub const REGIONS: [(&str, &str); 6] = [
    ("r-central", "华中大区"),
    ("r-east", "华东大区"),
    ("r-south", "华南大区"),
    ("r-north", "华北大区"),
    ("r-southwest", "西南大区"),
    ("r-northwest", "西北大区"),
];

const fn city(name: &'static str, plate: &'static str, region: usize, districts: &'static [&'static str]) -> City {
    City { name, plate, region, districts }
}

/// In the order in which dealers open.
pub const CITIES: [City; 24] = [
    city("武汉", "鄂A", 0, &["江岸区", "武昌区", "汉阳区", "洪山区", "江汉区"]),
    city("长沙", "湘A", 0, &["岳麓区", "雨花区", "开福区", "天心区"]),
    city("杭州", "浙A", 1, &["西湖区", "滨江区", "拱墅区", "余杭区"]),
    city("广州", "粤A", 2, &["天河区", "白云区", "番禺区", "海珠区"]),
    city("成都", "川A", 4, &["武侯区", "锦江区", "成华区", "双流区"]),
    city("西安", "陕A", 5, &["雁塔区", "未央区", "碑林区", "长安区"]),
    city("北京", "京N", 3, &["朝阳区", "海淀区", "丰台区", "通州区"]),
    city("上海", "沪C", 1, &["浦东新区", "闵行区", "嘉定区", "宝山区"]),
    city("郑州", "豫A", 0, &["金水区", "二七区", "中原区", "惠济区"]),
    city("南京", "苏A", 1, &["鼓楼区", "江宁区", "建邺区", "栖霞区"]),
    city("苏州", "苏E", 1, &["姑苏区", "吴中区", "相城区", "虎丘区"]),
    city("深圳", "粤B", 2, &["福田区", "南山区", "龙岗区", "宝安区"]),
    city("重庆", "渝A", 4, &["渝中区", "江北区", "沙坪坝区", "九龙坡区"]),
    city("济南", "鲁A", 3, &["历下区", "市中区", "槐荫区", "历城区"]),
    city("青岛", "鲁B", 3, &["市南区", "崂山区", "李沧区", "城阳区"]),
    city("合肥", "皖A", 1, &["蜀山区", "包河区", "庐阳区", "瑶海区"]),
    city("南昌", "赣A", 0, &["东湖区", "西湖区", "红谷滩区", "青山湖区"]),
    city("福州", "闽A", 2, &["鼓楼区", "台江区", "仓山区", "晋安区"]),
    city("昆明", "云A", 4, &["五华区", "盘龙区", "官渡区", "西山区"]),
    city("太原", "晋A", 3, &["小店区", "迎泽区", "杏花岭区", "万柏林区"]),
    city("沈阳", "辽A", 3, &["和平区", "沈河区", "铁西区", "皇姑区"]),
    city("南宁", "桂A", 2, &["青秀区", "兴宁区", "江南区", "西乡塘区"]),
    city("兰州", "甘A", 5, &["城关区", "七里河区", "安宁区", "西固区"]),
    city("乌鲁木齐", "新A", 5, &["天山区", "沙依巴克区", "新市区", "水磨沟区"]),
];

/// Public holidays of 2026 on which dealers' offices rest.
pub const HOLIDAYS: &[&str] = &[
    "2026-01-01",
    "2026-01-02",
    "2026-01-03",
    "2026-02-15",
    "2026-02-16",
    "2026-02-17",
    "2026-02-18",
    "2026-02-19",
    "2026-02-20",
    "2026-02-21",
    "2026-02-22",
    "2026-02-23",
    "2026-04-04",
    "2026-04-05",
    "2026-04-06",
    "2026-05-01",
    "2026-05-02",
    "2026-05-03",
    "2026-05-04",
    "2026-05-05",
    "2026-06-19",
    "2026-06-20",
    "2026-06-21",
    "2026-09-25",
    "2026-09-26",
    "2026-09-27",
    "2026-10-01",
    "2026-10-02",
    "2026-10-03",
    "2026-10-04",
    "2026-10-05",
    "2026-10-06",
    "2026-10-07",
];

/// Weekend days of 2026 that are worked in exchange.
pub const WORKING_WEEKENDS: &[&str] =
    &["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"];

/// A dealer.
#[derive(Clone, Debug)]
pub struct Dealer {
    /// `d1`, `d2` …, also the first part of its people's logins.
    pub id: String,
    /// `武汉江岸恒信店`.
    pub name: String,
    /// Where it stands.
    pub city: &'static City,
    /// The district it stands in.
    pub district: &'static str,
    /// `Asia/Shanghai` but in Xinjiang, where shops keep the sun's time.
    pub time_zone: &'static str,
    /// When it opens and closes, every day of the week.
    pub hours: (&'static str, &'static str),
}

/// The dealers of a plan; `n`-th dealers are the same whatever the plan's size.
pub fn dealers(plan: &Plan) -> Vec<Dealer> {
    (0..plan.dealers).map(|n| dealer(plan.seed, n)).collect()
}

fn dealer(seed: u64, n: usize) -> Dealer {
    const WORDS: [&str; 16] = [
        "恒信",
        "骏达",
        "华通",
        "中升",
        "宝源",
        "嘉诚",
        "鸿运",
        "广达",
        "新世纪",
        "龙腾",
        "润华",
        "远通",
        "永达",
        "百得",
        "利星",
        "建发",
    ];
    let city = &CITIES[n % CITIES.len()];
    let round = n / CITIES.len();
    let district = city.districts[round % city.districts.len()];
    // Each city begins somewhere else in the list and goes on from there, so no two dealers share a name.
    let word = WORDS[(Dice::new(seed, "dealer", (n % CITIES.len()) as u64).below(16) as usize + round) % WORDS.len()];
    let is_far_west = city.name == "乌鲁木齐";
    Dealer {
        id: format!("d{}", n + 1),
        name: format!("{}{}{word}店", city.name, district.trim_end_matches("新区").trim_end_matches('区')),
        city,
        district,
        time_zone: if is_far_west { "Asia/Urumqi" } else { "Asia/Shanghai" },
        // Most open at half past eight; every third has a workshop that begins at eight.
        hours: if n % 3 == 2 { ("08:00", "18:00") } else { ("08:30", "18:00") },
    }
}

/// Somebody who works in the network.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Their record's id, `d1-li`.
    pub id: String,
    /// What they sign in with, `d1.li`.
    pub login: String,
    /// Their name.
    pub name: String,
    /// Where they work.
    pub org: String,
    /// Their role's code.
    pub role: &'static str,
    /// Their mobile.
    pub phone: String,
}

/// The posts of a dealer: login, surname, role, sex. Logins are the same at every dealer, given names are not.
const POSTS: [(&str, &str, &str, Gender); 15] = [
    ("sun", "孙", "gm", Gender::Male),
    ("chen", "陈", "sales_mgr", Gender::Male),
    ("liu", "刘", "service_mgr", Gender::Male),
    ("zhao", "赵", "crm_mgr", Gender::Female),
    ("wang", "王", "crm_officer", Gender::Female),
    ("lin", "林", "crm_officer", Gender::Female),
    ("li", "李", "consultant", Gender::Male),
    ("zhang", "张", "consultant", Gender::Female),
    ("huang", "黄", "consultant", Gender::Male),
    ("zhou", "周", "advisor", Gender::Male),
    ("wu", "吴", "advisor", Gender::Male),
    ("xu", "徐", "reception", Gender::Female),
    ("deng", "邓", "dealer_dev", Gender::Male),
    ("tang", "唐", "technician", Gender::Male),
    ("feng", "冯", "technician", Gender::Male),
];

/// How many people a dealer employs.
pub const STAFF_OF_A_DEALER: usize = POSTS.len();

/// Everyone at headquarters, in the regions that have dealers, and at the dealers.
pub fn staff(plan: &Plan) -> Vec<Staff> {
    let hq = [("he", "何", "hq_crm", Gender::Female), ("guo", "郭", "hq_analyst", Gender::Male)];
    let hq = hq.map(|post| ("hq".to_owned(), "hq".to_owned(), post));
    let dealers = dealers(plan);
    let regions = regions(&dealers)
        .into_iter()
        .map(|(id, _)| (id.to_owned(), id.to_owned(), ("ma", "马", "region_mgr", Gender::Male)));
    let posts = dealers.iter().flat_map(|dealer| POSTS.map(|post| (dealer.id.clone(), dealer.id.clone(), post)));
    hq.into_iter()
        .chain(regions)
        .chain(posts)
        .enumerate()
        .map(|(n, (org, prefix, (login, surname, role, gender)))| {
            let mut dice = Dice::new(plan.seed, "staff", n as u64);
            let born = 1975 + dice.below(24) as i16;
            Staff {
                id: format!("{prefix}-{login}"),
                login: format!("{prefix}.{login}"),
                name: format!("{surname}{}", names::given(&mut dice, gender, born)),
                org,
                role,
                // From the far end of the block, so that no customer has the same.
                phone: numbers::phone(plan.seed, numbers::MOST_PHONES - 1 - n as u64),
            }
        })
        .collect()
}

/// The regions that have dealers: id, name.
pub fn regions(dealers: &[Dealer]) -> Vec<(&'static str, &'static str)> {
    REGIONS
        .into_iter()
        .enumerate()
        .filter(|(n, _)| dealers.iter().any(|dealer| dealer.city.region == *n))
        .map(|(_, region)| region)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn dealers_have_names_of_their_own() {
        let plan = Plan { dealers: 316, ..Plan::example() };
        let names: HashSet<String> = dealers(&plan).into_iter().map(|dealer| dealer.name).collect();
        assert_eq!(names.len(), 316);
    }

    #[test]
    fn every_dealer_has_every_post_and_every_login_is_unique() {
        let plan = Plan::example();
        let staff = staff(&plan);
        let logins: HashSet<&str> = staff.iter().map(|person| person.login.as_str()).collect();
        assert_eq!(logins.len(), staff.len());
        for login in ["d1.li", "d1.wang", "d2.zhao", "d3.sun", "d3.zhou", "hq.he", "r-central.ma", "r-east.ma"] {
            assert!(logins.contains(login), "no {login}");
        }
        assert!(!logins.contains("r-south.ma"), "no dealer in the south, so no manager");
    }

    #[test]
    fn a_larger_network_begins_with_the_smaller_one() {
        let names = |n: usize| dealers(&Plan { dealers: n, ..Plan::example() }).into_iter().map(|dealer| dealer.name);
        assert!(names(3).eq(names(9).take(3)));
    }
}
