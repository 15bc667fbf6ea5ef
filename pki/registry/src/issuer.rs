// SPDX-License-Identifier: Apache-2.0
//! Issuers: certificate authorities, where their keys are kept, and their permanent status URLs.

use std::fmt;
use std::str::FromStr;

use tamga_x509::certificate::IssuerCertificate;
use tamga_x509::certificate::StatusLocations;
use tamga_x509::serial::{Serial, ShardCount};
use tamga_x509::time::Timestamp;

use crate::id::{IssuerId, OrganizationId, SoftwareKeyId};
use crate::organization::OrganizationSlug;
use crate::page::{By, Listed, Mark};
use crate::words;

/// A certificate authority of the house: a root, or an issuer below one.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// Its id, part of its status URLs.
    pub id: IssuerId,
    /// Its owner. Others use it through a grant.
    pub organization: OrganizationId,
    /// Unique within the owner.
    pub name: String,
    /// What it may sign below itself.
    pub role: IssuerRole,
    /// Which side of the trust bundle its chain belongs to.
    pub anchor: Anchor,
    /// The authority above it; a root has none.
    pub parent: Option<IssuerId>,
    /// Its certificate.
    pub certificate: IssuerCertificate,
    /// Where its private key is kept.
    pub key: KeyUri,
    /// Whether it signs new certificates.
    pub state: IssuerState,
    /// Raised by every change of state.
    pub generation: i64,
    /// Where relying parties read its status.
    pub status_url: StatusUrl,
    /// How many CRL shards it has; fixed at birth.
    pub shards: ShardCount,
}

impl Issuer {
    /// The URLs written into a certificate with this serial.
    pub fn locations(&self, serial: &Serial) -> StatusLocations {
        let shard = serial.shard(self.shards);
        StatusLocations {
            crl: Some(self.status_url.list(self.id, shard)),
            issuer: Some(self.status_url.issuer(self.id)),
        }
    }
}

/// An issuer an organization may use: its own, or one that was granted to it.
#[derive(Debug, Clone)]
pub struct UsableIssuer {
    /// The owner's slug.
    pub owner: OrganizationSlug,
    /// It.
    pub issuer: Issuer,
    /// Since when it may be used.
    pub usable_since: Timestamp,
}

/// By since when they may be used: their names are their owners' to give, and may be alike.
impl Listed for UsableIssuer {
    fn mark(&self, _: By) -> Mark {
        Mark::Time(self.usable_since, *self.issuer.id.octets())
    }
}

words! {
    /// What an authority may sign below itself.
    IssuerRole {
        /// Other authorities.
        Root = "root",
        /// Device certificates.
        Device = "device",
        /// Tamga's own TLS certificates.
        Server = "server",
    }
}

words! {
    /// The sides of the trust bundle. They never mix: a device anchor vouches for no server.
    Anchor {
        /// Relying parties trust it to vouch for devices.
        Device = "device",
        /// Devices trust it to vouch for this house.
        Server = "server",
    }
}

words! {
    /// The life of an issuer.
    IssuerState {
        /// It signs certificates and its CRLs.
        Active = "active",
        /// It signs only its CRLs.
        Retiring = "retiring",
        /// It signs nothing.
        Retired = "retired",
    }
}

/// Where a private key is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyUri {
    /// A sealed software key: `software:key_…`.
    Software(SoftwareKeyId),
}

impl fmt::Display for KeyUri {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Software(id) => write!(out, "software:{id}"),
        }
    }
}

impl FromStr for KeyUri {
    type Err = BadKeyUri;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = text.strip_prefix("software:").ok_or(BadKeyUri)?;
        id.parse().map(Self::Software).map_err(|_| BadKeyUri)
    }
}

/// Text that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a key is named `software:key_…`")]
pub struct BadKeyUri;

/// The base of an issuer's permanent status URLs: `http://host[:port][/path]`, no trailing slash.
///
/// Plain HTTP on purpose: what it serves is signed, and fetching a CRL over TLS would need a CRL (RFC 5280 §8).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StatusUrl(String);

impl StatusUrl {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the CRL of one shard is served.
    pub fn list(&self, issuer: IssuerId, shard: u32) -> String {
        format!("{}/c/{issuer}/{shard}.crl", self.0)
    }

    /// Where the issuer's certificate is served.
    pub fn issuer(&self, issuer: IssuerId) -> String {
        format!("{}/i/{issuer}.cer", self.0)
    }
}

impl FromStr for StatusUrl {
    type Err = BadStatusUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.strip_prefix("http://").ok_or(BadStatusUrl)?;
        let plain = rest
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}?#@".contains(&b));
        let host = rest.split('/').next().unwrap_or_default();
        if !plain || host.is_empty() || rest.ends_with('/') || text.len() > MAX_STATUS_URL {
            return Err(BadStatusUrl);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for StatusUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Text that can be no status URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a status URL is `http://host`, `http://host:port` or `http://host/path`, at most 200 characters, without a trailing slash, query or fragment"
)]
pub struct BadStatusUrl;

/// It is written into every certificate, beside a path of about fifty characters.
const MAX_STATUS_URL: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_url_is_plain_and_ends_without_a_slash() {
        for right in [
            "http://127.0.0.1:8080",
            "http://pki.example",
            "http://pki.example/status",
        ] {
            assert!(right.parse::<StatusUrl>().is_ok(), "{right}");
        }
        for wrong in [
            "",
            "https://pki.example",
            "http://",
            "http:///x",
            "http://a/",
            "http://a?b",
            "http://a b",
            "http://u@h",
        ] {
            assert!(wrong.parse::<StatusUrl>().is_err(), "{wrong}");
        }
    }
}
