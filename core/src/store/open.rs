//! Opening the file: pragmas, migrations, the lock that keeps a second process out.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, atomic::AtomicI64},
    time::Duration,
};

use arc_swap::ArcSwap;
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::{
    Blobs, KindTree, Shared, Store,
    audit::{Chain, Keys},
    committer::Committer,
    derived::Watches,
    schema,
};
use crate::{Error, ErrorKind, Result};

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Where the store lies and how it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// Units that may wait for the writer; one more is refused with 503.
    pub queue: usize,
    /// Units in one transaction at most. 256 share one fsync and still commit within a few milliseconds.
    pub group: usize,
    /// Idle read connections kept open. Opening one reads the whole schema, some milliseconds; those not used cost next to nothing.
    pub readers: usize,
    /// Where the keys of the audit log lie; `audit.key` in the folder unless given.
    pub audit_key: Option<PathBuf>,
    /// Whether what was acknowledged survives a power cut. False is there to see that tests of power cuts find what they are for.
    pub power_safe: bool,
}

impl Default for StoreConfig {
    fn default() -> StoreConfig {
        StoreConfig { queue: 1024, group: 256, readers: 16, audit_key: None, power_safe: true }
    }
}

/// SQLite before 3.51.3 can corrupt a WAL when two connections checkpoint at once.
const OLDEST_SQLITE: i32 = 3_051_003;

impl Store {
    /// Open the store in `folder`, making it when it is not there, and bring it up to date.
    ///
    /// # Errors
    /// `store.locked` when another process has it open; internal when the file is damaged or cannot be written.
    pub fn open(folder: &Path, config: &StoreConfig) -> Result<Store> {
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(Error::internal(format!("SQLite {} is too old to be safe", rusqlite::version())));
        }
        fs::create_dir_all(folder).map_err(|error| {
            Error::new(ErrorKind::Unavailable, "store.folder", format!("cannot make the folder {}", folder.display()))
                .caused_by(error)
        })?;
        let lock = lock(folder)?;
        let path = folder.join("marque.db");
        let mut connection = writer(&path)?;
        if !config.power_safe {
            tracing::warn!("store.power_safe = false: a power cut takes writes along that were acknowledged");
            connection.execute_batch("pragma synchronous = normal").map_err(Error::internal)?;
        }
        embedded::migrations::runner().run(&mut connection).map_err(Error::internal)?;
        schema::install_core(&connection)?;
        super::bulk::mend(&connection).map_err(Error::internal)?;
        let orgs = Arc::new(super::tables::org::load(&connection)?);
        let customs = super::tables::kind_custom::load(&connection)?;
        let kinds = KindTree::new(Arc::new(schema::load(&connection)?), Arc::new(customs), orgs.clone());
        let watches = Watches::of(&kinds);
        let segments = super::tables::segment::load(&connection)?;
        let known = super::known::Known::new(super::tables::role::load(&connection)?);
        let head = super::tables::event::last(&connection)?;
        let blobs = Blobs::open(folder)?;
        let n_swept = blobs.sweep(&super::tables::attachment::linked(&connection)?)?;
        if n_swept > 0 {
            tracing::info!(n_swept, "swept out files that nobody links");
        }
        let chain = Chain::load(&connection)?;
        let audit_keys = Keys::open(&Keys::path(folder, config.audit_key.as_deref()))?;
        let shared = Arc::new(Shared {
            path,
            idle: Mutex::default(),
            max_idle: config.readers,
            kinds: ArcSwap::from_pointee(kinds),
            watches: ArcSwap::from_pointee(watches),
            work: watch::Sender::new(0),
            orgs: ArcSwap::new(orgs),
            head: watch::Sender::new(head),
            people: AtomicI64::new(0),
            timers: watch::Sender::new(0),
            chores: watch::Sender::new(0),
            segments: ArcSwap::from_pointee(segments),
            on_orgs: OnceLock::new(),
            on_roles: OnceLock::new(),
            trace: super::overlay::Trace::default(),
            blobs,
            chain: Mutex::new(chain),
            audit_keys,
            known,
        });
        let heard = shared.clone();
        connection
            .update_hook(Some(move |_, _: &str, table: &str, row| heard.trace.note(table, row)))
            .map_err(Error::internal)?;
        Ok(Store { committer: Committer::start(connection, lock, shared.clone(), config), shared })
    }
}

/// Name, version and package of what is installed in a store, which a server may have open.
///
/// # Errors
/// `store.not_found`, internal.
pub fn installed_packages(folder: &Path) -> Result<Vec<(String, String, Vec<u8>)>> {
    let path = folder.join("marque.db");
    if !path.is_file() {
        let message = format!("there is no store in {}: name its folder with --data", folder.display());
        return Err(Error::not_found("store", message));
    }
    let connection = reader(&path)?;
    let mut statement =
        connection.prepare("select name, version, package from plugin order by name").map_err(Error::internal)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// One process a file: POSIX locks of SQLite drop when any handle of the file closes, ours lies on a file of its own.
fn lock(folder: &Path) -> Result<File> {
    let path: PathBuf = folder.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(Error::internal)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::new(
            ErrorKind::Unavailable,
            "store.locked",
            format!("another process has {} open; stop it first", folder.display()),
        )),
        Err(TryLockError::Error(error)) => Err(Error::internal(error)),
    }
}

/// How much the writer keeps in memory, and when it brings the WAL into the file.
/// Bringing it over was an eighth of the writer's time at 16 MiB: the pages of
/// indexes are written again and again, and the later they are brought over, the fewer times each is. 48 MiB are read through in a
/// fraction of a second when a server that was killed starts again.
pub(super) const WRITER_SIZES: &str = "pragma wal_autocheckpoint = 12000; pragma cache_size = -65536;";

