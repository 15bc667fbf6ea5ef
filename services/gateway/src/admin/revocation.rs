// SPDX-License-Identifier: Apache-2.0
//! What both revocations take and answer.

use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tamga_authority::revoke::Revoked;
use tamga_x509::crl::RevocationReason;

use super::json::{answer, dated};
use super::problem::RimRefusal;

/// Why something is revoked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Because {
    reason: String,
}

impl Because {
    pub(super) fn reason(&self) -> Result<RevocationReason, RimRefusal> {
        self.reason.parse().map_err(|_| {
            RimRefusal::BodyMalformed(
                "reason is one of unspecified, key_compromise, affiliation_changed, superseded, cessation_of_operation, privilege_withdrawn".to_owned(),
            )
        })
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RevokedView {
    revoked_at: String,
    /// Struck by this call.
    certificates: Vec<String>,
    /// Revoked before; this call changed nothing.
    already: bool,
    /// By when every list that names them is published.
    visible_by: String,
}

pub(super) fn revoked(revoked: &Revoked) -> Response {
    let view = RevokedView {
        revoked_at: dated(revoked.at),
        certificates: revoked.certificates.iter().map(ToString::to_string).collect(),
        already: revoked.already,
        visible_by: dated(revoked.visible_by),
    };
    answer(StatusCode::OK, &view)
}
