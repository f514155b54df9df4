//! Links to the page where a customer says what they want to hear: signed, so that nobody can make one up.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

use crate::{
    Result,
    model::{Id, contact::Channel, sign},
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

    fn code(&self, customer: &Id) -> Vec<u8> {
        sign::hmac(&self.key, format!("preferences:{customer}").as_bytes())[..CODE_BYTES].to_vec()
    }
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
}
