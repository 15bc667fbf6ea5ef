// SPDX-License-Identifier: Apache-2.0
//! The factory's road: a station, or an operator for it, has units on its line furnished with certificates, scraps and
//! reworks them.
//!
//! What is asked goes the very way of a device that registers by itself, from claim to certificate; only that the
//! station's word stands where the device's own evidence would ([`StationWord`]). So it is answered alike: the same
//! unit with the same key gets the same bytes, however often and wherever it is asked for.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tamga_registry::account::Grantee;
use tamga_registry::admission::Denial;
use tamga_registry::device::{Device, RegistrationId};
use tamga_registry::id::OrganizationId;
use tamga_registry::organization::{IdScope, Organization, OrganizationSlug};
use tamga_registry::role::{Permission, Principal};
use tamga_registry::station::EarlierUnit;
use tamga_x509::name::DeviceIdentity;
use tamga_x509::request::Request;

use crate::administer::Administration;
use crate::enroll::{Claim, Door, Issued, Progress, Registered, Testimony};
use crate::guard::Caller;
use crate::refusal::{Failure, Fault, Refusal};
use crate::word::{Speaker, StationWord};

mod unit;
pub use unit::Reworked;

/// Has units furnished.
pub struct Factory {
    administration: Arc<Administration>,
    door: Door,
    /// A scope of each organization; none is ever taken away.
    scopes: RwLock<HashMap<OrganizationId, IdScope>>,
}

/// A caller that may have units furnished at a station.
#[derive(Debug, Clone)]
pub struct Shift {
    caller: Caller,
    organization: Organization,
    scope: IdScope,
    word: StationWord,
}

/// What is asked for one unit.
#[derive(Debug, Clone)]
pub struct UnitRequest {
    /// What it is called.
    pub registration_id: RegistrationId,
    /// DER of its certificate request.
    pub csr: Vec<u8>,
}

/// A unit that was furnished, or is about to be.
#[derive(Debug)]
pub struct Unit {
    /// The device it is from now on.
    pub device: Device,
    /// Its SPIFFE ID, the one name that identifies it anywhere.
    pub spiffe_id: String,
    /// Its certificate; absent while it is on its way: asked again, it is told.
    pub issued: Option<Issued>,
}

impl Factory {
    /// Over the acts of operators, and a door without a listener.
    pub fn new(administration: Arc<Administration>, door: Door) -> Self {
        Self {
            administration,
            door,
            scopes: RwLock::default(),
        }
    }

    /// Whether this caller may have units furnished here, and at which station. A station speaks for itself; everybody
    /// else names one. `object` is what the journal tells of a refusal.
    pub async fn begin(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        (station, object): (Option<&RegistrationId>, String),
    ) -> Result<Shift, Failure> {
        let administration = &self.administration;
        let issue = Permission::CertificateIssue;
        administration
            .witnessed(caller, issue, object, async {
                let (organization, _) = administration.enter(caller, issue, organization).await?;
                let word = self.word(caller, &organization, station).await?;
                let scope = self.scope_of(&organization).await?;
                Ok(Shift {
                    caller: caller.clone(),
                    organization,
                    scope,
                    word,
                })
            })
            .await
    }

    /// Furnishes a unit. Idempotent: the same unit with the same key gets the same certificate.
    ///
    /// A name or a key that an earlier unit of the organization has is refused, and that unit named.
    pub async fn furnish(&self, shift: &Shift, unit: UnitRequest) -> Result<Unit, Failure> {
        let claim = Claim {
            scope: shift.scope.clone(),
            registration_id: unit.registration_id.clone(),
            testimony: Testimony::Station(shift.word.clone()),
            csr: Some(unit.csr.clone()),
            context: shift.caller.context,
            received_at: self.administration.means.now(),
            operation: None,
        };
        match self.door.register(claim).await {
            Ok(registered) => self.unit(shift, registered),
            Err(Failure::Refused(Refusal::Denied(denial @ (Denial::KeyInUse | Denial::UnitExists)))) => {
                let earlier = self.earlier(shift, denial, &unit).await?;
                Err(match earlier {
                    Some(earlier) => Refusal::Duplicate(denial, Box::new(earlier)).into(),
                    None => denial.into(),
                })
            }
            Err(failure) => Err(failure),
        }
    }

