// SPDX-License-Identifier: Apache-2.0
//! The ports of `tamga dev`: chosen at the first start, kept for good. Certificates name one of them.

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;

use serde::{Deserialize, Serialize};
use tamga_runtime::listener::{Address, Limits, ListenerConfig, Plane};
use tamga_runtime::settings::load;

use crate::exit::{End, Failure};
use crate::files::{Audience, put};

/// The ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ports {
    /// The address all of them are on.
    pub address: IpAddr,
    /// The device plane.
    pub device: u16,
    /// The status plane: its port stands in every certificate.
    pub status: u16,
    /// The ops plane.
    pub ops: u16,
    /// The admin plane, always at a loopback address. Chosen at the next start where an earlier version chose the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<u16>,
}

impl Ports {
    /// The ports that were kept, or else the preferred ones where they are free, and free ones where not.
    ///
    /// # Errors
    /// A failure when the file is damaged, names another address than asked for, or no port is free.
    pub fn kept_or_chosen(file: &Path, asked: Option<IpAddr>) -> Result<Self, Failure> {
        if !file.exists() {
            return Self::choose(asked.unwrap_or(LOOPBACK));
        }
        let kept: Self = load(file).map_err(|fault| Failure::new(End::Usage, fault))?;
        match asked {
            Some(asked) if asked != kept.address => {
                let sentence = format!(
                    "this installation's certificates say that their status is at http://{}: it cannot move to {asked}; leave --address out, or begin anew in another directory with --data",
                    SocketAddr::new(kept.address, kept.status)
                );
                Err(Failure::new(End::Usage, sentence))
            }
            Some(_) | None => kept.with_admin(),
        }
    }

    fn with_admin(self) -> Result<Self, Failure> {
        let admin = match self.admin {
            Some(kept) => kept,
            None => free(loopback(self.address), PREFERRED_ADMIN)?.1,
        };
        Ok(Self {
            admin: Some(admin),
            ..self
        })
    }

    /// Keeps them for the next start.
    ///
    /// # Errors
    /// A failure when the file cannot be written.
    pub fn keep(&self, file: &Path) -> Result<(), Failure> {
        let text = toml::to_string(self).map_err(|fault| Failure::fault(&fault))?;
        Ok(put(file, format!("{HEAD}{text}").as_bytes(), Audience::Owner)?)
    }

    /// The listeners on them, and the admin plane's on a Unix socket besides.
    pub fn listeners(&self, admin_socket: &Path) -> Vec<ListenerConfig> {
        let tcp = |port| Address::Tcp(SocketAddr::new(self.address, port));
        let places = [
            (Plane::Device, tcp(self.device)),
            (Plane::Status, tcp(self.status)),
            (Plane::Ops, tcp(self.ops)),
            (Plane::Admin, Address::Unix(admin_socket.to_owned())),
        ];
        let admin = self.admin.map(|port| {
            let address = Address::Tcp(SocketAddr::new(loopback(self.address), port));
            (Plane::Admin, address)
        });
        places
            .into_iter()
            .chain(admin)
            .map(|(plane, address)| ListenerConfig {
                limits: Limits::default(),
                plane,
                address,
            })
            .collect()
    }

    fn choose(address: IpAddr) -> Result<Self, Failure> {
        // All are held until the last is chosen, so that none is chosen twice.
        let device = free(address, PREFERRED_DEVICE)?;
        let status = free(address, PREFERRED_STATUS)?;
        let ops = free(address, PREFERRED_OPS)?;
        let admin = free(loopback(address), PREFERRED_ADMIN)?;
        Ok(Self {
            address,
            device: device.1,
            status: status.1,
            ops: ops.1,
            admin: Some(admin.1),
        })
    }
}

/// Where the admin plane is: at this address where only this machine reaches it.
fn loopback(address: IpAddr) -> IpAddr {
    if address.is_loopback() { address } else { LOOPBACK }
}

fn free(address: IpAddr, preferred: u16) -> Result<(TcpListener, u16), Failure> {
    let taken = TcpListener::bind((address, preferred)).or_else(|_| TcpListener::bind((address, 0)));
    let port = taken.and_then(|listener| Ok((listener.local_addr()?.port(), listener)));
    let (port, listener) = port.map_err(|error| {
        Failure::new(
            End::Usage,
            format!("cannot listen at {address}: {error}; give an address of this machine with --address"),
        )
    })?;
    Ok((listener, port))
}

const LOOPBACK: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

const PREFERRED_DEVICE: u16 = 8443;
const PREFERRED_STATUS: u16 = 8480;
const PREFERRED_OPS: u16 = 8490;
const PREFERRED_ADMIN: u16 = 8444;
const HEAD: &str = "\
# Chosen at the first start and kept. Certificates say that their status is at the status port: changing it is refused.
# The device, ops and admin ports may be changed while the service is stopped.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_kept_and_their_address_cannot_move() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ports.toml");
        let chosen = Ports::kept_or_chosen(&file, None).unwrap();
        assert!(chosen.device != chosen.status && chosen.status != chosen.ops && chosen.ops != chosen.device);
        chosen.keep(&file).unwrap();
        assert_eq!(Ports::kept_or_chosen(&file, Some(LOOPBACK)).unwrap(), chosen);
        let moved = Ports::kept_or_chosen(&file, Some("127.0.0.2".parse().unwrap())).unwrap_err();
        assert!(moved.to_string().contains(&chosen.status.to_string()), "{moved}");
    }

    #[test]
    fn a_taken_port_is_replaced_at_the_first_choice() {
        let taken = TcpListener::bind((LOOPBACK, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert_ne!(free(LOOPBACK, port).unwrap().1, port);
    }
}
