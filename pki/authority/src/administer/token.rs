// SPDX-License-Identifier: Apache-2.0
//! API tokens: made and shown once, expiring, revoked. None does more than its maker and its holder may.

use std::time::Duration;

use secrecy::SecretString;
use tamga_registry::account::{ApiToken, Grantee, Holder};
use tamga_registry::id::{AccountId, OrganizationId, StationId, TokenId};
use tamga_registry::organization::{Organization, OrganizationSlug};
use tamga_registry::page::Page;
use tamga_registry::role::{Permission, Principal, Role};
use tamga_registry::store::Thing;

use super::Administration;
use crate::guard::Caller;
use crate::identify::BearerToken;
use crate::refusal::{Failure, Refusal};
use crate::tree::Line;

/// A token to be made.
#[derive(Debug)]
pub struct NewToken {
    /// What it is for, in its maker's words.
    pub label: String,
    /// Whom it proves; absent = the caller's own account.
    pub holder: Option<Holder>,
    /// The most it may do.
    pub role: Role,
    /// How long it is good; absent = the usual time.
    pub lifetime: Option<Duration>,
}

/// How long tokens are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenRules {
    /// Where nothing is asked for.
    pub usual: Duration,
    /// The most that may be asked for.
    pub longest: Duration,
}

impl Default for TokenRules {
    fn default() -> Self {
        Self {
            usual: Duration::from_hours(24 * 90),
            longest: Duration::from_hours(24 * 366),
        }
    }
}

impl Administration {
    /// Makes a token. Its text is told this once: only a hash of its secret is kept.
    ///
    /// What it may do is what its role holds in the organization and below, as far as its holder still holds it at each
    /// request.
    pub async fn create_token(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        new: NewToken,
    ) -> Result<(ApiToken, SecretString), Failure> {
        let object = new.label.clone();
        self.witnessed(caller, Permission::TokenCreate, object, async {
            let (here, permit) = self.enter(caller, Permission::TokenCreate, organization).await?;
            let line = self.line_of(&here).await?;
            let holder = self.holder_of(caller, new.holder)?;
            match holder {
                Holder::Account(account) => self.may_have(caller, account, (new.role, &line)).await?,
                Holder::Station(station) => self.may_speak(caller, station, (new.role, &here)).await?,
            }
            let bearer = BearerToken::fresh(
                TokenId::fresh(self.means.now(), &*self.means.chance)?,
                &*self.means.chance,
            )?;
            let token = self.token_of(&bearer, holder, here.id, new)?;
            let detail = format!("{} for {holder}", token.role);
            let act = self.act_that(caller, &permit, &here, (token.id.to_string(), Some(detail)))?;
            let mut change = self.means.store.change(act).await?;
            change.add_api_token(&token).await?;
            change.keep().await?;
            Ok((token, bearer.text()))
        })
        .await
    }

    fn token_of(
        &self,
        bearer: &BearerToken,
        holder: Holder,
        organization: OrganizationId,
        new: NewToken,
    ) -> Result<ApiToken, Refusal> {
        let (now, rules) = (self.means.now(), self.token_rules);
        let lifetime = new.lifetime.unwrap_or(rules.usual.min(rules.longest));
        if lifetime > rules.longest || lifetime.is_zero() {
            let days = rules.longest.as_secs() / (24 * 60 * 60);
            let reason = format!("give a number of days from 1 to {days}");
            return Err(Refusal::Invalid {
                field: "expiresInDays",
                reason,
            });
        }
        let length = new.label.chars().count();
        if !(1..=LONGEST_LABEL).contains(&length) || new.label.chars().any(char::is_control) {
            let reason = format!("give 1 to {LONGEST_LABEL} characters without control characters");
            return Err(Refusal::Invalid {
                field: "name",
                reason,
            });
        }
        Ok(ApiToken {
            id: bearer.id(),
            organization,
            holder,
            label: new.label,
            role: new.role,
            secret_hash: bearer.secret_hash(),
            created_at: now,
            expires_at: now.saturating_add(lifetime),
            last_used_at: None,
            revoked_at: None,
        })
    }

