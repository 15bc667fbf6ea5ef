// SPDX-License-Identifier: Apache-2.0
//! The signed token a device presents: `SharedAccessSignature sr=…&sig=…&se=…&skn=…`, read strictly.
//!
//! The signature covers the text of `sr` exactly as it stands in the token, because clients differ in how
//! they percent-encode it; only afterwards is `sr` decoded, once, to see what it names.

use std::fmt;
use std::time::Duration;

use data_encoding::BASE64;
use tamga_x509::time::Timestamp;
use zeroize::Zeroizing;

use super::SymmetricKey;
use crate::doubt::{Doubt, Malformation};
use crate::method::Context;

/// Longest Authorization value that is read at all, in octets. Real ones stay below 500.
pub(crate) const MAXIMUM_HEADER_LENGTH: usize = 4096;

const SCHEME: &str = "SharedAccessSignature";
/// The only policy name a device writes; a named policy belongs to the service plane.
const DEVICE_POLICY: &str = "registration";
/// Octets of an HMAC-SHA256.
const SIGNATURE_LENGTH: usize = 32;
/// Twelve digits reach the year 33658: far beyond any lifetime, far below any overflow.
const MAXIMUM_EXPIRY_DIGITS: usize = 12;

/// How long tokens may live and how far a device's clock may differ from ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SasLimits {
    /// Tolerated difference of clocks, in both directions.
    pub skew: Duration,
    /// How far ahead `se` may lie, not counting the skew.
    pub maximum_lifetime: Duration,
}

impl Default for SasLimits {
    /// Five minutes, because some agents sign for thirty seconds only; one day, the longest any client uses.
    fn default() -> Self {
        Self {
            skew: Duration::from_secs(5 * 60),
            maximum_lifetime: Duration::from_secs(24 * 60 * 60),
        }
    }
}

/// A token that is well-formed; nothing more is known of it yet.
pub struct SasToken {
    /// Literal `sr`, line feed, literal `se`: the text under the signature.
    signed_text: String,
    /// `sr`, percent-decoded exactly once.
    resource: String,
    signature: Zeroizing<[u8; SIGNATURE_LENGTH]>,
    expires: Timestamp,
}

impl SasToken {
    /// Reads the value of an Authorization header.
    ///
    /// # Errors
    /// [`Doubt::TokenMissing`] when it is empty, [`Doubt::MethodNotAccepted`] for another scheme,
    /// [`Doubt::TokenPlane`] for a service policy's token, else [`Doubt::TokenMalformed`].
    pub fn parse(header: &str) -> Result<Self, Doubt> {
        if header.is_empty() {
            return Err(Doubt::TokenMissing);
        }
        if header.len() > MAXIMUM_HEADER_LENGTH {
            return Err(Doubt::TokenMalformed(Malformation::TooLong));
        }
        let (scheme, text) = header.split_once(' ').unwrap_or((header, ""));
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return Err(Doubt::MethodNotAccepted);
        }
        let fields = Fields::split(text).map_err(Doubt::TokenMalformed)?;
        let token = Self::from_fields(&fields).map_err(Doubt::TokenMalformed)?;
        match fields.policy {
            None | Some("" | DEVICE_POLICY) => Ok(token),
            Some(_) => Err(Doubt::TokenPlane),
        }
    }

    fn from_fields(fields: &Fields<'_>) -> Result<Self, Malformation> {
        let (Some(resource), Some(signature), Some(expiry)) =
            (fields.resource, fields.signature, fields.expiry)
        else {
            return Err(Malformation::MissingField);
        };
        Ok(Self {
            signed_text: format!("{resource}\n{expiry}"),
            resource: String::from_utf8(percent_decode(resource)?).map_err(|_| Malformation::Escape)?,
            signature: read_signature(signature)?,
            expires: read_expiry(expiry)?,
        })
    }

    /// The token as an Authorization header that [`Self::parse`] reads as this same token: its signed text literally,
    /// its signature as plain base64, and never longer than it came.
    pub(crate) fn to_header(&self) -> Zeroizing<String> {
        let (resource, expiry) = self.signed_text.split_once('\n').unwrap_or_default();
        let signature = Zeroizing::new(BASE64.encode(self.signature.as_ref()));
        Zeroizing::new(format!(
            "{SCHEME} sr={resource}&sig={}&se={expiry}",
            signature.as_str()
        ))
    }

    /// Checks all that can be checked without a key: what the token names, and when it was made for.
    ///
    /// The outcome depends on the request alone, so it is the same for known and unknown registrations.
    ///
    /// # Errors
    /// [`Doubt::TokenScope`], [`Doubt::TokenExpired`] or [`Doubt::TokenLifetime`].
    pub fn admit(&self, context: &Context<'_>) -> Result<(), Doubt> {
        let limits = context.limits;
        if !self.names(context.id_scope, context.registration_id) {
            return Err(Doubt::TokenScope);
        }
        if self.expires.saturating_add(limits.skew) < context.now {
            return Err(Doubt::TokenExpired);
        }
        let latest = context
            .now
            .saturating_add(limits.maximum_lifetime)
            .saturating_add(limits.skew);
        if self.expires > latest {
            return Err(Doubt::TokenLifetime);
        }
        Ok(())
    }

    /// The moment the token says it ends.
    #[must_use]
    pub const fn expires(&self) -> Timestamp {
        self.expires
    }

    /// Whether this very key signed the token, compared in constant time.
    pub(super) fn signed_with(&self, key: &SymmetricKey) -> bool {
        key.verifies(self.signed_text.as_bytes(), self.signature.as_ref())
    }

    #[cfg(test)]
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        (&self.signed_text, &self.resource, &self.signature, self.expires)
            == (
                &other.signed_text,
                &other.resource,
                &other.signature,
                other.expires,
            )
    }

    /// Exactly three segments, so that neither an id with a slash nor an appended path can be smuggled in.
    fn names(&self, id_scope: &str, registration_id: &str) -> bool {
        let mut found = self.resource.split('/');
        [id_scope, "registrations", registration_id]
            .into_iter()
            .all(|expected| {
                found
                    .next()
                    .is_some_and(|segment| segment.eq_ignore_ascii_case(expected))
            })
            && found.next().is_none()
    }
}

