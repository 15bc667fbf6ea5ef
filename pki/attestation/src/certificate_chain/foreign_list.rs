// SPDX-License-Identifier: Apache-2.0
//! Revocation lists of foreign authorities: uploaded by an operator, verified once when loaded, then asked by serial.

use std::collections::HashSet;

use aws_lc_rs::digest::{Context, SHA256};
use const_oid::db::rfc5280::{
    ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_CRL_NUMBER, ID_CE_CRL_REASONS, ID_CE_INVALIDITY_DATE,
    ID_CE_ISSUING_DISTRIBUTION_POINT,
};
use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Encode, Sequence, Tag, Tagged};
use tamga_x509::time::Timestamp;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::KeyUsages;
use x509_cert::ext::pkix::crl::dp::IssuingDistributionPoint;
use x509_cert::ext::pkix::name::DistributionPointName;
use x509_cert::time::Time;

use super::anchor::AuthorityCertificate;
use super::certificate::{PresentedCertificate, Unreadable, only, readable, timestamp};
use super::signature::Signed;
use crate::doubt::Doubt;

/// What is asked about the certificates below an anchor before they are believed.
#[derive(Clone, Debug, Default)]
pub enum ForeignStatus {
    /// Nothing: the anchor's word stands until it expires.
    #[default]
    None,
    /// Each certificate below the anchor must be covered by a fresh list of its issuer, and not stand on any.
    Lists(Vec<ForeignList>),
}

/// A complete revocation list (RFC 5280 §5) whose signature was verified.
#[derive(Clone, Debug)]
pub struct ForeignList {
    issuer: Vec<u8>,
    issuer_spki: Vec<u8>,
    this_update: Timestamp,
    next_update: Timestamp,
    serials: HashSet<Box<[u8]>>,
    scope: Scope,
}

/// Which of its issuer's certificates a list speaks of (RFC 5280 §5.2.5).
#[derive(Clone, Debug, Default)]
struct Scope {
    devices_only: bool,
    authorities_only: bool,
    location: Option<DistributionPointName>,
}

impl ForeignStatus {
    /// Judges the certificates of a path, leaf first, each with the one that issued it.
    pub(super) fn judge<'a>(
        &self,
        path: impl Iterator<Item = (&'a PresentedCertificate, &'a PresentedCertificate)>,
        at: Timestamp,
    ) -> Result<(), Doubt> {
        let Self::Lists(lists) = self else {
            return Ok(());
        };
        let mut covered = true;
        for (certificate, issuer) in path {
            let mut own = lists.iter().filter(|list| list.speaks_of(certificate, issuer));
            // A list that ran out still tells what was revoked when it was made.
            if own
                .clone()
                .any(|list| list.serials.contains(certificate.serial()))
            {
                return Err(Doubt::ChainRevoked);
            }
            covered &= own.any(|list| list.is_fresh(at));
        }
        if covered {
            Ok(())
        } else {
            Err(Doubt::CertificateStatusUnknown)
        }
    }
}

impl ForeignList {
    /// Reads a list and verifies its signature by the key of whichever of `issuers` it names: the anchor and its
    /// known intermediates.
    ///
    /// # Errors
    /// [`ListRefusal`] when it cannot be read or used, names none of the issuers, or was not signed by the one it
    /// names.
    pub fn load(der: &[u8], issuers: &[AuthorityCertificate]) -> Result<Self, ListRefusal> {
        let parsed = Parsed::read(der)?;
        let named = issuers
            .iter()
            .map(AuthorityCertificate::certificate)
            .filter(|issuer| issuer.subject_der() == parsed.issuer);
        let signed = Signed::read(der).ok_or(UNREADABLE)?;
        let mut refusal = ListRefusal::IssuerUnknown {
            issuer: readable(&parsed.issuer),
        };
        for issuer in named {
            if issuer.may(KeyUsages::CRLSign) && signed.verifies(issuer.spki_der()) {
                return Ok(Self {
                    issuer: parsed.issuer,
                    issuer_spki: issuer.spki_der().to_vec(),
                    this_update: parsed.this_update,
                    next_update: parsed.next_update,
                    serials: parsed.serials,
                    scope: parsed.scope,
                });
            }
            refusal = ListRefusal::BadSignature;
        }
        Err(refusal)
    }

