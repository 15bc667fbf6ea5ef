// SPDX-License-Identifier: Apache-2.0
//! Whom a device trusts: one pinned certificate. No system store, no «accept anyway».

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use hyper::Uri;
use rustls::client::ClientConfig;
use rustls::crypto::aws_lc_rs as provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::version::{TLS12, TLS13};
use rustls::{OtherError, RootCertStore};
use tamga_x509::time::Clock;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::birth::BirthCertificate;
use crate::files::{FileFault, read};

/// The certificate a device was given to trust: the root above the server's own.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerAnchor(CertificateDer<'static>);

/// Where the device API is served: `https://host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    host: String,
    port: u16,
}

/// Why there is no anchor.
#[derive(Debug, thiserror::Error)]
pub enum AnchorFault {
    /// Its file.
    #[error(transparent)]
    File(#[from] FileFault),
    /// The file holds no certificate.
    #[error("{0} holds no certificate in PEM: give the server anchor that `tamga dev` printed")]
    NotACertificate(String),
    /// None of the certificates at hand is the one named.
    #[error(
        "none of the {seen} server anchors in the trust bundle has the fingerprint {wanted}: either the fingerprint was mistyped, or this is not the service you think it is"
    )]
    Unknown {
        /// The fingerprint asked for.
        wanted: Fingerprint,
        /// How many there were.
        seen: usize,
    },
}

/// Why there is no trusted connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectFault {
    /// Nobody listens there.
    #[error("{endpoint} is not reachable: {source}; is the service running, and is this its address?")]
    Unreachable {
        /// Where.
        endpoint: Endpoint,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Somebody else, or the wrong anchor.
    #[error(
        "the server at {endpoint} is not trusted: {source}; check that the anchor is this installation's own and that the certificate is for this host"
    )]
    NotTrusted {
        /// Where.
        endpoint: Endpoint,
        /// What TLS said.
        source: std::io::Error,
    },
    /// It took too long.
    #[error("{endpoint} did not finish a TLS handshake within {limit} s", limit = CONNECT.as_secs())]
    Late {
        /// Where.
        endpoint: Endpoint,
    },
    /// TLS cannot be set up here.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

impl ServerAnchor {
    /// A certificate in DER.
    pub fn from_der(der: &[u8]) -> Self {
        Self(CertificateDer::from(der.to_vec()))
    }

    /// The first certificate of a PEM file.
    ///
    /// # Errors
    /// [`AnchorFault`] when it cannot be read or holds none.
    pub fn from_file(path: &Path) -> Result<Self, AnchorFault> {
        let octets = read(path)?;
        let found = CertificateDer::from_pem_slice(&octets);
        found
            .map(Self)
            .map_err(|_| AnchorFault::NotACertificate(path.display().to_string()))
    }

    /// The first certificate of a PEM text.
    ///
    /// # Errors
    /// [`AnchorFault::NotACertificate`] when it holds none.
    pub fn from_pem(pem: &str) -> Result<Self, AnchorFault> {
        let found = CertificateDer::from_pem_slice(pem.as_bytes());
        found
            .map(Self)
            .map_err(|_| AnchorFault::NotACertificate("the trust bundle".to_owned()))
    }

    /// The one of these with a fingerprint.
    ///
    /// # Errors
    /// [`AnchorFault::Unknown`] when none has it.
    pub fn named(wanted: &Fingerprint, candidates: &[Self]) -> Result<Self, AnchorFault> {
        let found = candidates.iter().find(|anchor| anchor.fingerprint() == *wanted);
        found.cloned().ok_or_else(|| AnchorFault::Unknown {
            wanted: wanted.clone(),
            seen: candidates.len(),
        })
    }

    /// The certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.0
    }

    /// SHA-256 of the DER: what people compare.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut octets = [0; 32];
        octets.copy_from_slice(digest::digest(&digest::SHA256, &self.0).as_ref());
        Fingerprint(octets)
    }

    /// Opens a TLS connection to an endpoint, trusting this anchor alone, and shows a certificate if there is one.
    ///
    /// # Errors
    /// [`ConnectFault`] when nobody listens, or whoever does is not vouched for by the anchor under this host name.
    pub async fn connect(
        &self,
        endpoint: &Endpoint,
        shown: Option<&BirthCertificate>,
        clock: Arc<dyn Clock>,
    ) -> Result<TlsStream<TcpStream>, ConnectFault> {
        open(endpoint, &Arc::new(self.client(shown, clock)?)).await
    }

    fn client(
        &self,
        shown: Option<&BirthCertificate>,
        clock: Arc<dyn Clock>,
    ) -> Result<ClientConfig, rustls::Error> {
        let mut anchors = RootCertStore::empty();
        anchors.add(self.0.clone())?;
        let provider = Arc::new(provider::default_provider());
        let client = ClientConfig::builder_with_details(provider, Arc::new(DeviceTime(clock)))
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_root_certificates(anchors);
        match shown {
            Some(birth) => client.with_client_auth_cert(birth.chain(), birth.key()),
            None => Ok(client.with_no_client_auth()),
        }
    }
}

