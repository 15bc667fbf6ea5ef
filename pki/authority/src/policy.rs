// SPDX-License-Identifier: Apache-2.0
//! What the door keeps in mind of each organization, so that a request reads only what is the device's own.
//!
//! A policy is thrown away as soon as any administrative change is seen. What was judged by a stale one is caught by
//! the statement that keeps the intent: it compares every generation number again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tamga_attestation::certificate_chain::PinnedCertificates;
use tamga_attestation::{Reference, SymmetricKey, SymmetricKeyReference};
use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::{Attestation, Group};
use tamga_registry::id::{AnchorId, GroupId, IssuerId, OrganizationId, ProfileId};
use tamga_registry::issuer::Issuer;
use tamga_registry::organization::{IdScope, Organization};
use tamga_registry::profile::ProfileRevision;
use tamga_registry::secret::{SealedPair, WrappedDataKey};
use tamga_registry::station::Station;
use tamga_registry::store::{ScopePolicy, Store};

use crate::refusal::Fault;
use crate::secrets::{Vault, symmetric_key_place};

mod anchors;
mod evidence;

pub(crate) use anchors::{AnchorPolicy, authorities};

/// Policies by id scope.
pub struct Policies {
    store: Arc<dyn Store>,
    vault: Arc<dyn Vault>,
    known: AtomicI64,
    kept: RwLock<HashMap<IdScope, Arc<Policy>>>,
    prepared: anchors::Prepared,
}

/// One organization's policy, with the reference values of its groups unsealed.
#[derive(Debug)]
pub struct Policy {
    version: i64,
    pub(crate) organization: Organization,
    pub(crate) groups: Vec<GroupPolicy>,
    pub(crate) profiles: HashMap<ProfileId, ProfileRevision>,
    pub(crate) issuers: HashMap<IssuerId, Arc<IssuerPolicy>>,
    /// Those that have a say, prepared for judging.
    pub(crate) anchors: Vec<AnchorPolicy>,
    /// All that are granted, by the names their owners gave them.
    pub(crate) granted_anchors: Vec<GrantedAnchor>,
    /// All there are. What they have had made is as of the reading.
    pub(crate) stations: Vec<Station>,
    data_keys: Vec<WrappedDataKey>,
}

/// A group and the keys its devices' tokens are measured by, if they are.
#[derive(Debug)]
pub(crate) struct GroupPolicy {
    pub(crate) group: Group,
    pub(crate) keys: Option<Reference>,
}

/// An anchor an organization may use.
#[derive(Debug)]
pub(crate) struct GrantedAnchor {
    pub(crate) id: AnchorId,
    pub(crate) owner: OrganizationId,
    pub(crate) name: RegistrationId,
}

impl Policy {
    /// One of these groups and nothing else.
    #[cfg(test)]
    pub(crate) fn of_groups(organization: Organization, groups: Vec<GroupPolicy>) -> Self {
        Self {
            version: 1,
            organization,
            groups,
            profiles: HashMap::new(),
            issuers: HashMap::new(),
            anchors: Vec::new(),
            granted_anchors: Vec::new(),
            stations: Vec::new(),
            data_keys: Vec::new(),
        }
    }

    /// A group of the organization.
    pub(crate) fn group(&self, id: GroupId) -> Option<&Group> {
        let mut groups = self.groups.iter().map(|group| &group.group);
        groups.find(|group| group.id == id)
    }
}

/// An issuer and the certificates that follow a leaf of it.
#[derive(Debug)]
pub(crate) struct IssuerPolicy {
    pub(crate) issuer: Issuer,
    /// The issuer's own certificate first, its root last.
    pub(crate) chain: Vec<Arc<[u8]>>,
}

impl Policies {
    /// Nothing in mind yet.
    pub fn new(store: Arc<dyn Store>, vault: Arc<dyn Vault>) -> Self {
        Self {
            store,
            vault,
            known: AtomicI64::new(0),
            kept: RwLock::default(),
            prepared: anchors::Prepared::default(),
        }
    }

    /// The policy of the organization that owns a scope.
    pub(crate) async fn of(&self, scope: &IdScope) -> Result<Option<Arc<Policy>>, Fault> {
        let known = self.known.load(Ordering::Acquire);
        let kept = self
            .kept
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(scope)
            .cloned();
        if let Some(policy) = kept
            && policy.version >= known
        {
            return Ok(Some(policy));
        }
        let Some(read) = self.store.scope_policy(scope).await? else {
            return Ok(None);
        };
        let policy = Arc::new(self.unseal(read).await?);
        self.kept
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(scope.clone(), policy.clone());
        Ok(Some(policy))
    }

    /// The newest policy version that was seen: what was changed up to it is in force here.
    pub fn known(&self) -> i64 {
        self.known.load(Ordering::Acquire)
    }

    /// Learns of changes. Called after each change of our own, and again and again by a duty.
    pub async fn refresh(&self) -> Result<(), Fault> {
        let version = self.store.policy_version().await?.0;
        if self.known.fetch_max(version, Ordering::AcqRel) < version {
            let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
            kept.retain(|_, policy| policy.version >= version);
        }
        Ok(())
    }

    /// Learns of a change of our own that is kept already: a fault here must not look like one of the change. The
    /// watch learns of it a moment later.
    pub(crate) async fn refresh_soon(&self) {
        if let Err(fault) = self.refresh().await {
            tracing::warn!(%fault, "the policy version could not be read after a change");
        }
    }

