// SPDX-License-Identifier: Apache-2.0
//! What a request becomes on the word of a station.

use super::*;

#[test]
fn at_a_station_another_key_of_a_known_name_is_another_unit() {
    let at_a_station = |mut scene: Scene| {
        scene.road = Road::Station;
        scene.ask()
    };
    assert_eq!(at_a_station(Scene::fresh()), issue(1, OrderKind::First));
    for day in [1, 70, 100] {
        let another = Scene::with_current().on_day(day);
        assert_eq!(at_a_station(another), Err(Denial::UnitExists), "on day {day}");
    }
    let renewal = Scene::with_current().same_key().on_day(70);
    assert_eq!(at_a_station(renewal), issue(2, OrderKind::Renewal));
    // The key that a rework replaced is no unit's any more, however it comes back.
    for road in [Road::Station, Road::Rework] {
        let mut replaced = Scene::with_current();
        (replaced.road, replaced.key) = (road, SpkiHash([0xee; 32]));
        replaced.line.key = Some(own_key());
        assert_eq!(replaced.ask(), Err(Denial::UnitExists), "{road:?}");
    }
    let reworked = |mut scene: Scene| {
        scene.road = Road::Rework;
        scene.ask()
    };
    assert_eq!(
        reworked(Scene::with_current().refusing_rekey()),
        issue(1, OrderKind::Rekey)
    );
    assert_eq!(
        reworked(Scene::with_current().on_day(70)),
        issue(2, OrderKind::Renewal)
    );
}

#[test]
fn at_a_station_a_key_that_was_replaced_is_not_renewed_though_its_order_is_of_the_epoch() {
    let on_day = |day, certified| {
        let mut scene = Scene::with_current().same_key().on_day(day);
        scene.lineage().provisional = Some(certificate(2, 1));
        scene.line.key = Some(KeyFacts {
            certified,
            ..own_key()
        });
        scene.road = Road::Station;
        scene.ask()
    };
    assert_eq!(on_day(1, true), repeat());
    assert_eq!(on_day(70, true), Err(Denial::UnitExists));
    assert_eq!(
        on_day(70, false),
        issue(2, OrderKind::Renewal),
        "a key whose order was killed was never certified"
    );
}

#[test]
fn at_a_station_the_unit_of_a_name_is_one_under_all_profiles() {
    let ask = |road, known: bool, elsewhere| {
        let mut scene = Scene::fresh();
        scene.line.elsewhere = elsewhere;
        scene.line.key = known.then(own_key);
        scene.road = road;
        scene.ask()
    };
    let (made, refused) = (issue(1, OrderKind::First), Err(Denial::UnitExists));
    for known in [false, true] {
        assert_eq!(ask(Road::Station, known, true), refused);
        assert_eq!(ask(Road::Station, known, false), made);
        assert_eq!(ask(Road::Own, known, true), made, "a device asks for itself");
    }
    assert_eq!(ask(Road::Rework, false, true), made);
    assert_eq!(ask(Road::Rework, true, true), refused);
}