/// Opens a TLS connection to an endpoint, trusting and showing what a client's configuration says.
///
/// # Errors
/// [`ConnectFault`] when nobody listens, or whoever does is not trusted under this host name.
pub async fn open(
    endpoint: &Endpoint,
    client: &Arc<ClientConfig>,
) -> Result<TlsStream<TcpStream>, ConnectFault> {
    let connector = TlsConnector::from(Arc::clone(client));
    let unreachable = |source| ConnectFault::Unreachable {
        endpoint: endpoint.clone(),
        source,
    };
    let shake = async {
        let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port))
            .await
            .map_err(unreachable)?;
        let name = ServerName::try_from(endpoint.host.clone())
            .map_err(|fault| rustls::Error::Other(OtherError(Arc::new(fault))))?;
        let connected = connector.connect(name, stream).await;
        connected.map_err(|source| ConnectFault::NotTrusted {
            endpoint: endpoint.clone(),
            source,
        })
    };
    tokio::time::timeout(CONNECT, shake)
        .await
        .map_err(|_| ConnectFault::Late {
            endpoint: endpoint.clone(),
        })?
}

impl fmt::Debug for ServerAnchor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ServerAnchor({})", self.fingerprint())
    }
}

/// The device's clock, as TLS asks for it.
struct DeviceTime(Arc<dyn Clock>);

impl TimeProvider for DeviceTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().seconds()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

impl fmt::Debug for DeviceTime {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("DeviceTime")
    }
}

impl Endpoint {
    /// The host and port, as the Host header says it.
    pub fn authority(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }
}

impl FromStr for Endpoint {
    type Err = BadEndpoint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri = text.parse().map_err(|_| BadEndpoint)?;
        let bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
        let host = uri
            .host()
            .map(|host| host.trim_start_matches('[').trim_end_matches(']'));
        match host {
            Some(host) if bare && uri.scheme_str() == Some("https") && !host.is_empty() => Ok(Self {
                host: host.to_owned(),
                port: uri.port_u16().unwrap_or(HTTPS),
            }),
            Some(_) | None => Err(BadEndpoint),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "https://{}", self.authority())
    }
}

/// Text that is no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an endpoint is https://host or https://host:port, such as https://127.0.0.1:8443")]
pub struct BadEndpoint;

/// SHA-256 of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl FromStr for Fingerprint {
    type Err = BadFingerprint;

    /// With or without colons, in either case, as tools print it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text
            .strip_prefix("SHA256:")
            .or_else(|| text.strip_prefix("sha256:"))
            .unwrap_or(text);
        let plain: String = text
            .chars()
            .filter(|c| *c != ':')
            .collect::<String>()
            .to_ascii_lowercase();
        let octets = HEXLOWER.decode(plain.as_bytes()).map_err(|_| BadFingerprint)?;
        octets.try_into().map(Self).map_err(|_| BadFingerprint)
    }
}

/// Text that is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is a SHA-256 in hexadecimal: 64 digits, with or without colons")]
pub struct BadFingerprint;

const HTTPS: u16 = 443;
const CONNECT: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_https_and_nothing_behind_the_port() {
        for (text, shown) in [
            ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
            ("https://tamga.example/", "https://tamga.example:443"),
            ("https://[::1]:8443", "https://[::1]:8443"),
        ] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), shown);
        }
        for wrong in [
            "",
            "127.0.0.1:8443",
            "http://127.0.0.1:8443",
            "https://",
            "https://a/b",
            "https://a?b",
            "ftp://a",
        ] {
            assert!(wrong.parse::<Endpoint>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_fingerprint_is_read_as_tools_print_it() {
        let plain = "0123456789abcdef".repeat(4);
        let colons: Vec<String> = plain
            .to_uppercase()
            .as_bytes()
            .chunks(2)
            .map(|two| String::from_utf8_lossy(two).into_owned())
            .collect();
        let shown: Fingerprint = colons.join(":").parse().unwrap();
        assert_eq!(shown, plain.parse().unwrap());
        assert_eq!(shown.to_string(), plain);
        for wrong in ["", "ab", &plain[1..], "zz"] {
            assert!(wrong.parse::<Fingerprint>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_anchor_is_found_by_its_fingerprint_alone() {
        let anchors = [ServerAnchor::from_der(b"one"), ServerAnchor::from_der(b"two")];
        let wanted = anchors[1].fingerprint();
        assert_eq!(ServerAnchor::named(&wanted, &anchors).unwrap(), anchors[1]);
        let fault = ServerAnchor::named(&wanted, &anchors[..1]).unwrap_err();
        assert!(fault.to_string().contains("not the service you think"), "{fault}");
    }
}
