// SPDX-License-Identifier: Apache-2.0
//! Feeds any octets to the reader of a device's registration body: no panic, and no CSR that was not sent.
//!
//! From the folder above: `cargo +nightly fuzz run registration`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tamga_gateway::dps::registration::DeviceRegistration;
use tamga_registry::device::RegistrationId;

fuzz_target!(|octets: &[u8]| {
    let Ok(registration) = DeviceRegistration::parse(octets) else {
        return;
    };
    let id: RegistrationId = "pump-1".parse().expect("a registration id");
    let _same_device = registration.require(&id);
    if let Ok(Some(csr)) = registration.csr() {
        assert!(registration.mentions_csr());
        assert!(csr.doors.top || csr.doors.payload);
        assert!(csr.der.len() <= octets.len(), "base64 never shrinks");
    }
});