    pub(super) async fn word(
        &self,
        caller: &Caller,
        organization: &Organization,
        named: Option<&RegistrationId>,
    ) -> Result<StationWord, Failure> {
        let store = &self.administration.means.store;
        let found = match named {
            Some(name) => {
                let found = store.station(organization.id, name).await?;
                Some(found.ok_or(Refusal::NotFound("station"))?.id)
            }
            None => None,
        };
        match (&caller.principal, found) {
            (Principal::Station(own), found) if found.is_none_or(|found| found == *own) => {
                Ok(StationWord::new(*own, Speaker::Itself))
            }
            (Principal::Station(_), _) => Err(invalid("a station speaks for itself alone: leave it out").into()),
            (Principal::Account(account), Some(station)) => {
                let speaker = Speaker::Somebody(Grantee::Account(*account));
                Ok(StationWord::new(station, speaker))
            }
            (Principal::LocalUser { uid }, Some(station)) => {
                let speaker = Speaker::Somebody(Grantee::LocalUser { uid: *uid });
                Ok(StationWord::new(station, speaker))
            }
            (Principal::Account(_) | Principal::LocalUser { .. }, None) => Err(invalid(
                "name the station at which the unit is made: whoever is no station itself names one, as ?station=NAME",
            )
            .into()),
            (Principal::Device { .. } | Principal::Duty { .. }, _) => Err(Refusal::NotFound("station").into()),
        }
    }

    async fn scope_of(&self, organization: &Organization) -> Result<IdScope, Failure> {
        if let Some(scope) = self.known_scope(organization) {
            return Ok(scope);
        }
        let scopes = self.administration.means.store.id_scopes(organization.id).await?;
        let scope = scopes.into_iter().next().ok_or_else(|| {
            let what = format!("{} has none", organization.id);
            Fault::new("reading the scopes of an organization", what)
        })?;
        let mut known = self.scopes.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(organization.id, scope.clone());
        Ok(scope)
    }

    fn known_scope(&self, organization: &Organization) -> Option<IdScope> {
        let known = self.scopes.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&organization.id).cloned()
    }

    fn unit(&self, shift: &Shift, registered: Registered) -> Result<Unit, Failure> {
        let device = registered.device;
        let identity = DeviceIdentity::new(
            device.registration_id.presented(),
            shift.organization.slug.as_str(),
            &self.administration.means.installation.trust_domain,
            &device.id.to_string(),
        );
        let identity = identity.map_err(Fault::during_act("naming a unit"))?;
        let issued = match registered.progress {
            Progress::Assigned(issued) => issued,
            Progress::Pending => None,
            Progress::Failed(refusal) => return Err(refusal.into()),
        };
        Ok(Unit {
            device,
            spiffe_id: identity.uri().to_owned(),
            issued,
        })
    }

    /// Which unit of the organization has the key, or the name. What another organization has is not told.
    async fn earlier(
        &self,
        shift: &Shift,
        denial: Denial,
        unit: &UnitRequest,
    ) -> Result<Option<EarlierUnit>, Failure> {
        let (store, home) = (&self.administration.means.store, shift.organization.id);
        if denial == Denial::UnitExists {
            return Ok(store.unit_of_name(home, &unit.registration_id).await?);
        }
        let key = Request::parse(&unit.csr)?.public_key().spki_hash();
        Ok(store.unit_of_key(home, &key).await?)
    }
}

impl std::fmt::Debug for Factory {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Factory").finish_non_exhaustive()
    }
}

fn invalid(reason: &str) -> Refusal {
    Refusal::Invalid {
        field: "station",
        reason: reason.to_owned(),
    }
}
