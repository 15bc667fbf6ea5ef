// SPDX-License-Identifier: Apache-2.0
//! Approvals, who could give one, and the issuers they change.

use std::time::Duration;

use tamga_registry::account::{
    Account, AccountKind, AccountState, ApiToken, ClientCertificate, GivenRole, Grantee, Holder,
};
use tamga_registry::approval::{Approval, AskedAct, Decision, Fate, Standing};
use tamga_registry::id::{AccountId, ApprovalId, AssignmentId, TokenId};
use tamga_registry::issuer::IssuerState;
use tamga_registry::page::{By, Listed as _, Page, Sort};
use tamga_registry::role::Role;
use tamga_registry::store::IntentVerdict::{Kept, Stale};
use tamga_x509::certificate::Fingerprint;
use tamga_x509::key::SpkiHash;

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

impl World {
    /// An account with this role; its home is here.
    async fn has(&self, name: &str, kind: AccountKind, role: Role) -> Account {
        let account = Account {
            kind,
            ..self.account(self.organization, name)
        };
        let given = GivenRole {
            id: AssignmentId::fresh(at(0), &self.chance).unwrap(),
            organization: self.organization,
            grantee: Grantee::Account(account.id),
            role,
            created_at: at(0),
        };
        let mut change = self.change("account.create").await;
        assert!(change.add_account(&account).await.unwrap());
        change.give_role(&given).await.unwrap();
        change.keep().await.unwrap();
        account
    }

    /// It has a token, which ends at the tenth second.
    async fn lets_in(&self, account: &Account, role: Role) -> TokenId {
        let token = ApiToken {
            id: TokenId::fresh(at(0), &self.chance).unwrap(),
            organization: self.organization,
            holder: Holder::Account(account.id),
            label: "story".to_owned(),
            role,
            secret_hash: [7; 32],
            created_at: at(0),
            expires_at: at(10),
            last_used_at: None,
            revoked_at: None,
        };
        let mut change = self.change("token.create").await;
        change.add_api_token(&token).await.unwrap();
        change.keep().await.unwrap();
        token.id
    }

    /// Who could come in at this second: the account, its role, and the role its credential leaves it.
    async fn persons(&self, seconds: u64) -> Vec<(AccountId, Role, Role)> {
        let persons = self.store.persons_with_roles(self.organization, at(seconds));
        let mut told: Vec<_> = persons
            .await
            .unwrap()
            .iter()
            .map(|one| {
                assert_eq!(one.limit.organization, Some(self.organization));
                (one.person, one.role, one.limit.role)
            })
            .collect();
        told.sort_by_key(|(person, _, left)| (*person, left.word()));
        told
    }
}

pub(crate) async fn who_could_approve_is_a_person_with_a_role_and_a_way_in(ground: Ground) {
    let world = World::new(ground).await;
    let jane = world.has("jane", AccountKind::Person, Role::Operator).await;
    let robot = world.has("robot", AccountKind::Program, Role::Operator).await;
    world.has("joe", AccountKind::Person, Role::Operator).await;
    for account in [&jane, &robot] {
        world.lets_in(account, Role::Operator).await;
    }
    assert_eq!(
        world.persons(10).await,
        [(jane.id, Role::Operator, Role::Operator)]
    );
    assert!(world.persons(11).await.is_empty(), "her token has ended");
    let mut change = world.change("account.update").await;
    change
        .set_account_state(world.organization, &jane.name, AccountState::Disabled)
        .await
        .unwrap();
    change.keep().await.unwrap();
    assert!(world.persons(1).await.is_empty());
}

pub(crate) async fn a_way_in_is_a_token_or_certificate_with_what_it_leaves(ground: Ground) {
    let world = World::new(ground).await;
    let jane = world.has("jane", AccountKind::Person, Role::Administrator).await;
    let issued = world.issue(first("pump-1", 1)).await;
    let read = world.lets_in(&jane, Role::Auditor).await;
    assert_eq!(
        world.persons(5).await,
        [(jane.id, Role::Administrator, Role::Auditor)]
    );
    let pinned = ClientCertificate {
        fingerprint: Fingerprint([1; 32]),
        organization: world.organization,
        holder: Holder::Account(jane.id),
        spki: SpkiHash([0xee; 32]),
        not_before: at(4),
        not_after: at(6),
        issued: Some(issued.certificate.id),
        created_at: at(0),
    };
    let mut change = world.change("token.create").await;
    assert!(change.pin_client_certificate(&pinned).await.unwrap());
    assert!(
        change
            .revoke_api_token(world.organization, read, at(1))
            .await
            .unwrap()
    );
    change.keep().await.unwrap();
    let whole = [(jane.id, Role::Administrator, Role::Administrator)];
    for (seconds, comes) in [(3, false), (4, true), (6, true), (7, false)] {
        let persons = world.persons(seconds).await;
        assert_eq!(persons == whole, comes, "{seconds}: {persons:?}");
    }
    world.strike(world.strike_of(&issued, at(5))).await;
    assert!(world.persons(5).await.is_empty(), "it was revoked");
}

pub(crate) async fn who_administers_a_suspended_whole_could_approve(ground: Ground) {
    let world = World::new(ground).await;
    let jane = world.has("jane", AccountKind::Person, Role::Administrator).await;
    let joe = world.has("joe", AccountKind::Person, Role::Operator).await;
    for account in [&jane, &joe] {
        world.lets_in(account, Role::Administrator).await;
    }
    assert_eq!(world.persons(2).await.len(), 2);
    world.suspends(world.organization).await;
    assert_eq!(
        world.persons(2).await,
        [(jane.id, Role::Administrator, Role::Administrator)]
    );
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
