// SPDX-License-Identifier: Apache-2.0
//! Approvals, who could give one, and the issuers they change.

use std::time::Duration;

use tamga_registry::account::{Account, AccountKind, AccountState, ApiToken, GivenRole, Grantee, Holder};
use tamga_registry::approval::{Approval, AskedAct, Decision, Fate, Standing};
use tamga_registry::id::{AccountId, ApprovalId, AssignmentId, TokenId};
use tamga_registry::issuer::IssuerState;
use tamga_registry::page::{By, Listed as _, Page, Sort};
use tamga_registry::role::Role;
use tamga_registry::store::IntentVerdict::{Kept, Stale};
use tamga_x509::certificate::Fingerprint;

use super::orders::first;
use super::world::{Ground, World, at};

impl World {
    fn approval_asked_at(&self, seconds: u64) -> Approval {
        let request = "tamga request 1\nact issuer.update\n".to_owned();
        Approval {
            id: ApprovalId::fresh(at(seconds), &self.chance).unwrap(),
            organization: self.organization,
            asked: AskedAct {
                act: "issuer.update".to_owned(),
                digest: Fingerprint::of(request.as_bytes()),
                request,
                object: self.issuer.to_string(),
                generation: 1,
            },
            author: "account:acc_a".to_owned(),
            fate: Fate::Waiting,
            created_at: at(seconds),
            expires_at: at(seconds).saturating_add(Duration::from_secs(100)),
        }
    }

    async fn asks(&self, approval: &Approval) {
        let mut change = self.change("approval.create").await;
        change.add_approval(approval).await.unwrap();
        change.keep().await.unwrap();
    }

    async fn settles(&self, id: ApprovalId, fate: &Fate) -> bool {
        let mut change = self.change("approval.decide").await;
        let settled = change.settle_approval(self.organization, id, fate).await.unwrap();
        if settled {
            change.keep().await.unwrap();
        }
        settled
    }
}

fn decision(by: &str, seconds: u64) -> Decision {
    Decision {
        by: by.to_owned(),
        at: at(seconds),
    }
}

pub(crate) async fn an_approval_is_settled_once_and_in_time(ground: Ground) {
    let world = World::new(ground).await;
    let store = &world.store;
    let waiting = world.approval_asked_at(0);
    world.asks(&waiting).await;
    let found = store.approval(world.organization, waiting.id).await.unwrap();
    assert_eq!(found, Some(waiting.clone()));
    let late = Fate::Approved(decision("account:acc_b", 101));
    assert!(!world.settles(waiting.id, &late).await, "it has expired");
    assert!(!world.settles(waiting.id, &Fate::Waiting).await);
    let approved = Fate::Approved(decision("account:acc_b", 100));
    assert!(world.settles(waiting.id, &approved).await, "its last instant");
    for again in [
        approved.clone(),
        Fate::Withdrawn(decision("account:acc_a", 50)),
        Fate::Refused {
            decision: decision("account:acc_c", 50),
            reason: "no".to_owned(),
        },
    ] {
        assert!(!world.settles(waiting.id, &again).await);
    }
    let found = store
        .approval(world.organization, waiting.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.fate, approved);

    let other = world.approval_asked_at(1);
    world.asks(&other).await;
    let refused = Fate::Refused {
        decision: decision("account:acc_c", 50),
        reason: "not before Monday".to_owned(),
    };
    assert!(world.settles(other.id, &refused).await);
    let found = store
        .approval(world.organization, other.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.fate, refused);

    // Two at once: one of them.
    let both = world.approval_asked_at(2);
    world.asks(&both).await;
    let (one, two) = (
        Fate::Approved(decision("account:acc_b", 60)),
        Fate::Approved(decision("account:acc_c", 60)),
    );
    let settled = tokio::join!(world.settles(both.id, &one), world.settles(both.id, &two));
    assert!(settled.0 != settled.1, "{settled:?}");
}

