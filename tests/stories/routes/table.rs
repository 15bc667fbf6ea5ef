// SPDX-License-Identifier: Apache-2.0
//! One line a route: what it needs, how it is asked well, and what it answers then.
//!
//! Calls are made from the first line to the last, by each role that holds what they need: what a line makes or removes is there,
//! or gone, for the lines below. Of path parameters beyond `{organization}`, `named` gives the values in order; `$account`, `$token`
//! and others stand for what the stage made (`stage.rs`).

use tamga_registry::role::Permission;

/// A route.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// The permission; empty = every known caller; [`OPEN`] = everybody.
    pub(super) needs: &'static str,
    /// In which organization it is asked; empty = the stage's own.
    pub(super) of: &'static str,
    pub(super) names: &'static [&'static str],
    pub(super) query: &'static str,
    pub(super) body: &'static str,
    pub(super) media: &'static str,
    /// The status when it is let in.
    pub(super) answers: u16,
}

impl Line {
    const fn of(self, of: &'static str) -> Self {
        Self { of, ..self }
    }

    const fn named(self, names: &'static [&'static str]) -> Self {
        Self { names, ..self }
    }

    const fn body(self, body: &'static str) -> Self {
        Self {
            body,
            media: "application/json",
            ..self
        }
    }

    const fn asking(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    const fn octets(self, media: &'static str, body: &'static str) -> Self {
        Self { body, media, ..self }
    }

    const fn answers(self, answers: u16) -> Self {
        Self { answers, ..self }
    }

    pub(super) fn is_open(&self) -> bool {
        self.needs == OPEN
    }

    pub(super) fn needed(&self) -> Option<Permission> {
        (!self.needs.is_empty() && !self.is_open()).then(|| self.needs.parse().expect("a permission"))
    }

    pub(super) fn is_of_an_organization(&self) -> bool {
        self.path.contains("{organization}")
    }

    /// Whether it names something of an organization.
    pub(super) fn names_something(&self) -> bool {
        !self.names.is_empty()
    }
}

/// It tells nothing of any installation: whoever comes may read it.
const OPEN: &str = "nothing";

const fn route(method: &'static str, path: &'static str, needs: &'static str) -> Line {
    Line {
        method,
        path,
        needs,
        of: "",
        names: &[],
        query: "",
        body: "",
        media: "",
        answers: 200,
    }
}

macro_rules! within {
    ($end:literal) => {
        concat!("/v1/organizations/{organization}", $end)
    };
}

macro_rules! profile {
    () => {
        r#"{"schema":1,"usage":"device","validity":"30d","backdate":"1h","key_algorithms":["P-256"],"key_usage":["digitalSignature"],"extended_key_usage":["clientAuth"],"rotation":"optional","renewal":{"opens_at_percent":67,"jitter_percent":5},"birth_key_as_operational":false}"#
    };
}