    /// The name of its issuer as people read it (RFC 4514).
    #[must_use]
    pub fn issuer(&self) -> String {
        readable(&self.issuer)
    }

    /// What it speaks of, as a hash over its issuer, that issuer's key, and its scope: two lists with the same one are
    /// an older and a newer of the same place.
    #[must_use]
    pub fn covers(&self) -> [u8; 32] {
        let location = self.scope.location.as_ref().and_then(|own| own.to_der().ok());
        let mut hash = Context::new(&SHA256);
        hash.update(&[
            u8::from(self.scope.devices_only),
            u8::from(self.scope.authorities_only),
        ]);
        // Each of them is DER, and so says where it ends.
        for part in [Some(&self.issuer), Some(&self.issuer_spki), location.as_ref()] {
            hash.update(part.map_or(&[][..], Vec::as_slice));
        }
        let mut covers = [0; 32];
        covers.copy_from_slice(hash.finish().as_ref());
        covers
    }

    /// The moment it tells of.
    #[must_use]
    pub const fn this_update(&self) -> Timestamp {
        self.this_update
    }

    /// When the next must have come.
    #[must_use]
    pub const fn next_update(&self) -> Timestamp {
        self.next_update
    }

    /// How many certificates it revokes.
    #[must_use]
    pub fn entry_count(&self) -> usize {
        self.serials.len()
    }

    /// Whether it may be relied on at this moment.
    #[must_use]
    pub fn is_fresh(&self, at: Timestamp) -> bool {
        self.this_update <= at && at <= self.next_update
    }

    fn speaks_of(&self, certificate: &PresentedCertificate, issuer: &PresentedCertificate) -> bool {
        let of_this_kind = if certificate.is_authority() {
            !self.scope.devices_only
        } else {
            !self.scope.authorities_only
        };
        self.issuer == certificate.issuer_der()
            && self.issuer_spki == issuer.spki_der()
            && of_this_kind
            && self
                .scope
                .location
                .as_ref()
                .is_none_or(|own| names(certificate, own))
    }
}

/// Whether a certificate says that its status is on the list at this place (RFC 5280 §6.3.3 (b)(2)(i)).
fn names(certificate: &PresentedCertificate, place: &DistributionPointName) -> bool {
    let DistributionPointName::FullName(own) = place else {
        return false;
    };
    let points = certificate
        .list_locations()
        .into_iter()
        .flat_map(|points| &points.0);
    points.into_iter().any(|point| match &point.distribution_point {
        Some(DistributionPointName::FullName(theirs)) => theirs.iter().any(|name| own.contains(name)),
        Some(DistributionPointName::NameRelativeToCRLIssuer(_)) | None => false,
    })
}

/// Why a list is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListRefusal {
    /// Not a list we can use.
    #[error(
        "this is not a revocation list that can be used ({0}): upload a complete CRL, PEM or DER, with a next update"
    )]
    Unusable(&'static str),
    /// Nobody we know issued it.
    #[error(
        "the list was issued by {issuer}, which is neither the anchor nor one of its known intermediates: add that intermediate first"
    )]
    IssuerUnknown {
        /// Its name.
        issuer: String,
    },
    /// Not made by the issuer it names.
    #[error(
        "the list was not signed by the issuer it names: fetch it anew from where that authority publishes it"
    )]
    BadSignature,
}

impl ListRefusal {
    /// The stable slug.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::Unusable(_) => "list_unusable",
            Self::IssuerUnknown { .. } => "list_issuer_unknown",
            Self::BadSignature => "list_signature",
        }
    }
}

const UNREADABLE: ListRefusal = ListRefusal::Unusable("it is no DER of a list");

struct Parsed {
    issuer: Vec<u8>,
    this_update: Timestamp,
    next_update: Timestamp,
    serials: HashSet<Box<[u8]>>,
    scope: Scope,
}

