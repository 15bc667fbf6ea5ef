// SPDX-License-Identifier: Apache-2.0
//! How this house speaks TLS: who it is, what it offers, and what it asks of clients.

mod identity;
mod possession;

use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::server::NoServerSessionStorage;
use rustls::version::{TLS12, TLS13};

pub use identity::{IdentityFault, ServerIdentity};
use possession::PossessionOnly;

/// A ready TLS server configuration: TLS 1.2 and 1.3, HTTP/1.1, no resumption, no early data, a client
/// certificate requested but not required.
///
/// A client certificate is believed only as far as the handshake proves: the client holds the private key of
/// the first certificate it sent. Whose certificate that is, who issued it and whether it still counts is for
/// the application, on every request: that is why nothing is resumed (a ticket would outlive a revocation).
#[derive(Clone)]
pub struct TlsPolicy(Arc<rustls::ServerConfig>);

impl TlsPolicy {
    /// A policy under which the server shows `identity`; replacing the identity reaches every new connection.
    ///
    /// # Errors
    /// The cryptographic provider cannot serve the protocol versions we ask for.
    pub fn new(identity: Arc<ServerIdentity>) -> Result<Self, rustls::Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = Arc::new(PossessionOnly::new(provider.signature_verification_algorithms));
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(identity);
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.max_early_data_size = 0;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }

    pub(crate) fn config(&self) -> Arc<rustls::ServerConfig> {
        Arc::clone(&self.0)
    }
}
