// SPDX-License-Identifier: Apache-2.0
//! Reads a page of certificates and intents, and asks of each what it must be.

mod extensions;
mod identity;
mod issuance;
mod key;
mod life;

use tamga_registry::inspection::{KeptCertificate, Subject};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::authority::Authority;
use crate::bits::Bits;
use crate::der::sha256;
use crate::law;
use crate::report::{Counts, Findings};
use crate::rules::Rules;
use crate::world::World;

/// What came of a page.
#[derive(Default)]
pub(crate) struct Examined {
    /// What was found.
    pub(crate) findings: Findings,
    /// How much was looked at.
    pub(crate) counts: Counts,
    /// The random bits of its serial numbers.
    pub(crate) bits: Bits,
    /// Of the certificates clients were handed, those recorded here.
    pub(crate) recorded: Vec<[u8; 32]>,
    /// Of the bytes that were signed, those intended here.
    pub(crate) intended: Vec<[u8; 32]>,
}

/// A certificate that can be read, and all it is held against.
struct Case<'a> {
    world: &'a World,
    row: &'a KeptCertificate,
    certificate: &'a X509Certificate<'a>,
    authority: &'a Authority,
    /// None where the revision is missing or cannot be read, which is found elsewhere.
    rules: Option<&'a Rules>,
    object: &'a str,
}

/// Examines a page.
pub(crate) fn examine(world: &World, page: &[KeptCertificate]) -> Examined {
    let mut examined = Examined::default();
    for row in page {
        examined.row(world, row);
    }
    examined
}

impl Examined {
    fn row(&mut self, world: &World, row: &KeptCertificate) {
        let object = Subject::Certificate.shown(&row.id);
        judge_serial(world, row, &object, &mut self.findings);
        self.bits.count(&row.serial);
        if !world.signed.is_empty()
            && let Ok(hash) = <[u8; 32]>::try_from(row.tbs_hash.as_slice())
            && world.signed.contains(&hash)
        {
            self.intended.push(hash);
        }
        self.request(row, &object);
        match &row.der {
            Some(der) => self.certificate(world, row, der, &object),
            None => {
                self.counts.intents = self.counts.intents.saturating_add(1);
                let bytes = row.tbs.as_deref().map(sha256);
                if bytes.is_some_and(|bytes| bytes.as_slice() != row.tbs_hash) {
                    let law = &law::CERTIFICATE_AS_INTENDED;
                    self.findings
                        .add(law, &object, "the intent's bytes have another hash");
                }
            }
        }
    }

    fn certificate(&mut self, world: &World, row: &KeptCertificate, der: &[u8], object: &str) {
        self.counts.certificates = self.counts.certificates.saturating_add(1);
        if !world.handed_out.is_empty() {
            let hash = sha256(der);
            if world.handed_out.contains(&hash) {
                self.recorded.push(hash);
            }
        }
        let certificate = match X509Certificate::from_der(der) {
            Ok(([], certificate)) => certificate,
            Ok((rest, _)) => {
                let detail = format!("{} octets stand behind it", rest.len());
                return self.findings.add(&law::CERTIFICATE_READABLE, object, detail);
            }
            Err(error) => {
                return self
                    .findings
                    .add(&law::CERTIFICATE_READABLE, object, error.to_string());
            }
        };
        let findings = &mut self.findings;
        let Some(authority) = world.authorities.get(&row.issuer) else {
            return findings.add(
                &law::ISSUER_NAME,
                object,
                "its issuer is not there, or cannot be read",
            );
        };
        let case = Case {
            world,
            row,
            certificate: &certificate,
            authority,
            rules: world.rules(&row.profile, row.revision),
            object,
        };
        case.columns(findings);
        case.issuance(findings);
        case.life(findings);
        case.identity(findings);
        case.extensions(findings);
        case.key(findings);
    }

    fn request(&mut self, row: &KeptCertificate, object: &str) {
        let Some(request) = &row.request else { return };
        self.counts.requests = self.counts.requests.saturating_add(1);
        match key::judge_request(request, &row.spki) {
            key::Request::Proves => {}
            key::Request::Unjudged => {
                self.counts.requests_unjudged = self.counts.requests_unjudged.saturating_add(1);
            }
            key::Request::Not(why) => self.findings.add(&law::REQUEST_PROVES_KEY, object, why),
        }
    }
}

fn judge_serial(world: &World, row: &KeptCertificate, object: &str, findings: &mut Findings) {
    let [0x41, epoch, high, low, random @ ..] = row.serial.as_slice() else {
        return findings.add(&law::SERIAL_LAYOUT, object, "");
    };
    let day = i64::from(u16::from_be_bytes([*high, *low]));
    let intended = row
        .intended_at
        .div_euclid(MICROS_PER_DAY)
        .saturating_sub(DAYS_TO_2020);
    let detail = match () {
        () if random.len() != 16 => "it has another length",
        () if i64::from(*epoch) > world.restore_epoch => "its restore epoch has not begun",
        () if day != intended => "its day is not that of its intent",
        () => return,
    };
    findings.add(&law::SERIAL_LAYOUT, object, detail);
}

impl Case<'_> {
    fn columns(&self, findings: &mut Findings) {
        let (row, certificate) = (self.row, self.certificate);
        let micros = |seconds: i64| seconds.saturating_mul(1_000_000);
        let life = certificate.validity();
        let differing = [
            ("serial number", certificate.raw_serial() == row.serial),
            ("key", sha256(certificate.public_key().raw).as_slice() == row.spki),
            (
                "shard",
                self.authority.shard_of(certificate.raw_serial()) == row.shard,
            ),
            (
                "first second",
                micros(life.not_before.timestamp()) == row.not_before,
            ),
            ("last second", micros(life.not_after.timestamp()) == row.not_after),
        ];
        for (column, agrees) in differing {
            if !agrees {
                findings.add(
                    &law::CERTIFICATE_COLUMNS,
                    self.object,
                    format!("its {column} differs"),
                );
            }
        }
        let bytes = sha256(certificate.tbs_certificate.as_ref());
        if bytes.as_slice() != row.tbs_hash {
            findings.add(&law::CERTIFICATE_AS_INTENDED, self.object, "");
        }
    }

    fn finds(&self, law: &'static tamga_registry::inspection::Law, findings: &mut Findings, detail: &str) {
        findings.add(law, self.object, detail);
    }
}

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// Days from 1970 to 2020, from which serial numbers count.
const DAYS_TO_2020: i64 = 18_262;
