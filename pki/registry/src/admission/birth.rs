// SPDX-License-Identifier: Apache-2.0
//! Keys of birth certificates: one device's each, and operational only where the profile says so.

use super::*;

#[test]
fn a_birth_key_is_one_devices_and_no_others() {
    let (device, terms) = (device(), terms());
    let knock = |facts: &KeyFacts, known: bool| {
        admit_device(&Knock {
            organization: OrganizationState::Active,
            terms: &terms,
            device: known.then_some(&device),
            tombstone: None,
            received_at: Timestamp::from_seconds(START),
            credential: credential(7),
            birth: Some(facts),
        })
    };
    let own = KeyFacts {
        role: KeyRole::Birth,
        certified: false,
        ..own_key()
    };
    assert_eq!(knock(&own, true), Ok(()));
    assert_eq!(knock(&own, false), Err(Denial::KeyInUse), "of a device it is not");
    for role in [KeyRole::Issuer, KeyRole::Service, KeyRole::Stranger] {
        let foreign = KeyFacts {
            role,
            device: None,
            ..own.clone()
        };
        assert_eq!(knock(&foreign, true), Err(Denial::KeyInUse), "{role}");
    }
    let blocked = KeyFacts { blocked: true, ..own };
    assert_eq!(knock(&blocked, true), Err(Denial::KeyBlocked));
}

#[test]
fn the_birth_key_is_no_operational_key_unless_the_profile_says_so() {
    let allowing = ProfileConfig {
        birth_key_as_operational: true,
        ..ProfileConfig::device()
    };
    let written_down = KeyFacts {
        role: KeyRole::Birth,
        certified: false,
        ..own_key()
    };
    for facts in [None, Some(written_down), Some(own_key())] {
        let mut scene = Scene::fresh();
        scene.birth = Some(scene.key);
        scene.line.key = facts.clone();
        assert_eq!(scene.ask(), Err(Denial::KeyInUse), "{facts:?}");
        scene.profile = Profile::try_from(allowing.clone()).unwrap();
        assert_eq!(scene.ask(), issue(1, OrderKind::First), "{facts:?}");
    }
    let mut scene = Scene::fresh();
    scene.birth = Some(SpkiHash([9; 32]));
    assert_eq!(scene.ask(), issue(1, OrderKind::First), "a key of its own");
}

#[test]
fn the_birth_key_is_operational_only_where_the_profile_says_so() {
    let mut scene = Scene::fresh();
    scene.line.key = Some(KeyFacts {
        role: KeyRole::Birth,
        ..own_key()
    });
    assert_eq!(scene.ask(), Err(Denial::KeyInUse));
    let config = ProfileConfig {
        birth_key_as_operational: true,
        ..ProfileConfig::device()
    };
    scene.profile = Profile::try_from(config).unwrap();
    assert_eq!(scene.ask(), issue(1, OrderKind::First));
}
