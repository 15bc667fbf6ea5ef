// SPDX-License-Identifier: Apache-2.0
//! `tamga device`: look at one, revoke one. What plays a device is in `command/device.rs`.

use super::terms::{REASON, revoked_named};
use crate::command::show::Columns;
use crate::command::verb::{Answer, GET, Kind, Noun, POST, Take, named, verb};

/// Devices.
pub(super) const NOUN: Noun = Noun {
    name: "device",
    about: "Play a device, look at one, revoke one",
    verbs: &[
        verb(
            "show",
            "getDevice",
            (GET, "devices/{registrationId}"),
            Answer::Parts(DEVICE, &[("certificates", CERTIFICATES)]),
        )
        .about("Show a device and its certificates")
        .examples(&["tamga device show pump-2"])
        .takes(&[ID]),
        verb(
            "revoke",
            "revokeDevice",
            (POST, "devices/{registrationId}/revoke"),
            Answer::Words(|answer, given| revoked_named(answer, given, ("device", "registrationId"))),
        )
        .about("Revoke a device: its certificates, its open orders, and its right to enroll")
        .examples(&["tamga device revoke pump-2 --reason key_compromise"])
        .takes(&[ID, REASON]),
    ],
};

const ID: Take = named("registrationId", Kind::Name, "Its registration id");

const DEVICE: &Columns = &[
    ("registration id", "/registrationId"),
    ("device", "/id"),
    ("state", "/state"),
    ("revoked at", "/revoked/at"),
    ("revoked because", "/revoked/reason"),
    ("enrollment", "/enrollmentId"),
    ("created at", "/createdAt"),
];

const CERTIFICATES: &Columns = &[
    ("CERTIFICATE", "/id"),
    ("STATE", "/state"),
    ("PLACE", "/place"),
    ("SERIAL", "/serial"),
    ("NOT AFTER", "/notAfter"),
    ("REVOKED", "/revoked/at"),
    ("BECAUSE", "/revoked/reason"),
];
