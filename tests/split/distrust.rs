// SPDX-License-Identifier: Apache-2.0
//! Nothing that a fallen door writes makes a signer sign what the evidence does not prove, or is tried for ever.

use std::time::Duration;

use tamga_authority::refusal::{Failure, Refusal};
use tamga_tests::key_pair::KeyPair;
use tamga_tests::patience::eventually;
use tamga_tests::workshop::Workshop;

use super::told::{assigning, certified};

async fn tampered(with: &str) {
    let mut workshop = Workshop::new().await;
    workshop.door.patience = Duration::from_millis(100);
    let door = workshop.door();
    let (pump, fan) = (workshop.device("pump-1"), workshop.device("fan-1"));
    assigning(workshop.enrolls(&pump, &KeyPair::new(), &door).await);
    assigning(workshop.enrolls(&fan, &KeyPair::new(), &door).await);
    workshop.memory.writes(with, &[]).await;
    let honest = workshop.device("valve-1");
    let key = KeyPair::new();
    let operation = assigning(workshop.enrolls(&honest, &key, &door).await);
    let _signer = workshop.signer().await;
    eventually("the honest one is settled", || async {
        let told = workshop
            .polls(&honest, operation, &door)
            .await
            .expect("an answer");
        matches!(told.progress, tamga_authority::enroll::Progress::Assigned(_)).then_some(())
    })
    .await;
    certified(workshop.polls(&honest, operation, &door).await);
    eventually("the false one is refused", || async {
        let refused = "SELECT COUNT(*) FROM submission
                       WHERE state = 'refused' AND slug = 'submission_unreadable' AND registration_id = 'pump-1'";
        (workshop.memory.number(refused).await == 1).then_some(())
    })
    .await;
    eventually("the journal tells of it", || async {
        let rows = workshop.memory.journal("WHERE outcome = 'refused'").await;
        rows.iter()
            .any(|row| row.reason.as_deref() == Some("submission_unreadable"))
            .then_some(())
    })
    .await;
    let issued = "SELECT COUNT(*) FROM certificate c JOIN device d ON d.id = c.device_id
                  WHERE d.registration_id = 'pump-1'";
    assert_eq!(
        workshop.memory.number(issued).await,
        0,
        "nothing is issued: {with}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_of_another_row_does_not_open() {
    tampered(
        "UPDATE submission SET evidence = (SELECT o.evidence FROM submission o WHERE o.registration_id = 'fan-1')
         WHERE registration_id = 'pump-1'",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_of_one_device_does_not_prove_another() {
    // The fan's own row, under the pump's name: it opens, and proves the fan.
    tampered(
        "UPDATE submission SET registration_id = CASE registration_id WHEN 'fan-1' THEN 'pump-1' ELSE 'fan-2' END,
                               presented = CASE registration_id WHEN 'fan-1' THEN 'pump-1' ELSE 'fan-2' END",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_that_was_never_sealed_is_not_believed() {
    tampered("UPDATE submission SET evidence = X'0101' WHERE registration_id = 'pump-1'").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_was_exchanged_while_it_waited_is_not_signed() {
    tampered(
        "UPDATE submission SET csr = (SELECT o.csr FROM submission o WHERE o.registration_id = 'fan-1')
         WHERE registration_id = 'pump-1'",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_not_judged_as_of_another_instant() {
    tampered("UPDATE submission SET received_at = received_at + 1 WHERE registration_id = 'pump-1'").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_of_an_instant_that_never_comes_does_not_wait_for_it() {
    tampered("UPDATE submission SET received_at = 9223372036854775807 WHERE registration_id = 'pump-1'")
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_contradicts_itself_is_refused() {
    tampered("UPDATE submission SET presented = 'fan-9' WHERE registration_id = 'pump-1'").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_that_is_nobodys_is_refused() {
    tampered("UPDATE submission SET id_scope = '0ne000FFFFF' WHERE registration_id = 'pump-1'").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_door_hands_out_the_certificate_of_another_device() {
    let mut workshop = Workshop::new().await;
    workshop.door.patience = Duration::from_millis(100);
    let door = workshop.door();
    let (pump, fan) = (workshop.device("pump-1"), workshop.device("fan-1"));
    let signer = workshop.signer().await;
    for (device, key) in [(&fan, KeyPair::new()), (&pump, KeyPair::new())] {
        let operation = workshop
            .enrolls(device, &key, &door)
            .await
            .expect("an answer")
            .operation;
        eventually("it is certified", || async {
            let told = workshop.polls(device, operation, &door).await.expect("an answer");
            matches!(told.progress, tamga_authority::enroll::Progress::Assigned(_)).then_some(())
        })
        .await;
    }
    signer.dies();
    let operation = assigning(workshop.enrolls(&pump, &KeyPair::new(), &door).await);
    workshop
        .memory
        .writes(
            "UPDATE submission SET state = 'ordered',
                 order_id = (SELECT o.id FROM issuance_order o JOIN device d ON d.id = o.device_id
                             WHERE d.registration_id = 'fan-1')
             WHERE state = 'waiting'",
            &[],
        )
        .await;
    let told = workshop.polls(&pump, operation, &door).await;
    // As of a device that is gone, whose name another has now: what was ordered is told to that one only.
    let unknown = matches!(told, Err(Failure::Refused(Refusal::NotFound("operation"))));
    assert!(unknown, "{told:?}");
}
