// SPDX-License-Identifier: Apache-2.0
//! Whom the path names: percent-decoded once, then parsed.

use std::str::FromStr;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use tamga_attestation::Doubt;
use tamga_registry::device::{BadRegistrationId, RegistrationId};
use tamga_registry::organization::IdScope;

use super::rim::RimRefusal;

/// A registration, as the first and third segment of a path name it.
#[derive(Debug)]
pub(super) struct Target {
    /// Text that can be no scope is kept apart: it is answered like a scope nobody owns.
    scope: Option<IdScope>,
    pub(super) registration_id: RegistrationId,
}

impl Target {
    pub(super) fn new(scope: &str, registration_id: &str) -> Result<Self, RimRefusal> {
        Ok(Self {
            scope: IdScope::from_str(scope).ok(),
            registration_id: registration_id.parse()?,
        })
    }

    /// The scope, or the one doubt that also answers unknown scopes, unknown registrations and bad signatures.
    pub(super) fn scope(&self) -> Result<IdScope, Doubt> {
        self.scope.clone().ok_or(Doubt::TokenSignature)
    }
}

/// The segments, decoded; octets that are no UTF-8 can be part of no registration id.
pub(super) fn segments<T>(path: Result<Path<T>, PathRejection>) -> Result<T, RimRefusal> {
    path.map(|Path(segments)| segments)
        .map_err(|_| BadRegistrationId.into())
}