    fn holder_of(&self, caller: &Caller, asked: Option<Holder>) -> Result<Holder, Refusal> {
        match (asked, &caller.principal) {
            (Some(holder), _) => Ok(holder),
            (None, Principal::Account(account)) => Ok(Holder::Account(*account)),
            (None, _) => Err(Refusal::Invalid {
                field: "holder",
                reason: "name the account the token is for: this caller is none".to_owned(),
            }),
        }
    }

    /// Whether this caller may make a credential with which this holder does this much here.
    async fn may_have(
        &self,
        caller: &Caller,
        id: AccountId,
        (role, line): (Role, &Line),
    ) -> Result<(), Failure> {
        if !caller.holds_all_of(role, line) {
            return Err(Refusal::BeyondOwnRights.into());
        }
        let account = self.seen_account(caller, id).await?;
        let own = caller.principal == Principal::Account(id);
        if !own {
            let home = self.line_by_id(account.organization).await?;
            crate::guard::permit(caller, Permission::TokenCreate, &home)?;
        }
        let roles = self.means.store.roles_of(Grantee::Account(id)).await?;
        let here = roles.iter().filter(|given| line.contains(&given.organization));
        let here: Vec<Role> = here.map(|given| given.role).collect();
        if role.is_within(&here) {
            Ok(())
        } else {
            Err(Refusal::BeyondOwnRights.into())
        }
    }

    /// Whether this caller may make a credential by which a station does this much here: it is one of this very
    /// organization, and does what the role of factories holds.
    pub(super) async fn may_speak(
        &self,
        caller: &Caller,
        station: StationId,
        (role, here): (Role, &Organization),
    ) -> Result<(), Failure> {
        let line = self.line_of(here).await?;
        if !caller.holds_all_of(Role::Factory, &line) || !role.is_within(&[Role::Factory]) {
            return Err(Refusal::BeyondOwnRights.into());
        }
        let station = self.means.store.station_by_id(station).await?;
        match station.filter(|station| station.organization == here.id) {
            Some(_) => Ok(()),
            None => Err(Refusal::NotFound("station").into()),
        }
    }

    /// A token that holds in an organization, good or not.
    pub async fn token(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: TokenId,
    ) -> Result<ApiToken, Failure> {
        self.witnessed(caller, Permission::TokenRead, id.to_string(), async {
            let (here, _) = self.enter(caller, Permission::TokenRead, organization).await?;
            let token = self.means.store.api_token(id).await?;
            let token = token.filter(|token| token.organization == here.id);
            token.ok_or_else(|| Refusal::NotFound("token").into())
        })
        .await
    }

    /// A page of the tokens that hold in an organization, good or not.
    pub async fn tokens(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        page: &Page,
    ) -> Result<Vec<ApiToken>, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::TokenRead, object, async {
            let (here, _) = self.enter(caller, Permission::TokenRead, organization).await?;
            Ok(self.means.store.api_tokens(here.id, page).await?)
        })
        .await
    }

    /// Revokes a token, from the next request on. Idempotent: one that is revoked keeps its date.
    pub async fn revoke_token(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        id: TokenId,
    ) -> Result<(), Failure> {
        self.witnessed(caller, Permission::TokenDelete, id.to_string(), async {
            let (here, permit) = self.enter(caller, Permission::TokenDelete, organization).await?;
            let act = self.act(caller, &permit, &here, id.to_string())?;
            let mut change = self.change_of(caller, (&here, Thing::Token(id)), act).await?;
            let at = self.means.now();
            if !change.revoke_api_token(here.id, id, at).await? {
                return Err(Refusal::NotFound("token").into());
            }
            Ok(change.keep().await?)
        })
        .await
    }
}

const LONGEST_LABEL: usize = 100;
