//! What a package promises: the same bytes for the same content, and no to everything else.
#![allow(clippy::unwrap_used)] // Helpers of tests count as code outside tests.

use std::{collections::BTreeMap, fs, path::Path};

use flate2::{Compression, write::GzEncoder};
use marque_package::{Error, Key, Package, limits};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

const MANIFEST: &str = "name = \"greeter\"\nversion = \"0.1.0\"\n";

fn greeter() -> Package {
    let files = [("plugin.toml", MANIFEST), ("README.md", "# Greeter"), ("texts/en.json", "{}")];
    Package::from_files(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into()).unwrap()
}

/// An archive made by hand, so that it can be wrong.
#[derive(Default)]
struct Forged {
    entries: Vec<(EntryType, Vec<u8>, Vec<u8>)>,
}

impl Forged {
    fn entry(mut self, kind: EntryType, name: &str, content: &[u8]) -> Forged {
        self.entries.push((kind, name.into(), content.into()));
        self
    }

    fn file(self, name: &str, content: &str) -> Forged {
        self.entry(EntryType::Regular, name, content.as_bytes())
    }

    /// DIGESTS for these names and contents, whatever is really there.
    fn digests(self, files: &[(&str, &str)]) -> Forged {
        let line = |(name, content): &(&str, &str)| {
            let hex: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{hex}  {name}\n")
        };
        let text: String = files.iter().map(line).collect();
        self.file("DIGESTS", &text)
    }

    fn tar(self) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        for (kind, name, content) in self.entries {
            let mut header = Header::new_ustar();
            header.set_entry_type(kind);
            header.set_mode(0o644);
            header.set_size(content.len() as u64);
            // Past the checks of `set_path`, as an attacker would.
            header.as_old_mut().name[..name.len()].copy_from_slice(&name);
            header.set_cksum();
            builder.append(&header, content.as_slice()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn open(self) -> Error {
        Package::open(&gzip(&self.tar())).unwrap_err()
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn what_is_packed_is_what_is_opened() {
    let bytes = greeter().pack().unwrap();
    let package = Package::open(&bytes).unwrap();
    assert_eq!(package, greeter());
    assert_eq!(package.text("texts/en.json"), Some("{}"));
    assert_eq!(package.manifest_text(), MANIFEST);
    assert_eq!(package.signer(), None);
}

#[test]
fn packing_is_deterministic() {
    let digest = |package: &Package| Sha256::digest(package.pack().unwrap());
    assert_eq!(digest(&greeter()), digest(&Package::open(&greeter().pack().unwrap()).unwrap()));
}

#[test]
fn a_folder_is_packed_without_sources_and_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, MANIFEST).unwrap();
    };
    for name in [
        "plugin.toml",
        "src/lib.rs",
        "Cargo.toml",
        "my.key",
        "records/a.json",
        "records/.a.json.swp",
        "scripts/lib/b.rhai",
    ] {
        write(name);
    }
    let package = Package::from_folder(folder.path(), None).unwrap();
    let names: Vec<&str> = package.files().map(|(name, _)| name).collect();
    assert_eq!(names, ["plugin.toml", "records/a.json", "scripts/lib/b.rhai"]);
    assert_eq!(package.files_in("records/").count(), 1);
}

#[test]
#[cfg(unix)]
fn a_link_in_a_folder_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("plugin.toml"), MANIFEST).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("README.md")).unwrap();
    let error = Package::from_folder(folder.path(), None).unwrap_err();
    assert!(matches!(error, Error::NotAFile { ref file, what: "link" } if file == "README.md"), "{error}");
}

#[test]
fn a_component_goes_with_a_manifest_that_names_one() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("plugin.toml");
    fs::write(&manifest, MANIFEST).unwrap();
    let error = Package::from_folder(folder.path(), Some(vec![1])).unwrap_err();
    assert!(matches!(error, Error::Manifest { .. }), "{error}");
    fs::write(&manifest, format!("{MANIFEST}component = \"greeter\"\n")).unwrap();
    let error = Package::from_folder(folder.path(), None).unwrap_err();
    assert!(matches!(error, Error::Missing { ref file } if file == "component.wasm"), "{error}");
    assert_eq!(Package::from_folder(folder.path(), Some(vec![1])).unwrap().component(), Some([1].as_slice()));
}

#[test]
fn a_signature_proves_the_author_and_changes_nothing_else() {
    let key = Key::generate();
    let package = Package::open(&greeter().pack_signed(&key).unwrap()).unwrap();
    assert_eq!(package.signer(), Some(key.public()));
    assert_eq!(package.digest(), greeter().digest());
}

#[test]
fn a_signature_of_something_else_is_refused() {
    let key = Key::generate();
    let other = Package::from_files(BTreeMap::from([("plugin.toml".into(), MANIFEST.into())])).unwrap();
    let stolen = signature_of(&other.pack_signed(&key).unwrap());
    let error = Forged::default()
        .digests(&[("README.md", "# Evil"), ("plugin.toml", MANIFEST)])
        .file("README.md", "# Evil")
        .file("SIGNATURE", &stolen)
        .file("plugin.toml", MANIFEST)
        .open();
    assert!(matches!(error, Error::Signature { .. }), "{error}");
}

