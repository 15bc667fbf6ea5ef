// SPDX-License-Identifier: Apache-2.0
//! How often the bundle is read.

use super::*;

#[tokio::test]
async fn the_bundle_is_read_once_a_second_whoever_asks_and_in_whatever_form() {
    let board = Board::default();
    let bundles = bundle::Bundles::default();
    let forms = [
        bundle::Form::Whole,
        bundle::Form::DeviceAnchors,
        bundle::Form::ServerAnchors,
    ];
    // In milliseconds; the clock may also be set back.
    for (at, reads) in [(0, 1), (0, 1), (999, 1), (1_000, 2), (1_999, 2), (500, 3)] {
        let now = Timestamp::from_micros(NOW * 1_000_000 + at * 1_000);
        for form in forms {
            bundles.current(&board, now, form).await.unwrap();
        }
        assert_eq!(*board.issuers_read.lock().unwrap(), reads, "{at}");
    }
}
