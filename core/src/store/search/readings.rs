//! How Chinese text is spelled in letters: the likely readings of a name, syllable by syllable.

use pinyin::ToPinyin;

/// A text is spelled in this many ways at most: every further one costs tokens in the index.
const MOST: usize = 4;
/// Characters that are spelled; nobody types the rest of a company's name.
const LONGEST: usize = 12;

/// Characters that names and places read otherwise than the library does, or in several ways; the likeliest first.
const READINGS: [(char, &[&str]); 72] = [
    ('万', &["wan", "mo"]),
    ('丽', &["li"]),
    ('么', &["yao", "me"]),
    ('乐', &["le", "yue"]),
    ('乘', &["cheng", "sheng"]),
    ('亳', &["bo"]),
    ('什', &["shi", "shen"]),
    ('仇', &["qiu", "chou"]),
    ('任', &["ren"]),
    ('会', &["hui", "kuai"]),
    ('传', &["chuan", "zhuan"]),
    ('佛', &["fo", "fu"]),
    ('便', &["bian", "pian"]),
    ('俞', &["yu", "shu"]),
    ('六', &["liu", "lu"]),
    ('冼', &["xian"]),
    ('区', &["qu", "ou"]),
    ('单', &["shan", "dan"]),
    ('卜', &["bu", "bo"]),
    ('厦', &["xia", "sha"]),
    ('召', &["zhao", "shao"]),
    ('员', &["yuan", "yun"]),
    ('和', &["he"]),
    ('哈', &["ha"]),
    ('地', &["di"]),
    ('埔', &["pu", "bu"]),
    ('大', &["da", "dai"]),
    ('奇', &["qi", "ji"]),
    ('娜', &["na", "nuo"]),
    ('宁', &["ning"]),
    ('宓', &["mi", "fu"]),
    ('尉', &["wei", "yu"]),
    ('少', &["shao"]),
    ('尹', &["yin"]),
    ('属', &["shu", "zhu"]),
    ('师', &["shi"]),
    ('曾', &["zeng", "ceng"]),
    ('朝', &["chao", "zhao"]),
    ('朴', &["piao", "pu"]),
    ('柏', &["bai", "bo"]),
    ('查', &["zha", "cha"]),
    ('正', &["zheng"]),
    ('沈', &["shen"]),
    ('洗', &["xian", "xi"]),
    ('漯', &["luo", "ta"]),
    ('番', &["fan", "pan"]),
    ('盖', &["gai", "ge"]),
    ('省', &["sheng", "xing"]),
    ('种', &["zhong", "chong"]),
    ('秘', &["mi", "bi"]),
    ('缪', &["miao", "mu"]),
    ('翟', &["zhai", "di"]),
    ('胖', &["pang"]),
    ('茄', &["qie", "jia"]),
    ('茜', &["qian", "xi"]),
    ('莘', &["xin", "shen"]),
    ('莞', &["guan", "wan"]),
    ('蕃', &["fan", "bo"]),
    ('藏', &["zang", "cang"]),
    ('蚌', &["beng", "bang"]),
    ('行', &["hang", "xing"]),
    ('覃', &["qin", "tan"]),
    ('解', &["xie", "jie"]),
    ('谌', &["chen", "shen"]),
    ('车', &["che"]),
    ('都', &["du", "dou"]),
    ('重', &["chong", "zhong"]),
    ('长', &["chang", "zhang"]),
    ('隗', &["wei", "kui"]),
    ('露', &["lu", "lou"]),
    ('颉', &["jie", "xie"]),
    ('黑', &["hei", "he"]),
];

/// Family names of two characters.
const DOUBLE: [&str; 20] = [
    "欧阳", "上官", "司马", "诸葛", "司徒", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐", "长孙", "宇文", "东方",
    "西门", "南宫", "独孤", "端木", "轩辕", "万俟",
];

/// One way to spell a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    pub syllables: Vec<&'static str>,
    /// How many syllables are the family name; 0 where the text is too long for a person's name.
    pub n_family: usize,
}

