// SPDX-License-Identifier: Apache-2.0
//! `tamga device list`.

use crate::command::show::Columns;
use crate::command::verb::{Kind, Noun, filter, list, sorted};

/// Devices, found.
pub(super) const NOUN: Noun = Noun {
    name: "device",
    about: "Play a device, look at one, revoke one",
    verbs: &[list("listDevices", "devices", COLUMNS)
        .about("List the devices by registration id")
        .examples(&[
            "tamga device list --registration-id-prefix pump-",
            "tamga device list --state revoked --output json",
        ])
        .takes(&[
            filter(
                "state",
                "state",
                Kind::Choice(&["active", "deleted", "disabled", "released", "revoked"]),
                "Only those in this state",
            ),
            filter(
                "registration-id-prefix",
                "registrationIdPrefix",
                Kind::Text,
                "Only those whose registration id begins so",
            ),
            filter(
                "enrollment",
                "enrollment",
                Kind::Text,
                "Only those admitted by this group or enrollment: grp_… or enr_…",
            ),
            sorted(&["registrationId", "-registrationId", "createdAt", "-createdAt"]),
        ])],
};

const COLUMNS: &Columns = &[
    ("REGISTRATION ID", "/registrationId"),
    ("STATE", "/state"),
    ("REVOKED", "/revoked/at"),
    ("CREATED AT", "/createdAt"),
    ("DEVICE", "/id"),
    ("ENROLLMENT", "/enrollmentId"),
];
