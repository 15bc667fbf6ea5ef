// SPDX-License-Identifier: Apache-2.0
//! Stations: kept, counted with what is made at them, and gone with what proved them.

use tamga_registry::account::{ApiToken, ClientCertificate, Holder};
use tamga_registry::enrollment::{EnrollmentState, Group};
use tamga_registry::id::{GroupId, OrganizationId, StationId, TokenId};
use tamga_registry::page::{Page, Sort};
use tamga_registry::role::{Assignment, Role};
use tamga_registry::station::{
    Day, Period, ReworkPolicy, Station, StationCount, StationLimits, StationState,
};
use tamga_registry::store::IntentVerdict::{Kept, Stale};
use tamga_registry::store::{Intent, IntentVerdict, StationAdded};
use tamga_x509::certificate::Fingerprint;

use super::orders::{Asking, first, key};
use super::world::{DAY, Ground, START, World, at};

impl World {
    pub(super) fn station(&self, name: &str, limits: StationLimits) -> Station {
        Station {
            id: StationId::fresh(START, &self.chance).unwrap(),
            organization: self.organization,
            name: name.parse().unwrap(),
            line: Some("Line 1".to_owned()),
            product: None,
            group: self.group.id,
            group_name: self.group.name.clone(),
            state: StationState::Enabled,
            generation: 1,
            period: Period {
                from: None,
                until: Some(at(900)),
            },
            limits,
            rework: ReworkPolicy {
                most: 2,
                revokes: false,
            },
            count: StationCount::default(),
            created_at: START,
        }
    }

    /// A station with these limits, kept.
    pub(crate) async fn has_station(&self, most: Option<i64>, most_per_day: Option<i64>) -> Station {
        let station = self.station("Flash-1", StationLimits { most, most_per_day });
        let mut change = self.change("station.create").await;
        assert_eq!(change.add_station(&station).await.unwrap(), StationAdded::Added);
        change.keep().await.unwrap();
        station
    }

    async fn count_of(&self, station: &Station) -> StationCount {
        let found = self.store.station_by_id(station.id).await.unwrap();
        found.unwrap().count
    }

    /// The intent of a unit at a station.
    pub(super) fn made_at(&self, station: &Station, asking: Asking<'_>) -> Intent {
        let mut intent = self.intent(asking);
        intent.order.station = Some(station.id);
        intent.expected.station = Some(1);
        intent
    }

    fn units_at(&self, station: &Station, numbers: std::ops::Range<u8>) -> Vec<Intent> {
        numbers
            .map(|number| self.made_at(station, first(&format!("unit-{number}"), number)))
            .collect()
    }
}

fn kept(verdicts: &[IntentVerdict]) -> usize {
    verdicts.iter().filter(|verdict| **verdict == Kept).count()
}

pub(crate) async fn a_station_is_one_of_its_name_and_of_a_group_of_its_organization(ground: Ground) {
    let world = World::new(ground).await;
    let station = world.has_station(Some(5), None).await;
    let store = &world.store;
    let name = "FLASH-1".parse().unwrap();
    assert_eq!(
        store.station(world.organization, &name).await.unwrap().as_ref(),
        Some(&station)
    );
    assert_eq!(
        store.station_by_id(station.id).await.unwrap().as_ref(),
        Some(&station)
    );
    let elsewhere = OrganizationId::from_octets([9; 16]);
    assert_eq!(store.station(elsewhere, &name).await.unwrap(), None);
    let page = Page::first(Sort::NAME, 10);
    assert_eq!(
        store.stations(world.organization, &page).await.unwrap(),
        std::slice::from_ref(&station)
    );
    assert_eq!(store.stations(elsewhere, &page).await.unwrap(), []);
    let mut change = world.change("station.create").await;
    let again = world.station("flash-1", StationLimits::default());
    assert_eq!(change.add_station(&again).await.unwrap(), StationAdded::Taken);
    let foreign = Station {
        group: GroupId::from_octets([9; 16]),
        ..world.station("flash-2", StationLimits::default())
    };
    assert_eq!(change.add_station(&foreign).await.unwrap(), StationAdded::NoGroup);
    drop(change);
    let policy = store.scope_policy(&world.scope).await.unwrap().unwrap();
    assert_eq!(policy.stations, [station]);
}

