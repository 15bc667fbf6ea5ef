// SPDX-License-Identifier: Apache-2.0
//! What an inspection looks at: rows exactly as memory keeps them, and the laws they are held to.
//!
//! Nothing here is parsed or judged: a row that contradicts itself must be readable, or it could not be shown.
//! Identifiers are octets, times are microseconds since the Unix epoch.

use data_encoding::HEXLOWER;
use tamga_x509::time::Timestamp;

use crate::id::{Id, Kind, kind};

/// One thing that must be true of everything the house keeps.
#[derive(Debug, PartialEq, Eq)]
pub struct Law {
    /// Its stable name, in snake case.
    pub name: &'static str,
    /// The invariant it belongs to: `I-01`.
    pub invariant: &'static str,
    /// One sentence: what holds.
    pub holds: &'static str,
}

/// A law that memory checks of itself.
#[derive(Debug)]
pub struct Assertion {
    /// The law.
    pub law: Law,
    /// What kind of thing its offenders are.
    pub subject: Subject,
    /// Finds the keys of the offenders, as `object`: the same text on every engine. $1 is now, $2 how many at most.
    pub query: &'static str,
}

/// What kind of thing an offender is; says how its key is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A certificate or an intent.
    Certificate,
    /// A device.
    Device,
    /// An order.
    Order,
    /// An issuer, or one of its lists.
    Issuer,
    /// An organization.
    Organization,
    /// An enrollment or a group: both are keyed alike.
    Enrollment,
    /// A software key.
    SoftwareKey,
    /// A submission.
    Submission,
    /// A station.
    Station,
    /// A serial number.
    Serial,
    /// A public key, by its hash.
    Key,
    /// An approval.
    Approval,
    /// A revocation of many certificates.
    MassRevocation,
}

impl Subject {
    /// A key of this kind as people see it elsewhere; one that can be no such key, in hexadecimal.
    pub fn shown(self, key: &[u8]) -> String {
        match self {
            Self::Certificate => shown::<kind::Certificate>(key),
            Self::Device => shown::<kind::Device>(key),
            Self::Order => shown::<kind::Order>(key),
            Self::Issuer => shown::<kind::Issuer>(key),
            Self::Organization => shown::<kind::Organization>(key),
            Self::Enrollment => shown::<kind::Enrollment>(key),
            Self::Submission => shown::<kind::Submission>(key),
            Self::Station => shown::<kind::Station>(key),
            Self::SoftwareKey => shown::<kind::SoftwareKey>(key),
            Self::Approval => shown::<kind::Approval>(key),
            Self::MassRevocation => shown::<kind::MassRevocation>(key),
            Self::Serial => format!("serial {}", HEXLOWER.encode(key)),
            Self::Key => format!("key {}", HEXLOWER.encode(key)),
        }
    }
}

fn shown<K: Kind>(key: &[u8]) -> String {
    <[u8; 16]>::try_from(key).map_or_else(
        |_| format!("{}_(damaged: {})", K::PREFIX, HEXLOWER.encode(key)),
        |octets| Id::<K>::from_octets(octets).to_string(),
    )
}

/// A row of `certificate`, and what it takes to judge it: who its device is, and what was asked.
#[derive(Debug, Clone, Default)]
pub struct KeptCertificate {
    /// Its key.
    pub id: Vec<u8>,
    /// Who signed it.
    pub issuer: Vec<u8>,
    /// Whose it is; none for certificates of the house itself.
    pub device: Option<Vec<u8>>,
    /// The profile it was judged by.
    pub profile: Vec<u8>,
    /// The revision of that.
    pub revision: i64,
    /// Its serial number.
    pub serial: Vec<u8>,
    /// SHA-256 of its DER SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
    /// The list it would be revoked on.
    pub shard: i64,
    /// intended | issued | superseded | revoked.
    pub state: String,
    /// The to-be-signed bytes, until a certificate holds them.
    pub tbs: Option<Vec<u8>>,
    /// SHA-256 of those.
    pub tbs_hash: Vec<u8>,
    /// The certificate.
    pub der: Option<Vec<u8>>,
    /// Its first second.
    pub not_before: i64,
    /// Its last second.
    pub not_after: i64,
    /// When its intent was kept.
    pub intended_at: i64,
    /// Who its device is, where there is one.
    pub named: Option<Named>,
    /// The certificate request of its order, DER.
    pub request: Option<Vec<u8>>,
}

