// SPDX-License-Identifier: Apache-2.0
//! Being who one says one is does not mean one may have a certificate.
use tamga_authority::chain::Proven;
use tamga_authority::fulfil::Hand;

async fn shortcut(hand: &Hand, proven: Proven) {
    let _ = hand.take(proven).await;
}

fn main() {}
