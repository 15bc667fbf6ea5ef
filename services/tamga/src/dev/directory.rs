// SPDX-License-Identifier: Apache-2.0
//! Where things lie in the data directory of `tamga dev`.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use tamga_registry::device::RegistrationId;

use super::summary::Service;
use crate::exit::{End, Failure};
use crate::files::{private_directory, read};

/// A data directory; nothing says that it exists.
#[derive(Clone, Debug)]
pub struct Directory(PathBuf);

impl Directory {
    /// The directory at this path.
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.0
    }

    /// Makes it, private to this user, and keeps every other `tamga dev` out of it while the file lives.
    ///
    /// # Errors
    /// A failure of kind taken when another process is inside.
    pub fn enter(&self) -> Result<File, Failure> {
        private_directory(&self.0)?;
        let path = self.0.join("dev.lock");
        let opened = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path);
        let file = opened
            .map_err(|fault| Failure::new(End::Fault, format!("cannot open {}: {fault}", path.display())))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                let sentence = format!(
                    "another `tamga dev` serves from {}: stop it, or name another directory with --data",
                    self.0.display()
                );
                Err(Failure::new(End::Taken, sentence))
            }
            Err(TryLockError::Error(fault)) => Err(Failure::new(
                End::Fault,
                format!("cannot lock {}: {fault}", path.display()),
            )),
        }
    }

    /// Lets the next choice of ports be a new one.
    ///
    /// # Errors
    /// A failure when the file cannot be removed.
    pub fn forget_ports(&self) -> Result<(), Failure> {
        std::fs::remove_file(self.ports()).map_err(|fault| Failure::fault(&fault))
    }

    /// The admin plane's socket.
    pub fn admin_socket(&self) -> PathBuf {
        self.0.join(ADMIN_SOCKET)
    }

    /// The ports that were chosen.
    pub fn ports(&self) -> PathBuf {
        self.0.join("ports.toml")
    }

    /// What the service wrote down about itself.
    pub fn service_file(&self) -> PathBuf {
        self.0.join("service.json")
    }

    /// The keys of the group of simulated devices, mode 0600.
    pub fn group_keys(&self) -> PathBuf {
        self.0.join("simulators.json")
    }

    /// Whom devices trust to vouch for the service, PEM.
    pub fn server_anchor(&self) -> PathBuf {
        self.0.join("server-anchor.pem")
    }

    /// Where a simulated device keeps its key and chain.
    pub fn device(&self, registration_id: &RegistrationId) -> PathBuf {
        self.0.join("devices").join(registration_id.canonical())
    }

    /// What the service wrote down about itself.
    ///
    /// # Errors
    /// A failure when it never did, or the file is damaged.
    pub fn service(&self) -> Result<Service, Failure> {
        let octets = read(&self.service_file())?;
        serde_json::from_slice(&octets).map_err(|fault| Failure::fault(&fault))
    }
}

/// Where data is kept when nobody says otherwise: `$XDG_DATA_HOME/tamga-dev`, else `~/.local/share/tamga-dev`.
pub fn default_directory() -> Option<PathBuf> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base = absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share")));
    base.map(|base| base.join("tamga-dev"))
}

/// The admin plane's socket within a data directory.
pub const ADMIN_SOCKET: &str = "admin.sock";
