//! Chinese names as they are met: surnames by how common they are, given names by sex and by the years they were in fashion.

use crate::demo::dice::Dice;

/// Surnames with their share of the population in ten-thousandths; about three quarters of all people bear one of these.
const SURNAMES: [(&str, u32); 86] = [
    ("王", 725),
    ("李", 719),
    ("张", 683),
    ("刘", 539),
    ("陈", 453),
    ("杨", 308),
    ("黄", 223),
    ("赵", 214),
    ("吴", 205),
    ("周", 201),
    ("徐", 156),
    ("孙", 154),
    ("马", 129),
    ("朱", 126),
    ("胡", 116),
    ("郭", 115),
    ("何", 115),
    ("林", 106),
    ("高", 100),
    ("罗", 98),
    ("郑", 92),
    ("梁", 86),
    ("谢", 75),
    ("宋", 73),
    ("唐", 69),
    ("许", 66),
    ("邓", 62),
    ("韩", 61),
    ("冯", 60),
    ("曹", 59),
    ("彭", 58),
    ("曾", 57),
    ("肖", 57),
    ("田", 54),
    ("董", 53),
    ("潘", 49),
    ("袁", 47),
    ("蔡", 47),
    ("蒋", 46),
    ("余", 46),
    ("于", 46),
    ("杜", 46),
    ("叶", 45),
    ("程", 44),
    ("魏", 44),
    ("苏", 43),
    ("吕", 42),
    ("丁", 41),
    ("任", 41),
    ("卢", 40),
    ("姚", 39),
    ("沈", 38),
    ("钟", 38),
    ("姜", 38),
    ("崔", 38),
    ("谭", 38),
    ("陆", 37),
    ("范", 37),
    ("汪", 37),
    ("廖", 36),
    ("石", 35),
    ("金", 34),
    ("韦", 33),
    ("贾", 32),
    ("夏", 31),
    ("付", 31),
    ("方", 31),
    ("邹", 30),
    ("熊", 30),
    ("白", 30),
    ("孟", 29),
    ("秦", 28),
    ("邱", 28),
    ("侯", 28),
    ("江", 28),
    ("尹", 27),
    ("薛", 27),
    ("闫", 27),
    ("段", 26),
    ("雷", 26),
    ("龙", 24),
    ("黎", 23),
    ("史", 23),
    ("陶", 23),
    ("欧阳", 8),
    ("上官", 1),
];

/// Given names in fashion at one time.
struct Fashion {
    /// The last year of birth it was in fashion.
    until: i16,
    men: &'static [&'static str],
    women: &'static [&'static str],
}

const FASHIONS: [Fashion; 4] = [
    Fashion {
        until: 1969,
        men: &[
            "建国", "建军", "国强", "国华", "志强", "志明", "卫东", "永强", "德明", "保国", "文斌", "长江", "新华",
            "玉林", "建平", "国平", "学军", "海生", "金山", "福生",
        ],
        women: &[
            "秀英", "桂英", "玉兰", "秀兰", "桂兰", "玉珍", "凤英", "淑珍", "秀珍", "玉英", "红梅", "爱华", "月英",
            "素芬", "春梅", "惠芳", "金凤", "丽华", "桂芳", "翠兰",
        ],
    },
    Fashion {
        until: 1984,
        men: &[
            "伟", "勇", "军", "强", "斌", "涛", "刚", "辉", "平", "明", "建华", "志刚", "海涛", "晓东", "文军", "永刚",
            "立新", "国庆", "志勇", "春生", "峰", "波",
        ],
        women: &[
            "丽", "敏", "静", "艳", "芳", "娟", "燕", "霞", "红", "萍", "玲", "丽娜", "晓燕", "海燕", "春燕", "红霞",
            "丽萍", "雪梅", "小红", "慧", "琴", "梅",
        ],
    },
    Fashion {
        until: 1994,
        men: &[
            "鹏", "磊", "超", "浩", "杰", "凯", "鑫", "亮", "飞", "博", "志鹏", "俊杰", "文博", "晓峰", "嘉伟", "明辉",
            "家豪", "天宇", "宇航", "子龙", "帅", "旭",
        ],
        women: &[
            "娜", "婷", "丹", "雪", "倩", "莉", "颖", "晶", "洁", "璐", "婷婷", "思思", "佳佳", "雅婷", "晓雯", "梦洁",
            "文静", "美玲", "佳怡", "雨薇", "琳", "瑶",
        ],
    },
    Fashion {
        until: i16::MAX,
        men: &[
            "浩然", "子轩", "宇轩", "俊熙", "一鸣", "梓豪", "博文", "奕辰", "泽宇", "皓轩", "嘉懿", "思远", "明哲",
            "子涵", "睿", "晨", "景行", "亦凡",
        ],
        women: &[
            "欣怡", "梓涵", "诗涵", "雨桐", "可馨", "子萱", "思琪", "语嫣", "若曦", "一诺", "梦瑶", "佳琪", "晓彤",
            "心怡", "悦", "彤", "书瑶", "清妍",
        ],
    },
];

