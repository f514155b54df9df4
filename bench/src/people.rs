//! Customers that are made up: many different names, numbers that reach nobody, as JSON and as rows of a file.

use std::fmt::Write;

use serde_json::{Value, json};

const FAMILIES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘蔡蒋余于杜叶程魏苏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵";
const GIVEN: &str =
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华建国文玉兰志春梅海燕红波辉亮云龙飞鹏宇浩博晨曦雨萱子涵欣怡梓轩";
const CITIES: [&str; 8] = ["武汉", "长沙", "成都", "上海", "广州", "杭州", "南京", "西安"];

/// The `n`-th of many names.
pub fn name(n: u64) -> String {
    let pick = |text: &str, n: u64| {
        let signs: Vec<char> = text.chars().collect();
        signs[(n % signs.len() as u64) as usize]
    };
    // Strides without a common divisor, so that neighbours differ in every sign.
    [pick(FAMILIES, n * 7), pick(GIVEN, n * 11 + n / 97), pick(GIVEN, n * 17 + n / 53)].into_iter().collect()
}

/// Their telephone, from the blocks 1xx 000 … that are given to nobody, and of prefixes that sample data leaves alone.
pub fn phone(n: u64) -> String {
    const PREFIXES: [u64; 16] = [132, 133, 134, 152, 153, 155, 156, 157, 178, 180, 181, 182, 183, 185, 189, 198];
    format!("{}000{:05}", PREFIXES[(n / 100_000 % 16) as usize], n % 100_000)
}

/// Where they live.
pub fn city(n: u64) -> &'static str {
    CITIES[(n % CITIES.len() as u64) as usize]
}

/// A customer of an organisation. By its type the bench's own plugin knows what to do with it.
pub fn customer(org: &str, n: u64, r#type: &str) -> Value {
    json!({ "org": org, "data": { "name": name(n), "phone": phone(n), "city": city(n), "type": r#type } })
}

/// A file of rows from `first` on. Of a thousand, one is wrong and two are said again.
pub fn file(first: u64, n_rows: u64, r#type: &str) -> String {
    let mut text = String::from("姓名,手机,城市,客户类型\n");
    for n in first..first + n_rows {
        let whose = if n % 1_000 < 2 && n > first + 10 { n - 10 } else { n };
        let phone = if n % 1_000 == 5 { "12".into() } else { phone(whose) };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{},{phone},{},{type}", name(whose), city(whose));
    }
    text
}