pub(crate) async fn a_station_stands_as_long_as_it_is_there_and_enabled(ground: Ground) {
    let world = World::new(ground).await;
    let station = world.has_station(None, None).await;
    let (store, holder) = (&world.store, Holder::Station(station.id));
    let standing = store.standing(holder).await.unwrap();
    let here = Assignment {
        role: Role::Factory,
        organization: Some(world.organization),
    };
    assert_eq!(
        (standing.good, standing.assignments, standing.period),
        (true, vec![here], station.period)
    );
    let set = async |state| {
        let mut change = world.change("station.update").await;
        let set = change
            .set_station_state(world.organization, &station.name, state)
            .await
            .unwrap();
        change.keep().await.unwrap();
        set
    };
    assert!(set(StationState::Disabled).await);
    assert!(!store.standing(holder).await.unwrap().good);
    assert!(set(StationState::Enabled).await);
    assert_eq!(
        store.station_by_id(station.id).await.unwrap().unwrap().generation,
        3
    );
    let token = ApiToken {
        id: TokenId::fresh(START, &world.chance).unwrap(),
        organization: world.organization,
        holder,
        label: "line".to_owned(),
        role: Role::Factory,
        secret_hash: [7; 32],
        created_at: START,
        expires_at: at(100),
        last_used_at: None,
        revoked_at: None,
    };
    let pinned = ClientCertificate {
        fingerprint: Fingerprint([1; 32]),
        organization: world.organization,
        holder,
        spki: key(9),
        not_before: START,
        not_after: at(9),
        issued: None,
        created_at: START,
    };
    let mut change = world.change("token.create").await;
    change.add_api_token(&token).await.unwrap();
    assert!(change.pin_client_certificate(&pinned).await.unwrap());
    change.keep().await.unwrap();
    let mut change = world.change("station.delete").await;
    let removes = change.remove_station(world.organization, &station.name, at(5));
    assert!(removes.await.unwrap());
    change.keep().await.unwrap();
    assert!(!store.standing(holder).await.unwrap().good);
    let revoked = store.api_token(token.id).await.unwrap().unwrap();
    assert_eq!(revoked.revoked_at, Some(at(5)));
    assert_eq!(store.client_certificate(pinned.fingerprint).await.unwrap(), None);
    let mut change = world.change("station.delete").await;
    let again = change.remove_station(world.organization, &station.name, at(6));
    assert!(!again.await.unwrap());
}

pub(crate) async fn what_is_made_at_a_station_is_counted_and_no_more_than_it_may(ground: Ground) {
    let world = World::new(ground).await;
    let station = world.has_station(Some(6), None).await;
    let own = world.intent(first("own-1", 90));
    let mut rows = world.units_at(&station, 1..11);
    rows.push(own);
    let verdicts = world.store.keep_intents(rows).await.unwrap();
    assert_eq!((kept(&verdicts), verdicts[10]), (7, Kept), "{verdicts:?}");
    assert_eq!(world.count_of(&station).await.issued, 6);
    let full = world.units_at(&station, 20..22);
    assert_eq!(world.store.keep_intents(full).await.unwrap(), [Stale, Stale]);
    assert_eq!(world.tallies().await["order"], 7);
}

pub(crate) async fn a_repeated_intent_at_a_station_is_counted_once(ground: Ground) {
    let world = World::new(ground).await;
    let station = world.has_station(None, None).await;
    let unit = world.made_at(&station, first("unit-1", 1));
    assert_eq!(
        world
            .store
            .keep_intents(vec![unit.clone(), unit.clone()])
            .await
            .unwrap(),
        [Kept, Stale]
    );
    assert_eq!(world.keep(&unit).await, Stale);
    assert_eq!(world.count_of(&station).await.issued, 1);
    let (order, _) = world.store.order(unit.order.id).await.unwrap().unwrap();
    assert_eq!(order.station, Some(station.id));
    // What it has made for a unit that is known is counted as well.
    let renewal = world.again(&unit, 2, at(5)).await;
    let further = world.made_at(&station, renewal);
    assert_eq!(
        world
            .store
            .keep_intents(vec![further.clone(), further])
            .await
            .unwrap(),
        [Kept, Stale]
    );
    assert_eq!(world.count_of(&station).await.issued, 2);
}

