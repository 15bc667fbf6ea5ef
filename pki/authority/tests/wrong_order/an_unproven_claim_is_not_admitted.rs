// SPDX-License-Identifier: Apache-2.0
//! The hand takes what was admitted, never a claim.
use tamga_authority::enroll::Claim;
use tamga_authority::fulfil::Hand;

async fn shortcut(hand: &Hand, claim: Claim) {
    let _ = hand.take(claim).await;
}

fn main() {}
