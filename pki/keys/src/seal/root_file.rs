// SPDX-License-Identifier: Apache-2.0
//! The file a root key lives in: made once, reachable by its owner alone, never overwritten.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use zeroize::Zeroizing;

use super::fault::RootKeyFault;
use super::purpose::Purpose;

/// Far longer than any root key file, so that a wrong path does not fill the memory.
const LONGEST: u64 = 1024;
/// Permission bits of group and others.
const OPEN_TO_OTHERS: u32 = 0o077;

/// Writes a new file and makes it and its name durable; what was begun is taken back when that fails.
pub(super) fn create(path: &Path, text: &str) -> Result<(), RootKeyFault> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let file = file.map_err(|source| {
        if source.kind() == io::ErrorKind::AlreadyExists {
            RootKeyFault::Exists {
                path: path.to_owned(),
            }
        } else {
            fault("create", path, source)
        }
    })?;
    fill(file, path, text).inspect_err(|_| {
        // The first fault is the one to report; a leftover is refused by name on the next try.
        let _removed = fs::remove_file(path);
    })
}

fn fill(mut file: File, path: &Path, text: &str) -> Result<(), RootKeyFault> {
    file.write_all(text.as_bytes())
        .map_err(|source| fault("write", path, source))?;
    file.sync_all()
        .map_err(|source| fault("make durable", path, source))?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let opened = File::open(directory).map_err(|source| fault("open the directory of", path, source))?;
    opened
        .sync_all()
        .map_err(|source| fault("make durable the name of", path, source))
}

/// Reads the file after making sure that nobody else can.
pub(super) fn read(path: &Path, purpose: Purpose) -> Result<Zeroizing<String>, RootKeyFault> {
    let unreadable = |source: io::Error| {
        if source.kind() == io::ErrorKind::NotFound {
            RootKeyFault::Missing {
                path: path.to_owned(),
                purpose,
            }
        } else {
            fault("read", path, source)
        }
    };
    // Asked before opening, because opening a pipe waits for its writer.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(RootKeyFault::NotAFile {
            path: path.to_owned(),
        });
    }
    let file = File::open(path).map_err(unreadable)?;
    let user = rustix::process::geteuid().as_raw();
    admit(path, &file.metadata().map_err(unreadable)?, user)?;
    let mut octets = Zeroizing::new(Vec::with_capacity(LONGEST as usize));
    file.take(LONGEST).read_to_end(&mut octets).map_err(unreadable)?;
    match std::str::from_utf8(&octets) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => {
            let fault = Box::new(RootKeyFault::Format);
            Err(RootKeyFault::InFile {
                path: path.to_owned(),
                fault,
            })
        }
    }
}

/// Judges the opened file, not its name, so that it cannot be exchanged in between.
fn admit(path: &Path, found: &Metadata, user: u32) -> Result<(), RootKeyFault> {
    let mode = found.mode() & 0o7777;
    if !found.is_file() {
        return Err(RootKeyFault::NotAFile {
            path: path.to_owned(),
        });
    }
    if found.uid() != user {
        return Err(RootKeyFault::ForeignOwner {
            path: path.to_owned(),
            owner: found.uid(),
            user,
        });
    }
    if mode & OPEN_TO_OTHERS != 0 {
        return Err(RootKeyFault::TooOpen {
            path: path.to_owned(),
            mode,
        });
    }
    Ok(())
}

fn fault(doing: &'static str, path: &Path, source: io::Error) -> RootKeyFault {
    RootKeyFault::Io {
        doing,
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_users_file_is_refused_with_the_chown_to_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root");
        create(&path, "text").unwrap();
        let found = fs::metadata(&path).unwrap();
        admit(&path, &found, found.uid()).unwrap();
        let fault = admit(&path, &found, found.uid() + 1).unwrap_err();
        let chown = format!("chown {} {}", found.uid() + 1, path.display());
        assert!(fault.to_string().contains(&chown), "{fault}");
    }
}
