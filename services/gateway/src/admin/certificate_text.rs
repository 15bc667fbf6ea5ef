// SPDX-License-Identifier: Apache-2.0
//! Certificates of others in bodies: taken as PEM or base64 of their DER, shown by what tells them apart.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use tamga_attestation::PresentedCertificate;
use tamga_x509::certificate::Fingerprint;
use tamga_x509::pem;

use super::json::dated;
use super::problem::RimRefusal;

/// A certificate as it came.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct CertificateText(String);

impl CertificateText {
    /// Its DER, if it is; nothing is judged.
    pub(super) fn der(&self, member: &str) -> Result<Vec<u8>, RimRefusal> {
        pem::decode(&self.0, "CERTIFICATE").map_err(|refusal| {
            RimRefusal::BodyMalformed(format!(
                "{member} must be one certificate, PEM or base64 of its DER: {refusal}"
            ))
        })
    }
}

/// What tells one certificate from another.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CertificateView {
    sha256: String,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    read: Option<ReadView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ReadView {
    subject: String,
    issuer: String,
    serial: String,
    not_before: String,
    not_after: String,
}

impl CertificateView {
    /// What was kept was read before; should it not be readable any more, its fingerprint is still shown.
    pub(super) fn of(der: &[u8]) -> Self {
        let read = PresentedCertificate::parse(der).ok().map(|read| ReadView {
            subject: read.subject(),
            issuer: read.issuer(),
            serial: HEXLOWER.encode(read.serial()),
            not_before: dated(read.not_before()),
            not_after: dated(read.not_after()),
        });
        Self {
            sha256: Fingerprint::of(der).to_string(),
            read,
        }
    }
}
