// SPDX-License-Identifier: Apache-2.0
//! Who may sign, who may name the store, and what crates that read strangers' bytes must refuse to compile.

use crate::breach::{Breach, assert_none};
use crate::source::{Source, all_sources, line_of, read};

/// Files outside `authority` that call something named `sign` which is not the `Signer`'s, each with the reason.
const SIGNS_ITSELF: &[(&str, &str)] = &[(
    "pki/keys/src/",
    "implements Signer: asks the cryptographic library",
)];

/// Crates that read strangers' bytes, and what they deny outside tests.
const READS_STRANGERS: &[&str] = &[
    "pki/x509",
    "pki/attestation",
    "services/gateway",
    "services/status",
    "services/runtime",
];
const DENIED_THERE: &[&str] = &[
    "unwrap_used",
    "expect_used",
    "panic",
    "indexing_slicing",
    "arithmetic_side_effects",
    "unreachable",
];

/// Rooms that are pure and synchronous; the registry only beside its store traits.
const SYNCHRONOUS: &[&str] = &["pki/x509/", "pki/attestation/", "pki/registry/"];
const STORE_TRAITS: &str = "pki/registry/src/store";

/// The one file of `authority` that knows how a seal is made.
const VAULT: &str = "pki/authority/src/secrets/rooted.rs";

const BINARIES: &[&str] = &["services/gateway/", "services/status/", "services/signer/"];

/// A call of a method named `sign`, or a path `Type::sign`; modules of that name (`hmac::sign`, `rustls::sign`) sign nothing of ours.
fn judge_signing(source: &Source) -> Vec<Breach> {
    let own = SIGNS_ITSELF
        .iter()
        .any(|(place, _)| source.path.starts_with(place));
    if own || source.path.starts_with("pki/authority/") {
        return Vec::new();
    }
    let code = source.shipped_code();
    let of_a_type = |at: &usize| {
        let segment = code[..*at]
            .rsplit(|c: char| !(c.is_alphanumeric() || c == '_' || c == '>'))
            .next();
        segment.is_some_and(|name| name.starts_with(|c: char| c.is_uppercase() || c == '>'))
    };
    let methods = code
        .match_indices(".sign")
        .map(|(at, word)| (at, at + word.len()));
    let paths = code
        .match_indices("::sign")
        .filter(|(at, _)| of_a_type(at))
        .map(|(at, word)| (at, at + word.len()));
    methods
        .chain(paths)
        .filter(|(_, end)| !code[*end..].starts_with(|next: char| next.is_alphanumeric() || next == '_'))
        .map(|(at, _)| Breach {
            place: format!("{}:{}", source.path, line_of(code, at)),
            rule: "only pki/authority asks a Signer to sign",
            mend: "let an act of authority do it; if this is no Signer, list the file with its reason in tests/house/trust.rs".to_owned(),
        })
        .collect()
}

fn judge_store_naming(source: &Source) -> Option<Breach> {
    let binary = BINARIES.iter().any(|place| source.path.starts_with(place));
    let at = source
        .code
        .find("tamga_store")
        .filter(|_| binary && !source.path.ends_with("/src/main.rs"))?;
    Some(Breach {
        place: format!("{}:{}", source.path, line_of(&source.code, at)),
        rule: "in gateway, status and signer only main.rs names the store",
        mend: "take the registry's store trait as an argument; main.rs brings the store".to_owned(),
    })
}

/// Acts ask the port; only the vault of `authority` knows how a seal is made.
fn judge_seal_naming(source: &Source) -> Option<Breach> {
    let act = source.path.starts_with("pki/authority/") && source.path != VAULT;
    let code = source.shipped_code();
    let at = code.find("tamga_keys").filter(|_| act)?;
    Some(Breach {
        place: format!("{}:{}", source.path, line_of(code, at)),
        rule: "in authority only the vault names the crate keys",
        mend: format!("take a `&dyn Vault` as an argument; {VAULT} is the one that opens"),
    })
}

fn judge_synchrony(source: &Source) -> Vec<Breach> {
    let pure = SYNCHRONOUS.iter().any(|place| source.path.starts_with(place))
        && !source.path.starts_with(STORE_TRAITS);
    let word = |at: usize, end: usize| {
        let joins = |side: Option<char>| side.is_some_and(|next| next.is_alphanumeric() || next == '_');
        !joins(source.code[..at].chars().next_back()) && !joins(source.code[end..].chars().next())
    };
    let hits = source
        .code
        .match_indices("async")
        .filter(|(at, hit)| pure && word(*at, at + hit.len()));
    hits.map(|(at, _)| Breach {
        place: format!("{}:{}", source.path, line_of(&source.code, at)),
        rule: "x509, attestation and registry are synchronous and pure; only the registry's store traits are async",
        mend: "take what you would await as an argument, or move the waiting up to authority or a service".to_owned(),
    })
    .collect()
}

