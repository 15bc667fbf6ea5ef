// SPDX-License-Identifier: Apache-2.0
//! `tamga certificate`: revoke one.

use super::terms::{REASON, revoked_named};
use crate::command::verb::{Answer, Kind, Noun, POST, named, verb};

/// Certificates.
pub(super) const NOUN: Noun = Noun {
    name: "certificate",
    about: "Certificates",
    verbs: &[verb(
        "revoke",
        "revokeCertificate",
        (POST, "certificates/{certificate}/revoke"),
        Answer::Words(|answer, given| revoked_named(answer, given, ("certificate", "certificate"))),
    )
    .about("Revoke one certificate; its device may enroll again")
    .examples(&["tamga certificate revoke crt_… --reason superseded"])
    .note("`tamga device show` lists the ids of a device's certificates.")
    .takes(&[
        named("certificate", Kind::Id("crt"), "The certificate's id, `crt_…`"),
        REASON,
    ])],
};
