// SPDX-License-Identifier: Apache-2.0
//! Keys of requests: spent by the change of their act or not at all, once, by whoever sent them, for a day.

use std::time::Duration;

use tamga_registry::enrollment::EnrollmentState;
use tamga_registry::id::RequestId;
use tamga_registry::repetition::{KEPT_FOR, Once, SealedAnswer, Spent};
use tamga_registry::secret::{SealingPurpose, WrappedDataKey};
use tamga_registry::store::{Act, Change, StoreFault};
use tamga_x509::time::Timestamp;

use super::world::{Ground, START, World, at};

impl World {
    fn spent(&self, key: u8, now: Timestamp) -> Spent {
        Spent {
            principal: "local:1000".to_owned(),
            once: Once {
                key: [key; 32],
                request: [1; 32],
            },
            by: RequestId::fresh(now, &self.chance).unwrap(),
            organization: Some(self.organization),
            permission: "group:update".to_owned(),
            object: "line-1".to_owned(),
            at: now,
        }
    }

    async fn spending(&self, spent: &Spent) -> Result<Box<dyn Change>, StoreFault> {
        let act = Act {
            journal: self.journal("group.update", "line-1"),
            spends: Some(spent.clone()),
        };
        self.store.change(act).await
    }

    /// Disables or enables the group, once.
    async fn switches(&self, spent: &Spent, state: EnrollmentState) -> Result<(), StoreFault> {
        let mut change = self.spending(spent).await?;
        assert!(
            change
                .set_group_state(self.organization, &self.group.name, state)
                .await?
        );
        change.keep().await
    }

    async fn generation(&self) -> i64 {
        self.count("SELECT generation FROM enrollment_group WHERE name = 'line-1'")
            .await
    }

    async fn knows(&self, spent: &Spent, now: Timestamp) -> Option<Spent> {
        let known = self.store.repetition(&spent.principal, &spent.once, now).await;
        known.unwrap().map(|known| known.spent)
    }
}

fn answer(world: &World, sealed: u8, data_key: i64) -> SealedAnswer {
    SealedAnswer {
        sealed: vec![sealed; 40],
        organization: world.organization,
        data_key,
    }
}

pub(crate) async fn a_key_is_spent_with_its_act_and_by_nothing_else(ground: Ground) {
    let world = World::new(ground).await;
    let spent = world.spent(1, START);
    drop(world.spending(&spent).await.unwrap());
    assert_eq!(
        world.knows(&spent, START).await,
        None,
        "what never was spent nothing"
    );

    world.switches(&spent, EnrollmentState::Disabled).await.unwrap();
    assert_eq!(world.knows(&spent, START).await, Some(spent.clone()));
    let again = world.spent(1, at(1));
    let refused = world.switches(&again, EnrollmentState::Enabled).await;
    assert!(matches!(refused, Err(StoreFault::Repeated)), "{refused:?}");
    assert_eq!(world.generation().await, 2, "the act was done once");
    let rows = "SELECT COUNT(*) FROM journal WHERE act = 'group.update'";
    assert_eq!(world.count(rows).await, 1);
    // One request may do more than one act.
    world.switches(&spent, EnrollmentState::Enabled).await.unwrap();

    let other = Spent {
        principal: "local:1001".to_owned(),
        ..world.spent(1, START)
    };
    assert_eq!(
        world.knows(&other, START).await,
        None,
        "everybody has keys of their own"
    );
    world.switches(&other, EnrollmentState::Disabled).await.unwrap();
    assert_eq!(world.count("SELECT COUNT(*) FROM repetition").await, 2);
}

pub(crate) async fn an_expired_key_is_as_good_as_new(ground: Ground) {
    let world = World::new(ground).await;
    let spent = world.spent(1, START);
    world.switches(&spent, EnrollmentState::Disabled).await.unwrap();
    assert!(
        world
            .store
            .keep_answer(spent.by, &answer(&world, 7, 1), None)
            .await
            .unwrap()
    );
    let last = START
        .saturating_add(KEPT_FOR)
        .saturating_sub(Duration::from_micros(1));
    assert!(world.knows(&spent, last).await.is_some());
    let late = Spent {
        once: Once {
            request: [2; 32],
            ..spent.once
        },
        ..world.spent(1, spent.expires_at())
    };
    assert_eq!(world.knows(&late, late.at).await, None);
    world.switches(&late, EnrollmentState::Enabled).await.unwrap();
    let known = world.store.repetition(&late.principal, &late.once, late.at).await;
    let known = known.unwrap().unwrap();
    assert_eq!(
        (known.spent, known.answer),
        (late.clone(), None),
        "nothing is left of the old one"
    );

    let young = world.spent(2, at(5));
    world.switches(&young, EnrollmentState::Disabled).await.unwrap();
    assert_eq!(
        world
            .store
            .forget_repetitions(young.expires_at(), 9)
            .await
            .unwrap(),
        1
    );
    assert_eq!(world.knows(&young, at(6)).await, None);
    assert_eq!(world.knows(&late, late.at).await, Some(late));
}

pub(crate) async fn an_answer_is_kept_once_beside_the_key_its_request_spent(ground: Ground) {
    let world = World::new(ground).await;
    let store = &world.store;
    let spent = world.spent(1, START);
    let stranger = world.spent(2, START).by;
    assert!(
        !store
            .keep_answer(spent.by, &answer(&world, 7, 1), None)
            .await
            .unwrap()
    );
    world.switches(&spent, EnrollmentState::Disabled).await.unwrap();
    assert!(
        !store
            .keep_answer(stranger, &answer(&world, 7, 1), None)
            .await
            .unwrap()
    );
    assert!(
        store
            .keep_answer(spent.by, &answer(&world, 7, 1), None)
            .await
            .unwrap()
    );
    assert!(
        !store
            .keep_answer(spent.by, &answer(&world, 8, 1), None)
            .await
            .unwrap()
    );
    let known = store
        .repetition(&spent.principal, &spent.once, START)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(known.answer, Some(answer(&world, 7, 1)));

    let second = world.spent(3, START);
    world.switches(&second, EnrollmentState::Enabled).await.unwrap();
    let data_key = |version| WrappedDataKey {
        purpose: SealingPurpose::DeviceSecrets,
        organization: world.organization,
        version,
        wrapped: vec![4; 60],
        created_at: START,
    };
    let (taken, new) = (data_key(1), data_key(2));
    assert!(
        !store
            .keep_answer(second.by, &answer(&world, 9, 1), Some(&taken))
            .await
            .unwrap()
    );
    assert!(
        store
            .keep_answer(second.by, &answer(&world, 9, 2), Some(&new))
            .await
            .unwrap()
    );
    let known = store
        .repetition(&second.principal, &second.once, START)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(known.answer, Some(answer(&world, 9, 2)));
}

pub(crate) async fn of_fifty_changes_that_spend_one_key_one_is_kept(ground: Ground) {
    let world = std::sync::Arc::new(World::new(ground).await);
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (world, spent) = (world.clone(), world.spent(1, START));
        racing.spawn(async move { world.switches(&spent, EnrollmentState::Disabled).await });
    }
    let (mut kept, mut repeated) = (0, 0);
    while let Some(ended) = racing.join_next().await {
        match ended.unwrap() {
            Ok(()) => kept += 1,
            Err(StoreFault::Repeated) => repeated += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!((kept, repeated), (1, 49));
    assert_eq!(world.generation().await, 2);
    assert_eq!(world.count("SELECT COUNT(*) FROM repetition").await, 1);
}