    /// The reference value of an individual enrollment: opened at each use, for there may be a million of them.
    pub(crate) fn individual_reference(
        &self,
        policy: &Policy,
        enrollment: &[u8; 16],
        attestation: &Attestation,
    ) -> Result<Reference, Fault> {
        match attestation {
            Attestation::SymmetricKey(pair) => open_pair(&*self.vault, &policy.data_keys, enrollment, pair)
                .map(|(primary, secondary)| {
                    Reference::SymmetricKey(SymmetricKeyReference {
                        primary,
                        secondary,
                        derived: false,
                    })
                }),
            Attestation::Pinned(pins) => Ok(Reference::Pinned(PinnedCertificates {
                primary: pins.primary.clone(),
                secondary: pins.secondary.clone(),
            })),
            Attestation::Anchors(_) => Err(Fault::new(
                "reading an individual enrollment",
                "it refers to anchors, which only groups do",
            )),
        }
    }

    /// The keys of a group; one that its devices prove themselves to by certificates has none.
    fn group_keys(&self, data_keys: &[WrappedDataKey], group: &Group) -> Result<Option<Reference>, Fault> {
        match &group.terms.attestation {
            Attestation::SymmetricKey(pair) => {
                let (primary, secondary) = open_pair(&*self.vault, data_keys, group.id.octets(), pair)?;
                Ok(Some(Reference::SymmetricKey(SymmetricKeyReference {
                    primary,
                    secondary,
                    derived: true,
                })))
            }
            Attestation::Pinned(_) | Attestation::Anchors(_) => Ok(None),
        }
    }

    async fn unseal(&self, mut read: ScopePolicy) -> Result<Policy, Fault> {
        // A group that went while this was read took its stations with it.
        read.stations
            .retain(|station| read.groups.iter().any(|group| group.id == station.group));
        let anchors = self
            .prepared
            .policies(&read.anchors, &read.groups, &*self.store)
            .await;
        let granted_anchors = read.anchors.into_iter().map(|anchor| GrantedAnchor {
            id: anchor.id,
            owner: anchor.organization,
            name: anchor.name,
        });
        let granted_anchors = granted_anchors.collect();
        let mut groups = Vec::with_capacity(read.groups.len());
        for group in read.groups {
            // A group whose keys do not open admits nobody; its neighbours go on.
            match self.group_keys(&read.data_keys, &group) {
                Ok(keys) => groups.push(GroupPolicy { group, keys }),
                Err(fault) => tracing::error!(%fault, group = %group.id, "a group admits nobody"),
            }
        }
        let mut issuers = HashMap::with_capacity(read.issuers.len());
        for issuer in read.issuers {
            let chain = self.chain(&issuer).await?;
            issuers.insert(issuer.id, Arc::new(IssuerPolicy { issuer, chain }));
        }
        let profiles = read
            .profiles
            .into_iter()
            .map(|profile| (profile.id.profile, profile))
            .collect();
        Ok(Policy {
            version: read.version.0,
            organization: read.organization,
            groups,
            profiles,
            issuers,
            anchors,
            granted_anchors,
            stations: read.stations,
            data_keys: read.data_keys,
        })
    }

    async fn chain(&self, issuer: &Issuer) -> Result<Vec<Arc<[u8]>>, Fault> {
        chain_of(&*self.store, issuer).await
    }
}

impl std::fmt::Debug for Policies {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Policies")
            .field("known", &self.known)
            .finish_non_exhaustive()
    }
}

/// The issuer's own certificate first, its root last.
pub(crate) async fn chain_of(store: &dyn Store, issuer: &Issuer) -> Result<Vec<Arc<[u8]>>, Fault> {
    let mut chain: Vec<Arc<[u8]>> = vec![issuer.certificate.der().into()];
    let mut parent = issuer.parent;
    while let Some(id) = parent {
        if chain.len() >= LONGEST_CHAIN {
            return Err(Fault::new(
                "walking an issuer's chain",
                format!("{} has too many parents", issuer.id),
            ));
        }
        let above = store.issuer(id).await?;
        let above =
            above.ok_or_else(|| Fault::new("walking an issuer's chain", format!("{id} is missing")))?;
        chain.push(above.certificate.der().into());
        parent = above.parent;
    }
    Ok(chain)
}

pub(crate) fn open_pair(
    vault: &dyn Vault,
    data_keys: &[WrappedDataKey],
    enrollment: &[u8; 16],
    pair: &SealedPair,
) -> Result<(SymmetricKey, SymmetricKey), Fault> {
    let during = "unsealing the keys of an enrollment";
    let key = data_keys.iter().find(|key| key.version == pair.data_key);
    let key = key.ok_or_else(|| Fault::new(during, format!("data key {} is missing", pair.data_key)))?;
    let open = |column, sealed: &[u8]| {
        let octets = vault
            .open(key, &symmetric_key_place(enrollment, column), sealed)
            .map_err(Fault::during_act(during))?;
        SymmetricKey::from_octets(&octets).map_err(Fault::during_act(during))
    };
    Ok((
        open("primary_key", &pair.primary)?,
        open("secondary_key", &pair.secondary)?,
    ))
}

/// A chain longer than this is a loop.
const LONGEST_CHAIN: usize = 8;