/// Looks inside `#![cfg_attr(not(test), deny(…))]` of the crate's first page.
fn judge_guard(room: &str, library: &Source) -> Vec<Breach> {
    let code: String = library.code.split_whitespace().collect();
    let denied = code
        .split_once("#![cfg_attr(not(test),deny(")
        .and_then(|(_, rest)| rest.split_once(')'));
    let denied = denied.map_or("", |(list, _)| list);
    let denied: Vec<&str> = denied
        .split(',')
        .map(|lint| lint.trim_start_matches("clippy::"))
        .collect();
    let missing = DENIED_THERE.iter().filter(|lint| !denied.contains(lint));
    missing
        .map(|lint| Breach {
            place: format!("{room}/src/lib.rs"),
            rule: "a crate that reads strangers' bytes cannot panic on them",
            mend: format!("add clippy::{lint} to #![cfg_attr(not(test), deny(…))] at its top"),
        })
        .collect()
}

/// A room that has no code yet has nothing to guard.
fn is_written(library: &Source) -> bool {
    library.code.lines().any(|line| !line.trim().is_empty())
}

#[test]
fn only_authority_asks_a_signer() {
    let breaches: Vec<Breach> = all_sources().iter().flat_map(judge_signing).collect();
    assert_none(&breaches);
}

#[test]
fn doors_do_not_name_the_store() {
    let breaches: Vec<Breach> = all_sources().iter().filter_map(judge_store_naming).collect();
    assert_none(&breaches);
}

#[test]
fn acts_ask_the_vault() {
    let breaches: Vec<Breach> = all_sources().iter().filter_map(judge_seal_naming).collect();
    assert_none(&breaches);
}

#[test]
fn the_inside_is_synchronous() {
    let breaches: Vec<Breach> = all_sources().iter().flat_map(judge_synchrony).collect();
    assert_none(&breaches);
}

#[test]
fn strangers_bytes_cannot_panic_us() {
    let rooms = READS_STRANGERS.iter().map(|room| {
        let path = format!("{room}/src/lib.rs");
        (room, Source::new(&path, &read(&path)))
    });
    let breaches: Vec<Breach> = rooms
        .filter(|(_, library)| is_written(library))
        .flat_map(|(room, library)| judge_guard(room, &library))
        .collect();
    assert_none(&breaches);
}

#[test]
fn a_stray_signature_is_noticed() {
    let judged = |path: &str, text: &str| judge_signing(&Source::new(path, text)).len();
    assert_eq!(
        judged("services/gateway/src/dps.rs", "let s = signer.sign(&tbs)?;"),
        1
    );
    assert_eq!(
        judged(
            "services/gateway/src/dps.rs",
            "let f = Signer::sign;\nitems.map(<dyn Signer>::sign)"
        ),
        2
    );
    assert_eq!(
        judged(
            "pki/attestation/src/symmetric_key.rs",
            "use rustls::sign::Key; hmac::sign(&key, text); // signer.sign(x)\nx.signer().signature()"
        ),
        0
    );
    assert_eq!(judged("pki/x509/src/signer/tests.rs", "signer.sign(&tbs)"), 0);
    assert_eq!(judged("pki/authority/src/fulfil.rs", "signer.sign(&tbs)"), 0);
}

#[test]
fn a_forbidden_word_is_noticed() {
    let source = |path: &str, text: &str| Source::new(path, text);
    assert!(judge_store_naming(&source("services/status/src/crl.rs", "use tamga_store::Sqlite;")).is_some());
    assert!(judge_store_naming(&source("services/status/src/main.rs", "use tamga_store::Sqlite;")).is_none());
    assert_eq!(
        judge_synchrony(&source("pki/x509/src/crl.rs", "async fn a() {}")).len(),
        1
    );
    assert_eq!(
        judge_synchrony(&source("pki/registry/src/store.rs", "async fn a() {}")).len(),
        0
    );
    assert_eq!(
        judge_synchrony(&source("pki/x509/src/crl.rs", "#[async_trait] // async")).len(),
        0
    );
    let sealing = "use tamga_keys::seal::RootKey;";
    assert!(judge_seal_naming(&source("pki/authority/src/enroll.rs", sealing)).is_some());
    assert!(judge_seal_naming(&source(VAULT, sealing)).is_none());
    let half = source(
        "pki/x509/src/lib.rs",
        "#![cfg_attr(\n  not(test),\n  deny(clippy::unwrap_used, clippy::panic,))]",
    );
    assert_eq!(judge_guard("pki/x509", &half).len(), DENIED_THERE.len() - 2);
}
