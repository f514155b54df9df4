//! Links to public pages: signed, so that nobody can make one up.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

use crate::{
    Result,
    commands::page::Linked,
    model::{Id, Time, contact::Channel, sign},
    store::tables::{Reader, page_key},
};

/// 128 bits: as hard to guess as a random id, and short enough for a text message.
const CODE_BYTES: usize = 16;

/// Makes links and knows its own again.
#[derive(Clone, Debug)]
pub struct Links {
    key: Vec<u8>,
    base: String,
}

impl Links {
    /// With the key of a store, for a server known by `base`.
    ///
    /// # Errors
    /// Internal.
    pub fn new(reader: &impl Reader, base: &str) -> Result<Links> {
        Ok(Links { key: page_key::get(reader, "preferences")?, base: base.trim_end_matches('/').to_owned() })
    }

    /// What stands for a customer of one organisation: its id, which says nothing of the person, and a code.
    pub fn token(&self, customer: &Id) -> String {
        format!("{customer}.{}", BASE64_URL_SAFE_NO_PAD.encode(self.code(customer)))
    }

    /// The whole address, for what came by a channel.
    pub fn address(&self, customer: &Id, channel: Channel) -> String {
        format!("{}/p/preferences/{}?channel={}", self.base, self.token(customer), channel.as_str())
    }

    /// Whose token it is, if it is one of ours.
    pub fn customer(&self, token: &str) -> Option<Id> {
        let (customer, code) = token.rsplit_once('.')?;
        let customer: Id = customer.parse().ok()?;
        let code = BASE64_URL_SAFE_NO_PAD.decode(code).ok()?;
        // How much of a guess is right must not show in the time it takes.
        bool::from(self.code(&customer).ct_eq(&code)).then_some(customer)
    }

    /// The whole address of a plugin's page about one record.
    pub fn page(&self, linked: &Linked) -> String {
        format!("{}{}", self.base, self.page_path(linked))
    }

    /// The same from the server's own pages.
    pub fn page_path(&self, linked: &Linked) -> String {
        let Linked { plugin, page, record, expires_at, once } = linked;
        let base36 = |time: &Option<Time>| time.map_or_else(String::new, |time| base36(time.millis() / 1_000));
        let held = format!("{}-{}", base36(expires_at), base36(once));
        let code = BASE64_URL_SAFE_NO_PAD.encode(self.page_code(plugin, page, &format!("{record}.{held}")));
        format!("/p/{plugin}/{page}/{record}.{held}.{code}")
    }

    /// What a token stands for, if it is one of ours for this page.
    pub fn linked(&self, plugin: &str, page: &str, token: &str) -> Option<Linked> {
        let (said, code) = token.rsplit_once('.')?;
        let code = BASE64_URL_SAFE_NO_PAD.decode(code).ok()?;
        if !bool::from(self.page_code(plugin, page, said).ct_eq(&code)) {
            return None;
        }
        let (record, held) = said.split_once('.')?;
        let (expires_at, once) = held.split_once('-')?;
        let time = |text: &str| match text {
            "" => Some(None),
            text => i64::from_str_radix(text, 36).ok().map(|seconds| Some(Time::from_millis(seconds * 1_000))),
        };
        let (plugin, page) = (plugin.to_owned(), page.to_owned());
        Some(Linked { plugin, page, record: record.parse().ok()?, expires_at: time(expires_at)?, once: time(once)? })
    }

    /// A text that goes out with a form and must come back as it was.
    pub fn sealed(&self, text: &str) -> String {
        let code = self.form_code(text);
        format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(text), BASE64_URL_SAFE_NO_PAD.encode(code))
    }

    /// The text of a seal of ours.
    pub fn unsealed(&self, seal: &str) -> Option<String> {
        let (text, code) = seal.split_once('.')?;
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let code = BASE64_URL_SAFE_NO_PAD.decode(code).ok()?;
        bool::from(self.form_code(&text).ct_eq(&code)).then_some(text)
    }

    fn code(&self, customer: &Id) -> Vec<u8> {
        self.short(&format!("preferences:{customer}"))
    }

    fn page_code(&self, plugin: &str, page: &str, said: &str) -> Vec<u8> {
        self.short(&format!("page:{plugin}/{page}:{said}"))
    }

    fn form_code(&self, text: &str) -> Vec<u8> {
        self.short(&format!("form:{text}"))
    }

    /// What is signed says first what it is, so that no code is good for anything else.
    fn short(&self, text: &str) -> Vec<u8> {
        sign::hmac(&self.key, text.as_bytes())[..CODE_BYTES].to_vec()
    }
}

/// Short, for text messages are paid by the character.
fn base36(mut number: i64) -> String {
    let mut digits = Vec::new();
    while number > 0 || digits.is_empty() {
        digits.push(char::from_digit((number.max(0) % 36) as u32, 36).unwrap_or('0'));
        number /= 36;
    }
    digits.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_known_again_and_no_other_is() {
        let links = Links { key: vec![7; 32], base: "https://crm.example.cn".into() };
        let (one, other): (Id, Id) = ("c1".parse().unwrap(), "c2".parse().unwrap());
        let token = links.token(&one);
        assert_eq!(links.customer(&token), Some(one.clone()));
        let code = token.split_once('.').unwrap().1;
        for wrong in [
            format!("{other}.{code}"),
            format!("c1.{}", &code[1..]),
            "c1.".into(),
            "c1".into(),
            String::new(),
            format!("{token}A"),
        ] {
            assert_eq!(links.customer(&wrong), None, "{wrong}");
        }
        let elsewhere = Links { key: vec![8; 32], base: String::new() };
        assert_eq!(elsewhere.customer(&token), None, "another server's key");
        assert_eq!(
            links.address(&one, Channel::Sms),
            format!("https://crm.example.cn/p/preferences/{token}?channel=sms")
        );
    }

    #[test]
    fn a_link_to_a_page_says_of_what_until_when_and_for_that_page_alone() {
        let links = Links { key: vec![7; 32], base: "https://crm.example.cn".into() };
        let linked = Linked {
            plugin: "complaints".into(),
            page: "status".into(),
            record: "0195-a_b".parse().unwrap(),
            expires_at: Some(Time::from_millis(1_773_367_200_000)),
            once: Some(Time::from_millis(1_773_000_000_000)),
        };
        let forever = Linked { expires_at: None, once: None, ..linked.clone() };
        for linked in [linked, forever] {
            let address = links.page(&linked);
            let token = address.strip_prefix("https://crm.example.cn/p/complaints/status/").unwrap();
            assert_eq!(links.linked("complaints", "status", token), Some(linked.clone()));
            assert_eq!(links.linked("complaints", "complain", token), None, "another page");
            let (record, rest) = token.split_once('.').unwrap();
            assert_eq!(links.linked("complaints", "status", &format!("{record}.z{rest}")), None, "a later end");
            assert_eq!(links.customer(token), None, "another sort of link");
        }
    }

    #[test]
    fn what_a_form_carries_comes_back_unchanged_or_not_at_all() {
        let links = Links { key: vec![7; 32], base: String::new() };
        let seal = links.sealed("{\"n\":1}");
        assert_eq!(links.unsealed(&seal).as_deref(), Some("{\"n\":1}"));
        let (_, code) = seal.split_once('.').unwrap();
        assert_eq!(links.unsealed(&format!("{}.{code}", BASE64_URL_SAFE_NO_PAD.encode("{\"n\":2}"))), None);
        assert_eq!(links.unsealed("nonsense"), None);
    }
}