fn signature_of(bytes: &[u8]) -> String {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes));
    let mut entry = archive
        .entries()
        .unwrap()
        .map(Result::unwrap)
        .find(|entry| entry.path().unwrap() == Path::new("SIGNATURE"))
        .unwrap();
    std::io::read_to_string(&mut entry).unwrap()
}

#[test]
fn a_changed_file_is_named() {
    let error = Forged::default().digests(&[("plugin.toml", "other")]).file("plugin.toml", MANIFEST).open();
    assert!(matches!(error, Error::Digest { ref file } if file == "plugin.toml"), "{error}");
}

#[test]
fn a_missing_file_is_named() {
    let error =
        Forged::default().digests(&[("README.md", ""), ("plugin.toml", MANIFEST)]).file("plugin.toml", MANIFEST).open();
    assert!(matches!(error, Error::Missing { ref file } if file == "README.md"), "{error}");
}

#[test]
fn a_file_nobody_listed_is_named() {
    let error = Forged::default()
        .digests(&[("plugin.toml", MANIFEST)])
        .file("plugin.toml", MANIFEST)
        .file("records/extra.json", "{}")
        .open();
    assert!(matches!(error, Error::Unlisted { ref file } if file == "records/extra.json"), "{error}");
}

#[test]
fn a_package_without_digests_or_manifest_says_which() {
    let error = Forged::default().file("plugin.toml", MANIFEST).open();
    assert!(matches!(error, Error::Missing { ref file } if file == "DIGESTS"), "{error}");
    let error = Forged::default().digests(&[("README.md", "")]).file("README.md", "").open();
    assert!(matches!(error, Error::Missing { ref file } if file == "plugin.toml"), "{error}");
}

#[test]
fn the_same_name_twice_is_refused_in_any_case() {
    for second in ["plugin.toml", "PLUGIN.toml"] {
        let error = Forged::default().file("plugin.toml", MANIFEST).file(second, "").open();
        assert!(matches!(error, Error::Duplicate { ref file } if file == second), "{error}");
    }
}

#[test]
fn names_that_lead_out_are_refused() {
    for name in ["../evil", "/etc/evil", "a/../../evil", "a\\..\\evil"] {
        let error = Forged::default().file(name, "").open();
        assert!(matches!(error, Error::Name { ref file } if file == name), "{error}");
    }
}

#[test]
fn links_folders_devices_and_long_name_tricks_are_refused() {
    for (kind, expected) in [
        (EntryType::Symlink, "link"),
        (EntryType::Link, "link"),
        (EntryType::Directory, "folder"),
        (EntryType::Char, "device"),
        (EntryType::GNULongName, "special entry"),
        (EntryType::XHeader, "special entry"),
    ] {
        let error = Forged::default().entry(kind, "records", b"").open();
        assert!(
            matches!(error, Error::NotAFile { ref file, what } if file == "records" && what == expected),
            "{error}"
        );
    }
}

#[test]
fn a_bomb_is_refused_before_it_unfolds() {
    let bomb = gzip(&vec![0; limits::UNPACKED_BYTES + (1 << 20)]);
    assert!(bomb.len() < 1 << 20);
    assert!(matches!(Package::open(&bomb).unwrap_err(), Error::TooLarge { .. }));
    assert!(matches!(Package::open(&vec![0; limits::ARCHIVE_BYTES + 1]).unwrap_err(), Error::TooLarge { .. }));
}

#[test]
fn too_many_files_are_refused() {
    let forged = (0..=limits::FILES).fold(Forged::default(), |forged, n| forged.file(&format!("records/{n}"), ""));
    assert!(matches!(forged.open(), Error::TooLarge { .. }));
}

#[test]
fn garbage_is_refused() {
    let good = greeter().pack().unwrap();
    for bytes in
        [&b""[..], b"PK\x03\x04 a zip", &good[..good.len() / 2], &gzip(b"not a tar"), &[&good[..], b"more"].concat()]
    {
        let error = Package::open(bytes).unwrap_err();
        assert!(matches!(error, Error::Garbage { .. } | Error::NotCanonical { .. }), "{error}");
    }
}

#[test]
fn a_file_cut_off_by_its_archive_is_refused() {
    let tar = Forged::default().file("plugin.toml", MANIFEST).tar();
    let error = Package::open(&gzip(&tar[..520])).unwrap_err();
    assert!(matches!(error, Error::Garbage { .. }), "{error}");
}

#[test]
fn other_orders_and_other_times_are_not_canonical() {
    let error = Forged::default().file("plugin.toml", MANIFEST).digests(&[("plugin.toml", MANIFEST)]).open();
    assert!(matches!(error, Error::NotCanonical { .. }), "{error}");
}

#[test]
fn no_changed_byte_gets_through() {
    let good = greeter().pack().unwrap();
    for at in 10..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x40;
        if let Ok(package) = Package::open(&bad) {
            assert_eq!(package, greeter(), "byte {at}");
        }
    }
}
