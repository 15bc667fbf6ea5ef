// SPDX-License-Identifier: Apache-2.0
//! A relying party: downloads what certificates name, and judges by another library than the house's.

use std::net::SocketAddr;

use x509_parser::prelude::*;

use crate::wire::{Answer, Request, Wire};

/// Downloads a plain URL with an address for a host.
pub async fn fetches(url: &str) -> Answer {
    let rest = url
        .strip_prefix("http://")
        .unwrap_or_else(|| panic!("status URLs are plain: {url}"));
    let (host, path) = rest.split_once('/').expect("a path");
    let address: SocketAddr = host
        .parse()
        .unwrap_or_else(|_| panic!("an address and a port: {url}"));
    let request = Request::new("GET", &format!("/{path}")).header("Host", host);
    let mut wire = Wire::plain(address).await.expect("the status plane listens");
    wire.ask(&request).await.expect("the status plane answers")
}

/// A list as it was downloaded.
#[derive(Clone, Debug)]
pub struct Downloaded {
    /// DER.
    pub der: Vec<u8>,
    /// Where from.
    pub url: String,
}

impl Downloaded {
    /// The list a certificate names.
    pub async fn named_by(certificate: &[u8]) -> Self {
        let url = location(certificate).expect("the certificate names a list");
        let answer = fetches(&url).await;
        assert_eq!(answer.status, 200, "{url}: {}", answer.text());
        assert_eq!(
            answer.header("content-type"),
            Some("application/pkix-crl"),
            "{url}"
        );
        Self {
            der: answer.body,
            url,
        }
    }

    /// The same list as it stands now.
    pub async fn again(&self) -> Self {
        let answer = fetches(&self.url).await;
        assert_eq!(answer.status, 200, "{}: {}", self.url, answer.text());
        Self {
            der: answer.body,
            url: self.url.clone(),
        }
    }

    /// Read by x509-parser.
    pub fn read(&self) -> CertificateRevocationList<'_> {
        CertificateRevocationList::from_der(&self.der).expect("a CRL").1
    }

    /// Its number.
    pub fn number(&self) -> u64 {
        let list = self.read();
        let number = list.crl_number().expect("a number");
        number.to_string().parse().expect("a small number")
    }

    /// Whether it lists this certificate.
    pub fn lists(&self, certificate: &[u8]) -> bool {
        self.lists_serial(read(certificate).raw_serial())
    }

    /// Whether it lists this serial.
    pub fn lists_serial(&self, serial: &[u8]) -> bool {
        self.read()
            .iter_revoked_certificates()
            .any(|entry| entry.raw_serial() == serial)
    }

    /// The reason it gives for this certificate, as RFC 5280's number.
    pub fn reason_of(&self, certificate: &[u8]) -> Option<u8> {
        let serial = read(certificate).raw_serial().to_vec();
        let list = self.read();
        let entry = list
            .iter_revoked_certificates()
            .find(|entry| entry.raw_serial() == serial);
        entry
            .and_then(RevokedCertificate::reason_code)
            .map(|(_, reason)| reason.0)
    }

    /// Whether this authority signed it.
    pub fn is_signed_by(&self, authority: &[u8]) -> bool {
        let authority = read(authority);
        let list = self.read();
        list.issuer().as_raw() == authority.subject().as_raw()
            && list.verify_signature(authority.public_key()).is_ok()
    }
}

/// A certificate, read by x509-parser.
pub fn read(certificate: &[u8]) -> X509Certificate<'_> {
    X509Certificate::from_der(certificate).expect("a certificate").1
}

/// The URL of the list a certificate names, if it names one.
pub fn location(certificate: &[u8]) -> Option<String> {
    read(certificate).extensions().iter().find_map(|extension| {
        let ParsedExtension::CRLDistributionPoints(points) = extension.parsed_extension() else {
            return None;
        };
        let point = points.points.first()?;
        let Some(DistributionPointName::FullName(names)) = &point.distribution_point else {
            return None;
        };
        names.first().and_then(url_of)
    })
}

/// The URL of the issuer's certificate a certificate names, if it names one.
pub fn issuer_location(certificate: &[u8]) -> Option<String> {
    read(certificate).extensions().iter().find_map(|extension| {
        let ParsedExtension::AuthorityInfoAccess(access) = extension.parsed_extension() else {
            return None;
        };
        url_of(&access.accessdescs.first()?.access_location)
    })
}

fn url_of(name: &GeneralName<'_>) -> Option<String> {
    let GeneralName::URI(url) = name else { return None };
    Some((*url).to_owned())
}

/// PEM of one artefact.
pub fn pem(label: &str, der: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("ASCII"))
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// PEM of certificates, one after the other.
pub fn pem_chain(chain: &[Vec<u8>]) -> String {
    chain.iter().map(|der| pem("CERTIFICATE", der)).collect()
}