/// A person's sex, as it shows in the given name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    /// 男.
    Male,
    /// 女.
    Female,
}

impl Gender {
    /// As the customer's field says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Gender::Male => "male",
            Gender::Female => "female",
        }
    }
}

/// A surname, as common as in life.
pub fn surname(dice: &mut Dice) -> &'static str {
    dice.weighted(&SURNAMES)
}

/// A given name that people of this sex and year of birth bear.
pub fn given(dice: &mut Dice, gender: Gender, born: i16) -> &'static str {
    let fashion = FASHIONS.iter().find(|fashion| born <= fashion.until).unwrap_or(&FASHIONS[FASHIONS.len() - 1]);
    match gender {
        Gender::Male => dice.pick(fashion.men),
        Gender::Female => dice.pick(fashion.women),
    }
}

/// A full name.
pub fn person(dice: &mut Dice, gender: Gender, born: i16) -> String {
    format!("{}{}", surname(dice), given(dice, gender, born))
}

/// A company of a city that keeps cars.
pub fn company(dice: &mut Dice, city: &str) -> String {
    const WORDS: [&str; 16] = [
        "顺达", "恒通", "宏远", "瑞丰", "捷运", "天成", "中汇", "金桥", "安泰", "嘉禾", "联创", "东方", "鑫源", "博远",
        "万通", "众诚",
    ];
    const TRADES: [(&str, u32); 9] = [
        ("出租汽车有限公司", 10),
        ("汽车租赁有限公司", 14),
        ("网约车服务有限公司", 8),
        ("物流有限公司", 16),
        ("建筑工程有限公司", 14),
        ("贸易有限公司", 16),
        ("科技有限公司", 14),
        ("驾驶员培训有限公司", 4),
        ("医疗器械有限公司", 4),
    ];
    format!("{city}{}{}", dice.pick(&WORDS), dice.weighted(&TRADES))
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    #[test]
    fn common_surnames_are_common() {
        let mut seen: HashMap<&str, u32> = HashMap::new();
        for n in 0..10_000 {
            *seen.entry(surname(&mut Dice::new(7, "name", n))).or_default() += 1;
        }
        assert!((800..1_200).contains(&seen["王"]), "{}", seen["王"]);
        assert!(seen["王"] + seen["李"] + seen["张"] > 10 * seen["陶"]);
        assert!(seen.len() > 75, "{}", seen.len());
    }

    #[test]
    fn given_names_follow_sex_and_generation() {
        let names = |gender, born| -> HashSet<&str> {
            (0..400).map(|n| given(&mut Dice::new(7, "given", n), gender, born)).collect()
        };
        assert!(names(Gender::Male, 1960).contains("建国"));
        assert!(names(Gender::Female, 2000).contains("欣怡"));
        assert!(names(Gender::Male, 1990).is_disjoint(&names(Gender::Female, 1990)));
        assert!(names(Gender::Male, 1960).is_disjoint(&names(Gender::Male, 2000)));
    }

    #[test]
    fn names_have_two_to_four_chinese_characters() {
        for n in 0..2_000 {
            let name = person(&mut Dice::new(7, "person", n), Gender::Female, 1985);
            let is_chinese = name.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert!(is_chinese && (2..=4).contains(&name.chars().count()), "{name}");
        }
    }
}