impl fmt::Debug for SasToken {
    /// A token is a credential for as long as it lives: its signature is not shown.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SasToken")
            .field("resource", &self.resource)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// The fields as they stand in the token.
#[derive(Default)]
struct Fields<'a> {
    resource: Option<&'a str>,
    signature: Option<&'a str>,
    expiry: Option<&'a str>,
    policy: Option<&'a str>,
}

impl<'a> Fields<'a> {
    fn split(text: &'a str) -> Result<Self, Malformation> {
        if !text.bytes().all(|octet| octet.is_ascii_graphic()) {
            return Err(Malformation::Character);
        }
        let mut fields = Self::default();
        for pair in text.split('&') {
            // The first '=' ends the name: base64 padding may stand unescaped in the value.
            let (name, value) = pair.split_once('=').ok_or(Malformation::Pair)?;
            let field = match name {
                "sr" => &mut fields.resource,
                "sig" => &mut fields.signature,
                "se" => &mut fields.expiry,
                "skn" => &mut fields.policy,
                _ => return Err(Malformation::UnknownField),
            };
            if field.replace(value).is_some() {
                return Err(Malformation::DuplicateField);
            }
        }
        Ok(fields)
    }
}

fn read_signature(value: &str) -> Result<Zeroizing<[u8; SIGNATURE_LENGTH]>, Malformation> {
    let text = percent_decode(value)?;
    let octets = BASE64
        .decode(&text)
        .map(Zeroizing::new)
        .map_err(|_| Malformation::Signature)?;
    <[u8; SIGNATURE_LENGTH]>::try_from(octets.as_slice())
        .map(Zeroizing::new)
        .map_err(|_| Malformation::Signature)
}

/// Plain digits only, and no leading zero: one moment has one text.
fn read_expiry(value: &str) -> Result<Timestamp, Malformation> {
    let plain = (1..=MAXIMUM_EXPIRY_DIGITS).contains(&value.len())
        && !value.starts_with('0')
        && value.bytes().all(|octet| octet.is_ascii_digit());
    if !plain {
        return Err(Malformation::Expiry);
    }
    value
        .parse()
        .map(Timestamp::from_seconds)
        .map_err(|_| Malformation::Expiry)
}

/// Decodes once. A plus sign stays one: it is base64 here, never a space.
fn percent_decode(value: &str) -> Result<Vec<u8>, Malformation> {
    let mut decoded = Vec::with_capacity(value.len());
    let mut octets = value.bytes();
    while let Some(octet) = octets.next() {
        if octet != b'%' {
            decoded.push(octet);
            continue;
        }
        let high = octets.next().and_then(hexadecimal).ok_or(Malformation::Escape)?;
        let low = octets.next().and_then(hexadecimal).ok_or(Malformation::Escape)?;
        decoded.push((high << 4) | low);
    }
    Ok(decoded)
}

fn hexadecimal(octet: u8) -> Option<u8> {
    char::from(octet)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}
