//! Configuration: a file, then `MARQUE__SECTION__KEY` from the environment. An unknown key stops the start.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use config::{Environment, File};
use serde::{Deserialize, Serialize};

use crate::{Error, Result, bus::BusConfig, model::Time, outbound::OutboundConfig, store::StoreConfig};

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
    /// For tests of the whole server.
    pub test: TestConfig,
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
}

impl Default for HttpConfig {
    fn default() -> HttpConfig {
        HttpConfig {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            max_upload_bytes: 64 << 20,
            max_body_bytes: 1 << 20,
            secure_cookie: false,
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
                    .with_list_parse_key("attachments.types"),
            )
            .build()
            .and_then(config::Config::try_deserialize)
            .map_err(|error| Error::invalid("config", format!("the configuration is wrong: {error}")))
    }
}
