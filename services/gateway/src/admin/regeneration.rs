// SPDX-License-Identifier: Apache-2.0
//! `POST …/regenerate-key`, of groups and individual enrollments: a new key in one slot, shown once.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use tamga_attestation::KeySlot;

use super::json::answer;

/// Which key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Slot {
    slot: SlotWord,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum SlotWord {
    Primary,
    Secondary,
}

impl Slot {
    pub(super) fn slot(&self) -> KeySlot {
        match self.slot {
            SlotWord::Primary => KeySlot::Primary,
            SlotWord::Secondary => KeySlot::Secondary,
        }
    }
}

#[derive(Serialize)]
struct Regenerated<'a> {
    slot: &'static str,
    key: &'a str,
}

/// The answer that shows the key. No cache may keep it.
pub(super) fn shown(slot: KeySlot, key: &SecretString) -> Response {
    let view = Regenerated {
        slot: slot.as_str(),
        key: key.expose_secret(),
    };
    let mut response = answer(StatusCode::OK, &view);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
