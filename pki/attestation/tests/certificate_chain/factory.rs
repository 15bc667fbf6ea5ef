// SPDX-License-Identifier: Apache-2.0
//! A factory with its own authorities: roots, plants below them, and devices with birth certificates.

use std::sync::atomic::{AtomicU64, Ordering};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SerialNumber,
};
use tamga_attestation::{
    AnchorReference, Context, Doubt, Evidence, ForeignStatus, Judgement, PresentedChain, Proof, Reference,
    SasLimits, TrustedAnchor, judge,
};
use tamga_x509::time::Timestamp;
use time::OffsetDateTime;

pub(crate) const ID: &str = "pump-1";
/// 2026-11-22, 00:00 UTC.
pub(crate) const NOW: i64 = 1_795_305_600;
pub(crate) const DAY: i64 = 86_400;

/// An authority, or a device: a certificate and the key it is about.
pub(crate) struct Holder {
    pub(crate) params: CertificateParams,
    pub(crate) key: KeyPair,
    pub(crate) der: Vec<u8>,
}

impl Holder {
    /// Issues a certificate under the key and name of this one.
    pub(crate) fn issues(&self, params: CertificateParams) -> Holder {
        self.issues_for(params, KeyPair::generate().unwrap())
    }

    pub(crate) fn issues_for(&self, params: CertificateParams, key: KeyPair) -> Holder {
        let issuer = Issuer::from_params(&self.params, &self.key);
        let der = params.signed_by(&key, &issuer).unwrap().der().to_vec();
        Holder { params, key, der }
    }

    pub(crate) fn serial(&self) -> SerialNumber {
        self.params.serial_number.clone().unwrap()
    }
}

pub(crate) fn root(name: &str) -> Holder {
    self_signed(authority(name))
}

pub(crate) fn self_signed(params: CertificateParams) -> Holder {
    let key = KeyPair::generate().unwrap();
    let der = params.self_signed(&key).unwrap().der().to_vec();
    Holder { params, key, der }
}

pub(crate) fn authority(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

pub(crate) fn device(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

fn named(name: &str) -> CertificateParams {
    static SERIAL: AtomicU64 = AtomicU64::new(1);
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = second(NOW - DAY);
    params.not_after = second(NOW + 365 * DAY);
    params.use_authority_key_identifier_extension = true;
    let serial = 0x1000_0000 + SERIAL.fetch_add(1, Ordering::Relaxed);
    params.serial_number = Some(SerialNumber::from(serial));
    params
}

pub(crate) fn second(at: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at).unwrap()
}

pub(crate) fn chain(certificates: &[&Holder]) -> PresentedChain {
    let ders: Vec<_> = certificates.iter().map(|one| one.der.clone()).collect();
    PresentedChain::parse(&ders).unwrap()
}

pub(crate) fn anchor(authority: &Holder) -> TrustedAnchor {
    TrustedAnchor::new(&authority.der, &[] as &[&[u8]], ForeignStatus::None).unwrap()
}

pub(crate) fn group(authorities: &[&Holder]) -> AnchorReference {
    AnchorReference {
        anchors: authorities.iter().map(|one| anchor(one)).collect(),
    }
}

pub(crate) fn context(limits: &SasLimits) -> Context<'_> {
    at(limits, NOW)
}

pub(crate) fn at(limits: &SasLimits, now: i64) -> Context<'_> {
    Context {
        id_scope: "0tmK4Q8Z1RW",
        registration_id: ID,
        now: Timestamp::from_seconds(now),
        judged_at: Timestamp::from_seconds(now),
        limits,
    }
}

pub(crate) fn judged(chain: PresentedChain, reference: &Reference) -> Result<Proof, Doubt> {
    judge(
        &Evidence::CertificateChain(chain),
        reference,
        &context(&SasLimits::default()),
    )
    .map(|Judgement::Proven(proof)| proof)
}

/// How a group with this one anchor judges what a device presents.
pub(crate) fn by(authority: &Holder, presented: &[&Holder]) -> Result<Proof, Doubt> {
    judged(chain(presented), &Reference::Anchors(group(&[authority])))
}

/// How many authorities stood between leaf and anchor.
pub(crate) fn depth(verdict: Result<Proof, Doubt>) -> usize {
    let proof = verdict.unwrap();
    let Proof::CertificateChain {
        depth, pinned: false, ..
    } = proof
    else {
        panic!("not proven by an anchor: {proof:?}");
    };
    depth
}
