// SPDX-License-Identifier: Apache-2.0
//! Drafts the certificates of authorities: self-signed roots, and the issuing authorities below them.

#[cfg(test)]
mod tests;

use crate::certificate::{
    CertificateDraft, Composition, IssuerCertificate, KeyUsage, StatusLocations, Validity, extension,
};
use crate::key::{PublicKey, SignatureAlgorithm};
use crate::lint::{Expectation, Life, Role};
use crate::name::AuthorityName;
use crate::serial::Serial;

/// What an authority's certificate is drafted from.
#[derive(Clone, Copy, Debug)]
pub struct AuthorityDraft<'a> {
    /// What it is called.
    pub name: &'a AuthorityName,
    /// Its key.
    pub key: &'a PublicKey,
    /// Who certifies it; `None` for a root, which certifies itself.
    pub issuer: Option<&'a IssuerCertificate>,
    /// The number it gets.
    pub serial: Serial,
    /// Its life, all of which must lie in its issuer's.
    pub validity: Validity,
    /// Where its own status will be found.
    pub locations: &'a StatusLocations,
}

/// Why an authority cannot be certified so: a fault of its operator's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityFault {
    /// The order exceeds the issuer's life.
    #[error("the authority would live beyond its issuer: shorten its validity")]
    Life,
    /// The issuer may not certify authorities.
    #[error(
        "the issuer's path length allows no authority below it: have a higher authority certify this one"
    )]
    PathLength,
}

impl AuthorityFault {
    /// The stable code of this fault.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::Life => "authority_life",
            Self::PathLength => "authority_path_length",
        }
    }
}

impl AuthorityDraft<'_> {
    /// Drafts the certificate: a root without a path length, an issuing authority with path length 0.
    ///
    /// # Errors
    /// [`AuthorityFault`] when the issuer cannot certify this.
    pub fn draft(&self) -> Result<CertificateDraft, AuthorityFault> {
        let expectation = self.expect()?;
        let mut subject = Vec::with_capacity(160);
        self.name.subject().write(&mut subject);
        let composition = Composition {
            serial: self.serial,
            algorithm: self.algorithm(),
            issuer: self.issuer.map_or(&*subject, IssuerCertificate::subject_der),
            validity: self.validity,
            subject: &subject,
            key: self.key,
        };
        let tbs = composition.write(|out| {
            extension::authority(out, self.path_length());
            extension::key_usage(out, &[KeyUsage::KeyCertSign, KeyUsage::CrlSign]);
            extension::subject_key_identifier(out, &self.key.key_identifier());
            if let Some(issuer) = self.issuer {
                extension::authority_key_identifier(out, issuer.key_identifier());
            }
            extension::locations(out, self.locations);
        });
        Ok(CertificateDraft { tbs, expectation })
    }

    /// What the certificate must be: to resume a kept intent, from the same order.
    ///
    /// # Errors
    /// [`AuthorityFault`] when the issuer cannot certify this.
    pub fn expect(&self) -> Result<Expectation, AuthorityFault> {
        if let Some(issuer) = self.issuer {
            let life = issuer.validity();
            if self.validity.not_before() < life.not_before() || self.validity.not_after() > life.not_after()
            {
                return Err(AuthorityFault::Life);
            }
            if issuer.path_length() == Some(0) {
                return Err(AuthorityFault::PathLength);
            }
        }
        Ok(Expectation {
            serial: self.serial,
            algorithm: self.algorithm(),
            issuer_subject: self.issuer.map(|issuer| issuer.subject_der().to_vec()),
            authority_key_identifier: self.issuer.map(|issuer| issuer.key_identifier().to_vec()),
            common_name: Some(self.name.common_name().to_owned()),
            organization: Some(self.name.organization().to_owned()),
            organizational_unit: None,
            serial_number: None,
            key: self.key.clone(),
            names: Vec::new(),
            role: Role::Authority {
                path_length: self.path_length(),
            },
            life: Life::Exactly {
                ordered: self.validity,
                issuer: self.issuer.map(IssuerCertificate::validity),
            },
            locations: self.locations.clone(),
        })
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.issuer.map_or_else(
            || SignatureAlgorithm::default_for(self.key.algorithm()),
            IssuerCertificate::signature_algorithm,
        )
    }

    fn path_length(&self) -> Option<u8> {
        self.issuer.map(|_| 0)
    }
}
