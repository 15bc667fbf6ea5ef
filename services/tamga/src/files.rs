// SPDX-License-Identifier: Apache-2.0
//! Writes files that are whole or absent, durable, and no more open than they should be; reads those that hold secrets.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

mod reserved;
pub use reserved::Reserved;

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Its owner alone: mode 0600.
    Owner,
    /// Everybody, though only its owner writes: mode 0644.
    Everybody,
}

/// Why a file or directory is not as it should be. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// The operating system refused.
    #[error("cannot {doing} {path}: {source}", path = path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// A file that holds a secret is open to others.
    #[error("{path} has mode {mode:04o} and so is open to others than its owner: run chmod {wanted:04o} {path}", path = path.display())]
    TooOpen {
        /// The file or directory.
        path: PathBuf,
        /// Its mode.
        mode: u32,
        /// The mode it should have.
        wanted: u32,
    },
    /// It belongs to somebody else.
    #[error("{path} belongs to user {owner}, but this process runs as user {user}: run it as that user, or choose another path", path = path.display())]
    Foreign {
        /// The file or directory.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// Who runs.
        user: u32,
    },
    /// It is longer than anything that belongs there.
    #[error("{path} is longer than anything that belongs there: is it the right file?", path = path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
}

/// Puts octets into a file, replacing what was there: after a crash it holds all of the old or all of the new.
///
/// # Errors
/// [`FileFault::Io`].
pub fn put(path: &Path, octets: &[u8], audience: Audience) -> Result<(), FileFault> {
    let directory = parent(path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let staged = directory.join(format!(".{name}.{}", std::process::id()));
    let written = write_staged(&staged, octets, audience)
        .and_then(|()| fs::rename(&staged, path).map_err(|source| fault("put in place", path, source)));
    if let Err(fault) = written {
        // The first fault is the one to report; a leftover is replaced by the next try.
        let _removed = fs::remove_file(&staged);
        return Err(fault);
    }
    let opened = File::open(directory).and_then(|directory| directory.sync_all());
    opened.map_err(|source| fault("make durable the name of", path, source))
}

fn write_staged(staged: &Path, octets: &[u8], audience: Audience) -> Result<(), FileFault> {
    let mode = match audience {
        Audience::Owner => 0o600,
        Audience::Everybody => 0o644,
    };
    let _leftover = fs::remove_file(staged);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(staged)
        .map_err(|source| fault("create", staged, source))?;
    file.write_all(octets)
        .map_err(|source| fault("write", staged, source))?;
    // The umask may have taken more than was meant.
    file.set_permissions(fs::Permissions::from_mode(mode))
        .map_err(|source| fault("set the mode of", staged, source))?;
    file.sync_all()
        .map_err(|source| fault("make durable", staged, source))
}

/// Reads a file that holds a secret, after making sure that nobody else can.
///
/// # Errors
/// [`FileFault`] when it cannot be read, is open to others, or is far too long.
pub fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileFault> {
    let unreadable = |source| fault("read", path, source);
    let file = File::open(path).map_err(unreadable)?;
    require_private(path, &file.metadata().map_err(unreadable)?, 0o600)?;
    take_in(path, file, LONGEST_SECRET)
}

/// Reads a secret from standard input: a pipe that somebody else fills, as a secret store's own program.
///
/// # Errors
/// [`FileFault`] when it cannot be read or is far too long.
pub fn read_secret_input() -> Result<Zeroizing<Vec<u8>>, FileFault> {
    take_in(Path::new("standard input"), io::stdin().lock(), LONGEST_SECRET)
}

/// Reads a file that holds no secret.
///
/// # Errors
/// [`FileFault`] when it cannot be read or is far too long.
pub fn read(path: &Path) -> Result<Vec<u8>, FileFault> {
    let file = File::open(path).map_err(|source| fault("read", path, source))?;
    take_in(path, file, LONGEST).map(|octets| octets.to_vec())
}

/// Reads a table: many rows, and perhaps secrets among them.
///
/// # Errors
/// [`FileFault`] when it cannot be read or is far too long.
pub fn read_table(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileFault> {
    let file = File::open(path).map_err(|source| fault("read", path, source))?;
    take_in(path, file, LONGEST_TABLE)
}

/// Makes sure that nobody but its owner, who is this user, can read a file.
///
/// # Errors
/// [`FileFault`] with the command that mends it.
pub fn require_own(path: &Path) -> Result<(), FileFault> {
    let found = fs::metadata(path).map_err(|source| fault("look at", path, source))?;
    require_private(path, &found, 0o600)
}

fn take_in(path: &Path, from: impl Read, longest: u64) -> Result<Zeroizing<Vec<u8>>, FileFault> {
    let mut octets = Zeroizing::new(Vec::new());
    from.take(longest.saturating_add(1))
        .read_to_end(&mut octets)
        .map_err(|source| fault("read", path, source))?;
    match u64::try_from(octets.len()).is_ok_and(|length| length <= longest) {
        true => Ok(octets),
        false => Err(FileFault::TooLong {
            path: path.to_owned(),
        }),
    }
}

/// Makes a directory, with those above it, that its owner alone may enter; one that exists must be so already.
///
/// # Errors
/// [`FileFault`] when it cannot be made, or is there and is not private.
pub fn private_directory(path: &Path) -> Result<(), FileFault> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|source| fault("make the directory", path, source))?;
    let found = fs::metadata(path).map_err(|source| fault("look at", path, source))?;
    require_private(path, &found, 0o700)
}

