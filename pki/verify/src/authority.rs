// SPDX-License-Identifier: Apache-2.0
//! Reads the authorities' own certificates, and asks of each what it must be.

use tamga_registry::inspection::{KeptIssuer, Subject};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::der::{
    algorithm_of, authority_key_identifier, hex, issuer_location, key_identifier, key_kind, list_location,
    sha256, subject_key_identifier,
};
use crate::law;
use crate::report::Findings;
use crate::world::World;

/// An authority whose certificate can be read.
pub(crate) struct Authority {
    /// Its row.
    pub(crate) kept: KeptIssuer,
    /// As it is shown.
    pub(crate) shown: String,
    /// Its name, DER.
    pub(crate) subject: Vec<u8>,
    /// Its key, DER.
    pub(crate) spki: Vec<u8>,
    /// SHA-256 of that.
    pub(crate) key_hash: [u8; 32],
    /// Its subject key identifier.
    pub(crate) key_id: Option<Vec<u8>>,
    /// Its first second, since the epoch.
    pub(crate) from: i64,
    /// Its last second.
    pub(crate) until: i64,
    /// What its key signs with; none for a kind of key we do not have.
    pub(crate) algorithm: Option<&'static str>,
    /// Its serial number.
    pub(crate) serial: Vec<u8>,
}

impl Authority {
    /// Reads its certificate; or gives the row's key back, with the reason.
    pub(crate) fn read(kept: KeptIssuer) -> Result<Self, (Vec<u8>, String)> {
        let read = match X509Certificate::from_der(&kept.certificate) {
            Ok(([], certificate)) => Ok(Self {
                shown: Subject::Issuer.shown(&kept.id),
                subject: certificate.subject().as_raw().to_vec(),
                spki: certificate.public_key().raw.to_vec(),
                key_hash: sha256(certificate.public_key().raw),
                key_id: subject_key_identifier(certificate.extensions()),
                from: certificate.validity().not_before.timestamp(),
                until: certificate.validity().not_after.timestamp(),
                algorithm: key_kind(certificate.public_key()).and_then(|kind| algorithm_of(&kind)),
                serial: certificate.raw_serial().to_vec(),
                kept: KeptIssuer::default(),
            }),
            Ok((rest, _)) => Err(format!("{} octets stand behind its certificate", rest.len())),
            Err(error) => Err(error.to_string()),
        };
        match read {
            Ok(read) => Ok(Self { kept, ..read }),
            Err(why) => Err((kept.id, why)),
        }
    }

    /// Its key, as signatures are verified under it.
    pub(crate) fn key(&self) -> Option<SubjectPublicKeyInfo<'_>> {
        SubjectPublicKeyInfo::from_der(&self.spki)
            .ok()
            .map(|(_, key)| key)
    }

    /// Where its list of this shard is.
    pub(crate) fn list_url(&self, shard: i64) -> String {
        format!("{}/c/{}/{shard}.crl", self.kept.status_url, self.shown)
    }

    /// Where its certificate is.
    pub(crate) fn issuer_url(&self) -> String {
        format!("{}/i/{}.cer", self.kept.status_url, self.shown)
    }

    /// The list a serial number belongs to: its last octets modulo the count of lists, a power of two.
    pub(crate) fn shard_of(&self, serial: &[u8]) -> i64 {
        let last = serial.last_chunk::<4>().copied().unwrap_or_default();
        let last = i64::from(u32::from_be_bytes(last));
        last.checked_rem(self.kept.shards).unwrap_or_default()
    }

    /// Who signed it; itself for a root.
    pub(crate) fn above<'w>(&'w self, world: &'w World) -> Option<&'w Self> {
        match &self.kept.parent {
            None => Some(self),
            Some(parent) => world.authorities.get(parent),
        }
    }

    /// Judges it.
    pub(crate) fn judge(&self, world: &World, findings: &mut Findings) {
        let Ok((_, certificate)) = X509Certificate::from_der(&self.kept.certificate) else {
            return;
        };
        let micros = |seconds: i64| seconds.saturating_mul(1_000_000);
        if (micros(self.from), micros(self.until)) != (self.kept.not_before, self.kept.not_after) {
            findings.add(
                &law::AUTHORITY_COLUMNS,
                &self.shown,
                "its first or last second differs",
            );
        }
        if !is_authority(&certificate) {
            findings.add(&law::AUTHORITY_FORM, &self.shown, "");
        }
        let Some(above) = self.above(world) else {
            return findings.add(
                &law::ISSUER_NAME,
                &self.shown,
                "the authority above it is not there",
            );
        };
        self.judge_signature(&certificate, above, findings);
        if self.from < above.from || self.until > above.until {
            findings.add(&law::AUTHORITY_LIFE, &self.shown, "");
        }
        if certificate.issuer().as_raw() != above.subject {
            findings.add(&law::ISSUER_NAME, &self.shown, "");
        }
        let root = self.kept.parent.is_none();
        let upward = authority_key_identifier(certificate.extensions());
        let own = self.key_id == Some(key_identifier(certificate.public_key()));
        if !own || (!root || upward.is_some()) && upward != above.key_id {
            findings.add(&law::KEY_IDENTIFIERS, &self.shown, "");
        }
        let (list, issuer) = if root {
            (None, None)
        } else {
            let shard = above.shard_of(&self.serial);
            (Some(above.list_url(shard)), Some(above.issuer_url()))
        };
        let extensions = certificate.extensions();
        if list_location(extensions) != list || issuer_location(extensions) != issuer {
            findings.add(&law::LOCATIONS, &self.shown, "");
        }
    }

    fn judge_signature(&self, certificate: &X509Certificate<'_>, above: &Self, findings: &mut Findings) {
        let outer = &certificate.signature_algorithm;
        if &certificate.tbs_certificate.signature != outer {
            findings.add(&law::ALGORITHMS_AGREE, &self.shown, "");
        }
        let algorithm = outer.algorithm.to_id_string();
        if above.algorithm != Some(algorithm.as_str()) {
            findings.add(&law::ALGORITHM, &self.shown, algorithm);
        }
        let key = above.key();
        let verified = key.is_some_and(|key| certificate.verify_signature(Some(&key)).is_ok());
        if !verified {
            let detail = format!("under key {}", hex(&above.key_hash));
            findings.add(&law::SIGNATURE, &self.shown, detail);
        }
    }
}

fn is_authority(certificate: &X509Certificate<'_>) -> bool {
    let constrained =
        matches!(certificate.basic_constraints(), Ok(Some(basic)) if basic.critical && basic.value.ca);
    // Bits 5 and 6: keyCertSign and cRLSign (RFC 5280 §4.2.1.3).
    let signs = matches!(certificate.key_usage(), Ok(Some(usage)) if usage.critical && usage.value.flags == 0b110_0000);
    constrained && signs
}