pub(crate) async fn a_day_is_counted_by_itself(ground: Ground) {
    let world = World::new(ground).await;
    let station = world.has_station(None, Some(2)).await;
    let verdicts = world.store.keep_intents(world.units_at(&station, 1..4)).await;
    assert_eq!(kept(&verdicts.unwrap()), 2);
    let tomorrow = |number: u8| {
        let asking = Asking {
            at: at(DAY),
            id: "late-1",
            ..first("late-1", number)
        };
        world.made_at(&station, asking)
    };
    assert_eq!(world.keep(&tomorrow(30)).await, Kept);
    let count = world.count_of(&station).await;
    assert_eq!(
        (count.issued, count.day, count.issued_that_day),
        (3, Day::of(at(DAY)), 1)
    );
    // A clock that is behind counts on with the later day.
    let unit = world.made_at(&station, first("unit-40", 40));
    assert_eq!(world.keep(&unit).await, Kept);
    let unit = world.made_at(&station, first("unit-41", 41));
    assert_eq!(world.keep(&unit).await, Stale);
}

pub(crate) async fn a_station_that_changed_makes_what_was_judged_by_it_stale(ground: Ground) {
    let world = World::new(ground).await;
    let station = world.has_station(None, None).await;
    let unit = world.made_at(&station, first("unit-1", 1));
    let mut change = world.change("station.update").await;
    change
        .set_station_state(world.organization, &station.name, StationState::Disabled)
        .await
        .unwrap();
    change.keep().await.unwrap();
    assert_eq!(world.keep(&unit).await, Stale);
    // Of another group's terms it gives no word.
    let other = Group {
        id: GroupId::fresh(START, &world.chance).unwrap(),
        name: "line-2".parse().unwrap(),
        ..world.group.clone()
    };
    let mut change = world.change("group.create").await;
    change.add_group(&other).await.unwrap();
    change.keep().await.unwrap();
    let mut change = world.change("station.update").await;
    change
        .set_station_state(world.organization, &station.name, StationState::Enabled)
        .await
        .unwrap();
    change.keep().await.unwrap();
    let mut unit = world.made_at(&station, first("unit-1", 1));
    unit.expected.station = Some(3);
    let mut astray = unit.clone();
    astray.expected.enrollment = (tamga_registry::enrollment::EnrollmentRef::Group(other.id), 1);
    assert_eq!(other.terms.state, EnrollmentState::Enabled);
    assert_eq!(world.keep(&astray).await, Stale);
    assert_eq!(world.keep(&unit).await, Kept);
}

pub(crate) async fn of_a_hundred_racing_units_at_the_limit_none_is_too_many(ground: Ground) {
    let world = World::new(ground).await;
    let station = world.has_station(Some(3), None).await;
    let verdicts = world.store.keep_intents(world.units_at(&station, 101..103)).await;
    assert_eq!(kept(&verdicts.unwrap()), 2);
    let races = world.units_at(&station, 1..101).into_iter().map(|unit| {
        let store = world.store.clone();
        tokio::spawn(async move { store.keep_intents(vec![unit]).await.unwrap() })
    });
    let mut won = 0;
    for race in races.collect::<Vec<_>>() {
        won += kept(&race.await.unwrap());
    }
    assert_eq!(won, 1, "one was left");
    let count = world.count_of(&station).await;
    assert_eq!((count.issued, count.issued_that_day), (3, 3));
}

pub(crate) async fn an_earlier_unit_is_named_at_home_only(ground: Ground) {
    let world = World::new(ground).await;
    let station = world.has_station(None, None).await;
    let unit = world.made_at(&station, first("Unit-1", 1));
    assert_eq!(world.keep(&unit).await, Kept);
    let store = &world.store;
    let id = "unit-1".parse().unwrap();
    let by_key = store.unit_of_key(world.organization, &key(1)).await.unwrap();
    let by_key = by_key.unwrap();
    assert_eq!(
        (by_key.device, by_key.registration_id.as_str(), by_key.at),
        (unit.order.device, "Unit-1", at(0))
    );
    assert_eq!(by_key.station.as_deref(), Some("Flash-1"));
    let by_name = store.unit_of_name(world.organization, &id).await.unwrap();
    assert_eq!(by_name.as_ref(), Some(&by_key));
    let elsewhere = OrganizationId::from_octets([9; 16]);
    assert_eq!(store.unit_of_key(elsewhere, &key(1)).await.unwrap(), None);
    assert_eq!(store.unit_of_name(elsewhere, &id).await.unwrap(), None);
    assert_eq!(
        store.unit_of_key(world.organization, &key(2)).await.unwrap(),
        None
    );
}
