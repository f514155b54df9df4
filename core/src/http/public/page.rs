//! The page of preferences, and pages that say one thing.

use super::document::{document, escaped};
use crate::model::contact::{Channel, Purpose};

/// What the page shows.
#[derive(Debug)]
pub struct Shown {
    /// The token of its own address.
    pub token: String,
    /// Whose messages it is about.
    pub org: String,
    /// The customer's number or address, masked.
    pub reached: Option<String>,
    /// What may be changed.
    pub rows: Vec<Row>,
    /// Whether something has just been changed.
    pub is_done: bool,
}

/// One thing a customer may say yes or no to.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What for.
    pub purpose: Purpose,
    /// By which way.
    pub channel: Option<Channel>,
    /// Whether it is allowed now.
    pub is_on: bool,
}

/// A page that says one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// One click has stopped it.
    Stopped,
    /// The link is none of ours.
    Unknown,
    /// Asked for too often.
    TooOften,
    /// The form is none of ours.
    Wrong,
    /// The link holds no longer.
    Expired,
    /// The link holds once and was answered.
    Spent,
    /// Our failure.
    Failed,
}

/// The page of preferences.
pub fn preferences(shown: &Shown, locale: &str) -> String {
    let is_english = locale == "en";
    let say = |zh: &'static str, en: &'static str| if is_english { en } else { zh };
    let path = format!("/p/preferences/{}?lang={locale}", shown.token);
    let mut main = format!("<h1>{}</h1>", escaped(&shown.org));
    if let Some(reached) = &shown.reached {
        main += &format!("<p class=\"muted\">{} {}</p>", say("您的联系方式：", "Your contact:"), escaped(reached));
    }
    if shown.is_done {
        main += &format!(
            "<p class=\"done\" role=\"status\">{}</p>",
            say("已保存，立即生效。", "Saved. It holds from now on.")
        );
    }
    main += &format!(
        "<p>{}</p><h2 id=\"m\">{}</h2>",
        say(
            "您可以随时决定是否接收营销信息：退订对本品牌所有门店生效，同意只对本店生效。维修、召回、合同等服务通知不受影响。",
            "You decide whether you hear from us: what you stop stops at every dealer of the brand, what you allow is allowed to this one. Notices about service, recalls and contracts come all the same."
        ),
        say("营销信息", "Marketing"),
    );
    let (marketing, others): (Vec<&Row>, Vec<&Row>) =
        shown.rows.iter().partition(|row| row.purpose == Purpose::Marketing);
    main += &format!("<ul aria-labelledby=\"m\">{}</ul>", rows(&marketing, &path, is_english));
    main += &format!(
        "<form class=\"all\" method=\"post\" action=\"{path}\"><input type=\"hidden\" name=\"purpose\" value=\"marketing\">\
         <input type=\"hidden\" name=\"channel\" value=\"all\"><button class=\"stop\" name=\"do\" value=\"stop\">{}</button></form>",
        say("全部退订", "Stop all marketing")
    );
    if !others.is_empty() {
        main += &format!(
            "<h2 id=\"o\">{}</h2><ul aria-labelledby=\"o\">{}</ul>",
            say("其他同意事项", "What else you agreed to"),
            rows(&others, &path, is_english)
        );
    }
    let (other, name) = if is_english { ("zh-CN", "中文") } else { ("en", "English") };
    main += &format!(
        "<p class=\"all\"><a href=\"/p/preferences/{}?lang={other}\" lang=\"{other}\">{name}</a></p>",
        shown.token
    );
    document(say("联系偏好", "Contact preferences"), &main, locale)
}

fn rows(rows: &[&Row], path: &str, is_english: bool) -> String {
    let say = |zh: &'static str, en: &'static str| if is_english { en } else { zh };
    let row = |row: &&Row| {
        let name = name(row, is_english);
        let is_marketing = row.purpose == Purpose::Marketing;
        let state = match (row.is_on, is_marketing) {
            (true, true) => say("您同意接收", "You agreed"),
            (true, false) => say("您已同意", "You agreed"),
            (false, _) => say("不接收", "Not sent"),
        };
        let (what, class, button) = match (row.is_on, is_marketing) {
            (true, true) => ("stop", " class=\"stop\"", say("退订", "Stop")),
            (true, false) => ("stop", " class=\"stop\"", say("撤回同意", "Withdraw")),
            (false, _) => ("allow", "", say("同意接收", "Allow")),
        };
        let channel = row.channel.map_or("", Channel::as_str);
        format!(
            "<li><span>{name}<span class=\"state\">{state}</span></span><form method=\"post\" action=\"{path}\">\
             <input type=\"hidden\" name=\"purpose\" value=\"{}\"><input type=\"hidden\" name=\"channel\" value=\"{channel}\">\
             <button{class} name=\"do\" value=\"{what}\" aria-label=\"{button} {name}\">{button}</button></form></li>",
            row.purpose.as_str()
        )
    };
    rows.iter().map(row).collect()
}

