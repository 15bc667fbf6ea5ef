// SPDX-License-Identifier: Apache-2.0
//! However long the backlog: a device is told to poll, and what it was told to poll is there at every door.

use std::time::Duration;

use futures::future::join_all;
use tamga_authority::enroll::Progress;
use tamga_authority::refusal::Refusal;
use tamga_registry::admission::Denial;
use tamga_tests::house::House;
use tamga_tests::key_pair::KeyPair;
use tamga_tests::patience::{eventually, promptly};
use tamga_tests::sas::IDENTITY_SERVICE;
use tamga_tests::workshop::Workshop;
use tamga_x509::time::Clock as _;

use super::told::{assigning, certified, failed, refused};

async fn hasty() -> Workshop {
    let mut workshop = Workshop::new().await;
    workshop.door.patience = Duration::from_millis(100);
    workshop
}

async fn all_settled(workshop: &Workshop) {
    eventually("all submissions are settled", || async {
        let waiting = "SELECT COUNT(*) FROM submission WHERE state = 'waiting'";
        (workshop.memory.number(waiting).await == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_device_was_told_to_poll_is_there_at_every_door_before_and_after() {
    let workshop = hasty().await;
    let (door, other) = (workshop.door(), workshop.door());
    let (pump, key) = (workshop.device("pump-1"), KeyPair::new());
    let first = assigning(workshop.enrolls(&pump, &key, &door).await);
    let second = assigning(workshop.enrolls(&pump, &key, &other).await);
    assert_ne!(first, second, "nobody has judged them yet");
    for door in [&door, &other] {
        for operation in [first, second] {
            let polled = assigning(workshop.polls(&pump, operation, door).await);
            assert_eq!(polled, operation);
        }
    }
    let fan = workshop.device("fan-1");
    let stranger = refused(workshop.polls(&fan, first, &door).await);
    assert_eq!(stranger.slug(), "not_found", "it is the pump's own");

    let _signer = workshop.signer().await;
    all_settled(&workshop).await;
    let (_, issued) = certified(workshop.polls(&pump, first, &other).await);
    let (_, joined) = certified(workshop.polls(&pump, second, &door).await);
    assert_eq!(issued.chain(), joined.chain(), "one order, by whichever name");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_is_judged_as_of_its_receipt_however_late_and_not_too_late() {
    let workshop = hasty().await;
    let door = workshop.door();
    let enrolls = async |id: &str| {
        let (device, key) = (workshop.device(id), KeyPair::new());
        let csr = key.request(id);
        // Its token lives for thirty seconds.
        let told = door.register(workshop.claim(&device, &IDENTITY_SERVICE, Some(csr)));
        (device, assigning(told.await))
    };
    let (late, late_operation) = enrolls("too-late").await;
    workshop.clock.pass(Duration::from_secs(6 * 60));
    let (pump, operation) = enrolls("in-time").await;
    workshop.clock.pass(Duration::from_secs(10 * 60));
    let _signer = workshop.signer().await;
    all_settled(&workshop).await;
    certified(workshop.polls(&pump, operation, &door).await);
    let refusal = failed(workshop.polls(&late, late_operation, &door).await);
    assert_eq!(refusal, Refusal::SubmissionTooOld);
    eventually("the journal tells of it, once", || async {
        let rows = workshop.memory.journal("WHERE outcome = 'refused'").await;
        (rows.len() == 1 && rows[0].reason.as_deref() == Some("submission_too_old")).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_is_told_so_and_those_who_came_first_are_served() {
    let mut workshop = hasty().await;
    workshop.door.most_waiting = 2;
    let door = workshop.door();
    let mut operations = Vec::new();
    for id in ["pump-1", "pump-2"] {
        let device = workshop.device(id);
        let operation = assigning(workshop.enrolls(&device, &KeyPair::new(), &door).await);
        operations.push((device, operation));
    }
    let third = workshop.device("pump-3");
    let refusal = refused(workshop.enrolls(&third, &KeyPair::new(), &door).await);
    assert_eq!(refusal, Refusal::SubmissionsCrowded);
    let _signer = workshop.signer().await;
    all_settled(&workshop).await;
    for (device, operation) in &operations {
        certified(workshop.polls(device, *operation, &door).await);
    }
    eventually("there is room again", || async {
        let told = workshop.enrolls(&third, &KeyPair::new(), &door).await;
        told.is_ok().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_who_acts_while_requests_wait_is_obeyed() {
    let workshop = hasty().await;
    let door = workshop.door();
    let (pump, key) = (workshop.device("pump-1"), KeyPair::new());
    let operation = assigning(workshop.enrolls(&pump, &key, &door).await);
    workshop.disables_the_group().await;
    let _signer = workshop.signer().await;
    all_settled(&workshop).await;
    let stored = "SELECT COUNT(*) FROM submission WHERE state = 'refused' AND slug = 'enrollment_disabled'";
    assert_eq!(workshop.memory.number(stored).await, 1);
    assert!(workshop.watch.asked().is_empty(), "nothing was signed");
    let certificates = "SELECT COUNT(*) FROM certificate WHERE device_id IS NOT NULL";
    assert_eq!(workshop.memory.number(certificates).await, 0);
    // This door has not heard of it: what it tells is the signer's word, as the refusal it was.
    let refusal = failed(workshop.polls(&pump, operation, &door).await);
    assert_eq!(refusal, Refusal::Denied(Denial::EnrollmentDisabled));
    door.learns().await;
    let refusal = refused(workshop.enrolls(&pump, &key, &door).await);
    assert_eq!(refusal, Refusal::Denied(Denial::EnrollmentDisabled));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_device_asked_for_before_it_was_deleted_is_not_for_the_next_of_its_name() {
    let workshop = hasty().await;
    let (door, pump) = (workshop.door(), workshop.device("pump-1"));
    let certifies = async || {
        let told = workshop.enrolls(&pump, &KeyPair::new(), &door).await;
        let operation = told.expect("an answer").operation;
        eventually("it is certified", || async {
            let told = workshop.polls(&pump, operation, &door).await.expect("an answer");
            matches!(told.progress, Progress::Assigned(_)).then_some(())
        })
        .await;
    };
    let signer = workshop.signer().await;
    certifies().await;
    signer.dies();
    assigning(workshop.enrolls(&pump, &KeyPair::new(), &door).await);
    // As where a signer that has taken it stands still.
    let held = workshop.clock.now().saturating_add(Duration::from_secs(200));
    let leased = |until: i64| format!("UPDATE submission SET lease_until = {until} WHERE state = 'waiting'");
    workshop.memory.writes(&leased(held.as_micros()), &[]).await;
    workshop.deletes(&pump).await;
    let _signer = workshop.signer().await;
    certifies().await;
    workshop.memory.writes(&leased(0), &[]).await;
    all_settled(&workshop).await;
    let refused = "SELECT COUNT(*) FROM submission WHERE state = 'refused' AND slug = 'device_deleted'";
    assert_eq!(workshop.memory.number(refused).await, 1);
    let orders = "SELECT COUNT(*) FROM issuance_order";
    assert_eq!(workshop.memory.number(orders).await, 2, "one for each of them");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_whose_order_is_stored_is_settled_before_it_is_signed() {
    let mut workshop = hasty().await;
    workshop.signer_patience = Duration::from_millis(100);
    let door = workshop.door();
    workshop.watch.holds();
    let _signer = workshop.signer().await;
    let (pump, key) = (workshop.device("pump-1"), KeyPair::new());
    let operation = assigning(workshop.enrolls(&pump, &key, &door).await);
    all_settled(&workshop).await;
    assert_eq!(
        assigning(workshop.polls(&pump, operation, &door).await),
        operation
    );
    workshop.watch.lets_go();
    eventually("it is certified", || async {
        let told = workshop.polls(&pump, operation, &door).await.expect("an answer");
        matches!(
            told.progress,
            tamga_authority::enroll::Progress::Assigned(Some(_))
        )
        .then_some(())
    })
    .await;
    let certificates = "SELECT COUNT(*) FROM certificate WHERE device_id IS NOT NULL";
    assert_eq!(workshop.memory.number(certificates).await, 1);
}

/// One process: its door has a hand, and a queue of one order in front of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_backlog_makes_a_house_of_one_process_fail() {
    let house = House::with(|settings| {
        settings.door.patience = Duration::from_millis(200);
        settings.hand.queue = 1;
        settings.hand.batch = 1;
    })
    .await;
    let group = house.operator().creates_group("line").await;
    let devices: Vec<_> = (0..12)
        .map(|number| (group.device(&format!("pump-{number}")), KeyPair::new()))
        .collect();
    house.watch.holds();
    let told = join_all(devices.iter().map(|(device, key)| device.enrolls(key)));
    for told in promptly("all are answered", told).await {
        told.assigning();
    }
    let put_by = house.memory().number("SELECT COUNT(*) FROM submission").await;
    assert!(put_by > 0, "not all of them fit into the queue");
    house.watch.lets_go();
    for (device, key) in &devices {
        eventually("it is certified", || async {
            let told = device.enrolls(key).await;
            (told.answer.json()["status"] == "assigned").then_some(())
        })
        .await;
    }
    let certificates = "SELECT COUNT(*) FROM certificate WHERE device_id IS NOT NULL";
    assert_eq!(house.memory().number(certificates).await, 12, "one each");
    house.ends_well().await;
}