pub(crate) async fn approvals_are_listed_as_they_stand_now(ground: Ground) {
    let world = World::new(ground).await;
    let store = &world.store;
    let mut asked = Vec::new();
    for seconds in [0, 50, 51] {
        let approval = world.approval_asked_at(seconds);
        world.asks(&approval).await;
        asked.push(approval);
    }
    let withdrawn = Fate::Withdrawn(decision("account:acc_a", 60));
    assert!(world.settles(asked[2].id, &withdrawn).await);
    let standing = |standing, seconds| async move {
        let page = Page::first(Sort::TIME_FALLING, 9);
        let asked = (standing, at(seconds));
        let found = store.approvals(world.organization, asked, &page).await.unwrap();
        found.iter().map(|one| one.created_at).collect::<Vec<_>>()
    };
    assert_eq!(standing(None, 100).await, [at(51), at(50), at(0)]);
    assert_eq!(standing(Some(Standing::Waiting), 100).await, [at(50), at(0)]);
    assert_eq!(standing(Some(Standing::Waiting), 101).await, [at(50)]);
    assert_eq!(standing(Some(Standing::Expired), 101).await, [at(0)]);
    assert_eq!(standing(Some(Standing::Withdrawn), 999).await, [at(51)]);
    let mut page = Page::first(Sort::TIME, 1);
    page.after = Some(asked[0].mark(By::Time));
    let next = store
        .approvals(world.organization, (None, at(100)), &page)
        .await
        .unwrap();
    assert_eq!(next[0].id, asked[1].id);
}

pub(crate) async fn who_could_approve_is_a_person_with_a_role_and_a_way_in(ground: Ground) {
    let world = World::new(ground).await;
    let names = [
        ("jane", AccountKind::Person),
        ("robot", AccountKind::Program),
        ("joe", AccountKind::Person),
    ];
    let mut accounts = Vec::new();
    for (name, kind) in names {
        let account = Account {
            id: AccountId::fresh(at(0), &world.chance).unwrap(),
            organization: world.organization,
            name: name.parse().unwrap(),
            kind,
            state: AccountState::Enabled,
            created_at: at(0),
            generation: 1,
        };
        let mut change = world.change("account.create").await;
        assert!(change.add_account(&account).await.unwrap());
        let given = GivenRole {
            id: AssignmentId::fresh(at(0), &world.chance).unwrap(),
            organization: world.organization,
            grantee: Grantee::Account(account.id),
            role: Role::Operator,
            created_at: at(0),
        };
        change.give_role(&given).await.unwrap();
        if name != "joe" {
            let token = ApiToken {
                id: TokenId::fresh(at(0), &world.chance).unwrap(),
                organization: world.organization,
                holder: Holder::Account(account.id),
                label: "story".to_owned(),
                role: Role::Operator,
                secret_hash: [7; 32],
                created_at: at(0),
                expires_at: at(10),
                last_used_at: None,
                revoked_at: None,
            };
            change.add_api_token(&token).await.unwrap();
        }
        change.keep().await.unwrap();
        accounts.push(account);
    }
    let persons = |seconds| world.store.persons_with_roles(world.organization, at(seconds));
    assert_eq!(persons(10).await.unwrap(), [(accounts[0].id, Role::Operator)]);
    assert!(persons(11).await.unwrap().is_empty(), "her token has ended");
    let mut change = world.change("account.update").await;
    let name = "jane".parse().unwrap();
    change
        .set_account_state(world.organization, &name, AccountState::Disabled)
        .await
        .unwrap();
    change.keep().await.unwrap();
    assert!(persons(1).await.unwrap().is_empty());
}

pub(crate) async fn an_issuer_of_another_generation_is_left_as_it_is(ground: Ground) {
    let world = World::new(ground).await;
    let judged = world.intent(first("pump-1", 1));
    let version = world.store.policy_version().await.unwrap().0;
    for (generation, state, set) in [
        (2, IssuerState::Retiring, false),
        (1, IssuerState::Retiring, true),
        (1, IssuerState::Active, false),
    ] {
        let mut change = world.change("issuer.update").await;
        assert_eq!(
            change
                .set_issuer_state((world.issuer, generation), state)
                .await
                .unwrap(),
            set
        );
        if set {
            change.journal_also(world.journal("approval.decide", "beside"));
            change.keep().await.unwrap();
        }
    }
    let issuer = world.store.issuer(world.issuer).await.unwrap().unwrap();
    assert_eq!((issuer.state, issuer.generation), (IssuerState::Retiring, 2));
    assert_eq!(world.store.policy_version().await.unwrap().0, version + 1);
    assert_eq!(
        world.keep(&judged).await,
        Stale,
        "what was judged by it is judged again"
    );
    let rows = "SELECT COUNT(*) FROM journal WHERE act IN ('issuer.update', 'approval.decide')";
    assert_eq!(world.count(rows).await, 2);
    let mut change = world.change("issuer.update").await;
    assert!(
        change
            .set_issuer_state((world.issuer, 2), IssuerState::Active)
            .await
            .unwrap()
    );
    change.keep().await.unwrap();
    let mut again = judged.clone();
    again.expected.issuer = Some((world.issuer, 3));
    assert_eq!(world.keep(&again).await, Kept);
}
