//! Configuration: a file, then `MARQUE__SECTION__KEY` from the environment. An unknown key stops the start.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use config::{Environment, File};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Result,
    bus::BusConfig,
    model::{Time, net::Net, secret::Secret},
    outbound::OutboundConfig,
    store::StoreConfig,
};

/// Everything that can be set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where records are kept.
    pub data: DataConfig,
    /// Where requests are heard.
    pub http: HttpConfig,
    /// The writer and the readers.
    pub store: StoreConfig,
    /// Deliveries.
    pub bus: BusConfig,
    /// Files on records.
    pub attachments: AttachmentConfig,
    /// Messages to customers.
    pub outbound: OutboundConfig,
    /// The audit log.
    pub audit: AuditConfig,
    /// How long sessions last.
    pub sessions: SessionConfig,
    /// Signing in through an identity provider.
    pub oidc: OidcConfig,
    /// How much anybody may ask for.
    pub limits: LimitConfig,
    /// Whose packages are taken, and what becomes of plugins that are taken out.
    pub plugins: PluginConfig,
    /// Figures for an OpenTelemetry collector.
    pub telemetry: TelemetryConfig,
    /// For tests of the whole server.
    pub test: TestConfig,
}

/// Figures for an OpenTelemetry collector.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetryConfig {
    /// The collector, `http://127.0.0.1:4318`; none: nothing is pushed.
    pub otlp: Option<String>,
    /// Seconds between two pushes.
    pub every_s: u64,
}

impl Default for TelemetryConfig {
    fn default() -> TelemetryConfig {
        TelemetryConfig { otlp: None, every_s: 15 }
    }
}

/// Whose packages are taken, and what becomes of plugins that are taken out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PluginConfig {
    /// Keys of publishers, 64 hex digits each; where there is one, packages of nobody else are taken. From the environment separated by
    /// commas.
    pub publishers: Vec<String>,
    /// Days after which a plugin's records are deleted when it was taken out.
    pub grace_days: u32,
}

impl Default for PluginConfig {
    fn default() -> PluginConfig {
        PluginConfig { publishers: Vec::new(), grace_days: 30 }
    }
}

/// Where records are kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// The folder of the store; made when it is not there.
    pub folder: PathBuf,
    /// Where compiled plugins are kept, private to the server; `compiled` in the folder unless given. Servers of one
    /// machine may share it.
    pub compiled: Option<PathBuf>,
}

impl Default for DataConfig {
    fn default() -> DataConfig {
        DataConfig { folder: "data".into(), compiled: None }
    }
}

/// Where requests are heard.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    /// Address and port; port 0 takes a free one and prints it.
    pub listen: SocketAddr,
    /// The largest upload in bytes: a package or an import file.
    pub max_upload_bytes: usize,
    /// The largest other body in bytes.
    pub max_body_bytes: usize,
    /// Whether the session cookie demands HTTPS. Off only for trying things on one's own machine.
    pub secure_cookie: bool,
    /// Where people reach the console, `https://crm.example`; signing in through a provider needs it.
    pub public_url: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed, as addresses or ranges; from the environment separated by commas.
    pub trusted_proxies: Vec<Net>,
}

impl Default for HttpConfig {
    fn default() -> HttpConfig {
        HttpConfig {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            max_upload_bytes: 64 << 20,
            max_body_bytes: 1 << 20,
            secure_cookie: false,
            public_url: None,
            trusted_proxies: Vec::new(),
        }
    }
}

/// Files on records.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AttachmentConfig {
    /// The largest file in bytes.
    pub max_bytes: u64,
    /// Media types that are taken, by what is in the file; from the environment separated by commas.
    pub types: Vec<String>,
}

impl Default for AttachmentConfig {
    fn default() -> AttachmentConfig {
        let office = "application/vnd.openxmlformats-officedocument";
        let types = [
            "application/pdf,application/ofd,image/jpeg,image/png,image/gif,image/webp,image/bmp,image/tiff,image/heic,text/plain",
            "application/msword,application/vnd.ms-excel,application/vnd.ms-powerpoint,application/vnd.oasis.opendocument.text",
            "audio/mpeg,audio/mp4,audio/wav,audio/amr,video/mp4,video/quicktime",
        ];
        let modern = ["wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation"];
        let types = types.iter().flat_map(|list| list.split(',')).map(str::to_owned);
        AttachmentConfig {
            max_bytes: 20 << 20,
            types: types.chain(modern.iter().map(|form| format!("{office}.{form}"))).collect(),
        }
    }
}

