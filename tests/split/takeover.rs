// SPDX-License-Identifier: Apache-2.0
//! Two doors, two signers: whoever does the work, a device gets one certificate, also when a signer dies or stands still.

use std::time::{Duration, Instant};

use futures::future::join_all;
use tamga_authority::enroll::Progress;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::patience::{eventually, promptly};
use tamga_tests::sas::NODE;
use tamga_tests::workshop::Workshop;

use super::told::{assigning, certified};

const CERTIFICATES: &str = "SELECT COUNT(*) FROM certificate WHERE device_id IS NOT NULL";
const OPEN: &str = "SELECT COUNT(*) FROM certificate WHERE state = 'intended'";
const WAITING: &str = "SELECT COUNT(*) FROM submission WHERE state = 'waiting'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_is_certified_through_a_door_without_keys() {
    let workshop = Workshop::new().await;
    let (door, other) = (workshop.door(), workshop.door());
    let _signer = workshop.signer().await;
    let (pump, key) = (workshop.device("Pump-1"), KeyPair::new());
    let (operation, issued) = certified(workshop.enrolls(&pump, &key, &door).await);
    let (_, again) = certified(workshop.enrolls(&pump, &key, &other).await);
    assert_eq!(issued.chain(), again.chain(), "the same bytes through any door");
    let (_, polled) = certified(workshop.polls(&pump, operation, &other).await);
    assert_eq!(issued.chain(), polled.chain());
    assert_eq!(workshop.memory.number(CERTIFICATES).await, 1);
    let sealed = "SELECT COUNT(*) FROM submission WHERE evidence IS NOT NULL";
    assert_eq!(
        workshop.memory.number(sealed).await,
        0,
        "nothing secret is left behind"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_registers_plainly_through_a_door_without_keys() {
    let workshop = Workshop::new().await;
    let door = workshop.door();
    let _signer = workshop.signer().await;
    let pump = workshop.device("pump-1");
    let told = door
        .register(workshop.claim(&pump, &NODE, None))
        .await
        .expect("an answer");
    assert!(
        matches!(told.progress, Progress::Assigned(None)),
        "{:?}",
        told.progress
    );
    let again = door
        .register(workshop.claim(&pump, &NODE, None))
        .await
        .expect("an answer");
    assert_eq!(told.operation, again.operation);
    assert_eq!(workshop.memory.number("SELECT COUNT(*) FROM device").await, 1);
    assert_eq!(workshop.memory.number("SELECT COUNT(*) FROM submission").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_devices_at_two_doors_get_one_certificate_each_of_two_signers() {
    let workshop = Workshop::new().await;
    let doors = [workshop.door(), workshop.door()];
    let _signers = (workshop.signer().await, workshop.signer().await);
    let devices: Vec<_> = (0..24)
        .map(|number| (workshop.device(&format!("pump-{number}")), KeyPair::new()))
        .collect();
    // Each knocks at both doors at once, with the same key.
    let knocks = devices.iter().flat_map(|(device, key)| {
        let workshop = &workshop;
        doors
            .iter()
            .map(move |door| async move { certified(workshop.enrolls(device, key, door).await).1 })
    });
    let issued = promptly("all are certified", join_all(knocks)).await;
    for pair in issued.chunks(2) {
        assert_eq!(pair[0].chain(), pair[1].chain(), "one device, one certificate");
    }
    assert_eq!(workshop.memory.number(CERTIFICATES).await, 24);
    assert_eq!(workshop.memory.number(OPEN).await, 0);
    eventually("all submissions are settled", || async {
        (workshop.memory.number(WAITING).await == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_signer_began_another_finishes_within_five_seconds() {
    let workshop = Workshop::new().await;
    let door = workshop.door();
    let doomed = workshop.signer().await;
    workshop.watch.holds();
    let (pump, key) = (workshop.device("pump-1"), KeyPair::new());
    let enrolled = workshop.enrolls(&pump, &key, &door);
    let told = async {
        eventually("the doomed signer is about to sign", || async {
            (!workshop.watch.asked().is_empty()).then_some(())
        })
        .await;
        doomed.dies();
        let killed = Instant::now();
        let _heir = workshop.signer().await;
        // The lost signature is made after its process is gone, and goes nowhere.
        workshop.watch.lets_go();
        eventually("the heir has finished the order", || async {
            let issued = "SELECT COUNT(*) FROM certificate WHERE state = 'issued' AND device_id IS NOT NULL";
            (workshop.memory.number(issued).await == 1).then_some(())
        })
        .await;
        let took = killed.elapsed();
        assert!(took < Duration::from_secs(5), "it took {took:?}");
        eventually("the heir has settled the submission", || async {
            (workshop.memory.number(WAITING).await == 0).then_some(())
        })
        .await;
    };
    let (told, ()) = tokio::join!(enrolled, told);
    certified(told);
    assert_eq!(workshop.memory.number(CERTIFICATES).await, 1);
    let asked = workshop.watch.asked();
    let certificates: Vec<_> = asked.iter().filter(|asked| asked.is_certificate()).collect();
    assert!(
        certificates.windows(2).all(|two| two[0].digest == two[1].digest),
        "the same bytes, whoever signs"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signer_that_stood_still_finds_its_work_done_by_another() {
    let workshop = Workshop::new().await;
    let door = workshop.door();
    let sleeper = workshop.signer().await;
    let (pump, key) = (workshop.device("pump-1"), KeyPair::new());
    workshop.watch.holds();
    let enrolled = workshop.enrolls(&pump, &key, &door);
    let story = async {
        eventually("the signer is about to sign", || async {
            (!workshop.watch.asked().is_empty()).then_some(())
        })
        .await;
        let standing = sleeper.stands_still().await;
        workshop.watch.lets_go();
        let _other = workshop.signer().await;
        eventually("the other has settled the submission", || async {
            (workshop.memory.number(WAITING).await == 0).then_some(())
        })
        .await;
        let settled = "SELECT MAX(lease_epoch) FROM submission";
        assert_eq!(workshop.memory.number(settled).await, 2, "it was taken over");
        drop(standing);
        // It goes on where it stood: what it signed is recorded already, and what it would settle is settled.
        let late = workshop.device("late");
        let late = workshop.enrolls(&late, &KeyPair::new(), &door).await;
        certified(late);
    };
    let (told, ()) = tokio::join!(enrolled, story);
    let (_, issued) = certified(told);
    let (_, again) = certified(workshop.enrolls(&pump, &key, &door).await);
    assert_eq!(issued.chain(), again.chain());
    assert_eq!(workshop.memory.number(CERTIFICATES).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clocks_that_step_while_a_request_waits_neither_lose_nor_double_it() {
    let mut workshop = Workshop::new().await;
    workshop.door.patience = Duration::from_millis(50);
    let door = workshop.door();
    let (pump, key) = (workshop.device("pump-1"), KeyPair::new());
    // Taken by a signer whose clock is an hour ahead, and that dies.
    let operation = assigning(workshop.enrolls(&pump, &key, &door).await);
    workshop.clock.pass(Duration::from_secs(300));
    workshop
        .memory
        .writes(
            "UPDATE submission SET lease_epoch = 1, lease_until = received_at + 3600000000",
            &[],
        )
        .await;
    let _signer = workshop.signer().await;
    eventually("it is taken over all the same", || async {
        (workshop.memory.number(WAITING).await == 0).then_some(())
    })
    .await;
    certified(workshop.polls(&pump, operation, &door).await);
    assert_eq!(workshop.memory.number(CERTIFICATES).await, 1);
}
