// SPDX-License-Identifier: Apache-2.0
//! The body a device sends: its registration id once more, and perhaps a CSR by one of two doors.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use tamga_registry::device::RegistrationId;
use tamga_x509::request::decode_text;

use super::rim::RimRefusal;

/// A device registration as it came. Unknown members are skipped without being kept, however many there are.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceRegistration {
    registration_id: Option<String>,
    /// The door of the newest API versions.
    #[serde(default)]
    csr: CsrMember,
    /// The door of the released clients, which let the application send any payload.
    #[serde(default)]
    payload: Payload,
}

/// The doors a CSR came in by: the certificate goes out by the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doors {
    /// `csr` → `registrationState.issuedCertificateChain`.
    pub top: bool,
    /// `payload.csr` → `registrationState.payload.issuedCertificateChain`.
    pub payload: bool,
}

impl Doors {
    /// A poll does not say by which door its registration came, so it is answered by both.
    pub const BOTH: Self = Self {
        top: true,
        payload: true,
    };
}

/// A CSR, unwrapped and not judged, and how it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedCsr {
    /// DER, if it is.
    pub der: Vec<u8>,
    /// How it came.
    pub doors: Doors,
}

impl DeviceRegistration {
    /// Reads a body; an empty one says nothing and is right.
    ///
    /// # Errors
    /// [`RimRefusal::BodyMalformed`] unless it is one JSON object of the right shape, nested no deeper than 128.
    pub fn parse(body: &[u8]) -> Result<Self, RimRefusal> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        serde_json::from_slice(body).map_err(|error| RimRefusal::BodyMalformed {
            line: error.line(),
            column: error.column(),
        })
    }

    /// Whether the body speaks of the same device as the path.
    ///
    /// # Errors
    /// [`RimRefusal::RegistrationIdMismatch`] when it names another.
    pub fn require(&self, path: &RegistrationId) -> Result<(), RimRefusal> {
        match &self.registration_id {
            Some(named) if !named.eq_ignore_ascii_case(path.presented()) => {
                Err(RimRefusal::RegistrationIdMismatch)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The CSR, by whichever door it came.
    ///
    /// # Errors
    /// When it is no text, cannot be unwrapped, or two different ones came.
    pub fn csr(&self) -> Result<Option<PresentedCsr>, RimRefusal> {
        let top = self.csr.unwrap_text()?;
        let payload = self.payload.0.unwrap_text()?;
        let doors = Doors {
            top: top.is_some(),
            payload: payload.is_some(),
        };
        match (top, payload) {
            // Compared unwrapped: one may be PEM and the other bare.
            (Some(one), Some(other)) if one != other => Err(RimRefusal::CsrTwice),
            (Some(der), _) | (None, Some(der)) => Ok(Some(PresentedCsr { der, doors })),
            (None, None) => Ok(None),
        }
    }

    /// Whether anything stands where a CSR would.
    #[must_use]
    pub fn mentions_csr(&self) -> bool {
        !matches!(
            (&self.csr, &self.payload.0),
            (CsrMember::Absent, CsrMember::Absent)
        )
    }
}

/// What stands under the name `csr`.
#[derive(Debug, Default)]
enum CsrMember {
    #[default]
    Absent,
    Text(String),
    Other,
}

impl CsrMember {
    fn unwrap_text(&self) -> Result<Option<Vec<u8>>, RimRefusal> {
        match self {
            Self::Absent => Ok(None),
            Self::Text(text) => Ok(Some(decode_text(text)?)),
            Self::Other => Err(RimRefusal::CsrNotText),
        }
    }
}

/// The CSR within a payload. A payload without one is for an allocation webhook, of which there is none here.
#[derive(Debug, Default)]
struct Payload(CsrMember);

#[derive(Deserialize)]
struct PayloadObject {
    #[serde(default)]
    csr: CsrMember,
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PayloadVisitor)
    }
}

impl<'de> Deserialize<'de> for CsrMember {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CsrVisitor)
    }
}

struct PayloadVisitor;
struct CsrVisitor;

/// The kinds of JSON value of which nothing is kept.
macro_rules! skipped {
    ($value:expr, $null:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($null)
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok($value)
        }
    };
}

impl<'de> Visitor<'de> for PayloadVisitor {
    type Value = Payload;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Payload, A::Error> {
        PayloadObject::deserialize(MapAccessDeserializer::new(map)).map(|object| Payload(object.csr))
    }

    /// Java sends its payload as text, which holds an object or whatever else the application likes.
    fn visit_str<E>(self, text: &str) -> Result<Payload, E> {
        Ok(serde_json::from_str::<PayloadObject>(text)
            .map_or_else(|_| Payload::default(), |object| Payload(object.csr)))
    }

    skipped!(Payload::default(), Payload::default());
}

impl<'de> Visitor<'de> for CsrVisitor {
    type Value = CsrMember;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the text of a CSR")
    }

    fn visit_str<E>(self, text: &str) -> Result<CsrMember, E> {
        Ok(CsrMember::Text(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CsrMember, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(CsrMember::Other)
    }

    skipped!(CsrMember::Other, CsrMember::Absent);
}

#[cfg(test)]
mod tests;
