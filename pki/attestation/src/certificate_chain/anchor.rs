// SPDX-License-Identifier: Apache-2.0
//! Anchors: the authorities a group trusts, with the intermediates it knows, prepared once when policy is loaded.

use rustls_pki_types::{CertificateDer, TrustAnchor};
use tamga_x509::key::KeyRefusal;
use tamga_x509::time::Timestamp;
use x509_cert::ext::pkix::KeyUsages;

use super::certificate::{PresentedCertificate, Unreadable};
use super::foreign_list::ForeignStatus;

/// The anchors of one group: its primary and perhaps its secondary. Either admits.
#[derive(Clone, Debug)]
pub struct AnchorReference {
    /// At most two.
    pub anchors: Vec<TrustedAnchor>,
}

/// One authority an operator trusts to vouch for devices: a root or an intermediate.
#[derive(Clone, Debug)]
pub struct TrustedAnchor {
    authority: AuthorityCertificate,
    trust: TrustAnchor<'static>,
    intermediates: Vec<AuthorityCertificate>,
    status: ForeignStatus,
}

/// The certificate of a foreign authority, good enough to be an anchor or a known intermediate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityCertificate(PresentedCertificate);

impl TrustedAnchor {
    /// Prepares an anchor for judging. `intermediates` complete chains that devices present without them; nothing
    /// rests on them but the search for a path.
    ///
    /// # Errors
    /// [`AnchorRefusal`] when one of the certificates is no authority's.
    pub fn new(
        certificate: &[u8],
        intermediates: &[impl AsRef<[u8]>],
        status: ForeignStatus,
    ) -> Result<Self, AnchorRefusal> {
        let authority = AuthorityCertificate::parse(certificate)?;
        let der = CertificateDer::from(certificate);
        let trust = webpki::anchor_from_trusted_cert(&der)
            .map_err(|_| AnchorRefusal::Unreadable("it is no certificate of version 3"))?
            .to_owned();
        let parse = |der: &_| AuthorityCertificate::parse(AsRef::<[u8]>::as_ref(der));
        let intermediates = intermediates.iter().map(parse).collect::<Result<_, _>>()?;
        Ok(Self {
            authority,
            trust,
            intermediates,
            status,
        })
    }

    /// Its certificate.
    #[must_use]
    pub const fn certificate(&self) -> &PresentedCertificate {
        &self.authority.0
    }

    pub(super) const fn trust(&self) -> &TrustAnchor<'static> {
        &self.trust
    }

    pub(super) fn intermediates(&self) -> impl Iterator<Item = &PresentedCertificate> {
        self.intermediates.iter().map(|known| &known.0)
    }

    pub(super) const fn status(&self) -> &ForeignStatus {
        &self.status
    }

    /// Whether it may vouch, at this moment, over so many intermediates. A path validator takes anchors as they
    /// are (RFC 5280 §6.2), so their life and path length are looked at here.
    pub(super) fn vouches(&self, intermediates: usize, at: Timestamp) -> bool {
        let longest = self.certificate().path_length();
        self.certificate().lives(at) && longest.is_none_or(|longest| intermediates <= longest)
    }
}

impl AuthorityCertificate {
    /// Reads the certificate of a foreign authority.
    ///
    /// # Errors
    /// [`AnchorRefusal`] when it cannot be read, is no authority's, or its key is not admitted.
    pub fn parse(der: &[u8]) -> Result<Self, AnchorRefusal> {
        let certificate = PresentedCertificate::parse(der)?;
        if certificate.version() != 3 {
            return Err(AnchorRefusal::Unreadable("it is no certificate of version 3"));
        }
        if !certificate.is_authority() {
            return Err(AnchorRefusal::NotAuthority("its basic constraints do not say CA"));
        }
        if !certificate.may(KeyUsages::KeyCertSign) {
            return Err(AnchorRefusal::NotAuthority(
                "its key usage does not include keyCertSign",
            ));
        }
        certificate.public_key().map_err(AnchorRefusal::Key)?;
        Ok(Self(certificate))
    }

    /// What was read.
    #[must_use]
    pub const fn certificate(&self) -> &PresentedCertificate {
        &self.0
    }

    /// Whether it was issued by the key and name of `issuer`.
    #[must_use]
    pub fn issued_by(&self, issuer: &Self) -> bool {
        self.0.issuer_der() == issuer.0.subject_der() && self.0.signed_by(&issuer.0)
    }
}

/// Why a certificate can be neither an anchor nor a known intermediate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnchorRefusal {
    /// Not a certificate we can read.
    #[error("the certificate cannot be read ({0}): give an X.509 certificate of version 3 in PEM or DER")]
    Unreadable(&'static str),
    /// A device's or server's certificate.
    #[error(
        "this is not the certificate of an authority ({0}): give the root or intermediate that issues the devices' certificates"
    )]
    NotAuthority(&'static str),
    /// A key that proves nothing.
    #[error("the authority's key is not admitted: {0}")]
    Key(KeyRefusal),
}

impl AnchorRefusal {
    /// The stable slug.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "anchor_malformed",
            Self::NotAuthority(_) => "anchor_not_authority",
            Self::Key(_) => "anchor_key",
        }
    }
}

impl From<Unreadable> for AnchorRefusal {
    fn from(Unreadable(reason): Unreadable) -> Self {
        Self::Unreadable(reason)
    }
}
