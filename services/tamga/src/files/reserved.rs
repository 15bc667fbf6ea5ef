// SPDX-License-Identifier: Apache-2.0
//! A file that is made, with room in it, before there is anything to keep: what is shown once has a place from the start.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::{FileFault, fault};

/// A file of its owner's alone that holds nothing. Whoever has it has it locked.
#[derive(Debug)]
pub struct Reserved {
    path: PathBuf,
    file: File,
}

impl Reserved {
    /// Makes it, and room on the disk for a secret. None where there is a file of this name, or anything else; but one that
    /// was left behind with its room and nothing else, by whoever was stopped, is taken.
    ///
    /// # Errors
    /// [`FileFault::Io`]; then it is not there.
    pub fn new(path: &Path) -> Result<Option<Self>, FileFault> {
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(MODE)
            .open(path);
        let file = match made {
            Ok(file) => file,
            Err(taken) if taken.kind() == ErrorKind::AlreadyExists => return Ok(Self::left_behind(path)),
            Err(source) => return Err(fault("create", path, source)),
        };
        if file.try_lock().is_err() {
            // Another run found it in between, and has it.
            return Ok(None);
        }
        let mut reserved = Self {
            path: path.to_owned(),
            file,
        };
        match reserved.write(&[b'\n'; ROOM]) {
            Ok(()) => Ok(Some(reserved)),
            Err(wrong) => {
                reserved.release();
                Err(wrong)
            }
        }
    }

    /// A file of our own that has nothing but room, and that nobody has who is still at work.
    fn left_behind(path: &Path) -> Option<Self> {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(flags.bits().cast_signed())
            .open(path)
            .ok()?;
        file.try_lock().ok()?;
        // Looked at under the lock: whoever had it may have filled it since, or taken it away.
        let found = file.metadata().ok()?;
        let own = found.is_file()
            && found.uid() == rustix::process::geteuid().as_raw()
            && found.mode() & 0o7777 == MODE
            && found.nlink() == 1;
        if !own || found.len() != ROOM as u64 {
            return None;
        }
        let mut held = Vec::with_capacity(ROOM);
        Read::by_ref(&mut file)
            .take(found.len())
            .read_to_end(&mut held)
            .ok()?;
        let path = path.to_owned();
        (held == [b'\n'; ROOM]).then_some(Self { path, file })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts into it what it was made for.
    ///
    /// # Errors
    /// [`FileFault::Io`].
    pub fn fill(&mut self, octets: &[u8]) -> Result<(), FileFault> {
        self.write(octets)
    }

    /// Takes it away again: nothing came that could be kept.
    pub fn release(self) {
        // What it holds is of no use; a leftover does no harm.
        let _removed = fs::remove_file(&self.path);
    }

    /// One that takes nothing any more.
    #[cfg(test)]
    pub(crate) fn that_is_full(path: &Path) -> Self {
        let file = File::open(path).unwrap();
        let path = path.to_owned();
        Self { path, file }
    }

    fn write(&mut self, octets: &[u8]) -> Result<(), FileFault> {
        let path = &self.path;
        // The umask may have taken more than was meant.
        self.file
            .set_permissions(fs::Permissions::from_mode(MODE))
            .map_err(|source| fault("set the mode of", path, source))?;
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.write_all(octets))
            .map_err(|source| fault("write", path, source))?;
        let length = u64::try_from(octets.len()).unwrap_or(u64::MAX);
        self.file
            .set_len(length)
            .and_then(|()| self.file.sync_all())
            .map_err(|source| fault("make durable", path, source))?;
        let folder = File::open(super::parent(path)).and_then(|folder| folder.sync_all());
        folder.map_err(|source| fault("make durable the name of", path, source))
    }
}

const MODE: u32 = 0o600;
/// What is shown once is far shorter.
const ROOM: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_room_from_the_start_and_holds_what_came_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let mut reserved = Reserved::new(&path).unwrap().unwrap();
        let found = fs::metadata(&path).unwrap();
        assert_eq!((found.len(), found.permissions().mode() & 0o7777), (4096, 0o600));
        assert!(Reserved::new(&path).unwrap().is_none(), "it is somebody's");
        reserved.fill(b"secret\n").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"secret\n");
        reserved.release();
        assert!(!path.exists());
    }

    #[test]
    fn one_that_was_left_behind_with_nothing_but_room_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        drop(Reserved::new(&path).unwrap().unwrap());
        let mut reserved = Reserved::new(&path).unwrap().expect("nobody has it");
        assert!(Reserved::new(&path).unwrap().is_none(), "somebody has it");
        reserved.fill(b"secret\n").unwrap();
        drop(reserved);
        assert!(Reserved::new(&path).unwrap().is_none(), "it holds a secret");
        assert_eq!(fs::read(&path).unwrap(), b"secret\n");
    }

    #[test]
    fn one_that_is_not_as_it_was_reserved_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let mut almost = [b'\n'; ROOM];
        almost[ROOM - 1] = b'x';
        for (held, mode) in [(&almost[..], MODE), (b"\n", MODE), (&[b'\n'; ROOM], 0o644)] {
            fs::write(&path, held).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(Reserved::new(&path).unwrap().is_none(), "{mode:o}");
            assert_eq!(fs::read(&path).unwrap(), held);
        }
        fs::write(&path, [b'\n'; ROOM]).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(MODE)).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(Reserved::new(&link).unwrap().is_none(), "a link");
        fs::hard_link(&path, folder.path().join("other")).unwrap();
        assert!(Reserved::new(&path).unwrap().is_none(), "it has another name");
    }

    #[test]
    fn a_link_is_not_followed_and_no_folder_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), &link).unwrap();
        assert!(Reserved::new(&link).unwrap().is_none());
        let fault = Reserved::new(&folder.path().join("none/keys.json")).unwrap_err();
        assert!(fault.to_string().contains("none/keys.json"), "{fault}");
    }
}
