// SPDX-License-Identifier: Apache-2.0
//! Every reason to doubt a device, in words that repeat only what the device itself presented.

use thiserror::Error;

use crate::symmetric_key::MAXIMUM_HEADER_LENGTH;

/// Why the evidence does not prove the identity it claims. Always the caller's affair, never ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Doubt {
    /// Nothing was presented.
    #[error(
        "no credential was presented: send an Authorization header that starts with SharedAccessSignature, or show the device's certificate in the TLS handshake"
    )]
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
    /// No client certificate was shown where one is needed.
    #[error(
        "no client certificate was presented: show the device's certificate and the intermediates above it in the TLS handshake"
    )]
    CertificateMissing,
    /// The chain cannot be read; the part says why.
    #[error(
        "the client certificate cannot be read ({0}): present the device's X.509 certificate first, in DER, and the intermediates above it"
    )]
    CertificateMalformed(&'static str),
    /// The leaf's key is weak, or of a kind that is not admitted.
    #[error(
        "the key of the client certificate is not admitted: use a certificate with a key on P-256 or P-384, Ed25519, or RSA of 2048 to 4096 bits"
    )]
    CertificateKey,
    /// The leaf, or an authority between it and the anchor, is not alive.
    #[error(
        "the client certificate, or one above it, has expired or is not yet valid: present a chain whose certificates are valid at the Date of this answer"
    )]
    ChainExpired,
    /// The leaf's common name is not the registration id.
    #[error(
        "the client certificate names another device: its subject must have one common name, and that must be the registration id"
    )]
    CertificateName,
    /// The leaf is neither pinned nor below an anchor.
    #[error(
        "the client certificate is not trusted here: present the certificate this registration was enrolled with, or one below an authority the operator made an anchor, with all intermediates"
    )]
    CertificateUntrusted,
    /// It is one of ours, and a newer one of its device took its place.
    #[error(
        "the client certificate was replaced by a newer one of this device: present the newest, or what this registration was enrolled with"
    )]
    CertificateReplaced,
    /// A list of its issuer names the leaf or an authority above it.
    #[error(
        "the client certificate, or one above it, was revoked by its issuer: present a certificate that is not revoked"
    )]
    ChainRevoked,
    /// No list that is fresh covers the leaf or an authority above it.
    #[error(
        "whether the client certificate was revoked cannot be told now: the operator must upload a fresh revocation list of each authority above it"
    )]
    CertificateStatusUnknown,
    /// The credential is of a kind that this place does not take.
    #[error(
        "this kind of credential is not accepted here: present the kind this registration was enrolled with, a SharedAccessSignature token or a client certificate"
    )]
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
            Self::CertificateMissing => "certificate_missing",
            Self::CertificateMalformed(_) => "certificate_malformed",
            Self::CertificateKey => "certificate_key",
            Self::ChainExpired => "chain_expired",
            Self::CertificateName => "certificate_name",
            Self::CertificateUntrusted => "certificate_untrusted",
            Self::CertificateReplaced => "certificate_replaced",
            Self::ChainRevoked => "chain_revoked",
            Self::CertificateStatusUnknown => "certificate_status_unknown",
            Self::MethodNotAccepted => "method_not_accepted",
        }
    }

    /// Whether it is about the client certificate, so that the front repeats what it read of it.
    #[must_use]
    pub const fn blames_certificate(&self) -> bool {
        match self {
            Self::CertificateMalformed(_)
            | Self::CertificateKey
            | Self::ChainExpired
            | Self::CertificateName
            | Self::CertificateUntrusted
            | Self::CertificateReplaced
            | Self::ChainRevoked
            | Self::CertificateStatusUnknown => true,
            Self::TokenMissing
            | Self::TokenMalformed(_)
            | Self::TokenExpired
            | Self::TokenLifetime
            | Self::TokenScope
            | Self::TokenPlane
            | Self::TokenSignature
            | Self::CertificateMissing
            | Self::MethodNotAccepted => false,
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
            | Self::CertificateMissing
            | Self::CertificateMalformed(_)
            | Self::CertificateKey
            | Self::ChainExpired
            | Self::CertificateName
            | Self::CertificateUntrusted
            | Self::CertificateReplaced
            | Self::ChainRevoked
            | Self::CertificateStatusUnknown
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
