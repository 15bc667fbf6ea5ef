// SPDX-License-Identifier: Apache-2.0
//! The journal: who did what to what, written in the transaction of the change it tells of.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use minicbor::Encoder;
use minicbor::encode::Error as EncodeError;
use tamga_x509::time::Timestamp;

use crate::id::{JournalRowId, OrganizationId, RequestId};
use crate::role::Principal;
use crate::words;

/// One thing that happened, before it is a row.
#[derive(Debug, Clone)]
pub struct Event {
    /// The row's id.
    pub id: JournalRowId,
    /// When.
    pub at: Timestamp,
    /// Where; absent for acts on the installation.
    pub organization: Option<OrganizationId>,
    /// What was done, `noun.verb`.
    pub act: &'static str,
    /// Who did it.
    pub actor: Principal,
    /// What it was done to, as a shown id or a name.
    pub object: String,
    /// The request it was part of.
    pub request: RequestId,
    /// How it ended.
    pub outcome: Outcome,
    /// SHA-256 of the artefacts concerned (certificate, CSR, list), never the artefacts.
    pub digests: Vec<[u8; 32]>,
    /// Where the request came from, as the socket saw it.
    pub source: Option<IpAddr>,
}

/// How an act ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was done; a word more where the act has variants (a revocation's reason, an order's kind).
    Done(Option<String>),
    /// It was refused; the slug.
    Refused(&'static str),
}

impl Outcome {
    /// The stored word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Refused(_) => "refused",
        }
    }

    /// The stored reason.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Done(detail) => detail.as_deref(),
            Self::Refused(slug) => Some(slug),
        }
    }
}

/// An event in the form that is kept.
#[derive(Debug, Clone)]
pub struct JournalRow {
    /// The event.
    pub event: Event,
    /// Its deterministic CBOR (RFC 8949 §4.2.1): an array of version 1 and the fields in the order of [`Event`].
    pub entry: Vec<u8>,
    /// Sixteen random octets: the public leaf SHA-256(0x00 ‖ salt ‖ entry) gives nothing away.
    pub salt: [u8; 16],
}

impl JournalRow {
    /// Encodes an event.
    pub fn new(event: Event, salt: [u8; 16]) -> Result<Self, EncodeFault> {
        let entry = encode(&event).map_err(|error| EncodeFault(error.to_string()))?;
        Ok(Self { event, entry, salt })
    }
}

/// An event could not be encoded.
#[derive(Debug, thiserror::Error)]
#[error("a journal row could not be encoded: {0}")]
pub struct EncodeFault(String);

/// An array in a fixed order has one encoding: definite length, shortest integers, no map to sort.
fn encode(event: &Event) -> Result<Vec<u8>, EncodeError<std::convert::Infallible>> {
    let mut out = Vec::with_capacity(192);
    let mut cbor = Encoder::new(&mut out);
    cbor.array(11)?
        .u8(VERSION)?
        .bytes(event.id.octets())?
        .i64(event.at.as_micros())?;
    match event.organization {
        Some(organization) => cbor.bytes(organization.octets())?,
        None => cbor.null()?,
    };
    cbor.str(event.act)?
        .str(&event.actor.to_string())?
        .str(&event.object)?;
    cbor.bytes(event.request.octets())?.str(event.outcome.word())?;
    match event.outcome.reason() {
        Some(reason) => cbor.str(reason)?,
        None => cbor.null()?,
    };
    cbor.array(2)?;
    match event.source {
        Some(IpAddr::V4(source)) => cbor.bytes(&source.octets())?,
        Some(IpAddr::V6(source)) => cbor.bytes(&source.octets())?,
        None => cbor.null()?,
    };
    cbor.array(u64::try_from(event.digests.len()).unwrap_or(u64::MAX))?;
    for digest in &event.digests {
        cbor.bytes(digest)?;
    }
    Ok(out)
}

const VERSION: u8 = 1;

words! {
    /// The acts of devices and duties; administrative acts are named by their permission's noun and verb.
    HotAct {
        /// A device was admitted for the first time.
        DeviceRegister = "device.register",
        /// A certificate was issued.
        CertificateIssue = "certificate.issue",
        /// A CRL was published.
        ListPublish = "crl.publish",
        /// A device was refused.
        DeviceRefuse = "device.enroll",
        /// An intent was killed.
        OrderFail = "order.fail",
        /// Tamga's own TLS certificate was issued.
        ServiceIssue = "service_certificate.issue",
    }
}

words! {
    /// The ends of acts, by their words.
    Ending {
        /// It was done.
        Done = "done",
        /// It was refused.
        Refused = "refused",
    }
}

/// A journal row, as it is read again. Its words may be of a version that no longer speaks so: they stay text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// The row's id.
    pub id: JournalRowId,
    /// When.
    pub at: Timestamp,
    /// What was done, `noun.verb`.
    pub act: String,
    /// Who did it.
    pub actor: String,
    /// What it was done to.
    pub object: String,
    /// The request it was part of.
    pub request: TrackingId,
    /// How it ended.
    pub ending: Ending,
    /// The slug of a refusal, or a word more of what was done.
    pub reason: Option<String>,
}

