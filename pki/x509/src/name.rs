// SPDX-License-Identifier: Apache-2.0
//! Says how devices, servers and authorities are named in certificates; only well-formed names exist here.

use std::net::IpAddr;

use crate::{oid, tlv, write};

#[cfg(test)]
mod tests;

/// Who a device is: Subject `CN=<registration id>,O=<organization>` and one URI, a SPIFFE ID that is unique in
/// the installation and stable for the device's life. Two organizations may both own a `pump-1`; nobody who
/// reads O or the URI confuses them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceIdentity {
    registration_id: String,
    organization: String,
    uri: String,
}

impl DeviceIdentity {
    /// Names a device: its registration id, its organization's slug, the installation's trust domain, and its
    /// id (`dev_…`).
    ///
    /// # Errors
    /// [`NameFault`] for a part outside its alphabet or length.
    pub fn new(
        registration_id: &str,
        organization: &str,
        trust_domain: &str,
        device: &str,
    ) -> Result<Self, NameFault> {
        require(is_registration_id(registration_id), NameFault::RegistrationId)?;
        require(is_slug(organization), NameFault::Organization)?;
        require(is_trust_domain(trust_domain), NameFault::TrustDomain)?;
        require(is_device(device), NameFault::Device)?;
        let uri = format!("spiffe://{trust_domain}/org/{organization}/device/{device}");
        Ok(Self {
            registration_id: registration_id.to_owned(),
            organization: organization.to_owned(),
            uri,
        })
    }

    /// The registration id, as it will be written.
    #[must_use]
    pub fn registration_id(&self) -> &str {
        &self.registration_id
    }

    /// The organization's slug.
    #[must_use]
    pub fn organization(&self) -> &str {
        &self.organization
    }

    /// The SPIFFE ID, the one name in the certificate that identifies the device anywhere.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The common name: the registration id unless it exceeds what X.520 allows one to have.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        (self.registration_id.len() <= COMMON_NAME_LIMIT).then_some(&*self.registration_id)
    }

    /// What the unit is numbered in its birth certificate: the registration id, if a serialNumber can say it.
    #[must_use]
    pub fn unit_number(&self) -> Option<&str> {
        let says = self.registration_id.len() <= SERIAL_NUMBER_LIMIT
            && self
                .registration_id
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-.:".contains(c));
        says.then_some(&*self.registration_id)
    }

    pub(crate) fn subject(&self) -> Subject<'_> {
        Subject {
            common_name: self.common_name(),
            organization: Some(&self.organization),
            ..Subject::default()
        }
    }
}

/// The names a server of ours answers to. The first that fits is also the common name, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerNames {
    dns: Vec<String>,
    ip: Vec<IpAddr>,
}

impl ServerNames {
    /// Names a server. DNS names are lower-cased; wildcards are not for servers of ours.
    ///
    /// # Errors
    /// [`NameFault`] for a DNS name that is none, for doubles, for more than 100 names, and for none that
    /// could be the common name (64 characters at most).
    pub fn new(dns: &[String], ip: &[IpAddr]) -> Result<Self, NameFault> {
        let dns: Vec<String> = dns.iter().map(|name| name.to_ascii_lowercase()).collect();
        for name in &dns {
            require(
                is_dns_name(name),
                NameFault::Dns {
                    name: name.escape_debug().to_string(),
                },
            )?;
        }
        require(
            dns.len().saturating_add(ip.len()) <= NAMES_LIMIT,
            NameFault::TooMany,
        )?;
        require(all_differ(&dns) && all_differ(ip), NameFault::Double)?;
        let names = Self { dns, ip: ip.to_vec() };
        require(names.common_name().is_some(), NameFault::NoneFits)?;
        Ok(names)
    }

    /// The DNS names.
    #[must_use]
    pub fn dns(&self) -> &[String] {
        &self.dns
    }

    /// The addresses.
    #[must_use]
    pub fn ip(&self) -> &[IpAddr] {
        &self.ip
    }

    /// The first name that fits a common name.
    #[must_use]
    pub fn common_name(&self) -> Option<String> {
        let fitting = self.dns.iter().find(|name| name.len() <= COMMON_NAME_LIMIT);
        fitting
            .cloned()
            .or_else(|| self.ip.first().map(ToString::to_string))
    }
}

/// What an authority is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityName {
    common_name: String,
    organization: String,
}

impl AuthorityName {
    /// Names an authority.
    ///
    /// # Errors
    /// [`NameFault::Authority`] unless both are 1 to 64 characters without control characters.
    pub fn new(common_name: &str, organization: &str) -> Result<Self, NameFault> {
        for text in [common_name, organization] {
            let length = text.chars().count();
            let fits = (1..=COMMON_NAME_LIMIT).contains(&length) && !text.chars().any(char::is_control);
            require(fits && text.trim() == text, NameFault::Authority)?;
        }
        Ok(Self {
            common_name: common_name.to_owned(),
            organization: organization.to_owned(),
        })
    }

    /// The common name.
    #[must_use]
    pub fn common_name(&self) -> &str {
        &self.common_name
    }

