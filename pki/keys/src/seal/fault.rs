// SPDX-License-Identifier: Apache-2.0
//! What can go wrong with seals and root key files; all of it ours or the operator's, none of it a caller's.

use std::io;
use std::path::PathBuf;

use tamga_x509::chance::ChanceFault;
use thiserror::Error;

use super::purpose::Purpose;

/// Why a value could not be sealed or opened. None of these shows a key or a value.
#[derive(Debug, Error)]
pub enum SealFault {
    /// No random octets.
    #[error("no chance for a key or nonce")]
    Chance(#[from] ChanceFault),
    /// The place belongs to another organization than the data key.
    #[error("the data key belongs to another organization than the place: unwrap that organization's key")]
    ForeignOrganization,
    /// Shorter than any sealed value.
    #[error("the sealed value is cut short: restore the row from a backup")]
    Truncated,
    /// Sealed in a form this program does not know.
    #[error("the sealed value has form {0}, which this program does not know: run a newer one")]
    UnknownVersion(u8),
    /// Altered, moved, or sealed under another key.
    #[error(
        "the sealed value does not open here: it was altered, moved from another place, or sealed under another key; check that the root key file is this installation's own, then restore the row from a backup"
    )]
    NotAuthentic,
    /// The cipher refused to work, which it only does when misused.
    #[error("the cipher failed")]
    Cipher,
}

/// Why a root key could not be created or loaded. None of these shows the key.
#[derive(Debug, Error)]
pub enum RootKeyFault {
    /// Creating over an existing file would make everything sealed under it unreadable.
    #[error("{} exists already: a root key is never overwritten; move the file away if nothing is sealed under it", .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file is not there.
    #[error("{} does not exist: put the root key file for {purpose} there, or create one", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// What it should hold a key for.
        purpose: Purpose,
    },
    /// A directory, device or pipe.
    #[error("{} is not a regular file", .path.display())]
    NotAFile {
        /// What was found.
        path: PathBuf,
    },
    /// Others than the owner may read or write it.
    #[error("{} has mode {mode:04o} and so is open to others than its owner: run chmod 0600 {}, and replace the key if it may have been read", .path.display(), .path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Owned by somebody else, who could change its mode at will.
    #[error("{} belongs to user {owner} but this program runs as user {user}: run chown {user} {}", .path.display(), .path.display())]
    ForeignOwner {
        /// The file.
        path: PathBuf,
        /// Its owner's number.
        owner: u32,
        /// Our effective user's number.
        user: u32,
    },
    /// Not a root key file.
    #[error("not a root key: expected one line, tamga-root-key v1 <purpose> <base64 of 32 octets>")]
    Format,
    /// A root key file of a later form.
    #[error(
        "a root key of a form this program does not know: it reads v1, a newer program may read this one"
    )]
    UnknownVersion,
    /// A good key for something else.
    #[error(
        "a root key for {found}, but one for {expected} is needed here: check which file is given for which purpose"
    )]
    WrongPurpose {
        /// What the key is for.
        found: Purpose,
        /// What it is needed for.
        expected: Purpose,
    },
    /// In the named file.
    #[error("in {}", .path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with its content.
        #[source]
        fault: Box<RootKeyFault>,
    },
    /// The file system refused.
    #[error("cannot {doing} {}", .path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// No random octets.
    #[error("no chance for a root key")]
    Chance(#[from] ChanceFault),
}
