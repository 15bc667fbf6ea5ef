// SPDX-License-Identifier: Apache-2.0
//! Rows that are written together and name the same: each is judged by those before it, as if it were alone.

use tamga_registry::store::IntentVerdict::{Kept, Stale};
use tamga_registry::store::RecordVerdict::{Overtaken, Recorded};
use tamga_registry::store::{Intent, IntentVerdict, Posted};
use tamga_registry::submission::Submission;

use super::orders::{Asking, first, key};
use super::submissions::from;
use super::world::{Ground, World, at};

pub(crate) async fn of_rows_of_one_serial_order_or_certificate_the_first_is_kept(ground: Ground) {
    let world = World::new(ground).await;
    let before = world.tallies().await;
    let pump = world.intent(first("pump-1", 1));
    let another = |number: u8, spoil: &dyn Fn(&mut Intent)| {
        let mut intent = world.intent(first(&format!("pump-{number}"), number));
        spoil(&mut intent);
        intent
    };
    let same = [
        another(2, &|intent| intent.certificate.serial = pump.certificate.serial),
        another(3, &|intent| {
            (intent.order.id, intent.certificate.order) = (pump.order.id, Some(pump.order.id));
        }),
        another(4, &|intent| {
            (intent.certificate.id, intent.order.certificate) = (pump.certificate.id, pump.certificate.id);
        }),
    ];
    for (number, spoiled) in (10..).zip(same) {
        let neighbour = world.intent(first(&format!("fan-{number}"), number));
        let own = if number == 10 {
            vec![pump.clone()]
        } else {
            Vec::new()
        };
        let rows: Vec<Intent> = own.into_iter().chain([spoiled, neighbour]).collect();
        let verdicts = world.store.keep_intents(rows).await.unwrap();
        let (last, others) = verdicts.split_last().unwrap();
        assert_eq!(*last, Kept, "{number}: a neighbour");
        assert_eq!(others.last(), Some(&Stale), "{number}");
    }
    let after = world.tallies().await;
    for table in ["device", "order", "certificate", "serial", "subject key"] {
        assert_eq!(
            after[table],
            before[table] + 4,
            "{table}: nothing of those not kept"
        );
    }
}

pub(crate) async fn an_intent_that_is_twice_in_a_batch_is_one(ground: Ground) {
    let world = World::new(ground).await;
    let pump = world.intent(first("pump-1", 1));
    let rows = vec![pump.clone(), pump.clone(), pump.clone()];
    assert_eq!(
        world.store.keep_intents(rows).await.unwrap(),
        [Kept, Stale, Stale]
    );
    let further = world.intent(world.again(&pump, 2, at(5)).await);
    let rows = vec![further.clone(), further];
    assert_eq!(world.store.keep_intents(rows).await.unwrap(), [Kept, Stale]);
    let tallies = world.tallies().await;
    assert_eq!((tallies["device"], tallies["order"]), (1, 2));
}

pub(crate) async fn a_row_whose_forerunner_is_stale_is_judged_by_what_is_kept(ground: Ground) {
    let world = World::new(ground).await;
    // The second wants the device of the first, the third the key of the second: the second is not kept, the third is.
    let rows = [first("pump-1", 1), first("pump-1", 2), first("pump-2", 2)];
    let rows = rows.into_iter().map(|asking| world.intent(asking)).collect();
    assert_eq!(world.store.keep_intents(rows).await.unwrap(), [Kept, Stale, Kept]);
}

pub(crate) async fn new_and_known_devices_share_a_batch(ground: Ground) {
    let world = World::new(ground).await;
    let known = world.issue(first("pump-1", 1)).await;
    let again = world.again(&known, 3, at(5)).await;
    let rows = vec![
        world.intent(first("pump-2", 2)),
        world.intent(again),
        world.intent(first("pump-3", 3)),
        world.intent(Asking { key: key(2), ..again }),
    ];
    let mut verdicts = world.store.keep_intents(rows).await.unwrap();
    let fourth = verdicts.pop();
    assert_eq!(
        fourth,
        Some(Stale),
        "its key is a new device's, its line moved on"
    );
    // Which of two rows of different kinds comes first is the engine's affair; both never are.
    let kept = |verdict: &IntentVerdict| *verdict == Kept;
    assert!(kept(&verdicts[0]));
    assert_eq!(verdicts.iter().filter(|verdict| kept(verdict)).count(), 2);
}