/// The ways in which a text's Chinese characters may be spelled; none when it has fewer than two.
pub(super) fn spellings(text: &str) -> Vec<Spelling> {
    let chars: Vec<char> = text.chars().filter(|c| !c.is_ascii()).take(LONGEST).collect();
    let readings: Vec<Vec<&'static str>> = chars.iter().map(|c| of(*c)).filter(|ways| !ways.is_empty()).collect();
    if readings.len() < 2 || readings.len() < chars.len() {
        return Vec::new();
    }
    let n_family = match chars.len() {
        3 | 4 if DOUBLE.contains(&&*chars[..2].iter().collect::<String>()) => 2,
        2..=4 => 1,
        _ => 0,
    };
    let mut found: Vec<Vec<&'static str>> = vec![Vec::new()];
    for ways in readings {
        let n_ways = if found.len() * ways.len() > MOST { 1 } else { ways.len() };
        found = found
            .iter()
            .flat_map(|begun| {
                ways.iter().take(n_ways).map(|way| begun.iter().copied().chain([*way]).collect::<Vec<_>>())
            })
            .collect();
    }
    found.into_iter().map(|syllables| Spelling { syllables, n_family }).collect()
}

/// The readings of one character.
fn of(c: char) -> Vec<&'static str> {
    if let Ok(place) = READINGS.binary_search_by_key(&c, |(known, _)| *known) {
        return READINGS[place].1.to_vec();
    }
    // Nobody has a key for ü: it is typed as v, and in passports as yu or u.
    match c.to_pinyin().map(|reading| reading.plain()) {
        None => Vec::new(),
        Some("lü") => vec!["lv", "lu"],
        Some("nü") => vec!["nv", "nu"],
        Some("lüe") => vec!["lve", "lue"],
        Some("nüe") => vec!["nve", "nue"],
        Some(plain) => vec![plain],
    }
}

impl Spelling {
    pub(super) fn full(&self) -> String {
        self.syllables.concat()
    }

    pub(super) fn initials(&self) -> String {
        self.syllables.iter().filter_map(|syllable| syllable.chars().next()).collect()
    }

    /// The shorter ways in which a person is called: family name, given name, one of them by initials.
    pub(super) fn short_forms(&self) -> Vec<String> {
        let (family, given) = self.syllables.split_at(self.n_family);
        if family.is_empty() || given.is_empty() {
            return Vec::new();
        }
        let initials = |part: &[&str]| part.iter().filter_map(|syllable| syllable.chars().next()).collect::<String>();
        let mut forms = vec![family.concat(), given.concat(), format!("{}{}", initials(family), given.concat())];
        if given.len() > 1 {
            forms.push(format!("{}{}", family.concat(), initials(given)));
        }
        forms
    }

    /// Whether these letters spell the text from its beginning, each syllable whole or cut short.
    pub(super) fn begins_with(&self, letters: &str) -> bool {
        consumes(&self.syllables, letters)
    }
}

fn consumes(syllables: &[&str], letters: &str) -> bool {
    if letters.is_empty() {
        return true;
    }
    let Some((first, rest)) = syllables.split_first() else { return false };
    let n_shared = first.bytes().zip(letters.bytes()).take_while(|(a, b)| a == b).count();
    (1..=n_shared).rev().any(|n| consumes(rest, &letters[n..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(text: &str) -> Vec<String> {
        spellings(text).iter().map(Spelling::full).collect()
    }

    #[test]
    fn the_table_is_in_order_for_looking_up() {
        assert!(READINGS.is_sorted_by_key(|(c, _)| *c));
    }

    #[test]
    fn names_are_read_as_names_are() {
        assert_eq!(full("王磊"), ["wanglei"]);
        assert_eq!(full("单小曾"), ["shanxiaozeng", "shanxiaoceng", "danxiaozeng", "danxiaoceng"]);
        assert_eq!(full("吕强"), ["lvqiang", "luqiang"]);
        assert_eq!(full("重庆长安")[0], "chongqingchangan");
        assert!(full("磊").is_empty() && full("Li").is_empty());
    }

    #[test]
    fn a_double_family_name_is_kept_together() {
        let forms = spellings("欧阳修").remove(0).short_forms();
        assert_eq!(forms, ["ouyang", "xiu", "oyxiu"]);
        assert_eq!(spellings("王小磊").remove(0).short_forms(), ["wang", "xiaolei", "wxiaolei", "wangxl"]);
    }

    #[test]
    fn letters_spell_a_name_whole_or_cut_short() {
        let name = spellings("王小磊").remove(0);
        for letters in ["w", "wxl", "wangxl", "wxlei", "wangxiaolei", "wangx"] {
            assert!(name.begins_with(letters), "{letters}");
        }
        for letters in ["xl", "wl", "wangxiaoleii", "wangg"] {
            assert!(!name.begins_with(letters), "{letters}");
        }
    }
}
