// SPDX-License-Identifier: Apache-2.0
//! What makes certificates in both yardsticks: the house's parser, profile, lints and keys.

use std::sync::Arc;

use anyhow::{Context, Result};
use tamga_registry::id::DeviceId;
use tamga_registry::issuer::Issuer;
use tamga_runtime::chance::SystemChance;
use tamga_runtime::clock::SystemClock;
use tamga_x509::chance::octets;
use tamga_x509::name::DeviceIdentity;
use tamga_x509::profile::{DeviceDraft, Profile, ProfileConfig};
use tamga_x509::request::Request;
use tamga_x509::serial::Serial;
use tamga_x509::signer::{Signature, Signer};
use tamga_x509::time::{Clock, Timestamp};
use tamga_x509::to_be_signed::ToBeSigned;

use crate::database::founding::{Founded, ORGANIZATION, TRUST_DOMAIN};

/// An issuer at work.
pub(super) struct Press {
    pub(super) issuer: Issuer,
    pub(super) chance: SystemChance,
    signer: Arc<dyn Signer>,
    profile: Profile,
    /// The DER of issuer and root, which follows every leaf.
    above: Vec<u8>,
}

/// A request that was verified, and the bytes that are about to be signed for it.
pub(super) struct Drafted {
    pub(super) request: Request,
    pub(super) device: DeviceId,
    pub(super) at: Timestamp,
    pub(super) to_be_signed: ToBeSigned,
}

impl Press {
    pub(super) fn new(founded: &Founded) -> Result<Self> {
        Ok(Self {
            issuer: founded.issuer.clone(),
            chance: SystemChance::new(),
            signer: founded.signer.clone(),
            profile: Profile::try_from(ProfileConfig::device())?,
            above: [founded.issuer.certificate.der(), founded.root.certificate.der()].concat(),
        })
    }

    /// Reads the request, verifies that its key is possessed, drafts the certificate and lints the draft.
    pub(super) fn draft(&self, registration_id: &str, csr: &[u8]) -> Result<Drafted> {
        let request = Request::parse(csr)?;
        let at = SystemClock.now();
        let device = DeviceId::fresh(at, &self.chance)?;
        let serial = Serial::compose(0, at, octets::<16>(&self.chance)?)?;
        let identity = DeviceIdentity::new(registration_id, ORGANIZATION, TRUST_DOMAIN, &device.to_string())?;
        let draft = self.profile.draft(&DeviceDraft {
            request: &request,
            identity: &identity,
            issuer: &self.issuer.certificate,
            serial,
            now: at,
            locations: &self.issuer.locations(&serial),
        })?;
        let to_be_signed = ToBeSigned::certificate(draft)?;
        Ok(Drafted {
            request,
            device,
            at,
            to_be_signed,
        })
    }

    pub(super) fn sign(&self, what: &ToBeSigned) -> Result<Signature> {
        Ok(self.signer.sign(what)?)
    }

    pub(super) fn verify(&self, what: &ToBeSigned, signature: &Signature) -> Result<()> {
        what.verify(self.issuer.certificate.public_key(), signature)
            .context("our own signature")
    }

    /// The leaf and the certificates above it.
    pub(super) fn chain(&self, leaf: &[u8]) -> Vec<u8> {
        [leaf, &self.above].concat()
    }
}
