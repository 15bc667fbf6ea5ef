// SPDX-License-Identifier: Apache-2.0
//! The certificate a server shows, replaceable while connections live.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use rustls::crypto::aws_lc_rs as provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// A certificate chain with its private key; new connections see the newest one.
pub struct ServerIdentity(ArcSwap<CertifiedKey>);

impl ServerIdentity {
    /// Takes a chain, leaf first, and the leaf's private key.
    ///
    /// # Errors
    /// See [`IdentityFault`].
    pub fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivatePkcs8KeyDer<'static>,
    ) -> Result<Self, IdentityFault> {
        Ok(Self(ArcSwap::from_pointee(certified(chain, key)?)))
    }

    /// Shows another certificate from the next handshake on; living connections keep theirs.
    ///
    /// # Errors
    /// See [`IdentityFault`]; the identity shown so far stays.
    pub fn replace(
        &self,
        chain: Vec<CertificateDer<'static>>,
        key: PrivatePkcs8KeyDer<'static>,
    ) -> Result<(), IdentityFault> {
        self.0.store(Arc::new(certified(chain, key)?));
        Ok(())
    }

    /// The chain shown now, leaf first.
    #[must_use]
    pub fn chain(&self) -> Vec<CertificateDer<'static>> {
        self.0.load().cert.clone()
    }

    /// SHA-256 of the leaf's DER: what a first-time client compares by eye.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let shown = self.0.load();
        let leaf = shown.cert.first().map_or(&[][..], |leaf| leaf.as_ref());
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest::digest(&digest::SHA256, leaf).as_ref());
        fingerprint
    }
}

impl fmt::Debug for ServerIdentity {
    /// Names the certificate; of the key nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ServerIdentity")
            .field(&HEXLOWER.encode(&self.fingerprint()))
            .finish()
    }
}

/// Why a chain and a key cannot be a server's identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityFault {
    /// There is no certificate to show.
    #[error("the server certificate chain is empty: give at least the server's own certificate")]
    EmptyChain,
    /// The key is not one TLS can sign with.
    #[error(
        "the server's private key cannot be used for TLS: give an unencrypted PKCS#8 key, P-256, P-384, RSA or Ed25519"
    )]
    Key(#[source] rustls::Error),
    /// Certificate and key do not belong together.
    #[error(
        "the server's certificate and private key do not belong together: the leaf must come first in the chain"
    )]
    Mismatch(#[source] rustls::Error),
}

impl ResolvesServerCert for ServerIdentity {
    fn resolve(&self, _client_hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivatePkcs8KeyDer<'static>,
) -> Result<CertifiedKey, IdentityFault> {
    if chain.is_empty() {
        return Err(IdentityFault::EmptyChain);
    }
    let key = provider::sign::any_supported_type(&PrivateKeyDer::Pkcs8(key)).map_err(IdentityFault::Key)?;
    let certified = CertifiedKey::new(chain, key);
    certified.keys_match().map_err(IdentityFault::Mismatch)?;
    Ok(certified)
}
