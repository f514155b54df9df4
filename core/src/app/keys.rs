//! The key that secrets in the store are sealed with: a file beside it, which whoever copies the store alone does not have.

use std::{
    fs::{self, File},
    io::{ErrorKind as Io, Write},
    path::Path,
};

use crate::{
    Error, Result,
    model::{
        random,
        seal::{KEY_BYTES, SealKey},
    },
};

const NAME: &str = "seal.key";

/// The key of a folder, made when it is not there.
///
/// # Errors
/// `seal.key` when there is a file that is no key; internal when it cannot be read or written.
pub(super) fn seal(folder: &Path) -> Result<SealKey> {
    let path = folder.join(NAME);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == Io::NotFound => make(&path)?.to_vec(),
        Err(error) => return Err(Error::internal(error)),
    };
    let key: &[u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| {
        Error::invalid(
            "seal",
            format!("{} is no key of {KEY_BYTES} bytes; bring it back from a backup", path.display()),
        )
    })?;
    Ok(SealKey::new(key))
}

fn make(path: &Path) -> Result<[u8; KEY_BYTES]> {
    let key: [u8; KEY_BYTES] = random::bytes();
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(Error::internal)?;
    file.write_all(&key).and_then(|()| file.sync_all()).map_err(Error::internal)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_is_nobody_elses_to_read() {
        let folder = tempfile::tempdir().unwrap();
        let sealed = seal(folder.path()).unwrap().seal(b"x", "here").unwrap();
        assert_eq!(seal(folder.path()).unwrap().open(&sealed, "here").unwrap(), b"x");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join(NAME)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(folder.path().join(NAME), b"short").unwrap();
        assert_eq!(seal(folder.path()).unwrap_err().code, "seal.invalid");
    }
}
