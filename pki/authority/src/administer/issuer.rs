// SPDX-License-Identifier: Apache-2.0
//! Issuers, as operators see them, and the states they are given.

use std::sync::Arc;

use tamga_registry::device::RegistrationId;
use tamga_registry::issuer::{IssuerRole, IssuerState, UsableIssuer};
use tamga_registry::organization::OrganizationSlug;
use tamga_registry::page::Page;
use tamga_registry::role::Permission;

use super::approval::Asked;
use super::{Administration, Outcome};
use crate::guard::Caller;
use crate::policy::chain_of;
use crate::refusal::{Failure, Refusal};

/// An issuer, with the certificates that follow what it issues: its own first, its root last.
pub type ChainedIssuer = (UsableIssuer, Vec<Arc<[u8]>>);

impl Administration {
    /// A page of the issuers an organization may use.
    pub async fn issuers(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        page: &Page,
    ) -> Result<Vec<UsableIssuer>, Failure> {
        self.witnessed(caller, Permission::IssuerRead, organization.to_string(), async {
            let (here, _) = self.enter(caller, Permission::IssuerRead, organization).await?;
            Ok(self.means.store.usable_issuers(here.id, page).await?)
        })
        .await
    }

    /// An issuer the organization may use.
    pub async fn issuer(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        name: &RegistrationId,
    ) -> Result<ChainedIssuer, Failure> {
        self.witnessed(caller, Permission::IssuerRead, name.to_string(), async {
            let (here, _) = self.enter(caller, Permission::IssuerRead, organization).await?;
            let found = self.means.store.usable_issuer(here.id, name).await?;
            let found = found.ok_or(Refusal::NotFound("issuer"))?;
            let chain = chain_of(&*self.means.store, &found.issuer).await?;
            Ok((found, chain))
        })
        .await
    }

    /// Lets a device issuer retire, or issue again. One that retires issues no device certificates; what it issued stays
    /// good, and its lists are published on. Wants a second person where there is one.
    pub async fn set_issuer_state(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        (name, state): (&RegistrationId, IssuerState),
    ) -> Result<Outcome<()>, Failure> {
        self.witnessed(caller, Permission::IssuerUpdate, name.to_string(), async {
            let (here, permit) = self.enter(caller, Permission::IssuerUpdate, organization).await?;
            let found = self.means.store.usable_issuer(here.id, name).await?;
            let issuer = found.ok_or(Refusal::NotFound("issuer"))?.issuer;
            if issuer.organization != here.id {
                return Err(Refusal::OwnedElsewhere("issuer").into());
            }
            if issuer.role != IssuerRole::Device || issuer.state == IssuerState::Retired {
                let reason = "only an issuer of devices that has not ended retires and comes back".to_owned();
                return Err(Refusal::Invalid {
                    field: "name",
                    reason,
                }
                .into());
            }
            if issuer.state == state {
                return Ok(Outcome::Done(()));
            }
            let asked = Asked::IssuerState {
                issuer: issuer.id,
                name: issuer.name,
                state,
            };
            if self.wants_a_second(caller, &here, permit.permission()).await? {
                let asked = (&asked, issuer.generation);
                return Ok(Outcome::Waits(self.ask(caller, (&permit, &here), asked).await?));
            }
            let what = (asked.object(), Some(asked.detail()));
            let act = self.act_that(caller, &permit, &here, what)?;
            let mut change = self.means.store.change(act).await?;
            if !change
                .set_issuer_state((issuer.id, issuer.generation), state)
                .await?
            {
                return Err(Refusal::ApprovalStale.into());
            }
            change.keep().await?;
            self.policies.refresh_soon().await;
            Ok(Outcome::Done(()))
        })
        .await
    }
}
