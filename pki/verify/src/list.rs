// SPDX-License-Identifier: Apache-2.0
//! Reads a revocation list, and asks of it what it must be, but for what it names.

use std::time::Duration;

use tamga_registry::inspection::{KeptList, KeptRevocation};
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::{CertificateRevocationList, FromDer as _, X509Extension};

use crate::authority::Authority;
use crate::der::{authority_key_identifier, hex, sha256, the_url};
use crate::law;
use crate::report::Findings;

/// One entry of a list.
pub(crate) struct Entry {
    /// The certificate's number.
    pub(crate) serial: Box<[u8]>,
    at: i64,
    reason: u8,
}

impl Entry {
    /// Whether it tells of this revocation on a list of this time. A revocation that came while the list was being
    /// built is dated by the list.
    pub(crate) fn tells_of(&self, revocation: &KeptRevocation, list: &KeptList) -> bool {
        let at = revocation.revoked_at.min(list.this_update).div_euclid(1_000_000);
        self.at == at && reason_code(&revocation.reason) == Some(self.reason)
    }
}

/// A list that was read.
#[derive(Default)]
pub(crate) struct ListRead {
    /// What was found.
    pub(crate) findings: Findings,
    /// What it names, in its order.
    pub(crate) entries: Vec<Entry>,
}

/// A list on trial.
struct Case<'a> {
    list: &'a KeptList,
    crl: &'a CertificateRevocationList<'a>,
    authority: &'a Authority,
    object: &'a str,
}

/// How a list is called.
pub(crate) fn shown(list: &KeptList, authority: &Authority) -> String {
    format!("list {} of {} shard {}", list.number, authority.shown, list.shard)
}

/// Reads a signed list and judges it.
pub(crate) fn examine(list: &KeptList, authority: &Authority, longest: Duration) -> ListRead {
    let mut read = ListRead::default();
    let object = shown(list, authority);
    let Some(der) = &list.der else { return read };
    let crl = match CertificateRevocationList::from_der(der) {
        Ok(([], crl)) => crl,
        Ok((rest, _)) => {
            let detail = format!("{} octets stand behind it", rest.len());
            read.findings.add(&law::LIST_COLUMNS, &object, detail);
            return read;
        }
        Err(error) => {
            read.findings.add(&law::LIST_COLUMNS, &object, error.to_string());
            return read;
        }
    };
    let case = Case {
        list,
        crl: &crl,
        authority,
        object: &object,
    };
    case.columns(&mut read.findings);
    case.signature(&mut read.findings);
    case.issuer(&mut read.findings);
    case.place(&mut read.findings);
    case.life(longest, &mut read.findings);
    read.entries = case.entries(&mut read.findings);
    read
}