fn name(row: &Row, is_english: bool) -> &'static str {
    let (zh, en) = match (row.purpose, row.channel) {
        (_, Some(Channel::Sms)) => ("短信", "SMS"),
        (_, Some(Channel::Email)) => ("邮件", "E-mail"),
        (_, Some(Channel::Wechat)) => ("微信", "WeChat"),
        (_, Some(Channel::Call)) => ("电话", "Calls"),
        (_, Some(Channel::Letter)) => ("信函", "Letters"),
        (_, Some(Channel::App)) => ("手机应用通知", "App notices"),
        (Purpose::Serve | Purpose::Marketing, None) => ("全部", "All"),
        (Purpose::Profiling, None) => ("画像分析", "Profiling"),
        (Purpose::ShareMaker, None) => ("提供给主机厂", "Sharing with the maker"),
        (Purpose::ShareNetwork, None) => ("提供给其他经销商", "Sharing with other dealers"),
        (Purpose::SharePartner, None) => ("提供给保险、金融机构", "Sharing with insurers and banks"),
        (Purpose::Recording, None) => ("通话录音", "Recording of calls"),
        (Purpose::Photo, None) => ("拍照与影像", "Photos"),
        (Purpose::Sensitive, None) => ("敏感个人信息", "Sensitive data"),
        (Purpose::CrossBorder, None) => ("向境外提供", "Transfer abroad"),
    };
    if is_english { en } else { zh }
}

/// A page that says one thing.
pub fn notice(notice: Notice, locale: &str) -> String {
    said(notice, ("联系偏好", "Contact preferences"), locale)
}

/// The same for a page of a plugin.
pub fn plain_notice(notice: Notice, locale: &str) -> String {
    said(notice, ("温馨提示", "Please note"), locale)
}

fn said(notice: Notice, title: (&str, &str), locale: &str) -> String {
    let (zh, en) = match notice {
        Notice::Stopped => ("已退订，立即生效。", "Stopped. It holds from now on."),
        Notice::Unknown => {
            ("链接无效。请使用最近一条消息中的链接。", "This link is not known. Use the one in the latest message.")
        }
        Notice::TooOften => ("访问过于频繁，请一分钟后再试。", "Asked for too often. Try again in a minute."),
        Notice::Wrong => ("请求无效，请重新打开链接。", "That was not understood. Open the link again."),
        Notice::Expired => (
            "链接已过期。如仍需填写，请联系门店获取新的链接。",
            "This link has expired. If you still need it, ask the dealership for a new one.",
        ),
        Notice::Spent => ("您已提交过，感谢您的参与。无需再次填写。", "You have sent this already. Thank you; nothing is left to do."),
        Notice::Failed => ("暂时无法处理，请稍后再试。", "That did not work. Try again later."),
    };
    let (title, text) = if locale == "en" { (title.1, en) } else { (title.0, zh) };
    document(title, &format!("<h1>{title}</h1><p role=\"status\">{text}</p>"), locale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_name_holds_is_text_and_no_script_is_there() {
        let shown = Shown {
            token: "c1.abc".into(),
            org: "<script>甲</script>".into(),
            reached: Some("138****1234".into()),
            rows: vec![
                Row { purpose: Purpose::Marketing, channel: Some(Channel::Sms), is_on: true },
                Row { purpose: Purpose::Profiling, channel: None, is_on: true },
            ],
            is_done: false,
        };
        let page = preferences(&shown, "zh-CN");
        assert!(page.contains("&lt;script&gt;甲") && !page.contains("<script"));
        assert!(page.contains("aria-label=\"退订 短信\"") && page.contains("aria-label=\"撤回同意 画像分析\""));
        let page = preferences(&shown, "en");
        assert!(page.contains("<html lang=\"en\">") && page.contains("Stop all marketing") && !page.contains("退订"));
    }
}
