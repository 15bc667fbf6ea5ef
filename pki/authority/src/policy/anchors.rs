// SPDX-License-Identifier: Apache-2.0
//! The anchors of a policy, prepared for judging: parsed and their lists verified once for each generation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tamga_attestation::certificate_chain::{
    AnchorReference, AuthorityCertificate, ForeignList, ForeignStatus, TrustedAnchor,
};
use tamga_registry::anchor::{AnchorHead, AnchorState, AnchorStatus, TrustAnchor};
use tamga_registry::enrollment::{Attestation, Group};
use tamga_registry::id::{AnchorId, GroupId};
use tamga_registry::store::Store;

use crate::refusal::Fault;

/// An anchor that has a say: it admits by a group, or bars what chains through it.
#[derive(Debug)]
pub(crate) struct AnchorPolicy {
    pub(crate) id: AnchorId,
    pub(crate) reference: Arc<AnchorReference>,
    /// The group it admits by; none while it is disabled.
    pub(crate) admits: Option<GroupId>,
}

/// What was prepared before, by anchor: a large list is verified once, not at every change of policy.
#[derive(Default)]
pub(super) struct Prepared(Mutex<HashMap<AnchorId, (i64, Arc<AnchorReference>)>>);

impl Prepared {
    /// The anchors that have a say among these groups. An anchor no group refers to says nothing, unless it is
    /// disabled: then nobody comes in through it, whatever stands above it.
    pub(super) async fn policies(
        &self,
        anchors: &[AnchorHead],
        groups: &[Group],
        store: &dyn Store,
    ) -> Vec<AnchorPolicy> {
        let mut policies = Vec::with_capacity(anchors.len());
        for anchor in anchors {
            let group = groups.iter().find(|group| refers_to(group, anchor.id));
            let admits = match anchor.state {
                AnchorState::Enabled => group.map(|group| group.id),
                AnchorState::Disabled => None,
            };
            if admits.is_none() && anchor.state == AnchorState::Enabled {
                continue;
            }
            // One that cannot be read admits nobody; its neighbours go on.
            match self.reference(anchor, store).await {
                Ok(reference) => policies.push(AnchorPolicy {
                    id: anchor.id,
                    reference,
                    admits,
                }),
                Err(fault) => tracing::error!(%fault, anchor = %anchor.id, "an anchor vouches for nobody"),
            }
        }
        policies
    }

    /// What was prepared of this generation, or that prepared now: read and verified outside the lock, which is held for no
    /// longer than a look-up.
    async fn reference(&self, anchor: &AnchorHead, store: &dyn Store) -> Result<Arc<AnchorReference>, Fault> {
        if let Some((generation, reference)) = self.known().get(&anchor.id)
            && *generation == anchor.generation
        {
            return Ok(reference.clone());
        }
        let whole = store.trust_anchor(anchor.id).await?;
        let whole = whole.ok_or_else(|| Fault::new(PREPARING, "it was removed meanwhile"))?;
        // It may have changed since its head was read: then it is newer than its policy, and that is read again soon.
        let (id, generation) = (whole.id, whole.generation);
        let prepared = tokio::task::spawn_blocking(move || trusted(&whole)).await;
        let prepared = prepared.map_err(Fault::during_act(PREPARING))??;
        let reference = Arc::new(AnchorReference {
            anchors: vec![prepared],
        });
        self.known().insert(id, (generation, reference.clone()));
        Ok(reference)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<AnchorId, (i64, Arc<AnchorReference>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const PREPARING: &str = "preparing an anchor";

fn refers_to(group: &Group, anchor: AnchorId) -> bool {
    match &group.terms.attestation {
        Attestation::Anchors(pair) => pair.primary == anchor || pair.secondary == Some(anchor),
        Attestation::SymmetricKey(_) | Attestation::Pinned(_) => false,
    }
}

fn trusted(anchor: &TrustAnchor) -> Result<TrustedAnchor, Fault> {
    let intermediates: Vec<&[u8]> = anchor
        .intermediates
        .iter()
        .map(|intermediate| intermediate.certificate.as_slice())
        .collect();
    let status = match anchor.status {
        AnchorStatus::None => ForeignStatus::None,
        AnchorStatus::Crl => ForeignStatus::Lists(lists(anchor)?),
    };
    TrustedAnchor::new(&anchor.certificate, &intermediates, status).map_err(Fault::during_act(PREPARING))
}

/// A list that cannot be used covers nothing: what only it covered is refused.
fn lists(anchor: &TrustAnchor) -> Result<Vec<ForeignList>, Fault> {
    let issuers = authorities(anchor)?;
    let mut lists = Vec::with_capacity(anchor.lists.len());
    for list in &anchor.lists {
        match ForeignList::load(&list.der, &issuers) {
            Ok(list) => lists.push(list),
            Err(refusal) => {
                tracing::error!(%refusal, anchor = %anchor.id, "a list of an anchor is of no use");
            }
        }
    }
    Ok(lists)
}

/// The anchor and its known intermediates: whoever may issue lists of what is below it.
pub(crate) fn authorities(anchor: &TrustAnchor) -> Result<Vec<AuthorityCertificate>, Fault> {
    let known = anchor
        .intermediates
        .iter()
        .map(|intermediate| intermediate.certificate.as_slice());
    std::iter::once(anchor.certificate.as_slice())
        .chain(known)
        .map(AuthorityCertificate::parse)
        .collect::<Result<_, _>>()
        .map_err(Fault::during_act("reading an anchor"))
}
