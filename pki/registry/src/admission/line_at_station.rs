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
