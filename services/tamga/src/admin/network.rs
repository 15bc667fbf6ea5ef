// SPDX-License-Identifier: Apache-2.0
//! The admin plane over TLS: whom we trust is named, and what proves us is in files that are ours alone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hyper::header::HeaderValue;
use rustls::RootCertStore;
use rustls::client::ClientConfig;
use rustls::crypto::aws_lc_rs as provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use zeroize::Zeroizing;

use crate::device::anchor::{Endpoint, ServerAnchor, open};
use crate::exit::{End, Failure, chain};
use crate::files::{read, read_secret, read_secret_input};

/// A plane on the network.
#[derive(Clone, Debug)]
pub struct Network {
    endpoint: Endpoint,
    client: Arc<ClientConfig>,
    token: Option<SecretString>,
}

/// Where a credential is. It is read when it is used, and kept nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// An API token in a file of mode 0600, or on standard input where the file is `-`.
    Token(PathBuf),
    /// A client certificate, PEM, and its key in a file of mode 0600.
    Certificate {
        /// The chain, its own first.
        chain: PathBuf,
        /// The key.
        key: PathBuf,
    },
}

impl Network {
    /// Makes ready to call: reads whom to trust and what to prove ourselves with.
    ///
    /// # Errors
    /// A failure of kind usage that names the file at fault.
    pub fn new(
        endpoint: Endpoint,
        anchors: &[ServerAnchor],
        credential: Option<&Credential>,
    ) -> Result<Self, Failure> {
        let setup = |fault: rustls::Error| Failure::new(End::Fault, chain(&fault));
        let mut roots = RootCertStore::empty();
        for anchor in anchors {
            let der = CertificateDer::from(anchor.der().to_vec());
            roots.add(der).map_err(setup)?;
        }
        let client = ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(setup)?
            .with_root_certificates(roots);
        let (client, token) = match credential {
            Some(Credential::Certificate { chain, key }) => {
                let (chain, key) = (certificates(chain)?, private_key(key)?);
                (client.with_client_auth_cert(chain, key).map_err(setup)?, None)
            }
            Some(Credential::Token(file)) => (client.with_no_client_auth(), Some(token(file)?)),
            None => (client.with_no_client_auth(), None),
        };
        Ok(Self {
            endpoint,
            client: Arc::new(client),
            token,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    pub(super) fn authorization(&self) -> Result<Option<HeaderValue>, Failure> {
        let Some(token) = &self.token else { return Ok(None) };
        let text = Zeroizing::new(format!("Bearer {}", token.expose_secret()));
        let mut value = HeaderValue::from_str(&text).map_err(|fault| Failure::fault(&fault))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    pub(super) async fn connect(&self) -> Result<TlsStream<TcpStream>, Failure> {
        let opened = open(&self.endpoint, &self.client).await;
        opened.map_err(|fault| Failure::new(End::Unreachable, chain(&fault)))
    }
}

fn token(file: &Path) -> Result<SecretString, Failure> {
    let octets = match file == Path::new("-") {
        true => read_secret_input()?,
        false => read_secret(file).map_err(|fault| Failure::new(End::Usage, fault))?,
    };
    let text = std::str::from_utf8(&octets).unwrap_or_default().trim();
    // A token is one word. Anything else would be sent as it is, and end up in somebody's log.
    if !text.starts_with("tmg_") || !text.bytes().all(|octet| octet.is_ascii_graphic()) {
        let sentence = format!(
            "{} holds no API token: a token begins with tmg_ and stands alone on its line",
            shown(file)
        );
        return Err(Failure::new(End::Usage, sentence));
    }
    Ok(SecretString::from(text))
}

fn shown(file: &Path) -> String {
    match file == Path::new("-") {
        true => "standard input".to_owned(),
        false => file.display().to_string(),
    }
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let octets = read(file).map_err(|fault| Failure::new(End::Usage, fault))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&octets).collect();
    let found = found.ok().filter(|found| !found.is_empty());
    found.ok_or_else(|| {
        let sentence = format!(
            "{} holds no certificate in PEM: give your client certificate, and those above it behind it",
            file.display()
        );
        Failure::new(End::Usage, sentence)
    })
}

fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, Failure> {
    let secret = read_secret(file).map_err(|fault| Failure::new(End::Usage, fault))?;
    PrivateKeyDer::from_pem_slice(&secret).map_err(|_| {
        let sentence = format!(
            "{} holds no private key in PEM: give the key of your client certificate",
            file.display()
        );
        Failure::new(End::Usage, sentence)
    })
}

/// Every certificate of a PEM file, to be trusted for the service.
///
/// # Errors
/// A failure of kind usage when it cannot be read or holds none.
pub fn anchors(file: &Path) -> Result<Vec<ServerAnchor>, Failure> {
    let found = certificates(file).map_err(|failure| {
        let sentence = format!("whom to trust is not known: {failure}");
        Failure::new(End::Usage, sentence)
    })?;
    Ok(found.iter().map(|der| ServerAnchor::from_der(der)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{Audience, put};

    #[test]
    fn a_token_is_read_from_a_file_that_is_ours_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        put(&file, b"tmg_one\n", Audience::Owner).unwrap();
        assert_eq!(token(&file).unwrap().expose_secret(), "tmg_one");
        put(&file, b"tmg_one\n", Audience::Everybody).unwrap();
        assert!(token(&file).unwrap_err().to_string().contains("chmod 0600"));
    }

    #[test]
    fn what_is_no_token_is_not_sent() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        for wrong in ["", "hunter2", "tmg_a\r\nX-Evil: 1", "tmg_a tmg_b"] {
            put(&file, wrong.as_bytes(), Audience::Owner).unwrap();
            let failure = token(&file).unwrap_err();
            assert_eq!(failure.end(), End::Usage);
            let told = failure.to_string();
            assert!(
                told.contains("no API token") && (wrong.is_empty() || !told.contains(wrong)),
                "{told}"
            );
        }
    }
}
