// SPDX-License-Identifier: Apache-2.0
//! Refusals that need no rule: the request itself shows what is wrong, whoever sent it.

use axum::http::StatusCode;
use tamga_attestation::Doubt;
use tamga_authority::refusal::Refusal;
use tamga_registry::device::BadRegistrationId;
use tamga_registry::order::BadOperationId;
use tamga_x509::request::CsrRefusal;

use super::error::{self, Code};
use crate::body::BodyFault;

/// Why a request ended before there was a claim to judge.
#[derive(Debug, thiserror::Error)]
pub enum RimRefusal {
    /// No such path.
    #[error(
        "there is no such path: the device API is PUT /{{idScope}}/registrations/{{registrationId}}/register, GET …/operations/{{operationId}}, and POST /{{idScope}}/registrations/{{registrationId}}"
    )]
    RouteUnknown,
    /// Not by this method.
    #[error("this path does not take this method: the Allow header lists those it takes")]
    MethodNotAllowed,
    /// No host name to answer.
    #[error(
        "the request names no host, or more than one: send one Host header with the name the service was called by"
    )]
    HostInvalid,
    /// More than the limit.
    #[error("the body has more than 96 KiB: send at most that")]
    BodyTooLarge,
    /// A compressed body.
    #[error("the body has a content coding: send it plain, nothing is decompressed here")]
    BodyEncoded,
    /// The connection ended first.
    #[error("the body ended before its announced length: send it whole")]
    BodyCutShort,
    /// Not a JSON object of the right shape.
    #[error(
        "the body is not the JSON object of a device registration, see line {line}, column {column}: mend it there"
    )]
    BodyMalformed {
        /// Counts from 1; 0 when unknown.
        line: usize,
        /// Counts from 1; 0 when unknown.
        column: usize,
    },
    /// The path names nobody.
    #[error("the registration id in the path cannot be one: {0}")]
    RegistrationIdInvalid(#[from] BadRegistrationId),
    /// The path names no operation.
    #[error("there is no such operation: {0}")]
    OperationIdInvalid(#[from] BadOperationId),
    /// Path and body disagree.
    #[error(
        "the registrationId of the body differs from that of the path: send the same in both, or leave it out of the body"
    )]
    RegistrationIdMismatch,
    /// Something else where a CSR belongs.
    #[error("csr must be text: the base64 of a PKCS #10 request in DER, or its PEM")]
    CsrNotText,
    /// Two CSRs.
    #[error("csr and payload.csr carry different requests: send one of them, or the same in both")]
    CsrTwice,
    /// A CSR where none is taken.
    #[error("a registration status lookup takes no csr and answers no certificate: register with it instead")]
    CsrInLookup,
    /// The CSR's text cannot be unwrapped.
    #[error(transparent)]
    Csr(#[from] CsrRefusal),
    /// The credential cannot be read, or is not of this place.
    #[error(transparent)]
    Credential(#[from] Doubt),
}

impl RimRefusal {
    /// The stable slug.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        match self {
            Self::RouteUnknown => "route_unknown",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::HostInvalid => "host_invalid",
            Self::BodyTooLarge => "body_too_large",
            Self::BodyEncoded => "body_encoded",
            Self::BodyCutShort => "body_cut_short",
            Self::BodyMalformed { .. } => "body_malformed",
            Self::RegistrationIdInvalid(_) => "registration_id_invalid",
            Self::OperationIdInvalid(_) => "operation_id_invalid",
            Self::RegistrationIdMismatch => "registration_id_mismatch",
            Self::CsrNotText => "csr_not_text",
            Self::CsrTwice => "csr_twice",
            Self::CsrInLookup => "csr_in_lookup",
            Self::Csr(refusal) => refusal.slug(),
            Self::Credential(doubt) => doubt.slug(),
        }
    }

    /// How it is answered. What authority refuses too is answered as its table says.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::RouteUnknown => Code::new(StatusCode::NOT_FOUND, 404_000),
            Self::OperationIdInvalid(_) => Code::new(StatusCode::NOT_FOUND, 404_202),
            Self::MethodNotAllowed => Code::new(StatusCode::METHOD_NOT_ALLOWED, 405_000),
            Self::BodyTooLarge => Code::new(StatusCode::PAYLOAD_TOO_LARGE, 413_000),
            Self::BodyEncoded => Code::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, 415_000),
            Self::HostInvalid
            | Self::BodyCutShort
            | Self::BodyMalformed { .. }
            | Self::RegistrationIdInvalid(_)
            | Self::RegistrationIdMismatch
            | Self::CsrNotText
            | Self::CsrTwice
            | Self::CsrInLookup => Code::new(StatusCode::BAD_REQUEST, 400_004),
            Self::Csr(refusal) => error::code_of(&Refusal::Csr(refusal.clone())),
            Self::Credential(doubt) => error::code_of(&Refusal::Unproven(*doubt)),
        }
    }
}

impl From<BodyFault> for RimRefusal {
    fn from(fault: BodyFault) -> Self {
        match fault {
            BodyFault::TooLarge => Self::BodyTooLarge,
            BodyFault::Encoded => Self::BodyEncoded,
            BodyFault::CutShort => Self::BodyCutShort,
        }
    }
}
