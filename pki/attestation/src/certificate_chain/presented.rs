// SPDX-License-Identifier: Apache-2.0
//! The chain a device presented, parsed at the rim within limits.

use core::fmt;

use tamga_x509::key::SpkiHash;

use super::certificate::PresentedCertificate;
use crate::doubt::Doubt;

/// The certificates of a TLS handshake, the device's own first. That the device holds its key is the word of the
/// door that shook hands.
#[derive(Clone, PartialEq, Eq)]
pub struct PresentedChain {
    der: Vec<Vec<u8>>,
    leaf: Box<PresentedCertificate>,
    leaf_common_name: Option<String>,
    above: Vec<PresentedCertificate>,
}

impl PresentedChain {
    /// Reads a chain: 1 to 10 certificates of at most 16 KiB, the leaf first, the others in any order.
    ///
    /// Some devices send roots of their grandfathers: what cannot be read above the leaf is left out.
    ///
    /// # Errors
    /// [`Doubt::CertificateMissing`] for none, [`Doubt::CertificateMalformed`] for too many, a certificate that is
    /// too long, or a leaf that cannot be read.
    pub fn parse(chain: &[impl AsRef<[u8]>]) -> Result<Self, Doubt> {
        let (first, rest) = chain.split_first().ok_or(Doubt::CertificateMissing)?;
        if chain.len() > LONGEST_CHAIN {
            return Err(Doubt::CertificateMalformed("more than 10 certificates were sent"));
        }
        let leaf = PresentedCertificate::parse(first.as_ref())
            .map_err(|unreadable| Doubt::CertificateMalformed(unreadable.0))?;
        if rest
            .iter()
            .any(|above| above.as_ref().len() > super::LONGEST_CERTIFICATE)
        {
            return Err(Doubt::CertificateMalformed("one above it has more than 16 KiB"));
        }
        let readable = |above: &_| PresentedCertificate::parse(AsRef::<[u8]>::as_ref(above)).ok();
        Ok(Self {
            der: chain.iter().map(|one| one.as_ref().to_vec()).collect(),
            leaf_common_name: leaf.common_name(),
            leaf: Box::new(leaf),
            above: rest.iter().filter_map(readable).collect(),
        })
    }

    /// All of it as it came, the leaf first.
    #[must_use]
    pub fn der(&self) -> &[Vec<u8>] {
        &self.der
    }

    /// The device's own certificate.
    #[must_use]
    pub fn leaf(&self) -> &PresentedCertificate {
        &self.leaf
    }

    /// SHA-256 over the SubjectPublicKeyInfo of the leaf.
    #[must_use]
    pub fn leaf_spki(&self) -> &SpkiHash {
        self.leaf.spki_hash()
    }

    /// The common name of the leaf, if it has exactly one.
    #[must_use]
    pub fn leaf_common_name(&self) -> Option<&str> {
        self.leaf_common_name.as_deref()
    }

    /// The certificates above the leaf that could be read, in the order they came.
    #[must_use]
    pub fn above(&self) -> &[PresentedCertificate] {
        &self.above
    }
}

impl fmt::Debug for PresentedChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PresentedChain({} certificates, spki {})",
            self.der.len(),
            self.leaf_spki()
        )
    }
}

const LONGEST_CHAIN: usize = 10;
