// SPDX-License-Identifier: Apache-2.0
//! A fallen door adds false submissions; nothing that it writes makes a signer sign what the evidence does not prove.

use std::time::Duration;

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
    eventually("the false one was looked at", || async {
        let looked = "SELECT COUNT(*) FROM submission WHERE lease_epoch > 0 AND registration_id = 'pump-1'";
        (workshop.memory.number(looked).await == 1).then_some(())
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
