// SPDX-License-Identifier: Apache-2.0
//! What is asked often, and every list: the statements whose plans the tests of either engine look at.

use super::batch::Script;
use super::{
    account, anchor, approval, attestation, certificate, certificate_list, credential, departure,
    device_list, enrollment, group, individual, intent, issuer, journal_list, lineage, list, mass_revocation,
    operation, order, order_list, organization, profile, publication, record, revocation, seen_submission,
    service_certificate, station, strike, submission, tree, unfinished, unit,
};

/// Single statements.
pub(super) const QUERIES: [(&str, &str); 40] = [
    ("certificates to be revoked", mass_revocation::REVOCABLE),
    ("running mass revocations", mass_revocation::RUNNING),
    ("the certificates of a device", certificate::OF_DEVICE),
    ("a group", group::FIND),
    ("an individual enrollment", individual::FIND),
    ("whether an enrollment may be added", enrollment::NAME_USED),
    ("whether a group may take an anchor", attestation::ANCHOR_USED),
    ("how many anchors there are", anchor::COUNT),
    ("how large the lists of anchors are", anchor::LIST_OCTETS),
    ("whether a certificate is pinned", attestation::PIN_USED),
    ("an operation", operation::OPERATION),
    ("a page of a list", publication::PAGE),
    ("pruning lists", list::PRUNE),
    ("pruning revocations", list::PRUNE_EXPIRED),
    ("the certificates of a key", strike::OF_KEY),
    ("what a device's revocation strikes", strike::OF_DEVICE),
    ("blocking the keys of a device", strike::BLOCK_KEYS_OF),
    ("the service certificate", service_certificate::NEWEST),
    ("unfinished service certificates", service_certificate::UNFINISHED),
    ("taking unfinished orders", unfinished::TAKE),
    ("reading an unfinished order", unfinished::READ),
    ("the shards that are due", publication::DUE),
    ("taking submissions", submission::TAKE),
    ("refusing a crowd", submission::CROWD),
    ("forgetting submissions", submission::FORGET),
    ("what became of submissions", submission::SETTLEMENTS),
    ("a submission by its operation", submission::FILED),
    ("which submissions are there", submission::POSTED),
    ("a device that is let go", departure::RELEASED),
    ("the birth keys of a device that goes", departure::FREE_BIRTH_KEYS),
    ("a certificate, seen", certificate_list::FIND),
    ("an order, seen", order_list::FIND),
    ("the orders of a request", order_list::OF_REQUEST),
    ("the journal of a request", journal_list::TOLD),
    ("the submissions of a request", seen_submission::OF_REQUEST),
    ("a station", station::BY_ID),
    ("the rework of a unit", unit::REWORK),
    ("how often those of a name were reworked", unit::REWORKS_BEFORE),
    ("the unit of a key", unit::UNIT_OF_KEY),
    ("the unit of a name", unit::UNIT_OF_NAME),
];

/// What one round trip carries.
pub(super) const SCRIPTS: [(&str, &Script); 23] = [
    ("an organization", &organization::BY_SLUG),
    ("how a station stands", &station::STANDING),
    ("a token", &credential::TOKEN),
    ("an enrollee", &enrollment::ENROLLEE),
    ("a line", &lineage::LINE),
    ("an order", &order::ORDER),
    ("a first intent", &intent::FIRST),
    ("a further intent", &intent::FURTHER),
    ("a first intent at a station", &intent::FIRST_AT_STATION),
    ("a further intent at a station", &intent::FURTHER_AT_STATION),
    ("a registration", &intent::REGISTER),
    ("a record", &record::RECORD),
    ("a revocation", &revocation::REVOKE),
    ("a reason restated", &revocation::RESTATE),
    ("giving an intent up", &unfinished::ABANDON),
    ("publishing a list", &list::PUBLISH),
    ("a service intent", &service_certificate::INTEND),
    ("a service record", &service_certificate::RECORD),
    ("holding an order", &unfinished::HOLD),
    ("posting a submission", &submission::POST),
    ("posting a submission of a station", &submission::POST_AT_STATION),
    ("holding a submission", &submission::HOLD),
    ("settling a submission", &submission::SETTLE),
];

