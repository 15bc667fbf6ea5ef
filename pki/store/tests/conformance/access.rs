// SPDX-License-Identifier: Apache-2.0
//! Accounts, roles and credentials, as they are kept and read at each request.

use tamga_registry::account::{
    Account, AccountKind, AccountState, ApiToken, ClientCertificate, GivenRole, Grantee, Holder,
};
use tamga_registry::id::{AccountId, AssignmentId, OrganizationId, TokenId};
use tamga_registry::page::{Page, Sort};
use tamga_registry::role::Role;
use tamga_registry::store::{AccountSet, OrganizationAdded, RoleGiven, RoleTaken, Suspension};
use tamga_x509::certificate::Fingerprint;
use tamga_x509::key::SpkiHash;
use tamga_x509::time::Timestamp;

use super::orders::first;
use super::world::{Ground, START, World, at};

impl World {
    pub(crate) fn account(&self, organization: OrganizationId, name: &str) -> Account {
        Account {
            id: AccountId::fresh(START, &self.chance).unwrap(),
            organization,
            name: name.parse().unwrap(),
            kind: AccountKind::Person,
            state: AccountState::Enabled,
            generation: 1,
            created_at: START,
        }
    }

    /// An account of this name, kept.
    async fn has_account(&self, name: &str) -> Account {
        self.has_account_in(self.organization, name).await
    }

    async fn has_account_in(&self, organization: OrganizationId, name: &str) -> Account {
        let account = self.account(organization, name);
        let mut change = self.change("account.create").await;
        assert!(change.add_account(&account).await.unwrap());
        change.keep().await.unwrap();
        account
    }

    async fn given(&self, grantee: Grantee, role: Role) -> GivenRole {
        let given = GivenRole {
            id: AssignmentId::fresh(START, &self.chance).unwrap(),
            organization: self.organization,
            grantee,
            role,
            created_at: START,
        };
        let mut change = self.change("assignment.create").await;
        assert_eq!(change.give_role(&given).await.unwrap(), RoleGiven::Given);
        change.keep().await.unwrap();
        given
    }

    fn token(&self, holder: Holder) -> ApiToken {
        ApiToken {
            id: TokenId::fresh(START, &self.chance).unwrap(),
            organization: self.organization,
            holder,
            label: "line".to_owned(),
            role: Role::Factory,
            secret_hash: [7; 32],
            created_at: START,
            expires_at: at(100),
            last_used_at: None,
            revoked_at: None,
        }
    }

    async fn is_good(&self, account: &Account) -> bool {
        let standing = self.store.standing(Holder::Account(account.id)).await;
        standing.unwrap().good
    }

    async fn sets(&self, account: &Account, state: AccountState) -> AccountSet {
        let mut change = self.change("account.update").await;
        let set = change
            .set_account_state(account.organization, &account.name, state)
            .await
            .unwrap();
        if set == AccountSet::Set {
            change.keep().await.unwrap();
        }
        set
    }

    async fn takes(&self, id: AssignmentId) -> RoleTaken {
        let mut change = self.change("assignment.delete").await;
        let taken = change.take_role(self.organization, id).await.unwrap();
        if taken == RoleTaken::Taken {
            change.keep().await.unwrap();
        }
        taken
    }
}

