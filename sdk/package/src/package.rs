//! A package in memory: its files, its name, who signed it.

use std::{collections::BTreeMap, path::Path};

use crate::{Error, Header, Key, PublicKey, Result, archive, digests, folder, key, limits, name};

const MANIFEST: &str = "plugin.toml";
const COMPONENT: &str = "component.wasm";

/// A plugin, ready to be installed or sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    header: Header,
    files: BTreeMap<String, Vec<u8>>,
    signer: Option<PublicKey>,
}

impl Package {
    /// From a plugin's folder and the component built from it, `None` where the manifest names none.
    pub fn from_folder(folder: &Path, component: Option<Vec<u8>>) -> Result<Package> {
        let mut files = folder::read(folder)?;
        if let Some(component) = component {
            files.insert(COMPONENT.into(), component);
        }
        Package::from_files(files)
    }

    /// From files in memory, as tests want it; checked like any other.
    pub fn from_files(files: BTreeMap<String, Vec<u8>>) -> Result<Package> {
        for file in files.keys() {
            name::check(file)?;
            if [digests::FILE, key::FILE].contains(&file.as_str()) {
                return Err(Error::Name { file: file.clone() });
            }
        }
        // Two more will come: the digests and a signature.
        if let Some(file) = files.keys().nth(limits::FILES - 2) {
            return Err(Error::too_many_files(file));
        }
        Package::checked(files, None)
    }

    /// From the bytes of an `.mpk`. Nothing is written anywhere, and nothing is believed: see [`Error`] for what is refused.
    pub fn open(bytes: &[u8]) -> Result<Package> {
        let mut files = archive::read(bytes)?;
        let text = |content: Vec<u8>, file: &str| {
            String::from_utf8(content).map_err(|_| Error::Garbage { what: format!("{file}: is not text") })
        };
        let listed = files.remove(digests::FILE).ok_or(Error::Missing { file: digests::FILE.into() })?;
        let listed = text(listed, digests::FILE)?;
        let signature = files.remove(key::FILE);
        digests::verify(&listed, &files)?;
        if listed != digests::write(&files) {
            return Err(Error::NotCanonical { file: digests::FILE.into() });
        }
        let signer = match signature {
            Some(signature) => Some(key::verify(&text(signature, key::FILE)?, &listed)?),
            None => None,
        };
        Package::checked(files, signer)
    }

    fn checked(files: BTreeMap<String, Vec<u8>>, signer: Option<PublicKey>) -> Result<Package> {
        let manifest = files.get(MANIFEST).ok_or(Error::Missing { file: MANIFEST.into() })?;
        let manifest =
            std::str::from_utf8(manifest).map_err(|_| Error::Manifest { what: "is not UTF-8 text".into() })?;
        let header = Header::parse(manifest)?;
        match (&header.component, files.contains_key(COMPONENT)) {
            (Some(_), false) => Err(Error::Missing { file: COMPONENT.into() }),
            (None, true) => Err(Error::Manifest { what: "names no component, but component.wasm is there".into() }),
            _ => Ok(Package { header, files, signer }),
        }
    }

    /// The bytes of the `.mpk`, unsigned: the same for the same files, on every machine.
    pub fn pack(&self) -> Result<Vec<u8>> {
        archive::write(&self.with_digests().0)
    }

    /// The bytes of the `.mpk`, signed with `key`.
    pub fn pack_signed(&self, key: &Key) -> Result<Vec<u8>> {
        let (mut files, digests) = self.with_digests();
        files.insert(key::FILE.into(), key.sign(&digests).into_bytes());
        archive::write(&files)
    }

    fn with_digests(&self) -> (BTreeMap<String, Vec<u8>>, String) {
        let digests = digests::write(&self.files);
        let mut files = self.files.clone();
        files.insert(digests::FILE.into(), digests.clone().into_bytes());
        (files, digests)
    }

    /// Name, version and crate.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// `complaints-0.1.0.mpk`.
    pub fn file_name(&self) -> String {
        self.header.file_name()
    }

    /// The text of `plugin.toml`.
    pub fn manifest_text(&self) -> &str {
        self.text(MANIFEST).unwrap_or_default()
    }

    /// The component, where the plugin has code.
    pub fn component(&self) -> Option<&[u8]> {
        self.file(COMPONENT)
    }

    /// A file's content by its name, `records/complaints.case.json`.
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// A file's content as text; none also where it is not UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.file(name).and_then(|content| std::str::from_utf8(content).ok())
    }

    /// All files by name, without `DIGESTS` and `SIGNATURE`.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, content)| (name.as_str(), content.as_slice()))
    }

    /// The files in one folder, `records/`, by name.
    pub fn files_in(&self, folder: &str) -> impl Iterator<Item = (&str, &[u8])> {
        self.files().filter(move |(name, _)| name.starts_with(folder))
    }

    /// Who signed it, proved; none where nobody did.
    pub fn signer(&self) -> Option<PublicKey> {
        self.signer
    }

    /// SHA-256 over all digests in hex: the same for the same content, signed or not.
    pub fn digest(&self) -> String {
        use sha2::Digest;
        digests::hex(&sha2::Sha256::digest(digests::write(&self.files)))
    }
}