/// Every list in every order it can be asked for.
pub(super) fn lists() -> impl Iterator<Item = (&'static str, &'static str)> {
    let anchors = anchor::LIST
        .all()
        .map(|statement| ("a page of anchors", statement));
    anchors
        .into_iter()
        .chain(lists_in_one_order())
        .chain(timed())
        .chain(walked())
}

/// Those that can be asked for by name or by age alone.
fn lists_in_one_order() -> impl Iterator<Item = (&'static str, &'static str)> {
    let by_name = [
        ("a page of organizations", &tree::ALL),
        ("a page of organizations below one", &tree::BELOW),
        ("a page of accounts", &account::ACCOUNTS),
        ("a page of client certificates", &credential::CERTIFICATES),
    ];
    let by_time = [
        ("a page of assignments", &account::ASSIGNMENTS),
        ("a page of tokens", &credential::TOKENS),
    ];
    let by_name = by_name.map(|(name, pages)| [(name, pages.name), (name, pages.name_falling)]);
    let by_time = by_time.map(|(name, pages)| [(name, pages.time), (name, pages.time_falling)]);
    by_name.into_iter().chain(by_time).flatten()
}

/// Lists that have no order by name.
fn timed() -> impl Iterator<Item = (&'static str, &'static str)> {
    [
        ("a page of approvals", &approval::LIST),
        ("a page of mass revocations", &mass_revocation::LIST),
        ("a page of usable profiles", &profile::USABLE),
        ("a page of usable issuers", &issuer::USABLE),
    ]
    .into_iter()
    .flat_map(|(name, pages)| [(name, pages.time), (name, pages.time_falling)])
}

/// Lists that are walked, and how far.
fn walked() -> impl Iterator<Item = (&'static str, &'static str)> {
    [
        ("groups by name", &group::BY_NAME),
        ("groups by age", &group::BY_TIME),
        ("individual enrollments by name", &individual::BY_NAME),
        ("individual enrollments by age", &individual::BY_TIME),
        ("devices by name", &device_list::BY_NAME),
        ("devices by age", &device_list::BY_TIME),
        ("certificates by age", &certificate_list::BY_TIME),
        ("certificates by their ends", &certificate_list::BY_END),
        ("orders by age", &order_list::LIST),
        ("the journal", &journal_list::LIST),
        ("the journal of an object", &journal_list::OF_OBJECT),
    ]
    .into_iter()
    .flat_map(|(name, ways)| ways.all().map(|statement| (name, statement)))
}

/// What is found by something of which there are few, and put in order.
pub(super) fn found() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    [
        (
            "certificates of a device",
            &certificate_list::FOUND_BY_TIME,
            "device_id",
        ),
        (
            "certificates of a device",
            &certificate_list::FOUND_BY_END,
            "device_id",
        ),
        ("orders of a device", &order_list::OF_DEVICE, "device_id"),
        (
            "the journal of a request",
            &journal_list::OF_REQUEST,
            "request_id",
        ),
    ]
    .into_iter()
    .flat_map(|(name, ways, by)| ways.found().map(|statement| (name, statement, by)))
}

/// Lists of names with a prefix, by name: what is beyond the prefix is not read.
pub(super) fn prefixed() -> impl Iterator<Item = (&'static str, &'static str)> {
    let anchors = &anchor::LIST_PREFIXED;
    [anchors.name, anchors.name_falling]
        .into_iter()
        .map(|statement| ("anchors with a prefix", statement))
}

/// What is known of one request, and by which column it is found.
pub(super) const TRACED: [(&str, &str, &str); 3] = [
    ("the orders of a request", order_list::OF_REQUEST, "request_id"),
    ("the journal of a request", journal_list::TOLD, "request_id"),
    (
        "the submissions of a request",
        seen_submission::OF_REQUEST,
        "request_id",
    ),
];

/// Everything but the lists: each statement with what it is for.
pub(super) fn looked_up() -> impl Iterator<Item = (&'static str, &'static str)> {
    let scripts = SCRIPTS
        .iter()
        .flat_map(|(name, script)| script.statements().map(move |text| (*name, text)));
    QUERIES.into_iter().chain(scripts)
}

/// The statement of a question.
pub(super) fn only(question: &Script) -> &'static str {
    question.statements().next().unwrap()
}