    /// The organization.
    #[must_use]
    pub fn organization(&self) -> &str {
        &self.organization
    }

    pub(crate) fn subject(&self) -> Subject<'_> {
        Subject {
            common_name: Some(&self.common_name),
            organization: Some(&self.organization),
            ..Subject::default()
        }
    }
}

/// A subject before it is written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Subject<'a> {
    pub(crate) common_name: Option<&'a str>,
    pub(crate) organization: Option<&'a str>,
    pub(crate) organizational_unit: Option<&'a str>,
    /// Of the unit, not of the certificate.
    pub(crate) serial_number: Option<&'a str>,
}

impl Subject<'_> {
    /// Appends the Name: O before CN, which RFC 4514 prints as `CN=…,O=…`. UTF8String, as RFC 5280 §4.1.2.4 wants; but a
    /// serialNumber is a PrintableString (RFC 5280 appendix A.1).
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        write::sequence(out, |out| {
            for (kind, string, text) in [
                (oid::ORGANIZATION, tlv::UTF8_STRING, self.organization),
                (
                    oid::ORGANIZATIONAL_UNIT,
                    tlv::UTF8_STRING,
                    self.organizational_unit,
                ),
                (oid::COMMON_NAME, tlv::UTF8_STRING, self.common_name),
                (oid::SERIAL_NUMBER, tlv::PRINTABLE_STRING, self.serial_number),
            ] {
                let Some(text) = text else { continue };
                write::element(out, tlv::SET, |out| {
                    write::sequence(out, |out| {
                        write::oid(out, kind);
                        write::primitive(out, string, text.as_bytes());
                    });
                });
            }
        });
    }
}

/// Why there is no such name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// Not a registration id.
    #[error(
        "a registration id has 1 to 128 letters, digits, '-', '.', '_' or ':' and ends in a letter, digit or '-'"
    )]
    RegistrationId,
    /// Not an organization slug.
    #[error("an organization's slug has 1 to 63 of a-z, 0-9 and '-'")]
    Organization,
    /// Not a trust domain.
    #[error("a trust domain has 1 to 255 of a-z, 0-9, '.', '-' and '_'")]
    TrustDomain,
    /// Not a device id.
    #[error("a device id is 'dev_' and lower-case letters and digits")]
    Device,
    /// Not a DNS name.
    #[error(
        "'{name}' is not a DNS name: labels of 1 to 63 letters, digits and inner '-', 253 characters in all"
    )]
    Dns {
        /// What was given.
        name: String,
    },
    /// The same name twice.
    #[error("each name of a server is given once")]
    Double,
    /// Too many names.
    #[error("a server has at most {NAMES_LIMIT} names")]
    TooMany,
    /// Nothing to call the server by.
    #[error("a server needs an address, or a DNS name of at most {COMMON_NAME_LIMIT} characters")]
    NoneFits,
    /// Not a name for an authority.
    #[error(
        "an authority's common name and organization have 1 to 64 characters, no control characters, no outer spaces"
    )]
    Authority,
}

impl NameFault {
    /// The stable code of this fault.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::RegistrationId => "name_registration_id",
            Self::Organization => "name_organization",
            Self::TrustDomain => "name_trust_domain",
            Self::Device => "name_device",
            Self::Dns { .. } => "name_dns",
            Self::Double => "name_double",
            Self::TooMany => "name_too_many",
            Self::NoneFits => "name_none_fits",
            Self::Authority => "name_authority",
        }
    }
}

fn require(holds: bool, fault: NameFault) -> Result<(), NameFault> {
    if holds { Ok(()) } else { Err(fault) }
}

fn is_registration_id(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
    (1..=128).contains(&text.len())
        && text.chars().all(allowed)
        && text.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-')
}

fn is_slug(text: &str) -> bool {
    (1..=63).contains(&text.len()) && text.chars().all(|c| is_lower(c) || c == '-')
}

/// The SPIFFE ID standard §2.1.
fn is_trust_domain(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.chars().all(|c| is_lower(c) || ".-_".contains(c))
}

fn is_device(text: &str) -> bool {
    text.strip_prefix("dev_")
        .is_some_and(|id| (1..=64).contains(&id.len()) && id.chars().all(is_lower))
}

/// RFC 1123 §2.1. The last label must not be all digits, or the name could be taken for an address.
fn is_dns_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| is_lower(c) || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let numeric = |label: &str| label.chars().all(|c| c.is_ascii_digit());
    text.len() <= 253 && text.split('.').all(label) && !text.rsplit('.').next().is_some_and(numeric)
}

const fn is_lower(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

fn all_differ<T: PartialEq>(items: &[T]) -> bool {
    items.iter().enumerate().all(|(index, item)| {
        !items
            .iter()
            .skip(index.saturating_add(1))
            .any(|other| other == item)
    })
}

/// ub-common-name and ub-organization-name of RFC 5280 appendix A.1.
const COMMON_NAME_LIMIT: usize = 64;
/// ub-serial-number.
const SERIAL_NUMBER_LIMIT: usize = 64;
const NAMES_LIMIT: usize = 100;
