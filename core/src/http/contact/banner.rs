//! What not to do with a customer, in words for whoever opens the file.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    model::contact::{Channel, Purpose, Reason, Verdict},
    outbound::{Ask, Person},
};

type Judged = (Purpose, Option<Channel>, Verdict);
type ByReason = BTreeMap<Reason, Vec<Channel>>;

/// The most important first. What holds for the whole person is said once, what holds for channels with their names.
pub fn lines(person: &Person, all: &[Judged]) -> Vec<Value> {
    let mut lines = Vec::new();
    let marketing = by_reason(all, Purpose::Marketing);
    let serve = by_reason(all, Purpose::Serve);
    // What stands against the person is said even where want of consent alone would stop a contact.
    let facts = person.facts(&Ask { purpose: Purpose::Marketing, channel: Some(Channel::Sms), sender: None });
    for (is_so, reason, tone, zh, en) in [
        (
            facts.is_restricted,
            Reason::Restricted,
            "bad",
            "客户已要求限制处理个人信息：除服务通知外不得联系",
            "The customer has restricted the use of their data: contact for service alone",
        ),
        (facts.is_under_age, Reason::UnderAge, "bad", "未满十四周岁：不得营销", "Younger than fourteen: no marketing"),
        (
            facts.is_suppressed,
            Reason::OpenComplaint,
            "bad",
            "有未结或刚结案的投诉：不要营销，先解决问题",
            "A complaint is open or has just been closed: solve it, do not sell",
        ),
        (
            marketing.contains_key(&Reason::FrequencyCap),
            Reason::FrequencyCap,
            "warn",
            "近期营销联系已达上限：请勿再推广",
            "Contacted often enough: no more marketing for now",
        ),
    ] {
        if is_so {
            lines.push(line(reason, tone, zh.to_owned(), en.to_owned()));
        }
    }
    lines.extend(of_channels(&marketing, &serve));
    let quiet = serve.get(&Reason::QuietHours).filter(|channels| channels.contains(&Channel::Call));
    if quiet.is_some() {
        let is_call = |judged: &&Judged| judged.0 == Purpose::Serve && judged.1 == Some(Channel::Call);
        let until = all.iter().find(is_call).and_then(|(.., verdict)| verdict.retry_at);
        let until = until.map(|at| person.clock(at)).unwrap_or_default();
        let zh = format!("现在是免打扰时段：{until} 之前不要打电话");
        lines.push(line(Reason::QuietHours, "info", zh, format!("Quiet hours: do not call before {until}")));
    }
    lines
}

/// What holds for some ways and not for others.
fn of_channels(marketing: &ByReason, serve: &ByReason) -> Vec<Value> {
    let mut lines = Vec::new();
    if let Some(channels) = marketing.get(&Reason::OptedOut) {
        let (zh, en) = named(channels);
        lines.push(line(
            Reason::OptedOut,
            "bad",
            format!("客户已退订{zh}营销：不要通过{zh}推广"),
            format!("The customer has opted out of marketing by {en}"),
        ));
    }
    if let Some(channels) = serve.get(&Reason::DoNotCall) {
        let (zh, en) = named(channels);
        lines.push(line(
            Reason::DoNotCall,
            "bad",
            format!("客户要求勿用其{zh}联系方式"),
            format!("The customer does not want to be reached by {en}"),
        ));
    }
    if marketing.get(&Reason::NoConsent).is_some_and(|channels| channels.len() == Channel::ALL.len()) {
        let (zh, en) = (
            "未取得营销同意：只能发送服务通知，可在客户来电时征求同意",
            "No consent to marketing: service alone; ask when the customer calls",
        );
        lines.push(line(Reason::NoConsent, "warn", zh.to_owned(), en.to_owned()));
    }
    lines
}

fn by_reason(all: &[Judged], purpose: Purpose) -> ByReason {
    let mut found = ByReason::new();
    for (of, channel, verdict) in all {
        if let (true, Some(channel), Some(reason)) = (*of == purpose, channel, verdict.reason) {
            found.entry(reason).or_default().push(*channel);
        }
    }
    found
}

fn named(channels: &[Channel]) -> (String, String) {
    let words = |channel: &Channel| match channel {
        Channel::Sms => ("短信", "SMS"),
        Channel::Email => ("邮件", "e-mail"),
        Channel::Wechat => ("微信", "WeChat"),
        Channel::Call => ("电话", "call"),
        Channel::Letter => ("信函", "letter"),
        Channel::App => ("手机应用", "app"),
    };
    let (zh, en): (Vec<&str>, Vec<&str>) = channels.iter().map(words).unzip();
    (zh.join("、"), en.join(", "))
}

fn line(reason: Reason, tone: &str, zh: String, en: String) -> Value {
    json!({ "code": reason, "tone": tone, "text": { "zh-CN": zh, "en": en } })
}