pub(crate) async fn an_account_is_one_of_its_name_however_it_is_spelled(ground: Ground) {
    let world = World::new(ground).await;
    let ada = world.has_account("Ada").await;
    let mut change = world.change("account.create").await;
    assert!(
        !change
            .add_account(&world.account(world.organization, "aDA"))
            .await
            .unwrap()
    );
    drop(change);
    let store = &world.store;
    let found = store
        .account(world.organization, &"ADA".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(found.as_ref(), Some(&ada));
    assert_eq!(found.unwrap().name.presented(), "Ada");
    assert_eq!(store.account_by_id(ada.id).await.unwrap(), Some(ada.clone()));
    let elsewhere = OrganizationId::from_octets([9; 16]);
    assert_eq!(store.account(elsewhere, &ada.name).await.unwrap(), None);
    world.has_account("eve").await;
    let page = Page::first(Sort::NAME, 1);
    let read = store.accounts(world.organization, &page).await.unwrap();
    assert_eq!(read.len(), 2, "one more tells that there is one");
    assert_eq!(read[0], ada);
}

pub(crate) async fn who_is_disabled_or_whose_organization_is_suspended_does_not_stand(ground: Ground) {
    let world = World::new(ground).await;
    let ada = world.has_account("ada").await;
    assert!(world.is_good(&ada).await);
    assert_eq!(world.sets(&ada, AccountState::Disabled).await, AccountSet::Set);
    assert!(!world.is_good(&ada).await);
    assert_eq!(world.sets(&ada, AccountState::Enabled).await, AccountSet::Set);
    let mut change = world.change("organization.suspend").await;
    change
        .suspend_organization(world.organization, at(1))
        .await
        .unwrap();
    change.keep().await.unwrap();
    assert!(!world.is_good(&ada).await);
    let nobody = Holder::Account(AccountId::from_octets([0; 16]));
    let standing = world.store.standing(nobody).await.unwrap();
    assert!(!standing.good && standing.assignments.is_empty());
    let unknown = world.account(world.organization, "nobody");
    assert_eq!(
        world.sets(&unknown, AccountState::Enabled).await,
        AccountSet::NoAccount
    );
}

pub(crate) async fn a_role_is_given_once_and_taken_from_where_it_was_given(ground: Ground) {
    let world = World::new(ground).await;
    let ada = world.has_account("ada").await;
    let (account, user) = (Grantee::Account(ada.id), Grantee::LocalUser { uid: u32::MAX });
    let operator = world.given(account, Role::Operator).await;
    let auditor = world.given(user, Role::Auditor).await;
    let mut change = world.change("assignment.create").await;
    let again = GivenRole {
        id: AssignmentId::fresh(START, &world.chance).unwrap(),
        ..operator.clone()
    };
    assert_eq!(change.give_role(&again).await.unwrap(), RoleGiven::Taken);
    drop(change);
    let store = &world.store;
    assert_eq!(
        store.roles_of(account).await.unwrap(),
        std::slice::from_ref(&operator)
    );
    assert_eq!(
        store.roles_of(user).await.unwrap(),
        std::slice::from_ref(&auditor)
    );
    let standing = store.standing(Holder::Account(ada.id)).await.unwrap();
    assert_eq!(
        (standing.good, standing.assignments),
        (true, vec![operator.assignment()])
    );
    let found = store.given_role(world.organization, auditor.id).await.unwrap();
    assert_eq!(found, Some(auditor.clone()));
    let elsewhere = OrganizationId::from_octets([9; 16]);
    assert_eq!(store.given_role(elsewhere, auditor.id).await.unwrap(), None);
    let page = Page::first(Sort::TIME, 10);
    assert_eq!(
        store.given_roles(world.organization, &page).await.unwrap().len(),
        2
    );
    assert_eq!(world.takes(operator.id).await, RoleTaken::Taken);
    assert_eq!(world.takes(operator.id).await, RoleTaken::NoRole);
    assert!(store.roles_of(account).await.unwrap().is_empty());
}

pub(crate) async fn the_last_who_administers_the_whole_stays(ground: Ground) {
    let world = World::new(ground).await;
    let (ada, eve) = (world.has_account("ada").await, world.has_account("eve").await);
    let first = world.given(Grantee::Account(ada.id), Role::Administrator).await;
    assert_eq!(world.takes(first.id).await, RoleTaken::LastAdministrator);
    assert_eq!(
        world.sets(&ada, AccountState::Disabled).await,
        AccountSet::LastAdministrator
    );
    assert!(world.is_good(&ada).await, "nothing was kept");
    let second = world.given(Grantee::Account(eve.id), Role::Administrator).await;
    assert_eq!(world.sets(&ada, AccountState::Disabled).await, AccountSet::Set);
    // Who may not come in administers nothing.
    assert_eq!(world.takes(second.id).await, RoleTaken::LastAdministrator);
    assert_eq!(world.takes(first.id).await, RoleTaken::Taken);
    assert_eq!(
        world.sets(&eve, AccountState::Disabled).await,
        AccountSet::LastAdministrator
    );
}

pub(crate) async fn nobody_is_left_who_administers_where_their_organizations_are_suspended(ground: Ground) {
    let world = World::new(ground).await;
    let plant = world.below(world.organization, "plant");
    assert_eq!(world.adds(&plant).await, OrganizationAdded::Added);
    let ada = world.has_account_in(plant.id, "ada").await;
    world.given(Grantee::Account(ada.id), Role::Administrator).await;
    let suspends = async |organization| {
        let mut change = world.change("organization.suspend").await;
        change.suspend_organization(organization, at(1)).await.unwrap()
    };
    assert_eq!(suspends(plant.id).await, Suspension::LastAdministrator);
    assert_eq!(suspends(world.organization).await, Suspension::LastAdministrator);
    let eve = world.has_account("eve").await;
    let second = world.given(Grantee::Account(eve.id), Role::Administrator).await;
    let aurel = world.has_account("aurel").await;
    world.suspends(plant.id).await;
    assert!(!world.is_good(&ada).await);
    assert_eq!(
        world.takes(second.id).await,
        RoleTaken::LastAdministrator,
        "ada is out"
    );
    // The whole: who administers it is at home at its top, and still comes in.
    world.suspends(world.organization).await;
    assert!(world.is_good(&eve).await);
    assert!(!world.is_good(&ada).await && !world.is_good(&aurel).await);
    assert_eq!(world.takes(second.id).await, RoleTaken::LastAdministrator);
}

pub(crate) async fn a_token_is_kept_without_its_secret_and_revoked_once(ground: Ground) {
    let world = World::new(ground).await;
    let ada = world.has_account("ada").await;
    let token = world.token(Holder::Account(ada.id));
    let mut change = world.change("token.create").await;
    change.add_api_token(&token).await.unwrap();
    change.keep().await.unwrap();
    let store = &world.store;
    let read = || async { store.api_token(token.id).await.unwrap().unwrap() };
    let kept = read().await;
    assert_eq!(
        (
            kept.holder,
            kept.role,
            kept.secret_hash,
            kept.expires_at,
            kept.label.as_str()
        ),
        (token.holder, Role::Factory, [7; 32], at(100), "line")
    );
    assert!(kept.is_good(at(100)) && !kept.is_good(at(101)));
    store.note_uses(vec![(token.id, at(30))]).await.unwrap();
    // An earlier use is written down late; a token that is gone is passed over.
    let gone = TokenId::from_octets([0; 16]);
    let uses = vec![(gone, at(40)), (token.id, at(20))];
    store.note_uses(uses).await.unwrap();
    store.note_uses(Vec::new()).await.unwrap();
    assert_eq!(read().await.last_used_at, Some(at(30)));
    let revokes = async |organization, instant: Timestamp| {
        let mut change = world.change("token.delete").await;
        let revoked = change
            .revoke_api_token(organization, token.id, instant)
            .await
            .unwrap();
        change.keep().await.unwrap();
        revoked
    };
    assert!(!revokes(OrganizationId::from_octets([9; 16]), at(40)).await);
    assert!(revokes(world.organization, at(40)).await);
    assert!(revokes(world.organization, at(50)).await);
    assert_eq!(read().await.revoked_at, Some(at(40)), "it keeps its date");
    assert!(!read().await.is_good(at(1)));
    let page = Page::first(Sort::TIME_FALLING, 10);
    assert_eq!(
        store.api_tokens(world.organization, &page).await.unwrap().len(),
        1
    );
}

pub(crate) async fn a_certificate_proves_one_holder_as_long_as_nothing_of_it_is_revoked(ground: Ground) {
    let world = World::new(ground).await;
    let ada = world.has_account("ada").await;
    let issued = world.issue(first("pump-1", 1)).await;
    let der = world.record_of(&issued, at(1)).der;
    let serial = issued.certificate.serial;
    let store = &world.store;
    let here = world.organization;
    let recorded = store.recorded(here, &serial, &der).await.unwrap();
    assert_eq!(recorded, Some(issued.certificate.id));
    assert_eq!(store.recorded(here, &serial, b"x").await.unwrap(), None);
    let elsewhere = OrganizationId::from_octets([9; 16]);
    assert_eq!(store.recorded(elsewhere, &serial, &der).await.unwrap(), None);
    let pinned = ClientCertificate {
        fingerprint: Fingerprint([1; 32]),
        organization: world.organization,
        holder: Holder::Account(ada.id),
        spki: SpkiHash([0xee; 32]),
        not_before: START,
        not_after: at(9),
        issued: recorded,
        created_at: START,
    };
    let mut change = world.change("token.create").await;
    assert!(change.pin_client_certificate(&pinned).await.unwrap());
    assert!(!change.pin_client_certificate(&pinned).await.unwrap());
    change.keep().await.unwrap();
    let known = || async { store.client_certificate(pinned.fingerprint).await.unwrap() };
    let before = known().await.unwrap();
    assert_eq!((&before.certificate, before.sound), (&pinned, true));
    let page = Page::first(Sort::NAME, 10);
    assert_eq!(
        store
            .client_certificates(world.organization, &page)
            .await
            .unwrap(),
        std::slice::from_ref(&pinned)
    );
    world.probe.run("UPDATE device SET state = 'disabled'").await;
    assert!(
        !known().await.unwrap().sound,
        "a device that may not enroll proves nobody"
    );
    world.probe.run("UPDATE device SET state = 'active'").await;
    assert!(known().await.unwrap().sound);
    world.strike(world.strike_of(&issued, at(5))).await;
    assert!(!known().await.unwrap().sound, "its status counts");
    let mut change = world.change("token.delete").await;
    assert!(
        !change
            .unpin_client_certificate(elsewhere, pinned.fingerprint)
            .await
            .unwrap()
    );
    assert!(
        change
            .unpin_client_certificate(world.organization, pinned.fingerprint)
            .await
            .unwrap()
    );
    change.keep().await.unwrap();
    assert_eq!(known().await, None);
}
