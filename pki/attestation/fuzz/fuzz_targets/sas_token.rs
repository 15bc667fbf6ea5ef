// SPDX-License-Identifier: Apache-2.0
//! Feeds any octets to the token parser: no panic, and no belief without a key.
//!
//! From the folder above: `cargo +nightly fuzz run sas_token`.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tamga_attestation::{Context, SasLimits, SasToken, SymmetricKey, SymmetricKeyReference};
use tamga_x509::time::Timestamp;

const SCOPE: &str = "0tmK4Q8Z1RW";
const ID: &str = "pump-1";

/// Keys that signed nothing in the corpus.
static STRANGERS: LazyLock<[SymmetricKeyReference; 2]> = LazyLock::new(|| {
    let key = || SymmetricKey::from_octets(&[0xfe; 32]).expect("32 octets are a key");
    [false, true].map(|derived| SymmetricKeyReference {
        primary: key(),
        secondary: key(),
        derived,
    })
});

fuzz_target!(|octets: &[u8]| {
    let Ok(header) = std::str::from_utf8(octets) else {
        return;
    };
    let Ok(token) = SasToken::parse(header) else {
        return;
    };
    let limits = SasLimits::default();
    let now = Timestamp::from_seconds(1_795_305_600);
    let context = Context {
        id_scope: SCOPE,
        registration_id: ID,
        now,
        judged_at: now,
        limits: &limits,
    };
    let _doubt = token.admit(&context);
    for keys in STRANGERS.iter() {
        assert_eq!(
            keys.verifies(&token, ID),
            None,
            "a stranger's key verified a token"
        );
    }
});
