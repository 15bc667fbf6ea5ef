// SPDX-License-Identifier: Apache-2.0
//! The signs of life of processes.

use tamga_registry::id::ProcessId;
use tamga_registry::process::{Heartbeat, ProcessRole};

use super::world::{Ground, START, World, at};

pub(crate) async fn a_process_is_known_by_its_last_sign_of_life(ground: Ground) {
    let world = World::new(ground).await;
    let beat = |role, host: &str, seen| Heartbeat {
        process: ProcessId::fresh(START, &world.chance).unwrap(),
        role,
        host: host.to_owned(),
        version: "0.1.0".to_owned(),
        started_at: START,
        seen_at: at(seen),
        health: String::new(),
    };
    let signer = beat(ProcessRole::Signer, "vault-1", 5);
    let door = beat(ProcessRole::DeviceGateway, "edge-1", 9);
    for heartbeat in [&signer, &door] {
        world.store.beat(heartbeat).await.unwrap();
    }
    let later = Heartbeat {
        seen_at: at(20),
        health: "database: it does not answer".to_owned(),
        ..signer.clone()
    };
    world.store.beat(&later).await.unwrap();
    assert_eq!(
        world.store.heartbeats(at(0)).await.unwrap(),
        [door, later.clone()]
    );
    assert_eq!(
        world.store.heartbeats(at(10)).await.unwrap(),
        std::slice::from_ref(&later)
    );
    assert_eq!(world.store.forget_heartbeats(at(20)).await.unwrap(), 1);
    assert_eq!(world.store.heartbeats(at(0)).await.unwrap(), [later]);
}
