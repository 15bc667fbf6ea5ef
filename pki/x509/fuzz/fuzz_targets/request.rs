// SPDX-License-Identifier: Apache-2.0
//! Feeds the request parser any octets: `cargo +nightly fuzz run request` in `pki/x509`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tamga_x509::request::{Request, decode_text};

fuzz_target!(|octets: &[u8]| {
    if let Ok(request) = Request::parse(octets) {
        // What was admitted is the one encoding of itself, and its key reads back.
        assert_eq!(request.der(), octets);
        let key = request.public_key();
        assert_eq!(tamga_x509::key::PublicKey::from_spki_der(key.spki_der()).as_ref(), Ok(key));
    }
    if let Ok(text) = core::str::from_utf8(octets) {
        let _ = decode_text(text);
    }
    let _ = tamga_x509::text::request(octets);
});
