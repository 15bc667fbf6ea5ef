// SPDX-License-Identifier: Apache-2.0
//! Only a kept intent makes a prepared certificate.
use tamga_authority::chain::Prepared;
use tamga_x509::to_be_signed::ToBeSigned;

fn shortcut(to_be_signed: ToBeSigned) -> Prepared {
    Prepared { to_be_signed }
}

fn main() {}
