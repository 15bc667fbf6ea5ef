// SPDX-License-Identifier: Apache-2.0
//! Lists the rules for certificates, and reads the bytes they are run over.

mod algorithm;
mod alternative_names;
mod authority_key_identifier;
mod basic_constraints;
mod canonical;
mod distribution_points;
mod extended_key_usage;
mod extension_set;
mod information_access;
mod issuer;
mod key_usage;
mod life;
mod public_key;
mod serial;
mod subject;
mod subject_key_identifier;
mod time_forms;
mod version;

use const_oid::AssociatedOid;
use der::{Decode, Encode};
use x509_cert::certificate::TbsCertificate;
use x509_cert::ext::Extension;

pub(super) use algorithm::matches as algorithm_matches;
pub(super) use authority_key_identifier::matches as key_identifier_matches;
pub(super) use distribution_points::full_name;
pub(super) use time_forms::matches_year;

use super::{Certificates, Expectation, Lint};
use crate::certificate::Validity;
use crate::time::Timestamp;

/// Every rule for certificates. A new one is a file and a line here.
pub const CERTIFICATE_LINTS: &[Lint<Certificates>] = &[
    canonical::LINT,
    version::LINT,
    serial::LINT,
    algorithm::LINT,
    issuer::LINT,
    life::LINT,
    time_forms::LINT,
    subject::LINT,
    public_key::LINT,
    extension_set::LINT,
    basic_constraints::LINT,
    key_usage::LINT,
    extended_key_usage::LINT,
    subject_key_identifier::LINT,
    authority_key_identifier::LINT,
    alternative_names::LINT,
    distribution_points::LINT,
    information_access::LINT,
];

/// A TBSCertificate as decoded from the exact bytes, beside what was ordered.
pub struct CertificateReading<'a> {
    bytes: &'a [u8],
    tbs: TbsCertificate,
    expectation: &'a Expectation,
}

impl<'a> CertificateReading<'a> {
    pub(super) fn of(bytes: &'a [u8], expectation: &'a Expectation) -> Result<Self, String> {
        let tbs = TbsCertificate::from_der(bytes).map_err(|error| error.to_string())?;
        Ok(Self {
            bytes,
            tbs,
            expectation,
        })
    }

    pub(super) fn validity(&self) -> Result<Validity, String> {
        let validity = self.tbs.validity();
        Validity::new(instant(&validity.not_before)?, instant(&validity.not_after)?)
            .map_err(|fault| fault.to_string())
    }

    fn extensions(&self) -> &[Extension] {
        self.tbs.extensions().map_or(&[], Vec::as_slice)
    }

    /// The value of an extension, whatever its criticality: that is for `extension_set` to judge. The value is
    /// an octet string to the rest of the certificate, so that it is DER is judged here.
    fn optional<T: Value>(&self) -> Result<Option<T>, String> {
        let found = self.tbs.get_extension::<T>().map_err(|error| error.to_string())?;
        let Some((_, value)) = found else { return Ok(None) };
        let octets = self
            .extensions()
            .iter()
            .find(|extension| extension.extn_id == T::OID);
        let again = value.to_der().map_err(|error| error.to_string())?;
        if octets.is_some_and(|octets| octets.extn_value.as_bytes() == again) {
            Ok(Some(value))
        } else {
            Err("the value of the extension is not DER".to_owned())
        }
    }

    fn required<T: Value>(&self) -> Result<T, String> {
        self.optional()?
            .ok_or_else(|| "the extension is missing".to_owned())
    }
}

/// What an extension's value decodes to.
trait Value: for<'d> Decode<'d, Error = der::Error> + Encode + AssociatedOid {}

impl<T: for<'d> Decode<'d, Error = der::Error> + Encode + AssociatedOid> Value for T {}

pub(super) fn instant(time: &x509_cert::time::Time) -> Result<Timestamp, String> {
    i64::try_from(time.to_unix_duration().as_secs())
        .map(Timestamp::from_seconds)
        .map_err(|_| "a time is off the calendar".to_owned())
}