pub(crate) async fn one_bad_row_among_sixty_four_fails_alone(ground: Ground) {
    let world = World::new(ground).await;
    let rows = (1..=64).map(|number| {
        let mut intent = world.intent(first(&format!("pump-{number}"), number));
        if number == 40 {
            (
                intent.order.revision.revision,
                intent.certificate.revision.revision,
            ) = (9, 9);
        }
        intent
    });
    let rows: Vec<Intent> = rows.collect();
    let verdicts = world.store.keep_intents(rows.clone()).await.unwrap();
    for (number, verdict) in (1..).zip(verdicts) {
        assert_eq!(verdict, if number == 40 { Stale } else { Kept }, "{number}");
    }
    let records = rows.iter().map(|intent| world.record_of(intent, at(1))).collect();
    let verdicts = world.store.keep_records(records).await.unwrap();
    let recorded = verdicts.iter().filter(|verdict| **verdict == Recorded);
    assert_eq!(recorded.count(), 63);
    assert_eq!(world.tallies().await["device"], 63);
}

pub(crate) async fn records_of_one_device_take_their_places_one_after_the_other(ground: Ground) {
    let world = World::new(ground).await;
    for (id, number, backwards) in [("pump-1", 1, false), ("pump-2", 11, true)] {
        let current = world.issue(first(id, number)).await;
        let earlier = world.intent(world.again(&current, number + 1, at(10)).await);
        assert_eq!(world.keep(&earlier).await, Kept);
        let later = world.intent(world.again(&current, number + 2, at(20)).await);
        assert_eq!(world.keep(&later).await, Kept);
        let mut records = vec![world.record_of(&earlier, at(30)), world.record_of(&later, at(30))];
        let mut expected = [Recorded, Recorded];
        if backwards {
            records.reverse();
            expected = [Recorded, Overtaken];
        }
        assert_eq!(world.store.keep_records(records).await.unwrap(), expected);
        assert_eq!(
            world.places(&current).await,
            (Some(current.certificate.id), Some(later.certificate.id))
        );
        assert_eq!(world.state(&earlier).await, "superseded");
    }
}

pub(crate) async fn a_record_of_another_device_is_lost(ground: Ground) {
    let world = World::new(ground).await;
    let (pump, fan) = (world.intent(first("pump-1", 1)), world.intent(first("fan-1", 2)));
    assert_eq!(world.keep(&pump).await, Kept);
    assert_eq!(world.keep(&fan).await, Kept);
    let before = world.tallies().await;
    let mut foreign = world.record_of(&pump, at(1));
    foreign.device = fan.order.device;
    let verdicts = world
        .store
        .keep_records(vec![foreign, world.record_of(&fan, at(1))])
        .await;
    assert_eq!(
        verdicts.unwrap(),
        [tamga_registry::store::RecordVerdict::Lost, Recorded]
    );
    let after = world.tallies().await;
    assert_eq!(after["journal"], before["journal"] + 1, "of the other one");
}

pub(crate) async fn of_two_submissions_of_one_operation_the_first_is_kept(ground: Ground) {
    let world = World::new(ground).await;
    let pump = from(&world, "pump-1", 1);
    let fan = Submission {
        operation: pump.operation,
        ..from(&world, "fan-1", 2)
    };
    let rows = vec![pump, fan, from(&world, "valve-1", 3)];
    assert_eq!(
        world.store.submit(rows, 100).await.unwrap(),
        [Posted::Kept, Posted::Crowded, Posted::Kept]
    );
}