#[rustfmt::skip]
pub(super) const TABLE: &[Line] = &[
    route("GET", "/v1/openapi.json", OPEN),
    route("GET", "/v1/docs", OPEN),
    route("GET", "/v1/docs/{file}", OPEN).named(&["page.css"]),
    route("GET", "/v1/whoami", ""),
    route("GET", "/v1/roles", ""),
    route("GET", "/v1/organizations", ""),
    route("GET", within!(""), "organization:read"),
    route("GET", within!("/organizations"), "organization:read"),
    route("POST", within!("/organizations"), "organization:create").body(r#"{"slug":"fresh"}"#).answers(201),
    route("POST", within!("/rename"), "organization:update").of("yard").body(r#"{"displayName":"Acme"}"#).answers(204),
    route("GET", within!("/id-scopes"), "group:read"),
    route("POST", within!("/id-scopes"), "organization:update").answers(201),
    route("POST", within!("/accounts"), "account:create").body(r#"{"name":"fresh","kind":"person"}"#).answers(201),
    route("GET", within!("/accounts"), "account:read"),
    route("GET", within!("/accounts/{name}"), "account:read").named(&["visitor"]),
    route("POST", within!("/accounts/{name}/disable"), "account:update").named(&["visitor"]).answers(204),
    route("POST", within!("/accounts/{name}/enable"), "account:update").named(&["visitor"]).answers(204),
    route("POST", within!("/assignments"), "assignment:create").body(r#"{"principal":"$account","role":"auditor"}"#).answers(201),
    route("GET", within!("/assignments"), "assignment:read"),
    route("GET", within!("/assignments/{assignment}"), "assignment:read").named(&["$assignment"]),
    route("POST", within!("/tokens"), "token:create").body(r#"{"name":"fresh","holder":"$account","role":"factory"}"#).answers(201),
    route("GET", within!("/tokens"), "token:read"),
    route("GET", within!("/tokens/{token}"), "token:read").named(&["$token"]),
    route("DELETE", within!("/tokens/{token}"), "token:delete").named(&["$token"]).answers(204),
    route("POST", within!("/client-certificates"), "token:create").body(r#"{"holder":"$account","certificate":"$certificate-text"}"#).answers(201),
    route("GET", within!("/client-certificates"), "token:read"),
    route("GET", within!("/client-certificates/{fingerprint}"), "token:read").named(&["$pinned"]),
    route("DELETE", within!("/client-certificates/{fingerprint}"), "token:delete").named(&["$pinned"]).answers(204),
    route("DELETE", within!("/assignments/{assignment}"), "assignment:delete").named(&["$assignment"]).answers(204),
    route("POST", within!("/profiles"), "profile:create").body(concat!(r#"{"name":"fresh","config":"#, profile!(), "}")).answers(201),
    route("GET", within!("/profiles"), "profile:read"),
    route("GET", within!("/profiles/{name}"), "profile:read").named(&["device"]),
    route("POST", within!("/profiles/{name}/revisions"), "profile:update").named(&["device"]).body(profile!()).answers(201),
    route("GET", within!("/profiles/{name}/revisions"), "profile:read").named(&["device"]),
    route("GET", within!("/profiles/{name}/revisions/{revision}"), "profile:read").named(&["device", "1"]),
    route("GET", within!("/issuers"), "issuer:read"),
    route("GET", within!("/issuers/{name}"), "issuer:read").named(&["device-issuer"]),
    route("POST", within!("/issuers/{name}/activate"), "issuer:update").named(&["device-issuer"]).answers(204),
    route("POST", within!("/issuers/{name}/retire"), "issuer:update").named(&["device-issuer"]).answers(202),
    route("GET", within!("/approvals"), "approval:read"),
    route("GET", within!("/approvals/{approval}"), "approval:read").named(&["$approval"]),
    // The roles of the stage are programs', and none of them asked.
    route("POST", within!("/approvals/{approval}/approve"), "approval:decide").named(&["$approval"]).body(r#"{"digest":"$digest"}"#).answers(403),
    route("POST", within!("/approvals/{approval}/withdraw"), "approval:read").named(&["$approval"]).answers(403),
    route("POST", within!("/approvals/{approval}/refuse"), "approval:decide").named(&["$approval"]).body(r#"{"reason":"no"}"#),
    route("POST", within!("/grants"), "grant:create").body(r#"{"kind":"profile","name":"device","to":"beside"}"#).answers(201),
    route("GET", within!("/grants"), "grant:read"),
    route("GET", within!("/grants/{grant}"), "grant:read").named(&["profile:yard:device"]),
    route("DELETE", within!("/grants/{grant}"), "grant:delete").named(&["profile:yard:device"]).answers(204),
    route("POST", within!("/stations"), "station:create").body(r#"{"name":"fresh","group":"line"}"#).answers(201),
    route("GET", within!("/stations"), "station:read"),
    route("GET", within!("/stations/{name}"), "station:read").named(&["flash-1"]),
    route("POST", within!("/stations/{name}/disable"), "station:update").named(&["flash-1"]).answers(204),
    route("POST", within!("/stations/{name}/enable"), "station:update").named(&["flash-1"]).answers(204),
    route("POST", within!("/devices/{registrationId}/certificates"), "certificate:issue").named(&["unit-1"]).asking("station=flash-1").body(r#"{"csr":"$csr"}"#),
    route("POST", within!("/certificates:batch"), "certificate:issue").asking("station=flash-1").octets("application/jsonl", r#"{"registrationId":"unit-2","csr":"$csr-2"}"#),
    route("POST", within!("/devices/{registrationId}/rework"), "unit:rework").named(&["pump-2"]).asking("station=flash-1"),
    route("POST", within!("/devices/{registrationId}/scrap"), "unit:scrap").named(&["pump-2"]).asking("station=flash-1"),
    route("DELETE", within!("/stations/{name}"), "station:delete").named(&["flash-1"]).answers(204),
    route("POST", within!("/groups"), "group:create").body(r#"{"name":"fresh"}"#).answers(201),
    route("GET", within!("/groups"), "group:read"),
    route("GET", within!("/groups/{name}"), "group:read").named(&["line"]),
    route("PUT", within!("/groups/{name}"), "group:update").named(&["line"]).body("{}"),
    route("POST", within!("/groups/{name}/regenerate-key"), "group:update").named(&["line"]).body(r#"{"slot":"secondary"}"#),
    route("POST", within!("/groups/{name}/enable"), "group:update").named(&["line"]).answers(204),
    route("POST", within!("/groups/{name}/disable"), "group:update").named(&["line"]).answers(204),
    route("POST", within!("/enrollments"), "enrollment:create").body(r#"{"registrationId":"fresh"}"#).answers(201),
    route("GET", within!("/enrollments"), "enrollment:read"),
    route("GET", within!("/enrollments/{registrationId}"), "enrollment:read").named(&["fan-1"]),
    route("PUT", within!("/enrollments/{registrationId}"), "enrollment:update").named(&["fan-1"]).body("{}"),
    route("POST", within!("/enrollments/{registrationId}/regenerate-key"), "enrollment:update").named(&["fan-1"]).body(r#"{"slot":"secondary"}"#),
    route("POST", within!("/enrollments/{registrationId}/enable"), "enrollment:update").named(&["fan-1"]).answers(204),
    route("POST", within!("/enrollments/{registrationId}/disable"), "enrollment:update").named(&["fan-1"]).answers(204),
    route("POST", within!("/anchors"), "anchor:create").body(r#"{"name":"fresh","certificate":"$other-root"}"#).answers(201),
    route("GET", within!("/anchors"), "anchor:read"),
    route("GET", within!("/anchors/{name}"), "anchor:read").named(&["vendor"]),
    route("POST", within!("/anchors/{name}/enable"), "anchor:update").named(&["vendor"]).answers(204),
    route("POST", within!("/anchors/{name}/disable"), "anchor:update").named(&["vendor"]).answers(204),
    route("POST", within!("/anchors/{name}/status"), "anchor:update").named(&["vendor"]).body(r#"{"status":"crl"}"#).answers(204),
    route("POST", within!("/anchors/{name}/intermediates"), "anchor:update").named(&["vendor"]).body(r#"{"certificate":"$intermediate"}"#).answers(204),
    route("POST", within!("/anchors/{name}/lists"), "anchor:update").named(&["vendor"]).octets("application/pkix-crl", "$list"),
    route("DELETE", within!("/anchors/{name}"), "anchor:delete").named(&["vendor"]).answers(204),
    route("GET", within!("/devices"), "device:read"),
    route("GET", within!("/devices/{registrationId}"), "device:read").named(&["pump-1"]),
    route("GET", within!("/certificates"), "certificate:read"),
    route("GET", within!("/certificates/{certificate}"), "certificate:read").named(&["$certificate"]),
    route("GET", within!("/orders"), "order:read"),
    route("GET", within!("/orders/{order}"), "order:read").named(&["$order"]),
    route("GET", within!("/journal"), "journal:read"),
    route("GET", within!("/explanations/{trackingId}"), "journal:read").named(&["$tracking"]),
    route("POST", within!("/devices/{registrationId}/disable"), "device:update").named(&["pump-1"]).answers(204),
    route("POST", within!("/devices/{registrationId}/enable"), "device:update").named(&["pump-1"]).answers(204),
    route("POST", within!("/devices/{registrationId}/rekey"), "device:rekey").named(&["pump-1"]).body(r#"{"group":"line"}"#).answers(204),
    route("POST", within!("/devices/{registrationId}/release"), "device:release").named(&["pump-1"]).body(r#"{"to":"beside"}"#).answers(204),
    route("DELETE", within!("/devices/{registrationId}/release"), "device:release").named(&["pump-1"]).answers(204),
    route("POST", within!("/devices/{registrationId}/claim"), "device:claim").of("beside").named(&["crane-1"]).body(r#"{"from":"acme"}"#),
    route("POST", within!("/certificates/{certificate}/revoke"), "certificate:revoke").named(&["$certificate"]).body(r#"{"reason":"superseded"}"#),
    route("POST", within!("/revocations"), "certificate:revoke").body(r#"{"query":{"registrationIdPrefix":"nothing"},"reason":"superseded"}"#).answers(201),
    route("GET", within!("/revocations"), "certificate:read"),
    route("GET", within!("/revocations/{revocation}"), "certificate:read").named(&["$revocation"]),
    route("POST", within!("/devices/{registrationId}/revoke"), "device:revoke").named(&["pump-1"]).body(r#"{"reason":"superseded"}"#),
    route("POST", within!("/devices/{registrationId}/restore"), "device:restore").named(&["pump-1"]).answers(204),
    route("DELETE", within!("/devices/{registrationId}"), "device:delete").named(&["pump-1"]),
    route("DELETE", within!("/enrollments/{registrationId}"), "enrollment:delete").named(&["fan-1"]).answers(204),
    // One that has stations needs more.
    route("DELETE", within!("/groups/{name}"), "group:delete").named(&["spare"]).answers(204),
    route("POST", within!("/suspend"), "organization:suspend").of("yard").answers(204),
    route("POST", within!("/resume"), "organization:suspend").of("yard").answers(204),
];