impl Parsed {
    fn read(der: &[u8]) -> Result<Self, ListRefusal> {
        if der.len() > LONGEST_LIST {
            return Err(ListRefusal::Unusable("it has more than 16 MiB"));
        }
        let whole = Whole::from_der(der).map_err(|_| UNREADABLE)?;
        // RFC 5280 §5.1.1.2: one algorithm within and without.
        if whole.algorithm != whole.signed.algorithm {
            return Err(UNREADABLE);
        }
        Self::of(&whole.signed)
    }

    fn of(list: &ToBeSigned<'_>) -> Result<Self, ListRefusal> {
        if list.version.is_some_and(|version| version != 1) {
            return Err(ListRefusal::Unusable("it is of a version above 2"));
        }
        let next = list
            .next_update
            .ok_or(ListRefusal::Unusable("it names no next update"))?;
        let serials = serials(list.revoked.as_deref().unwrap_or_default())?;
        let issuer = list.issuer.to_der().map_err(|_| UNREADABLE)?;
        Ok(Self {
            issuer,
            this_update: timestamp(list.this_update),
            next_update: timestamp(next),
            serials,
            scope: Scope::read(list.extensions.as_deref().unwrap_or_default())?,
        })
    }
}

impl Scope {
    fn read(extensions: &[Extension]) -> Result<Self, ListRefusal> {
        require_known(
            extensions,
            &[
                ID_CE_AUTHORITY_KEY_IDENTIFIER,
                ID_CE_CRL_NUMBER,
                ID_CE_ISSUING_DISTRIBUTION_POINT,
            ],
        )?;
        let point: Option<IssuingDistributionPoint> = only(extensions, ID_CE_ISSUING_DISTRIBUTION_POINT)
            .map_err(|Unreadable(reason)| ListRefusal::Unusable(reason))?;
        let Some(point) = point else {
            return Ok(Self::default());
        };
        if point.indirect_crl || point.only_some_reasons.is_some() || point.only_contains_attribute_certs {
            return Err(ListRefusal::Unusable(
                "it is indirect, or tells of some reasons or attribute certificates only",
            ));
        }
        Ok(Self {
            devices_only: point.only_contains_user_certs,
            authorities_only: point.only_contains_ca_certs,
            location: point.distribution_point,
        })
    }
}

/// A critical extension that is not known changes what a list means (RFC 5280 §5.2, §5.3); deltas are among them.
fn require_known(extensions: &[Extension], known: &[ObjectIdentifier]) -> Result<(), ListRefusal> {
    let foreign = |extension: &Extension| extension.critical && !known.contains(&extension.extn_id);
    if extensions.iter().any(foreign) {
        return Err(ListRefusal::Unusable(
            "it has a critical extension that is not known here",
        ));
    }
    Ok(())
}

/// The serials of all entries. An entry always revokes: removeFromCRL belongs to deltas.
fn serials(entries: &[Entry<'_>]) -> Result<HashSet<Box<[u8]>>, ListRefusal> {
    let serial = |entry: &Entry<'_>| {
        require_known(
            entry.extensions.as_deref().unwrap_or_default(),
            &[ID_CE_CRL_REASONS, ID_CE_INVALIDITY_DATE],
        )?;
        if entry.serial.tag() == Tag::Integer {
            Ok(entry.serial.value().into())
        } else {
            Err(UNREADABLE)
        }
    };
    entries.iter().map(serial).collect()
}

/// A CertificateList (RFC 5280 §5.1), its serials as they stand.
#[derive(Sequence)]
struct Whole<'a> {
    signed: ToBeSigned<'a>,
    algorithm: AnyRef<'a>,
    signature: AnyRef<'a>,
}

#[derive(Sequence)]
struct ToBeSigned<'a> {
    #[asn1(optional = "true")]
    version: Option<u8>,
    algorithm: AnyRef<'a>,
    issuer: AnyRef<'a>,
    this_update: Time,
    #[asn1(optional = "true")]
    next_update: Option<Time>,
    #[asn1(optional = "true")]
    revoked: Option<Vec<Entry<'a>>>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Vec<Extension>>,
}

#[derive(Sequence)]
struct Entry<'a> {
    serial: AnyRef<'a>,
    revoked_at: Time,
    #[asn1(optional = "true")]
    extensions: Option<Vec<Extension>>,
}

const LONGEST_LIST: usize = 16 * 1024 * 1024;
