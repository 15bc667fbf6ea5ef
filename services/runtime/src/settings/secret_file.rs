// SPDX-License-Identifier: Apache-2.0
//! Where a secret comes from: a file that its owner alone can read, or a credential that systemd hands over.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The absolute path of a file, or `credential:` and the name of a systemd credential (systemd.exec(5)). Never the
/// secret itself: settings may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SecretFile {
    /// A file of mode 0600 that belongs to the process's user.
    Path(PathBuf),
    /// A file in the directory systemd names in `CREDENTIALS_DIRECTORY`, which guards it.
    Credential(String),
}

/// A text that does not say where a secret is. It is not repeated: it may be the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not where a secret may come from: write the absolute path of a file of mode 0600, or \"credential:\" and the name of a systemd credential"
)]
pub struct SecretFileRefusal;

/// Why a secret cannot be read. Each sentence says what to do; none shows the secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretFault {
    /// The operating system refused.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Others than the owner may read or write it.
    #[error("{} has mode {mode:04o} and so is open to others than its owner: run chmod 0600 {}, and replace the secret if it may have been read", path.display(), path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It belongs to another user.
    #[error("{} belongs to user {owner}, but this process runs as user {user}: run chown {user} {}", path.display(), path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// Who runs.
        user: u32,
    },
    /// Not what a secret is.
    #[error("{} holds no secret: one line of text, shorter than {LONGEST} bytes", path.display())]
    Strange {
        /// The file.
        path: PathBuf,
    },
    /// There are no credentials.
    #[error(
        "the credential {name} is not there: let the unit say LoadCredential={name}:PATH, or name a file instead"
    )]
    NoCredential {
        /// Its name.
        name: String,
    },
}

impl SecretFile {
    /// The secret, without the end of its line.
    ///
    /// # Errors
    /// [`SecretFault`].
    pub fn read(&self) -> Result<Zeroizing<String>, SecretFault> {
        match self {
            Self::Path(path) => {
                let file = open(path)?;
                admit(path, &file)?;
                text(path, file)
            }
            Self::Credential(name) => {
                let directory = std::env::var_os(DIRECTORY);
                let absent = || SecretFault::NoCredential { name: name.clone() };
                let path = PathBuf::from(directory.ok_or_else(absent)?).join(name);
                // The directory is the service's alone; access lists make the mode look wider than it is.
                text(&path, open(&path)?)
            }
        }
    }
}

fn open(path: &Path) -> Result<File, SecretFault> {
    let opened = File::open(path);
    opened.map_err(|source| SecretFault::Unreadable {
        path: path.to_owned(),
        source,
    })
}

/// Judges the opened file, not its name, so that it cannot be exchanged in between.
fn admit(path: &Path, file: &File) -> Result<(), SecretFault> {
    let path = path.to_owned();
    let found = file.metadata();
    let found = match found {
        Ok(found) => found,
        Err(source) => return Err(SecretFault::Unreadable { path, source }),
    };
    let (mode, user) = (found.mode() & 0o7777, rustix::process::geteuid().as_raw());
    if found.uid() != user {
        let owner = found.uid();
        return Err(SecretFault::Foreign { path, owner, user });
    }
    if mode & OPEN_TO_OTHERS != 0 {
        return Err(SecretFault::TooOpen { path, mode });
    }
    Ok(())
}

fn text(path: &Path, file: File) -> Result<Zeroizing<String>, SecretFault> {
    let path = path.to_owned();
    // Never grown, so that no copy of it stays behind in memory.
    let mut octets = Zeroizing::new(Vec::with_capacity(LONGEST));
    let most = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    if let Err(source) = file.take(most).read_to_end(&mut octets) {
        return Err(SecretFault::Unreadable { path, source });
    }
    let line = octets.strip_suffix(b"\n").unwrap_or(&octets);
    let one = !line.is_empty() && octets.len() < LONGEST && !line.contains(&b'\n');
    match std::str::from_utf8(line) {
        Ok(text) if one => Ok(Zeroizing::new(text.to_owned())),
        Ok(_) | Err(_) => Err(SecretFault::Strange { path }),
    }
}

impl FromStr for SecretFile {
    type Err = SecretFileRefusal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix(CREDENTIAL) {
            Some(name) => {
                let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"_-.".contains(&octet);
                let named = !name.is_empty() && !name.starts_with('.') && name.bytes().all(plain);
                named.then(|| Self::Credential(name.to_owned()))
            }
            None => text.starts_with('/').then(|| Self::Path(text.into())),
        }
        .ok_or(SecretFileRefusal)
    }
}

impl fmt::Display for SecretFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(out),
            Self::Credential(name) => write!(out, "{CREDENTIAL}{name}"),
        }
    }
}

impl TryFrom<String> for SecretFile {
    type Error = SecretFileRefusal;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<SecretFile> for String {
    fn from(file: SecretFile) -> Self {
        file.to_string()
    }
}

const CREDENTIAL: &str = "credential:";
const DIRECTORY: &str = "CREDENTIALS_DIRECTORY";
const OPEN_TO_OTHERS: u32 = 0o077;
/// Far longer than any password or root key.
const LONGEST: usize = 4096;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_is_read_from_a_private_file_without_the_end_of_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        fs::write(&path, "correct horse\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let file: SecretFile = path.to_str().unwrap().parse().unwrap();
        assert_eq!(&**file.read().unwrap(), "correct horse");

        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let fault = file.read().unwrap_err().to_string();
        assert!(fault.contains("chmod 0600"), "{fault}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        for strange in ["", "\n", "two\nlines", &"x".repeat(5_000)] {
            fs::write(&path, strange).unwrap();
            assert!(
                matches!(file.read(), Err(SecretFault::Strange { .. })),
                "{strange:?}"
            );
        }
    }

    #[test]
    fn a_secret_itself_is_refused_and_not_repeated() {
        for text in [
            "hunter2",
            "relative/path",
            "credential:",
            "credential:../etc/shadow",
            "",
        ] {
            let refusal = text.parse::<SecretFile>().expect_err(text).to_string();
            assert!(
                !refusal.contains("hunter2") && refusal.contains("0600"),
                "{refusal}"
            );
        }
        for text in ["/etc/tamga/password", "credential:database_password"] {
            assert_eq!(text.parse::<SecretFile>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn a_credential_that_was_not_handed_over_is_told_with_the_line_of_the_unit() {
        let fault = SecretFile::Credential("database_password".to_owned())
            .read()
            .unwrap_err();
        assert!(
            fault
                .to_string()
                .contains("LoadCredential=database_password:PATH"),
            "{fault}"
        );
    }
}
