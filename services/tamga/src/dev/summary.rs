// SPDX-License-Identifier: Apache-2.0
//! What `tamga dev` tells at every start, and writes into `service.json` for the other commands.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tamga_registry::device::RegistrationId;
use tamga_registry::organization::IdScope;
use tamga_runtime::listener::Plane;

use super::directory::{Directory, default_directory};
use crate::device::{Endpoint, Simulated};
use crate::exit::{End, Failure};
use crate::files::{Audience, put};
use crate::house::RunningHouse;
use tamga_x509::pem;

/// What a device has to know of the service, and what an operator asks first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// Where the device API is.
    pub endpoint: String,
    /// The id scope of the first organization.
    pub id_scope: String,
    /// Where lists, issuers and the trust bundle are.
    pub status_url: String,
    /// Where monitoring looks.
    pub ops_url: String,
    /// Where operators come in.
    pub admin_socket: PathBuf,
    /// Where operators and programs come in by API token or client certificate; empty where they cannot.
    #[serde(default)]
    pub admin_url: String,
    /// SHA-256 of the certificate that vouches for the service.
    pub server_anchor_sha256: String,
}

impl Service {
    /// What is true of a running house, seen from this machine. A plane that is not on the network has no URL.
    pub fn of(house: &RunningHouse) -> Self {
        let url = |scheme: &str, plane| {
            let address = house.addresses().tcp(plane).map(reachable);
            address
                .map(|address| format!("{scheme}://{address}"))
                .unwrap_or_default()
        };
        let anchor = house.anchors().server().first();
        Self {
            endpoint: url("https", Plane::Device),
            id_scope: house.id_scope().to_string(),
            status_url: url("http", Plane::Status),
            ops_url: url("http", Plane::Ops),
            admin_socket: house.addresses().unix(Plane::Admin).unwrap_or_default(),
            admin_url: url("https", Plane::Admin),
            server_anchor_sha256: anchor
                .map(|anchor| anchor.fingerprint().to_string())
                .unwrap_or_default(),
        }
    }

    /// Writes it down, with the anchor beside it.
    ///
    /// # Errors
    /// A failure when a file cannot be written.
    pub fn keep(&self, house: &RunningHouse, directory: &Directory) -> Result<(), Failure> {
        let anchors: Vec<&[u8]> = house
            .anchors()
            .server()
            .iter()
            .map(crate::device::ServerAnchor::der)
            .collect();
        put(
            &directory.server_anchor(),
            pem::certificates(&anchors).as_bytes(),
            Audience::Everybody,
        )?;
        let text = serde_json::to_vec_pretty(self).map_err(|fault| Failure::fault(&fault))?;
        Ok(put(&directory.service_file(), &text, Audience::Everybody)?)
    }

    /// Where the device API is.
    ///
    /// # Errors
    /// A failure when the service has none on the network.
    pub fn endpoint(&self) -> Result<Endpoint, Failure> {
        self.endpoint
            .parse()
            .map_err(|fault| Failure::new(End::Usage, fault))
    }

    /// The id scope.
    ///
    /// # Errors
    /// A failure when the file was damaged.
    pub fn id_scope(&self) -> Result<IdScope, Failure> {
        self.id_scope
            .parse()
            .map_err(|fault| Failure::new(End::Usage, fault))
    }

    /// The text that is told at every start.
    pub fn text(&self, directory: &Directory) -> String {
        let rows = [
            ("data", directory.root().display().to_string()),
            ("id scope", self.id_scope.clone()),
            ("devices", format!("{}   (the DPS device API)", self.endpoint)),
            (
                "status",
                format!("{}   (revocation lists, issuers, /bundle)", self.status_url),
            ),
            ("ops", format!("{}   (/healthz /readyz /metrics)", self.ops_url)),
            (
                "admin",
                format!(
                    "{}   (this user and root; there is no password)",
                    self.admin_socket.display()
                ),
            ),
            (
                "",
                format!("{}   (API tokens and client certificates)", self.admin_url),
            ),
            (
                "server anchor",
                format!("{}", directory.server_anchor().display()),
            ),
            ("  SHA-256", self.server_anchor_sha256.clone()),
        ];
        lines("Tamga serves.", &rows)
    }
}

/// Who listens at all addresses is reached at loopback.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// What is told of the simulated device: where its files are, and what to try next.
pub fn device_text(id: &RegistrationId, device: &Simulated, directory: &Directory) -> String {
    let rows = [
        ("key", device.key_file.display().to_string()),
        ("chain", device.chain_file.display().to_string()),
        ("serial", device.certificate.serial().to_string()),
        (
            "valid till",
            device.certificate.validity().not_after().to_rfc3339(),
        ),
    ];
    let tamga = this_program();
    let at = place(directory);
    let next = [
        (
            "Verify it with OpenSSL, against the revocation list it names:",
            verification(device),
        ),
        (
            "Simulate another device:",
            format!("{tamga} device simulate --registration-id simulated-2{at}"),
        ),
        (
            "Revoke the first one, and verify it again:",
            format!("{tamga} device revoke {id}{at}"),
        ),
    ];
    let mut text = lines(&format!("The simulated device {id} has a certificate."), &rows);
    text.push_str("\nNext:\n");
    for (number, (what, command)) in next.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {}. {what}\n     {command}", number + 1);
    }
    text
}

fn verification(device: &Simulated) -> String {
    let (anchor, chain) = (quoted(&device.anchor_file), quoted(&device.chain_file));
    format!("openssl verify -crl_check -crl_download -CAfile {anchor} -untrusted {chain} {chain}")
}

/// As it can be typed here: the plain name where a shell finds this program by it.
fn this_program() -> String {
    let Ok(here) = std::env::current_exe() else {
        return "tamga".to_owned();
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join("tamga"))
        .find(|file| file.is_file());
    let same = found.and_then(|found| found.canonicalize().ok()) == here.canonicalize().ok();
    if same { "tamga".to_owned() } else { quoted(&here) }
}

/// What other commands need to find the data directory.
fn place(directory: &Directory) -> String {
    let usual: Option<PathBuf> = default_directory();
    match usual.as_deref() == Some(directory.root()) {
        true => String::new(),
        false => format!(" --data {}", quoted(directory.root())),
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = text
        .bytes()
        .all(|octet| octet.is_ascii_alphanumeric() || b"/._-+:,@".contains(&octet));
    if plain {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn lines(head: &str, rows: &[(&str, String)]) -> String {
    let mut text = format!("{head}\n");
    for (name, value) in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:<14} {value}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_survives_the_shell() {
        assert_eq!(quoted(Path::new("/home/a/key.pem")), "/home/a/key.pem");
        assert_eq!(quoted(Path::new("/home/a b/o'k")), "'/home/a b/o'\\''k'");
    }
}
