// SPDX-License-Identifier: Apache-2.0
//! A new key inside the epoch, and one in place of what was never seen.

use super::*;

#[test]
fn a_new_key_in_the_same_epoch_is_what_the_rekey_policy_says() {
    assert_eq!(Scene::with_current().ask(), issue(1, OrderKind::Rekey));
    assert_eq!(
        Scene::with_current().refusing_rekey().ask(),
        Err(Denial::RekeyRefused)
    );
}

#[test]
fn two_first_keys_at_once_are_a_rekey_of_an_order_on_its_way() {
    let mut scene = Scene::with_current().refusing_rekey();
    scene.lineage().current = None;
    scene.line.other_open = true;
    assert_eq!(scene.ask(), Err(Denial::RekeyRefused));
}

#[test]
fn an_unseen_provisional_is_replaced_by_a_new_key_whatever_the_policy_says() {
    let mut scene = Scene::with_current().refusing_rekey();
    scene.lineage().epoch = 2;
    scene.lineage().provisional = Some(certificate(2, 2));
    assert_eq!(scene.ask(), issue(2, OrderKind::Renewal));
}

#[test]
fn a_replaced_provisional_is_never_handed_out_again() {
    let mut scene = Scene::with_current().same_key();
    scene.line.order.as_mut().unwrap().superseded = true;
    assert_eq!(scene.ask(), Err(Denial::CertificateSuperseded));
}

#[test]
fn new_keys_are_limited_by_the_day() {
    let mut scene = Scene::with_current();
    scene.line.rekeys = 9;
    assert_eq!(scene.ask(), issue(1, OrderKind::Rekey));
    scene.line.rekeys = 10;
    assert_eq!(scene.ask(), Err(Denial::RekeyLimit));
    assert_eq!(
        scene.on_day(70).ask(),
        issue(2, OrderKind::Renewal),
        "a renewal that is due is not limited"
    );
}

#[test]
fn an_unseen_provisional_can_be_replaced_also_where_no_rekey_is_allowed() {
    let mut scene = Scene::with_current().refusing_rekey().on_day(70);
    scene.terms.rekeys_per_day = 0;
    scene.lineage().epoch = 2;
    scene.lineage().provisional = Some(lately(2, 2));
    assert_eq!(scene.ask(), issue(2, OrderKind::Renewal));
    scene.line.rekeys = 10;
    assert_eq!(scene.ask(), Err(Denial::RekeyLimit), "but not without end");
}
