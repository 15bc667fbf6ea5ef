// SPDX-License-Identifier: Apache-2.0
//! What is answered of a unit that was furnished.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use serde::Serialize;
use tamga_authority::enroll::Issued;
use tamga_authority::factory::Unit;

use super::label::Label;
use crate::admin::json::dated;

/// What is known of a unit and its certificate, by the names that labels use.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Known {
    registration_id: String,
    device_id: String,
    spiffe_id: String,
    certificate_id: String,
    serial: String,
    not_before: String,
    not_after: String,
}

/// A unit with its certificate.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UnitView {
    #[serde(flatten)]
    known: Known,
    /// DER in base64.
    certificate: String,
    /// What is above it, its root last.
    chain: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    label: BTreeMap<String, String>,
}

impl Known {
    /// What there is to fill in.
    pub(super) const NAMES: [&'static str; 7] = [
        "registrationId",
        "deviceId",
        "spiffeId",
        "certificateId",
        "serial",
        "notBefore",
        "notAfter",
    ];

    fn new(unit: &Unit, issued: &Issued) -> Self {
        Self {
            registration_id: unit.device.registration_id.presented().to_owned(),
            device_id: unit.device.id.to_string(),
            spiffe_id: unit.spiffe_id.clone(),
            certificate_id: issued.certificate().to_string(),
            serial: issued.serial().to_string(),
            not_before: dated(issued.validity().not_before()),
            not_after: dated(issued.validity().not_after()),
        }
    }

    /// By its name; nothing by any other.
    pub(super) fn of(&self, name: &str) -> &str {
        match name {
            "registrationId" => &self.registration_id,
            "deviceId" => &self.device_id,
            "spiffeId" => &self.spiffe_id,
            "certificateId" => &self.certificate_id,
            "serial" => &self.serial,
            "notBefore" => &self.not_before,
            "notAfter" => &self.not_after,
            _ => "",
        }
    }

    #[cfg(test)]
    pub(super) fn of_story() -> Self {
        Self {
            registration_id: "pump-1".to_owned(),
            device_id: "dev_x".to_owned(),
            spiffe_id: "spiffe://x".to_owned(),
            certificate_id: "crt_x".to_owned(),
            serial: "4001".to_owned(),
            not_before: "then".to_owned(),
            not_after: "later".to_owned(),
        }
    }
}

impl UnitView {
    pub(super) fn new(unit: &Unit, issued: &Issued, label: &Label) -> Self {
        let known = Known::new(unit, issued);
        let mut chain = issued.chain().iter().map(|der| BASE64.encode(der));
        Self {
            label: label.filled(&known),
            certificate: chain.next().unwrap_or_default(),
            chain: chain.collect(),
            known,
        }
    }
}
