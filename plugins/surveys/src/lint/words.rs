//! The words that give a question away, in both languages.

/// The introduction tells what it is for.
pub const PURPOSE: [&str; 12] = [
    "了解", "改进", "改善", "提升", "调查", "目的", "improve", "purpose", "survey", "learn how", "find out", "understand",
];
/// The introduction tells how long it takes.
pub const LENGTH: [&str; 2] = ["分钟", "minute"];
/// The introduction tells that it stays between us.
pub const SECRET: [&str; 7] = ["保密", "匿名", "不会透露", "不对外", "confidential", "anonymous", "not be passed on"];
/// What nobody may offer or ask for.
pub const BRIBES: [&str; 24] = [
    "礼品", "礼物", "红包", "奖品", "抽奖", "赠送", "代金券", "打高分", "给高分", "满分", "十分满意", "打十分", "打10分", "给10分",
    "多多美言", " gift", " reward", " voucher", " prize", "full marks", "top marks", "ten points", "10 points",
    "highest score",
];

/// Praise before the question is answered.
const PRAISE_ZH: [&str; 26] = [
    "优秀的", "出色的", "卓越的", "优质的", "一流的", "完美的", "热情的", "热情周到", "周到的", "贴心的", "友好的", "亲切的", "快捷的",
    "高效的", "舒适的", "满意吧", "对吧", "是吧", "好吧", "不是吗", "对不对", "难道", "您一定", "相信您", "众所周知", "想必",
];
const PRAISE_EN: [&str; 22] = [
    "excellent", "great", "outstanding", "wonderful", "friendly", "fast", "perfect", "superb", "amazing", "first-class",
    "top-quality", "caring", "attentive", "efficient", "award-winning", "comfortable", "fantastic", "helpful", "delightful",
    "obviously", "surely", "of course",
];
const TAGS_EN: [&str; 9] = [
    "right?", "isn't it", "wasn't it", "don't you", "didn't you", "weren't you", "would you agree", "don't you agree", "do you agree that",
];
/// After these a praising word asks instead of telling: "how friendly was …".
const ASKING: [&str; 3] = ["how", "as", "whether"];

/// The first of these words in a text.
pub fn first<'a>(text: &str, words: &[&'a str]) -> Option<&'a str> {
    // With a blank in front, so that words that begin with one are found at the start too.
    let text = format!(" {}", text.to_lowercase());
    words.iter().find(|word| text.contains(**word)).map(|word| word.trim())
}

/// What leads in a question.
pub fn leading(text: &str) -> Option<String> {
    let lower = text.to_lowercase().replace('’', "'");
    if let Some(found) = PRAISE_ZH.iter().chain(&TAGS_EN).find(|word| lower.contains(**word)) {
        return Some((*found).to_owned());
    }
    let words: Vec<&str> = lower
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '\''))
        .filter(|word| !word.is_empty())
        .collect();
    let leads = words.iter().enumerate().find(|(n, word)| {
        let before = n.checked_sub(1).map(|n| words[n]);
        PRAISE_EN.contains(word) && !before.is_some_and(|before| ASKING.contains(&before))
    });
    leads.map(|(_, word)| (*word).to_owned()).or_else(|| lower.contains("of course").then(|| "of course".to_owned()))
}

/// Words in which a sign that joins does not join.
const NOT_JOINING: [&str; 24] = [
    "和蔼", "和气", "和谐", "温和", "总和", "和平", "参与", "与否", "与众不同", "及时", "涉及", "普及", "提及", "及格", "遍及", "顾及",
    "以及格", "yes and no", "terms and conditions", "now and then", "again and again", "pros and cons", "and/or", "or not",
];
const JOINING_ZH: [&str; 9] = ["和", "以及", "与", "及", "并且", "同时", "、", "或者", "而且"];
const JOINING_EN: [&str; 4] = [" and ", " & ", " as well as ", " or "];

/// Whether a question asks for two things at once.
pub fn has_two_topics(text: &str) -> bool {
    let mut lower = text.to_lowercase();
    for word in NOT_JOINING {
        lower = lower.replace(word, "");
    }
    JOINING_ZH.iter().chain(&JOINING_EN).any(|word| lower.contains(word))
}
