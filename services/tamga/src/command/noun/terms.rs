// SPDX-License-Identifier: Apache-2.0
//! What several nouns have in common: roles, reasons, the terms of an enrollment, and how a revocation is told.

use serde_json::Value;

use crate::command::show::Columns;
use crate::command::verb::{Given, Kind, Place, Secret, SecretForm, Take, member, take};

/// The roles there are.
pub(super) const ROLES: &[&str] = &["administrator", "operator", "auditor", "factory"];

/// Why something is revoked.
pub(super) const REASON: Take = member(
    "reason",
    "/reason",
    Kind::Choice(&[
        "unspecified",
        "key_compromise",
        "affiliation_changed",
        "superseded",
        "cessation_of_operation",
        "privilege_withdrawn",
    ]),
    "Why; key_compromise also blocks the key for ever, everywhere",
)
.or("unspecified");

/// The beginning of a name.
pub(super) const NAME_PREFIX: Take = take(
    "name-prefix",
    Place::Query("namePrefix"),
    Kind::Text,
    "Only those whose name begins so",
);
/// A state of what can be disabled.
pub(super) const STATE: Take = take(
    "state",
    Place::Query("state"),
    Kind::Choice(&["enabled", "disabled"]),
    "Only those in this state",
);
/// The orders of lists of named things.
pub(super) const BY_NAME: &[&str] = &["name", "-name", "createdAt", "-createdAt"];

/// What lets a call be sent again.
pub(super) const IDEMPOTENCY: Take = take(
    "idempotency-key",
    Place::Header("Idempotency-Key"),
    Kind::Text,
    "A key of your choice: sent again under it within 24 hours, the same call does nothing again and is answered as before",
);

/// What the device certificates of a group or an enrollment are.
pub(super) const PROFILE: Take = member(
    "profile",
    "/profile",
    Kind::Text,
    "The profile of the certificates [default: device]",
);
/// Who signs them.
pub(super) const ISSUER: Take = member(
    "issuer",
    "/issuer",
    Kind::Text,
    "The issuer of the certificates [default: the only active one]",
);
/// What becomes of a new key.
pub(super) const REKEY: Take = member(
    "rekey",
    "/rekey",
    Kind::Choice(&["allow", "refuse"]),
    "What becomes of a new key when no renewal is due [default: allow]",
);
/// How often.
pub(super) const REKEYS_PER_DAY: Take = member(
    "rekeys-per-day",
    "/rekeysPerDay",
    Kind::Number,
    "How many certificates a device may draw by new keys in 24 hours [default: 10]",
);
/// Where devices are sent.
pub(super) const ASSIGNED_HUB: Take = member(
    "assigned-hub",
    "/assignedHub",
    Kind::Text,
    "Answered to the devices as assignedHub",
);

/// Keys that are shown once.
pub(super) const KEYS: Secret = Secret {
    option: "keys-file",
    members: &["/attestation/primaryKey", "/attestation/secondaryKey"],
    form: SecretForm::Named,
    otherwise: "have both keys made anew by regenerate-key, once for --slot primary and once for --slot secondary, each with a --keys-file",
};

/// Which of two keys.
pub(super) const SLOT: Take = member(
    "slot",
    "/slot",
    Kind::Choice(&["primary", "secondary"]),
    "Which of the two",
)
.needed();

/// A key that is shown once.
pub(super) const ONE_KEY: Secret = Secret {
    option: "keys-file",
    members: &["/key"],
    form: SecretForm::Bare,
    otherwise: "have the key made anew once more, with another --keys-file",
};

/// A key that was made anew.
pub(super) const KEY: &Columns = &[("slot", "/slot"), ("key", "/key")];

/// A group or an individual enrollment.
pub(super) const TERMS: &Columns = &[
    ("name", "/name"),
    ("registration id", "/registrationId"),
    ("id", "/id"),
    ("state", "/state"),
    ("attestation", "/attestation/type"),
    ("primary key", "/attestation/primaryKey"),
    ("secondary key", "/attestation/secondaryKey"),
    ("anchor", "/attestation/caReferences/primary"),
    ("secondary anchor", "/attestation/caReferences/secondary"),
    (
        "certificate",
        "/attestation/clientCertificates/primary/info/sha256",
    ),
    (
        "secondary certificate",
        "/attestation/clientCertificates/secondary/info/sha256",
    ),
    ("rekey", "/rekey"),
    ("rekeys per day", "/rekeysPerDay"),
    ("assigned hub", "/assignedHub"),
    ("created at", "/createdAt"),
];

/// What was revoked, and by when everybody can know.
pub(super) fn revoked(answer: &Value, what: &str) -> String {
    let text = |member: &str| answer[member].as_str().unwrap_or_default().to_owned();
    if answer["already"].as_bool() == Some(true) {
        let at = text("revokedAt");
        return format!("{what} was revoked before, at {at}; nothing changed");
    }
    let mut lines = vec![format!("{what} is revoked since {}", text("revokedAt"))];
    for certificate in answer["certificates"].as_array().into_iter().flatten() {
        lines.push(format!(
            "  certificate {}",
            certificate.as_str().unwrap_or_default()
        ));
    }
    lines.push(format!("on the published lists by {}", text("visibleBy")));
    lines.join("\n")
}

/// What was revoked, by the argument that names it.
pub(super) fn revoked_named(answer: &Value, given: &Given<'_>, (noun, argument): (&str, &str)) -> String {
    revoked(answer, &format!("{noun} {}", given.text(argument)))
}
