// SPDX-License-Identifier: Apache-2.0
//! Only a recorded certificate leaves the house.
use tamga_authority::chain::Issued;

fn shortcut(chain: Vec<std::sync::Arc<[u8]>>) -> Issued {
    Issued { chain }
}

fn main() {}
