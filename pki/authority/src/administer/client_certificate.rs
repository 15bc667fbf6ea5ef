// SPDX-License-Identifier: Apache-2.0
//! Client certificates that prove an account or a station: pinned by an administrator who holds all that they hold.

use tamga_attestation::certificate_chain::PresentedCertificate;
use tamga_registry::account::{ClientCertificate, Grantee, Holder};
use tamga_registry::id::{AccountId, CertificateId};
use tamga_registry::organization::{Organization, OrganizationSlug};
use tamga_registry::page::Page;
use tamga_registry::role::{Permission, Role};
use tamga_registry::store::{KnownCertificate, Thing};
use tamga_x509::certificate::{Certificate, Fingerprint};

use super::Administration;
use crate::guard::Caller;
use crate::refusal::{Failure, Refusal};

impl Administration {
    /// Pins a certificate: whoever holds its key is this holder, in the organization and below, from the next request on.
    pub async fn pin_client_certificate(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        (holder, der): (Holder, &[u8]),
    ) -> Result<ClientCertificate, Failure> {
        let object = holder.to_string();
        self.witnessed(caller, Permission::TokenCreate, object, async {
            let (here, permit) = self.enter(caller, Permission::TokenCreate, organization).await?;
            match holder {
                Holder::Account(account) => self.may_become(caller, account, &here).await?,
                Holder::Station(station) => self.may_speak(caller, station, (Role::Factory, &here)).await?,
            }
            let pinned = self.pinned(&here, holder, der).await?;
            let detail = (pinned.fingerprint.to_string(), Some(format!("for {holder}")));
            let act = self.act_that(caller, &permit, &here, detail)?;
            let mut change = self.means.store.change(act).await?;
            if !change.pin_client_certificate(&pinned).await? {
                return Err(Refusal::CertificateInUse.into());
            }
            change.keep().await?;
            Ok(pinned)
        })
        .await
    }

    /// Whether this caller may make a credential that stands for all that the account holds in its organization: only who
    /// holds all that it holds, wherever it holds it.
    async fn may_become(
        &self,
        caller: &Caller,
        account: AccountId,
        here: &Organization,
    ) -> Result<(), Failure> {
        let account = self.seen_account(caller, account).await?;
        if account.organization != here.id {
            return Err(Refusal::NotFound("account").into());
        }
        for given in self.means.store.roles_of(Grantee::Account(account.id)).await? {
            let line = self.line_by_id(given.organization).await?;
            if !caller.holds_all_of(given.role, &line) {
                return Err(Refusal::BeyondOwnRights.into());
            }
        }
        Ok(())
    }

    async fn pinned(
        &self,
        here: &Organization,
        holder: Holder,
        der: &[u8],
    ) -> Result<ClientCertificate, Failure> {
        let now = self.means.now();
        let certificate =
            PresentedCertificate::parse(der).map_err(|unreadable| invalid(unreadable.to_string()))?;
        let key = certificate
            .public_key()
            .map_err(|refusal| invalid(refusal.to_string()))?;
        if certificate.not_after() < now {
            return Err(invalid("it has expired: give one that is valid".to_owned()).into());
        }
        Ok(ClientCertificate {
            fingerprint: Fingerprint::of(der),
            organization: here.id,
            holder,
            spki: key.spki_hash(),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            issued: self.issued_here(here, der).await?,
            created_at: now,
        })
    }

    /// Which certificate of this organization it is. One that our issuers signed for another organization, or nobody
    /// recorded, is refused: nobody learns which of the two, and nobody takes the devices of others for their own.
    async fn issued_here(&self, here: &Organization, der: &[u8]) -> Result<Option<CertificateId>, Failure> {
        let Ok(certificate) = Certificate::parse(der) else {
            return Ok(None);
        };
        let (store, serial) = (&self.means.store, certificate.serial());
        if let Some(id) = store.recorded(here.id, &serial, der).await? {
            return Ok(Some(id));
        }
        let issuers = store.issuers().await?;
        match issuers
            .iter()
            .any(|issuer| certificate.verify(&issuer.certificate).is_ok())
        {
            true => Err(invalid(
                "an issuer of this installation signed it, and it is no certificate of this organization: give one of \
                 its own, or one of another authority"
                    .to_owned(),
            )
            .into()),
            false => Ok(None),
        }
    }

    /// A certificate that is pinned in an organization.
    pub async fn client_certificate(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        fingerprint: Fingerprint,
    ) -> Result<KnownCertificate, Failure> {
        let object = fingerprint.to_string();
        self.witnessed(caller, Permission::TokenRead, object, async {
            let (here, _) = self.enter(caller, Permission::TokenRead, organization).await?;
            let known = self.means.store.client_certificate(fingerprint).await?;
            let known = known.filter(|known| known.certificate.organization == here.id);
            known.ok_or_else(|| Refusal::NotFound("client certificate").into())
        })
        .await
    }

    /// A page of the certificates that are pinned in an organization.
    pub async fn client_certificates(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        page: &Page,
    ) -> Result<Vec<ClientCertificate>, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::TokenRead, object, async {
            let (here, _) = self.enter(caller, Permission::TokenRead, organization).await?;
            Ok(self.means.store.client_certificates(here.id, page).await?)
        })
        .await
    }

    /// Lets a pinned certificate prove nobody, from the next request on.
    pub async fn unpin_client_certificate(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        fingerprint: Fingerprint,
    ) -> Result<(), Failure> {
        let object = fingerprint.to_string();
        self.witnessed(caller, Permission::TokenDelete, object, async {
            let (here, permit) = self.enter(caller, Permission::TokenDelete, organization).await?;
            let act = self.act(caller, &permit, &here, fingerprint.to_string())?;
            let thing = Thing::ClientCertificate(fingerprint);
            let mut change = self.change_of(caller, (&here, thing), act).await?;
            if !change.unpin_client_certificate(here.id, fingerprint).await? {
                return Err(Refusal::NotFound("client certificate").into());
            }
            Ok(change.keep().await?)
        })
        .await
    }
}

fn invalid(reason: String) -> Refusal {
    Refusal::Invalid {
        field: "certificate",
        reason,
    }
}
