// SPDX-License-Identifier: Apache-2.0
//! Says what was ordered, in values that owe nothing to the bytes that were written.

use std::net::IpAddr;
use std::time::Duration;

use crate::certificate::{ExtendedKeyUsage, KeyUsage, StatusLocations, Validity};
use crate::key::{PublicKey, SignatureAlgorithm};
use crate::serial::Serial;
use crate::time::Timestamp;

/// What a certificate was ordered to be. Made by [`crate::profile::Profile`] and
/// [`crate::authority_certificate`] only.
#[derive(Clone, Debug)]
pub struct Expectation {
    pub(crate) serial: Serial,
    pub(crate) algorithm: SignatureAlgorithm,
    /// The Name of the issuer's certificate; `None` when the certificate is its own issuer.
    pub(crate) issuer_subject: Option<Vec<u8>>,
    /// The subject key identifier of the issuer; `None` when the certificate is its own issuer.
    pub(crate) authority_key_identifier: Option<Vec<u8>>,
    pub(crate) common_name: Option<String>,
    pub(crate) organization: Option<String>,
    pub(crate) organizational_unit: Option<String>,
    /// Of the unit, not of the certificate.
    pub(crate) serial_number: Option<String>,
    pub(crate) key: PublicKey,
    pub(crate) names: Vec<ExpectedName>,
    pub(crate) role: Role,
    pub(crate) life: Life,
    pub(crate) locations: StatusLocations,
}

/// A name expected among the alternative names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedName {
    /// A URI.
    Uri(String),
    /// A DNS name.
    Dns(String),
    /// An address.
    Ip(IpAddr),
}

/// What the certified key is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// A device or server.
    EndEntity {
        /// The bits of its key usage.
        usages: Vec<KeyUsage>,
        /// Its purposes.
        purposes: Vec<ExtendedKeyUsage>,
    },
    /// A unit on a line, for all its life.
    Birth {
        /// The bits of its key usage.
        usages: Vec<KeyUsage>,
        /// Its purposes; none leaves them open.
        purposes: Vec<ExtendedKeyUsage>,
    },
    /// An authority.
    Authority {
        /// How many authorities may follow below it.
        path_length: Option<u8>,
    },
}

/// How long the certificate may live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Life {
    /// A profile's life, somewhere within its issuer's.
    Within {
        /// The issuer's life.
        issuer: Validity,
        /// The longest the profile allows, last second included.
        longest: Duration,
        /// The moment of drafting.
        now: Timestamp,
        /// How long before that it may begin.
        backdate: Duration,
    },
    /// A life without a well-defined end (RFC 5280 §4.1.2.5, IEEE 802.1AR §8.7), which begins within its issuer's.
    Unlimited {
        /// The issuer's life.
        issuer: Validity,
        /// The moment of drafting.
        now: Timestamp,
        /// How long before that it may begin.
        backdate: Duration,
    },
    /// Just this life, within the issuer's if there is another issuer.
    Exactly {
        /// What was ordered.
        ordered: Validity,
        /// The issuer's life.
        issuer: Option<Validity>,
    },
}

/// What a revocation list was ordered to be. Made by [`crate::crl::CrlBuilder`] only.
#[derive(Clone, Debug)]
pub struct CrlExpectation {
    pub(crate) algorithm: SignatureAlgorithm,
    pub(crate) issuer_subject: Vec<u8>,
    pub(crate) authority_key_identifier: Vec<u8>,
    pub(crate) number: u64,
    pub(crate) this_update: Timestamp,
    pub(crate) next_update: Timestamp,
    pub(crate) distribution_point: Option<String>,
    pub(crate) entries: u64,
}