/// Which journal rows a list has.
#[derive(Debug, Clone, Default)]
pub struct JournalFilter {
    /// Those of this actor.
    pub actor: Option<SearchedText>,
    /// Those of this act.
    pub act: Option<SearchedText>,
    /// Those about this object.
    pub object: Option<SearchedText>,
    /// Those of this request.
    pub request: Option<TrackingId>,
    /// Those that ended so.
    pub ending: Option<Ending>,
    /// Those from this instant on.
    pub from: Option<Timestamp>,
    /// Those before this instant.
    pub to: Option<Timestamp>,
}

/// The id of a request as its caller was told it: the UUID of `x-ms-request-id` and of every `trackingId`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackingId(pub RequestId);

impl fmt::Display for TrackingId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_bytes(*self.0.octets()).hyphenated().fmt(out)
    }
}

impl FromStr for TrackingId {
    type Err = NotATrackingId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // One way to write it: what was told is copied, not typed.
        let id = uuid::Uuid::try_parse(text).map_err(|_| NotATrackingId)?;
        let id = Self(RequestId::from_octets(id.into_bytes()));
        if id.to_string() == text {
            Ok(id)
        } else {
            Err(NotATrackingId)
        }
    }
}

/// Text that is no tracking id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a tracking id is the UUID that an answer names as `trackingId` and in `x-ms-request-id`")]
pub struct NotATrackingId;

/// What journal rows are searched by, compared as a whole and taken literally.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchedText(String);

impl SearchedText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SearchedText {
    type Err = NothingToSearch;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits =
            (1..=MAX_SEARCHED).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_graphic());
        fits.then(|| Self(text.to_owned())).ok_or(NothingToSearch)
    }
}

/// Text that no journal row holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("give 1 to 256 visible ASCII characters: the whole word, as journal rows show it")]
pub struct NothingToSearch;

const MAX_SEARCHED: usize = 256;

/// Anonymous cheap refusals of one source, reason and minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalTally {
    /// Minutes since the Unix epoch.
    pub minute: i64,
    /// IPv4 /24 or IPv6 /64, as text.
    pub source_prefix: String,
    /// The slug.
    pub reason: &'static str,
    /// How many.
    pub refused: i64,
}

/// The prefix under which anonymous refusals of an address are counted.
pub fn source_prefix(source: Option<IpAddr>) -> String {
    match source.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "local".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Event {
        Event {
            id: JournalRowId::from_octets([1; 16]),
            at: Timestamp::from_seconds(1_795_000_000),
            organization: Some(OrganizationId::from_octets([2; 16])),
            act: "certificate.issue",
            actor: Principal::Duty { name: "fulfil" },
            object: "crt_x".to_owned(),
            request: RequestId::from_octets([3; 16]),
            outcome: Outcome::Done(Some("first".to_owned())),
            digests: vec![[4; 32]],
            source: "192.0.2.7".parse().ok(),
        }
    }

    #[test]
    fn the_same_event_has_the_same_bytes_and_every_field_changes_them() {
        let base = JournalRow::new(event(), [0; 16]).unwrap().entry;
        assert_eq!(
            base,
            JournalRow::new(event(), [9; 16]).unwrap().entry,
            "the salt is beside the entry"
        );
        let variants = [
            Event {
                at: Timestamp::from_seconds(1),
                ..event()
            },
            Event {
                organization: None,
                ..event()
            },
            Event {
                act: "device.register",
                ..event()
            },
            Event {
                actor: Principal::LocalUser { uid: 0 },
                ..event()
            },
            Event {
                object: String::new(),
                ..event()
            },
            Event {
                outcome: Outcome::Refused("first"),
                ..event()
            },
            Event {
                digests: vec![],
                ..event()
            },
            Event {
                source: None,
                ..event()
            },
        ];
        for variant in variants {
            assert_ne!(base, JournalRow::new(variant, [0; 16]).unwrap().entry);
        }
    }

    #[test]
    fn the_entry_is_a_definite_array_that_begins_with_its_version() {
        let entry = JournalRow::new(event(), [0; 16]).unwrap().entry;
        assert_eq!(entry[..2], [0x8b, VERSION]);
    }

    #[test]
    fn anonymous_refusals_are_counted_by_network() {
        assert_eq!(source_prefix("203.0.113.77".parse().ok()), "203.0.113.0/24");
        assert_eq!(
            source_prefix("::ffff:203.0.113.77".parse().ok()),
            "203.0.113.0/24"
        );
        assert_eq!(
            source_prefix("2001:db8:1:2:3::9".parse().ok()),
            "2001:db8:1:2::/64"
        );
    }

    #[test]
    fn a_tracking_id_is_read_back_as_it_was_told_and_in_no_other_way() {
        let id = TrackingId(RequestId::from_octets([0xab; 16]));
        let told = id.to_string();
        assert_eq!(told, "abababab-abab-abab-abab-abababababab");
        assert_eq!(told.parse(), Ok(id));
        for wrong in [
            "",
            "req_abc",
            &told.to_uppercase(),
            &told.replace('-', ""),
            &format!("{{{told}}}"),
        ] {
            assert_eq!(wrong.parse::<TrackingId>(), Err(NotATrackingId), "{wrong}");
        }
    }
}