fn writer(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path).map_err(Error::internal)?;
    pragmas(&connection)?;
    connection
        .execute_batch(
            // FULL: acknowledged means on the disk. The WAL is reused, not truncated: growing a file costs ten times the fsync.
            "pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on;
             pragma journal_size_limit = 67108864;",
        )
        .and_then(|()| connection.execute_batch(WRITER_SIZES))
        .map_err(Error::internal)?;
    Ok(connection)
}

pub(super) fn reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(Error::internal)?;
    pragmas(&connection)?;
    connection.execute_batch("pragma query_only = on; pragma cache_size = -16384;").map_err(Error::internal)?;
    Ok(connection)
}

/// How long a connection waits for a lock.
pub(super) const BUSY: Duration = Duration::from_secs(5);

fn pragmas(connection: &Connection) -> Result<()> {
    connection.busy_timeout(BUSY).map_err(Error::internal)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map_err(Error::internal)?;
    // One plan a statement, whatever is bound to it: else each new value of a `?` may plan a kept statement anew, and that
    // took a quarter of the writer's time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(Error::internal)?;
    connection
        .execute_batch(
            "pragma foreign_keys = on; pragma mmap_size = 0; pragma trusted_schema = off; pragma cell_size_check = on;",
        )
        .map_err(Error::internal)?;
    super::search::prepare(connection).map_err(Error::internal)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(())
}

#[cfg(test)]
mod tests {
    use refinery::Target;
    use serde_json::{Value, json};

    use super::*;
    use crate::{model::Scope, store::tables::plugin};

    #[test]
    fn an_older_store_says_of_each_role_what_it_may_and_keeps_its_rules_of_retention() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = writer(&folder.path().join("marque.db")).unwrap();
        embedded::migrations::runner().set_target(Target::Version(16)).run(&mut connection).unwrap();
        schema::install_core(&connection).unwrap();
        let roles = [
            ("gm", json!({ "code": "gm" })),
            ("region_mgr", json!({ "code": "region_mgr" })),
            ("night", json!({ "code": "night", "like": "reception" })),
            ("told", json!({ "code": "told", "powers": ["audit.read"] })),
        ];
        for (id, data) in &roles {
            let sql = "insert into k_role (id, rev, org, created_at, updated_at, data) values (?1, 1, 'hq', 0, 0, ?2)";
            connection.execute(sql, (id, data.to_string())).unwrap();
        }
        let rules = r#"{"is_on":true,"months":30,"id_image_days":20}"#;
        let sql = "insert into setting (plugin, org, body) values ('privacy', ?1, ?2)";
        connection.execute(sql, ("hq", rules)).unwrap();
        connection.execute(sql, ("d1", "{}")).unwrap();
        embedded::migrations::runner().run(&mut connection).unwrap();
        let powers = |id: &str| -> Value {
            let sql = "select json_extract(data, '$.powers') from k_role where id = ?1";
            let text: String = connection.query_row(sql, [id], |row| row.get(0)).unwrap();
            serde_json::from_str(&text).unwrap()
        };
        let shipped = crate::model::rights::book::shipped();
        let gm = shipped.iter().find(|role| role["code"] == "gm").unwrap();
        assert_eq!(powers("gm"), gm["powers"]);
        assert_eq!((powers("region_mgr"), powers("night")), (json!(["none"]), json!(["none"])));
        assert_eq!(powers("told"), json!(["audit.read"]));
        let settings: Vec<(String, String)> = connection
            .prepare("select plugin, org from setting order by plugin")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(settings, [("core:privacy".into(), "hq".into()), ("privacy".into(), "d1".into())]);
    }

    #[test]
    fn an_older_store_knows_afterwards_which_plugins_its_binary_brought_and_which_were_taken_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut connection = writer(&folder.path().join("marque.db")).expect("a file");
        let before = Target::Version(16);
        embedded::migrations::runner().set_target(before).run(&mut connection).expect("an older store");
        let fill = "
            insert into plugin (name, version, state, package, installed_at, since)
                values ('brought', '1.0.0', 'enabled', x'00', 0, 0), ('replaced', '1.0.1', 'enabled', x'00', 0, 0),
                       ('back', '1.0.0', 'enabled', x'00', 0, 0);
            insert into event (seq, kind, at, org, actor, depth, data) values
                (1, 'plugin.installed', 0, 'hq', 'system', 0, '{\"name\":\"brought\"}'),
                (2, 'plugin.installed', 0, 'hq', 'system', 0, '{\"name\":\"replaced\"}'),
                (3, 'plugin.installed', 0, 'hq', 'user:admin', 0, '{\"name\":\"replaced\"}'),
                (4, 'plugin.installed', 0, 'hq', 'system', 0, '{\"name\":\"gone\"}'),
                (5, 'plugin.removed', 7, 'hq', 'system', 0, '{\"name\":\"gone\"}'),
                (6, 'plugin.removed', 8, 'hq', 'system', 0, '{\"name\":\"back\"}'),
                (7, 'plugin.installed', 9, 'hq', 'user:admin', 0, '{\"name\":\"back\"}');";
        connection.execute_batch(fill).expect("what was there");
        drop(connection);
        let store = Store::open(folder.path(), &StoreConfig::default()).expect("it is brought up to date");
        let view = store.view(Scope::All).expect("a view");
        let brought = |name: &str| plugin::one(&view, name).expect("it is there").is_brought;
        assert_eq!(["brought", "replaced", "back"].map(brought), [true, false, false]);
        let declined = |name: &str| plugin::is_declined(&view, name, None).expect("known");
        assert_eq!(["gone", "back", "brought"].map(declined), [true, false, false]);
    }
}
