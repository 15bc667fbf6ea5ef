// SPDX-License-Identifier: Apache-2.0
//! A listener that speaks TLS, and those who come to it.

use std::sync::{Arc, Mutex};

use axum::routing::get;
use axum::{Extension, Router};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::client::ResolvesClientCert;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SignatureScheme, SupportedProtocolVersion};
use tamga_runtime::listener::{Limits, Peer};
use tamga_runtime::tls::{ServerIdentity, TlsPolicy};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::house::{GET, House, rest};

/// A certificate with its key.
pub(crate) struct Holder {
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) key: KeyPair,
}

impl Holder {
    pub(crate) fn new(name: &str) -> Self {
        Self::with(
            &PKCS_ECDSA_P256_SHA256,
            &CertificateParams::new([name.to_owned()]).expect("params"),
        )
    }

    pub(crate) fn with(algorithm: &'static rcgen::SignatureAlgorithm, params: &CertificateParams) -> Self {
        let key = KeyPair::generate_for(algorithm).expect("key");
        let certificate = params.self_signed(&key).expect("self-signed");
        Self {
            certificate: certificate.der().clone(),
            key,
        }
    }

    pub(crate) fn chain(&self) -> Vec<CertificateDer<'static>> {
        vec![self.certificate.clone()]
    }

    pub(crate) fn pkcs8(&self) -> PrivatePkcs8KeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der())
    }

    pub(crate) fn certified(&self, chain: Vec<CertificateDer<'static>>) -> CertifiedKey {
        let key = PrivateKeyDer::Pkcs8(self.pkcs8());
        CertifiedKey::new(chain, aws_lc_rs::sign::any_supported_type(&key).expect("key"))
    }
}

/// Shows whatever it is told to, and notes what the server hinted.
#[derive(Debug)]
pub(crate) struct Shows(Arc<CertifiedKey>, pub(crate) Mutex<Option<usize>>);

impl ResolvesClientCert for Shows {
    fn resolve(&self, hints: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        *self.1.lock().expect("lock") = Some(hints.len());
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

pub(crate) struct Door {
    pub(crate) house: House,
    pub(crate) identity: Arc<ServerIdentity>,
    pub(crate) server: Holder,
}

pub(crate) async fn door(limits: Limits) -> Door {
    let server = Holder::new("tamga.test");
    let identity = Arc::new(ServerIdentity::new(server.chain(), server.pkcs8()).expect("identity"));
    let policy = TlsPolicy::new(Arc::clone(&identity)).expect("policy");
    let router = Router::new().route(
        "/",
        get(|Extension(peer): Extension<Peer>| async move {
            let first = peer.chain.first().map(|first| first.len()).unwrap_or_default();
            format!(
                "{} certificates, first of {first} bytes, {:?}",
                peer.chain.len(),
                peer.tls_version
            )
        }),
    );
    let house = House::at("127.0.0.1:0", limits, Some(policy), router).await;
    Door {
        house,
        identity,
        server,
    }
}

pub(crate) fn client(
    server: &Holder,
    versions: &[&'static SupportedProtocolVersion],
    shows: Option<Arc<Shows>>,
    provider: CryptoProvider,
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(server.certificate.clone()).expect("anchor");
    let builder = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(versions)
        .expect("versions")
        .with_root_certificates(roots);
    match shows {
        Some(shows) => builder.with_client_cert_resolver(shows),
        None => builder.with_no_client_auth(),
    }
}

impl Door {
    pub(crate) async fn enter(&self, config: ClientConfig) -> std::io::Result<TlsStream<TcpStream>> {
        self.enter_again(&Arc::new(config)).await
    }

    pub(crate) async fn enter_again(
        &self,
        config: &Arc<ClientConfig>,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from("tamga.test").expect("name");
        TlsConnector::from(Arc::clone(config))
            .connect(name, self.house.connect().await)
            .await
    }

    /// What the handler saw; a refusal may show only at the first read (TLS 1.3).
    pub(crate) async fn ask(&self, config: ClientConfig) -> Result<String, String> {
        let mut stream = self.enter(config).await.map_err(|error| error.to_string())?;
        stream
            .write_all(GET.replace("Host: ", "Connection: close\r\nHost: ").as_bytes())
            .await
            .map_err(|error| error.to_string())?;
        let heard = rest(&mut stream).await;
        if heard.is_empty() {
            Err("refused after the handshake".to_owned())
        } else {
            Ok(heard)
        }
    }
}

pub(crate) fn shows(key: CertifiedKey) -> Option<Arc<Shows>> {
    Some(Arc::new(Shows(Arc::new(key), Mutex::default())))
}

pub(crate) const VERSIONS: [(&SupportedProtocolVersion, &str); 2] =
    [(&TLS12, "Some(TLSv1_2)"), (&TLS13, "Some(TLSv1_3)")];
