// SPDX-License-Identifier: Apache-2.0
//! The port to the private keys of issuers, and the one place where a signer is asked.

use std::sync::Arc;

use tamga_registry::id::IssuerId;
use tamga_registry::issuer::Issuer;
use tamga_x509::certificate::IssuerCertificate;
use tamga_x509::signer::Signer;
use tamga_x509::to_be_signed::ToBeSigned;

use crate::refusal::Fault;

/// Finds the signer of an issuer. Implemented by the process that holds the keys.
pub trait Signers: Send + Sync {
    /// The signer; `None` when its key is not in reach.
    fn signer(&self, issuer: IssuerId) -> Option<Arc<dyn Signer>>;
}

/// The key of an issuer is not in reach.
pub(crate) fn key_missing(issuer: &Issuer) -> Fault {
    Fault::new("signing", format!("the key of {} is not in reach", issuer.name))
}

/// What may be signed. Each kind of artefact has one type, made only where its intent was kept.
pub(crate) trait Signable {
    /// The bytes, sealed by their lints.
    fn to_be_signed(&self) -> &ToBeSigned;
}

/// Signs, verifies the signature under the issuer's certificate before anybody uses it, and returns the whole DER.
pub(crate) fn sign_and_verify(
    signer: &dyn Signer,
    issuer: &IssuerCertificate,
    what: &impl Signable,
) -> Result<Vec<u8>, Fault> {
    let what = what.to_be_signed();
    let signature = signer.sign(what).map_err(Fault::during_act("signing"))?;
    what.verify(issuer.public_key(), &signature)
        .map_err(Fault::during_act("verifying a signature of our own"))?;
    Ok(what.assemble(&signature))
}