/// What a certificate must call its device.
#[derive(Debug, Clone)]
pub struct Named {
    /// The registration id as first presented.
    pub presented: String,
    /// The slug of the organization of the device.
    pub organization: String,
}

/// A row of `issuer`.
#[derive(Debug, Clone, Default)]
pub struct KeptIssuer {
    /// Its key.
    pub id: Vec<u8>,
    /// root | device | server.
    pub role: String,
    /// The authority above it; none for a root.
    pub parent: Option<Vec<u8>>,
    /// Its certificate.
    pub certificate: Vec<u8>,
    /// The base of its status URLs.
    pub status_url: String,
    /// How many lists it has.
    pub shards: i64,
    /// Its certificate's first second.
    pub not_before: i64,
    /// Its certificate's last second.
    pub not_after: i64,
}

/// A row of `profile_revision`.
#[derive(Debug, Clone)]
pub struct KeptRevision {
    /// The profile.
    pub profile: Vec<u8>,
    /// Which revision.
    pub revision: i64,
    /// Its rules, JSON.
    pub config: String,
}

/// A row of `crl`, and how its shard stands.
#[derive(Debug, Clone, Default)]
pub struct KeptList {
    /// Whose list.
    pub issuer: Vec<u8>,
    /// Which of its lists.
    pub shard: i64,
    /// Its CRL number.
    pub number: i64,
    /// SHA-256 of its to-be-signed bytes.
    pub tbs_hash: Vec<u8>,
    /// The list, once signed.
    pub der: Option<Vec<u8>>,
    /// How many certificates stand on it.
    pub entries: i64,
    /// Its `thisUpdate`.
    pub this_update: i64,
    /// Its `nextUpdate`.
    pub next_update: i64,
    /// It is the one that is served, and covers every revocation of its shard.
    pub covers: bool,
}

/// Names a row of `crl`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListKey {
    /// Whose list.
    pub issuer: Vec<u8>,
    /// Which of its lists.
    pub shard: i64,
    /// Its CRL number.
    pub number: i64,
}

/// A row of `revocation`.
#[derive(Debug, Clone)]
pub struct KeptRevocation {
    /// The certificate's serial number.
    pub serial: Vec<u8>,
    /// Since when.
    pub revoked_at: i64,
    /// Why.
    pub reason: String,
    /// The certificate's last second.
    pub not_after: i64,
}

/// Who gave a serial number, and what became of the certificate.
#[derive(Debug, Clone)]
pub struct Given {
    /// The issuer.
    pub issuer: Vec<u8>,
    /// The state of the certificate; none for an authority's own.
    pub state: Option<String>,
}

/// The row of `installation`.
#[derive(Debug, Clone)]
pub struct KeptInstallation {
    /// The SPIFFE trust domain.
    pub trust_domain: String,
    /// The highest second octet a serial number may have.
    pub restore_epoch: i64,
}

/// How many offenders of one assertion are told at most, and as of when it is asked.
#[derive(Debug, Clone, Copy)]
pub struct AskedAt {
    /// Now.
    pub now: Timestamp,
    /// How many.
    pub limit: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::CertificateId;

    #[test]
    fn an_offender_is_shown_as_elsewhere_and_a_damaged_key_in_hexadecimal() {
        let id = CertificateId::from_octets([7; 16]);
        assert_eq!(Subject::Certificate.shown(id.octets()), id.to_string());
        assert_eq!(Subject::Certificate.shown(&[1, 2]), "crt_(damaged: 0102)");
        assert_eq!(Subject::Serial.shown(&[0x41, 0]), "serial 4100");
    }
}