impl Case<'_> {
    fn columns(&self, findings: &mut Findings) {
        let (list, crl) = (self.list, self.crl);
        let micros = |seconds: i64| seconds.saturating_mul(1_000_000);
        let number = crl.crl_number().map(ToString::to_string);
        let count = i64::try_from(crl.tbs_cert_list.revoked_certificates.len());
        let agreeing = [
            ("number", number == Some(list.number.to_string())),
            ("time", micros(crl.last_update().timestamp()) == list.this_update),
            (
                "end",
                crl.next_update().map(|end| micros(end.timestamp())) == Some(list.next_update),
            ),
            ("count of entries", count == Ok(list.entries)),
        ];
        for (column, agrees) in agreeing {
            if !agrees {
                findings.add(&law::LIST_COLUMNS, self.object, format!("its {column} differs"));
            }
        }
        if sha256(crl.tbs_cert_list.as_ref()).as_slice() != list.tbs_hash {
            findings.add(&law::LIST_AS_INTENDED, self.object, "");
        }
    }

    fn signature(&self, findings: &mut Findings) {
        let outer = &self.crl.signature_algorithm;
        if &self.crl.tbs_cert_list.signature != outer {
            findings.add(&law::ALGORITHMS_AGREE, self.object, "");
        }
        let algorithm = outer.algorithm.to_id_string();
        if self.authority.algorithm != Some(algorithm.as_str()) {
            findings.add(&law::ALGORITHM, self.object, algorithm);
        }
        let key = self.authority.key();
        if key.is_none_or(|key| self.crl.verify_signature(&key).is_err()) {
            findings.add(&law::LIST_SIGNATURE, self.object, "");
        }
    }

    fn issuer(&self, findings: &mut Findings) {
        let key_id = authority_key_identifier(self.crl.extensions());
        let named = self.crl.issuer().as_raw() == self.authority.subject;
        if !named || key_id.is_none() || key_id != self.authority.key_id {
            findings.add(&law::LIST_NAMES_ITS_ISSUER, self.object, "");
        }
    }

    fn place(&self, findings: &mut Findings) {
        let sharded = self.authority.kept.shards > 1;
        let mut wanted = vec!["2.5.29.20", "2.5.29.35"];
        if sharded {
            wanted.push("2.5.29.28");
        }
        for extension in self.crl.extensions() {
            let oid = extension.oid.to_id_string();
            let Some(at) = wanted.iter().position(|wanted| *wanted == oid) else {
                let detail = format!("{oid} is not expected, or there twice");
                findings.add(&law::LIST_PLACE, self.object, detail);
                continue;
            };
            wanted.swap_remove(at);
            if let ParsedExtension::IssuingDistributionPoint(_) = extension.parsed_extension()
                && !self.is_here(extension)
            {
                findings.add(&law::LIST_PLACE, self.object, "it says it is another");
            }
        }
        for oid in wanted {
            findings.add(&law::LIST_PLACE, self.object, format!("{oid} is missing"));
        }
    }

    fn is_here(&self, extension: &X509Extension<'_>) -> bool {
        let ParsedExtension::IssuingDistributionPoint(point) = extension.parsed_extension() else {
            return false;
        };
        let partial = point.only_contains_user_certs
            || point.only_contains_ca_certs
            || point.only_contains_attribute_certs
            || point.indirect_crl
            || point.only_some_reasons.is_some();
        let url = point.distribution_point.as_ref().and_then(the_url);
        extension.critical && !partial && url == Some(self.authority.list_url(self.list.shard))
    }

    fn life(&self, longest: Duration, findings: &mut Findings) {
        let longest = i64::try_from(longest.as_secs()).unwrap_or(i64::MAX);
        let from = self.crl.last_update().timestamp();
        let until = self.crl.next_update().map(|end| end.timestamp());
        let fits = until.is_some_and(|until| {
            from < until && until.saturating_sub(from) <= longest && until <= self.authority.until
        });
        if !fits {
            findings.add(&law::LIST_LIFE, self.object, "");
        }
    }

    fn entries(&self, findings: &mut Findings) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::with_capacity(self.crl.tbs_cert_list.revoked_certificates.len());
        for revoked in self.crl.iter_revoked_certificates() {
            let serial = revoked.raw_serial();
            let before = entries.last().map(|entry| &*entry.serial);
            if before.is_some_and(|before| before >= serial) {
                let detail = format!("{} is out of order, or there twice", hex(serial));
                findings.add(&law::LIST_NAMES_ITS_OWN, self.object, detail);
            }
            if self.authority.shard_of(serial) != self.list.shard {
                let detail = format!("{} belongs to another shard", hex(serial));
                findings.add(&law::LIST_NAMES_ITS_OWN, self.object, detail);
            }
            entries.push(Entry {
                serial: serial.into(),
                at: revoked.revocation_date.timestamp(),
                reason: revoked.reason_code().map_or(0, |(_, reason)| reason.0),
            });
        }
        entries.sort_by(|one, other| one.serial.cmp(&other.serial));
        entries
    }
}

/// The CRLReason of a stored word (RFC 5280 §5.3.1).
fn reason_code(word: &str) -> Option<u8> {
    match word {
        "unspecified" => Some(0),
        "key_compromise" => Some(1),
        "affiliation_changed" => Some(3),
        "superseded" => Some(4),
        "cessation_of_operation" => Some(5),
        "privilege_withdrawn" => Some(9),
        _ => None,
    }
}
