// SPDX-License-Identifier: Apache-2.0
//! The types are the procedure: each file below skips a step of it, and must not compile.

#[test]
fn a_certificate_cannot_skip_a_step() {
    trybuild::TestCases::new().compile_fail("tests/wrong_order/*.rs");
}