/// The audit log.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditConfig {
    /// A file that signed roots are appended to, best on another disk or machine: it shows a log that was cut off.
    pub witness: Option<PathBuf>,
}

/// How long sessions last.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionConfig {
    /// Hours after which one that was not used has ended: longer than a shift, shorter than a night and a day.
    pub idle_hours: u32,
    /// Days after which any has ended.
    pub days: u32,
    /// Hours within which a password that an administrator has set is used, and changed, for the first time. 0 where such
    /// passwords are lasting: for trying things, not for work.
    pub initial_hours: u32,
}

impl Default for SessionConfig {
    fn default() -> SessionConfig {
        SessionConfig { idle_hours: 12, days: 14, initial_hours: 72 }
    }
}

/// Signing in through an identity provider (OpenID Connect). Off without an issuer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OidcConfig {
    /// The provider, `https://id.example/realms/crm`. HTTPS, but for one on this very machine.
    pub issuer: String,
    /// What this server is called there.
    pub client_id: String,
    /// What it proves itself with.
    pub client_secret: Secret,
    /// What it asks for; from the environment separated by commas.
    pub scopes: Vec<String>,
    /// What the button on the sign-in page says after "sign in with".
    pub label: String,
}

impl Default for OidcConfig {
    fn default() -> OidcConfig {
        OidcConfig {
            issuer: String::new(),
            client_id: String::new(),
            client_secret: Secret::default(),
            scopes: ["openid", "email", "profile"].map(str::to_owned).to_vec(),
            label: "SSO".into(),
        }
    }
}

/// How much anybody may ask for, in units of cost: a single read is 1, an export 100. 0 for no limit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitConfig {
    /// Units a second of one session or token at one address.
    pub session_per_second: u32,
    /// Units it may have saved up.
    pub session_burst: u32,
    /// Units a second of whoever is not signed in, by address.
    pub address_per_second: u32,
    /// Units an address may have saved up.
    pub address_burst: u32,
    /// Units a second of all people of an organisation together.
    pub org_per_second: u32,
    /// Units an organisation may have saved up.
    pub org_burst: u32,
    /// Units a second that an address may spend on public pages, and a link wherever it is opened: 1 for a look, 8 for a form.
    pub page_per_second: u32,
    /// Units they may have saved up.
    pub page_burst: u32,
}

impl Default for LimitConfig {
    fn default() -> LimitConfig {
        // A person at work needs some ten units a second. These leave a program all that two cores can do in single reads
        // and hold it to forty exports a second; a whole dealer behind one address signs in at half past eight.
        LimitConfig {
            session_per_second: 4_000,
            session_burst: 20_000,
            address_per_second: 200,
            address_burst: 5_000,
            org_per_second: 20_000,
            org_burst: 100_000,
            // Sixty forms at once from a showroom's one address, then thirty a minute.
            page_per_second: 4,
            page_burst: 480,
        }
    }
}

/// For tests of the whole server.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TestConfig {
    /// Start at this time with a clock that stands until `POST /api/v1/test/clock` moves it.
    pub clock: Option<Time>,
}

impl Config {
    /// Read `file` if one is given, then the environment.
    ///
    /// # Errors
    /// `config.invalid`, naming the key.
    pub fn load(file: Option<&Path>) -> Result<Config> {
        let mut sources = config::Config::builder();
        if let Some(file) = file {
            sources = sources.add_source(File::from(file));
        }
        sources
            .add_source(
                Environment::with_prefix("MARQUE")
                    .prefix_separator("__")
                    .separator("__")
                    .try_parsing(true)
                    .list_separator(",")
                    .with_list_parse_key("attachments.types")
                    .with_list_parse_key("http.trusted_proxies")
                    .with_list_parse_key("oidc.scopes")
                    .with_list_parse_key("outbound.inside")
                    .with_list_parse_key("plugins.publishers"),
            )
            .build()
            .and_then(config::Config::try_deserialize)
            .map_err(|error| Error::invalid("config", format!("the configuration is wrong: {error}")))
    }
}
