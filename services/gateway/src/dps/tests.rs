// SPDX-License-Identifier: Apache-2.0
//! The device plane's document says what its router does.

use super::*;

#[test]
fn the_document_describes_the_routes_and_no_others() {
    crate::route::tests::assert_described(&routes(), include_str!("../../../../openapi/device.json"));
}
