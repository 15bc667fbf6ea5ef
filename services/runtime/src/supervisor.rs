// SPDX-License-Identifier: Apache-2.0
//! Tells the process's own supervisor how it is (`sd_notify(3)`), where there is one that listens.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Sends one message. Whoever supervises may be gone, or never was: the process does its work all the same.
pub(crate) fn tell(message: &str) {
    if let Some(socket) = std::env::var_os("NOTIFY_SOCKET")
        && let Err(error) = send(&socket, message)
    {
        tracing::warn!(%error, "the supervisor cannot be told");
    }
}

fn send(socket: &OsStr, message: &str) -> io::Result<()> {
    let address = match socket.as_bytes().split_first() {
        // An abstract name, as systemd uses it for containers.
        Some((b'@', name)) => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(socket)?,
    };
    UnixDatagram::unbound()?
        .send_to_addr(message.as_bytes(), &address)
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_supervisor_is_told_at_a_path_and_at_an_abstract_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let abstract_name = format!("@tamga-notify-{}", std::process::id());
        let places = [
            (path.as_os_str().to_owned(), UnixDatagram::bind(&path).unwrap()),
            (
                abstract_name.clone().into(),
                UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&abstract_name[1..]).unwrap())
                    .unwrap(),
            ),
        ];
        for (name, listener) in places {
            send(&name, "READY=1").unwrap();
            let mut heard = [0; 16];
            let length = listener.recv(&mut heard).unwrap();
            assert_eq!(&heard[..length], b"READY=1");
        }
    }
}