fn require_private(path: &Path, found: &fs::Metadata, wanted: u32) -> Result<(), FileFault> {
    let (mode, user) = (found.mode() & 0o7777, rustix::process::geteuid().as_raw());
    if found.uid() != user {
        return Err(FileFault::Foreign {
            path: path.to_owned(),
            owner: found.uid(),
            user,
        });
    }
    if mode & 0o077 != 0 {
        return Err(FileFault::TooOpen {
            path: path.to_owned(),
            mode,
            wanted,
        });
    }
    Ok(())
}

impl From<FileFault> for crate::exit::Failure {
    fn from(fault: FileFault) -> Self {
        Self::fault(&fault)
    }
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn fault(doing: &'static str, path: &Path, source: io::Error) -> FileFault {
    FileFault::Io {
        doing,
        path: path.to_owned(),
        source,
    }
}

/// Keys are far shorter.
const LONGEST_SECRET: u64 = 256 * 1024;
/// A million rows of a plain table.
const LONGEST_TABLE: u64 = 256 * 1024 * 1024;
/// As long as a revocation list may be.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Asserts that a page of the documentation is what the code says.
#[cfg(test)]
pub(crate) fn assert_page(path: &str, page: &str) {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if fs::read_to_string(&kept).is_ok_and(|kept| kept == page) {
        return;
    }
    let wanted = std::env::temp_dir().join(path.replace('/', "-"));
    fs::write(&wanted, page).unwrap();
    panic!(
        "{path} is not what the code says: run cp {} {path}",
        wanted.display()
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode_of(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn a_secret_is_its_owners_alone_from_the_start_and_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        put(&path, b"one", Audience::Owner).unwrap();
        put(&path, b"two", Audience::Owner).unwrap();
        assert_eq!(
            (mode_of(&path), &**read_secret(&path).unwrap()),
            (0o600, &b"two"[..])
        );
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing staged is left"
        );
    }

    #[test]
    fn a_secret_open_to_others_is_refused_with_the_chmod_to_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("group.json");
        put(&path, b"secret", Audience::Everybody).unwrap();
        let fault = read_secret(&path).unwrap_err().to_string();
        assert!(
            fault.contains(&format!("chmod 0600 {}", path.display())),
            "{fault}"
        );
    }

    #[test]
    fn a_directory_open_to_others_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let open = folder.path().join("open");
        DirBuilder::new().mode(0o755).create(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(
            private_directory(&open)
                .unwrap_err()
                .to_string()
                .contains("chmod 0700")
        );
        private_directory(&folder.path().join("deep/inside")).unwrap();
        assert_eq!(mode_of(&folder.path().join("deep/inside")), 0o700);
    }

    #[test]
    fn a_file_that_is_far_too_long_is_not_taken_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long");
        put(&path, &vec![b'x'; 300_000], Audience::Owner).unwrap();
        assert!(matches!(read_secret(&path), Err(FileFault::TooLong { .. })));
        assert_eq!(read(&path).unwrap().len(), 300_000);
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(LONGEST + 1)
            .unwrap();
        assert!(matches!(read(&path), Err(FileFault::TooLong { .. })));
    }
}
