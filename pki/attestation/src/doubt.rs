// SPDX-License-Identifier: Apache-2.0
//! Every reason to doubt a device, in words that repeat only what the device itself presented.

use thiserror::Error;

use crate::symmetric_key::MAXIMUM_HEADER_LENGTH;

/// Why the evidence does not prove the identity it claims. Always the caller's affair, never ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Doubt {
    /// Nothing was presented where a token is needed.
    #[error("no token was presented: send an Authorization header that starts with SharedAccessSignature")]
    TokenMissing,
    /// The token cannot be read; the part says which rule it breaks.
    #[error("the token cannot be read: {0}")]
    TokenMalformed(Malformation),
    /// The token's `se` lies in the past by more than the tolerated skew.
    #[error("the token has expired: set the device's clock to the Date of this answer and sign a new token")]
    TokenExpired,
    /// The token's `se` lies further in the future than a token may live.
    #[error(
        "the token would live too long: set the device's clock to the Date of this answer, or sign a token with a nearer se"
    )]
    TokenLifetime,
    /// The token's `sr` names something else than the registration it was sent to.
    #[error(
        "the token names another resource: sign sr={{idScope}}/registrations/{{registrationId}} of the address it is sent to, percent-encoded at most once"
    )]
    TokenScope,
    /// The token was made with a named policy, which belongs to the service's own plane.
    #[error(
        "the token belongs to another plane: devices sign with their own key and skn=registration, not with a service policy"
    )]
    TokenPlane,
    /// The signature fits no key that may speak for this registration.
    #[error(
        "the token's signature does not verify: sign sr, a line feed and se with the key of this registration"
    )]
    TokenSignature,
    /// The credential is of a kind that this place does not take.
    #[error("this kind of credential is not accepted here: present a SharedAccessSignature token")]
    MethodNotAccepted,
}

impl Doubt {
    /// Stable code of this refusal, for answers, journal rows and counters.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::TokenMissing => "token_missing",
            Self::TokenMalformed(_) => "token_malformed",
            Self::TokenExpired => "token_expired",
            Self::TokenLifetime => "token_lifetime",
            Self::TokenScope => "token_scope",
            Self::TokenPlane => "token_plane",
            Self::TokenSignature => "token_signature",
            Self::MethodNotAccepted => "method_not_accepted",
        }
    }

    /// Whether a wrong device clock is the likely cause, so that the front adds the server's date.
    #[must_use]
    pub const fn blames_clock(&self) -> bool {
        match self {
            Self::TokenExpired | Self::TokenLifetime => true,
            Self::TokenMissing
            | Self::TokenMalformed(_)
            | Self::TokenScope
            | Self::TokenPlane
            | Self::TokenSignature
            | Self::MethodNotAccepted => false,
        }
    }
}

/// The rule of the token's grammar that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Malformation {
    /// The header is longer than any real client's.
    #[error("it is longer than {MAXIMUM_HEADER_LENGTH} characters")]
    TooLong,
    /// A character outside printable ASCII, or a second space.
    #[error("only printable ASCII without spaces may follow the word SharedAccessSignature and one space")]
    Character,
    /// A part between two `&` that is not `name=value`.
    #[error("its parts must be name=value, joined by &")]
    Pair,
    /// A field name other than sr, sig, se, skn.
    #[error("it may hold only the fields sr, sig, se and skn")]
    UnknownField,
    /// The same field twice.
    #[error("each of the fields sr, sig, se and skn may appear only once")]
    DuplicateField,
    /// `sr`, `sig` or `se` is not there.
    #[error("the fields sr, sig and se must all be present")]
    MissingField,
    /// A `%` without two hexadecimal digits, or octets that are not UTF-8.
    #[error("a percent sign must be followed by two hexadecimal digits and spell UTF-8")]
    Escape,
    /// `sig` is not strict base64 of 32 octets.
    #[error("sig must be the padded standard base64 of an HMAC-SHA256, percent-encoded")]
    Signature,
    /// `se` is not plain decimal seconds.
    #[error("se must be whole seconds since 1970 in plain decimal digits")]
    Expiry,
}
