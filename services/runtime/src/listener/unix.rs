// SPDX-License-Identifier: Apache-2.0
//! A Unix socket that is its owner's alone from the moment it exists.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use super::bind::BindFault;

/// What `sockaddr_un` holds, less the terminating zero (unix(7)).
const LONGEST_PATH: usize = 107;
/// A living process answers a connection at once: the kernel does it.
const PATIENCE: Duration = Duration::from_secs(2);

/// The file of a socket; dropping it removes the file if it is still the one we made.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    inode: u64,
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|found| found.ino() == self.inode) {
            // Nothing is lost when it stays: the next start finds that nobody listens and replaces it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Listens at `path` with mode 0600.
///
/// The socket is made inside a directory nobody else may enter, made private there, and moved to its place: at
/// no moment can anybody else connect, whatever the umask is.
pub(super) async fn bind(path: &Path) -> Result<(UnixListener, SocketFile), BindFault> {
    let staging = Staging::beside(path)?;
    let staged = staging.0.join("s");
    let longest = path.as_os_str().len().max(staged.as_os_str().as_bytes().len());
    if longest > LONGEST_PATH {
        let most = LONGEST_PATH.saturating_sub(longest.saturating_sub(path.as_os_str().len()));
        return Err(BindFault::PathTooLong {
            path: path.to_owned(),
            most,
        });
    }
    make_way(path).await?;
    let fault = |source| BindFault::Socket {
        path: path.to_owned(),
        source,
    };
    staging.make().map_err(fault)?;
    let listener = UnixListener::bind(&staged).map_err(fault)?;
    fs::set_permissions(&staged, fs::Permissions::from_mode(0o600)).map_err(fault)?;
    let inode = fs::symlink_metadata(&staged).map_err(fault)?.ino();
    fs::rename(&staged, path).map_err(fault)?;
    Ok((
        listener,
        SocketFile {
            path: path.to_owned(),
            inode,
        },
    ))
}

/// A socket nobody listens at is left for the rename to replace; anything else there is in the way.
async fn make_way(path: &Path) -> Result<(), BindFault> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(source) => {
            return Err(BindFault::Socket {
                path: path.to_owned(),
                source,
            });
        }
    };
    if !found.file_type().is_socket() {
        return Err(BindFault::NotASocket(path.to_owned()));
    }
    match timeout(PATIENCE, UnixStream::connect(path)).await {
        Ok(Err(error)) if matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound) => {
            Ok(())
        }
        Ok(Err(source)) => Err(BindFault::Socket {
            path: path.to_owned(),
            source,
        }),
        Ok(Ok(_)) | Err(_) => Err(BindFault::InUse(path.to_owned())),
    }
}

/// A directory of our own beside the socket, on the same file system; dropping it removes it.
struct Staging(PathBuf);

impl Staging {
    /// Named by the process and the socket: one process binds one path once.
    fn beside(path: &Path) -> Result<Self, BindFault> {
        match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => {
                let name = name.to_string_lossy();
                Ok(Self(parent.join(format!(".{name}.{}", std::process::id()))))
            }
            _ => Err(BindFault::NotASocket(path.to_owned())),
        }
    }

    fn make(&self) -> io::Result<()> {
        self.clear();
        fs::DirBuilder::new().mode(0o700).create(&self.0)
    }

    /// Removes what we, or a process of the same number before us, left; never more than that.
    fn clear(&self) {
        let _ = fs::remove_file(self.0.join("s"));
        let _ = fs::remove_dir(&self.0);
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        self.clear();
    }
}
