// SPDX-License-Identifier: Apache-2.0
//! A certificate a device showed, as the DPS describes one: Java demands every member as soon as there is one.

use data_encoding::HEXUPPER;
use serde::Serialize;
use tamga_attestation::PresentedCertificate;

use super::dated;

/// `X509CertificateInfo`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::dps) struct CertificateInfo {
    subject_name: String,
    sha1_thumbprint: String,
    sha256_thumbprint: String,
    issuer_name: String,
    not_before_utc: String,
    not_after_utc: String,
    serial_number: String,
    version: u8,
}

impl CertificateInfo {
    pub(in crate::dps) fn of(certificate: &PresentedCertificate) -> Self {
        Self {
            subject_name: certificate.subject(),
            sha1_thumbprint: HEXUPPER.encode(&certificate.sha1_thumbprint()),
            sha256_thumbprint: HEXUPPER.encode(&certificate.fingerprint().0),
            issuer_name: certificate.issuer(),
            not_before_utc: dated(certificate.not_before()),
            not_after_utc: dated(certificate.not_after()),
            serial_number: HEXUPPER.encode(certificate.serial()),
            version: certificate.version(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_finds_all_eight_members() {
        let certificate = PresentedCertificate::parse(include_bytes!("../testdata/leaf.der")).unwrap();
        let info = serde_json::to_value(CertificateInfo::of(&certificate)).unwrap();
        let expected = serde_json::json!({
            "subjectName": "CN=pump-1",
            "sha1Thumbprint": "194158A1C952A50A8DCD02E61245DDDB6E4FFBF9",
            "sha256Thumbprint": "C1969FBF003E08894EF7C3006C6A932DEDEDFA547B0A8A61A9A5E6928B142B3D",
            "issuerName": "CN=Vendor Root",
            "notBeforeUtc": "2026-11-01T00:00:00.0000000Z",
            "notAfterUtc": "2126-11-01T00:00:00.0000000Z",
            "serialNumber": "1001",
            "version": 3,
        });
        assert_eq!(info, expected);
    }
}
