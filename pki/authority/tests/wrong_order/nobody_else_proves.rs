// SPDX-License-Identifier: Apache-2.0
//! Only attestation's verdict makes a proof: one cannot be changed into another's.
use tamga_authority::chain::Proven;
use tamga_registry::device::RegistrationId;

fn shortcut(mut proven: Proven, other: RegistrationId) -> Proven {
    proven.registration_id = other;
    proven
}

fn main() {}
