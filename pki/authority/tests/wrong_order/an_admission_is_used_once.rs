// SPDX-License-Identifier: Apache-2.0
//! One admission, one order: the hand takes it by value.
use tamga_authority::chain::Admitted;
use tamga_authority::fulfil::Hand;

async fn twice(hand: &Hand, admitted: Admitted) {
    let _ = hand.take(admitted).await;
    let _ = hand.take(admitted).await;
}

fn main() {}
