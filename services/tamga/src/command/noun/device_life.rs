// SPDX-License-Identifier: Apache-2.0
//! `tamga device`: what becomes of one in its life: disabled, restored, rekeyed, let go, claimed, removed.

use super::terms::{IDEMPOTENCY, revoked_named};
use crate::command::verb::{Answer, DELETE, Kind, Noun, POST, Take, member, named, verb};

/// Devices, in the course of their lives.
pub(super) const NOUN: Noun = Noun {
    name: "device",
    about: "Play a device, look at one, revoke one",
    verbs: &[
        verb(
            "disable",
            "disableDevice",
            (POST, "devices/{registrationId}/disable"),
            Answer::Done("device {registrationId} is disabled"),
        )
        .about("Turn a device away for a while; its certificates stay good")
        .examples(&["tamga device disable pump-2"])
        .takes(&[ID, IDEMPOTENCY]),
        verb(
            "enable",
            "enableDevice",
            (POST, "devices/{registrationId}/enable"),
            Answer::Done("device {registrationId} is enabled"),
        )
        .about("Let a disabled device in again")
        .examples(&["tamga device enable pump-2"])
        .takes(&[ID, IDEMPOTENCY]),
        verb(
            "restore",
            "restoreDevice",
            (POST, "devices/{registrationId}/restore"),
            Answer::Done("device {registrationId} may enroll again"),
        )
        .about("Let a revoked device enroll again; what is revoked stays revoked")
        .examples(&["tamga device restore pump-2"])
        .takes(&[ID, IDEMPOTENCY]),
        verb(
            "rekey",
            "rekeyDevice",
            (POST, "devices/{registrationId}/rekey"),
            Answer::Done("device {registrationId} proves itself by another enrollment from now on"),
        )
        .about("Let a device prove itself by another group or individual enrollment from now on")
        .examples(&[
            "tamga device rekey pump-2 --enrollment pump-2",
            "tamga device rekey pump-2 --group line-8",
        ])
        .takes(&[
            ID,
            member(
                "group",
                "/group",
                Kind::Name,
                "The group it belongs to from now on",
            )
            .excludes(&["enrollment"]),
            member(
                "enrollment",
                "/enrollment",
                Kind::Name,
                "The individual enrollment it belongs to from now on",
            ),
            IDEMPOTENCY,
        ]),
        verb(
            "release",
            "releaseDevice",
            (POST, "devices/{registrationId}/release"),
            Answer::Done("device {registrationId} is let go to {to}, until it is claimed there"),
        )
        .about("Let a device go to another organization, which claims it")
        .examples(&["tamga device release pump-2 --to plant"])
        .takes(&[
            ID,
            member("to", "/to", Kind::Slug, "The organization that may claim it").needed(),
            IDEMPOTENCY,
        ]),
        verb(
            "keep",
            "withdrawRelease",
            (DELETE, "devices/{registrationId}/release"),
            Answer::Done("device {registrationId} is let go no longer"),
        )
        .about("Let a device go no longer, while nobody has claimed it")
        .examples(&["tamga device keep pump-2"])
        .takes(&[ID]),
        verb(
            "claim",
            "claimDevice",
            (POST, "devices/{registrationId}/claim"),
            Answer::Words(|answer, given| revoked_named(answer, given, ("device", "registrationId"))),
        )
        .about("Take a device that another organization lets go; what it had there is revoked")
        .examples(&["tamga device claim pump-2 --from default --organization plant"])
        .takes(&[
            ID,
            member("from", "/from", Kind::Slug, "The organization that lets it go").needed(),
            IDEMPOTENCY,
        ]),
        verb(
            "delete",
            "deleteDevice",
            (DELETE, "devices/{registrationId}"),
            Answer::Words(|answer, given| revoked_named(answer, given, ("device", "registrationId"))),
        )
        .about("Remove a device: its certificates are revoked, and its history stays")
        .examples(&["tamga device delete pump-2"])
        .takes(&[ID]),
    ],
};

const ID: Take = named("registrationId", Kind::Name, "Its registration id");
