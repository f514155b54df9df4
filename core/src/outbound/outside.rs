//! Calls to where somebody has typed an address: never into the house, whatever name stands for it, unless the operator has said so.

use std::{net::IpAddr, sync::LazyLock, time::Duration};

use ureq::{
    Agent, Error as CallError,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{DefaultConnector, NextTimeout},
    },
};

use super::egress;
use crate::{Error, ErrorKind, Result, model::net::Net};

/// Whoever listens has so long to say that it has heard.
const WITHIN: Duration = Duration::from_secs(15);

/// What is not the open internet: this machine, the house, what is reserved, and what carries such an address inside.
static CLOSED: LazyLock<Vec<Net>> = LazyLock::new(|| {
    const NETS: [&str; 25] = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2002::/16",
        "2001:db8::/32",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    ];
    NETS.iter().filter_map(|net| net.parse().ok()).collect()
});

/// Where calls may go besides the open internet.
#[derive(Clone, Debug, Default)]
pub struct Inside(Vec<String>);

impl Inside {
    /// Hosts that the operator trusts.
    pub fn new(hosts: &[String]) -> Inside {
        Inside(hosts.iter().map(|host| host.trim().to_ascii_lowercase()).filter(|host| !host.is_empty()).collect())
    }

    /// Whether a URL may be called at all: over HTTPS, or in the clear to a trusted host.
    ///
    /// # Errors
    /// `egress.refused`, with why.
    pub fn check(&self, url: &str) -> Result<()> {
        let refuse =
            |why: &str| Err(Error::new(ErrorKind::Invalid, "egress.refused", format!("{url:?} is not called: {why}")));
        let Ok(uri) = url.parse::<Uri>() else { return refuse("it is no URL") };
        let Some(host) = uri.host().map(bare) else { return refuse("it names no host") };
        if self.holds(&host) {
            return match uri.scheme_str() {
                Some("https" | "http") if !url.contains('@') => Ok(()),
                _ => refuse("it is neither http nor https"),
            };
        }
        if uri.scheme_str() != Some("https") {
            return refuse("it is not https");
        }
        if egress::is_this_machine(&host) || host.parse::<IpAddr>().is_ok_and(is_closed) || !host.contains(['.', ':']) {
            return refuse("it leads into the house; the operator names such hosts in outbound.inside");
        }
        egress::check(url)
    }

    fn holds(&self, host: &str) -> bool {
        self.0.iter().any(|known| known == host)
    }

    /// What calls, and looks at every address a name stands for before it does.
    pub fn agent(&self) -> Agent {
        let config = Agent::config_builder()
            .max_redirects(0)
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(WITHIN))
            .user_agent(concat!("marque/", env!("CARGO_PKG_VERSION")))
            .build();
        Agent::with_parts(
            config,
            DefaultConnector::new(),
            Guarded { inside: self.clone(), names: DefaultResolver::default() },
        )
    }
}

/// A host without brackets, in small letters.
fn bare(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase()
}

fn is_closed(address: IpAddr) -> bool {
    let address = address.to_canonical();
    CLOSED.iter().any(|net| net.holds(address))
}

/// A name may stand for another address at each call, so it is looked at here and not when the URL is typed.
#[derive(Debug)]
struct Guarded {
    inside: Inside,
    names: DefaultResolver,
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, CallError> {
        let found = self.names.resolve(uri, config, timeout)?;
        if uri.host().is_some_and(|host| self.inside.holds(&bare(host))) {
            return Ok(found);
        }
        let mut open = self.empty();
        found.iter().filter(|address| !is_closed(address.ip())).for_each(|address| open.push(*address));
        if open.is_empty() { Err(CallError::HostNotFound) } else { Ok(open) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_into_the_house_unless_the_operator_says_so() {
        let inside = Inside::new(&["erp.internal".into(), "10.0.0.8".into()]);
        for url in [
            "https://hooks.example.cn/x",
            "https://8.8.8.8/",
            "http://erp.internal:8080/x",
            "http://10.0.0.8/",
            "https://10.0.0.8/",
        ] {
            assert!(inside.check(url).is_ok(), "{url}");
        }
        for url in [
            "http://hooks.example.cn/",
            "https://localhost/",
            "https://127.0.0.1/",
            "https://10.0.0.9/",
            "https://192.168.1.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/",
            "https://[::ffff:10.0.0.9]/",
            "https://[fd00::1]/",
            "https://intranet/",
            "https://user@hooks.example.cn/",
            "ftp://hooks.example.cn/",
            "hooks.example.cn",
            "",
        ] {
            assert_eq!(inside.check(url).expect_err(url).code, "egress.refused", "{url}");
        }
    }

    #[test]
    fn a_name_that_stands_for_this_machine_is_not_called() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let call = |inside: &Inside| inside.agent().get(format!("http://localhost:{port}/")).call();
        assert!(matches!(call(&Inside::default()), Err(CallError::HostNotFound)));
        std::thread::spawn(move || drop(listener.accept()));
        assert!(!matches!(call(&Inside::new(&["localhost".into()])), Err(CallError::HostNotFound)));
    }
}
