// SPDX-License-Identifier: Apache-2.0
//! The first start: two roots and their issuers, an organization with an id scope, the first profiles. One commit.
//!
//! Devices and servers get separate roots: a device anchor vouches for no server, and the other way round. Everything
//! is signed before anything is kept: keys that were never kept have signed nothing that anybody has.

use std::sync::Arc;
use std::time::Duration;

use tamga_registry::id::{IssuerId, JournalRowId, ProfileId, RequestId};
use tamga_registry::issuer::{Anchor, Issuer, IssuerRole, IssuerState, KeyUri, StatusUrl};
use tamga_registry::journal::Outcome;
use tamga_registry::organization::{IdScope, Organization};
use tamga_registry::profile::{ProfileRevision, RevisionId};
use tamga_registry::role::{Permission, Principal};
use tamga_registry::secret::{SealedSoftwareKey, WrappedDataKey};
use tamga_registry::store::{Installation, NewAuthority, NewInstallation, Store};
use tamga_x509::authority_certificate::AuthorityDraft;
use tamga_x509::certificate::{IssuerCertificate, StatusLocations, Validity};
use tamga_x509::chance::{Chance, octets};
use tamga_x509::name::AuthorityName;
use tamga_x509::profile::{Profile, ProfileConfig};
use tamga_x509::serial::{Serial, ShardCount};
use tamga_x509::signer::Signer;
use tamga_x509::time::{Clock, Timestamp};
use tamga_x509::to_be_signed::ToBeSigned;

use crate::administer::DEFAULT_PROFILE;
use crate::enroll::FIRST_GENERATION;
use crate::guard::permit_duty;
use crate::journal::Happening;
use crate::refusal::Fault;
use crate::request::RequestContext;
use crate::service::SERVER_PROFILE;
use crate::signers::{Signable, sign_and_verify};

/// A new installation.
pub struct Plan {
    /// The SPIFFE trust domain of every device certificate; never changes.
    pub trust_domain: String,
    /// The first organization.
    pub organization: Organization,
    /// The permanent base of the status URLs of its issuers.
    pub status_url: StatusUrl,
    /// The data keys that sealed what is sealed below.
    pub data_keys: Vec<WrappedDataKey>,
    /// The keys of the authority for devices.
    pub device: AuthorityKeys,
    /// The keys of the authority for servers.
    pub server: AuthorityKeys,
}

/// The keys of one root and of the issuer below it.
pub struct AuthorityKeys {
    /// The root's.
    pub root: NewKey,
    /// The issuer's.
    pub issuer: NewKey,
}

/// A key that signs now, and the sealed form that is kept.
pub struct NewKey {
    /// It signs.
    pub signer: Arc<dyn Signer>,
    /// It is kept.
    pub sealed: SealedSoftwareKey,
}

/// Makes the installation, unless there is one. False when there was one already.
pub async fn establish(
    store: &dyn Store,
    clock: &dyn Clock,
    chance: &dyn Chance,
    plan: Plan,
) -> Result<bool, Fault> {
    permit_duty("establish", Permission::InstallationCreate)?;
    let now = clock.now();
    let founding = Founding {
        now,
        chance,
        plan: &plan,
    };
    let mut authorities = founding.pair(Anchor::Device, IssuerRole::Device, &plan.device)?;
    authorities.extend(founding.pair(Anchor::Server, IssuerRole::Server, &plan.server)?);
    let new = NewInstallation {
        installation: Installation {
            trust_domain: plan.trust_domain.clone(),
            restore_epoch: 0,
            created_at: now,
        },
        scope: IdScope::fresh(chance)?,
        data_keys: plan.data_keys.clone(),
        authorities,
        profiles: vec![
            founding.profile(DEFAULT_PROFILE, ProfileConfig::device())?,
            founding.profile(SERVER_PROFILE, ProfileConfig::server())?,
        ],
        journal: vec![founding.journal()?],
        organization: plan.organization.clone(),
    };
    Ok(store.create_installation(&new).await?)
}

/// An authority's certificate that passed its lints. It has no kept intent: until the one commit at the end its key
/// exists nowhere but here.
struct Founded(ToBeSigned);

impl Signable for Founded {
    fn to_be_signed(&self) -> &ToBeSigned {
        &self.0
    }
}

struct Founding<'a> {
    now: Timestamp,
    chance: &'a dyn Chance,
    plan: &'a Plan,
}

impl Founding<'_> {
    /// A root and the issuer below it.
    fn pair(
        &self,
        anchor: Anchor,
        role: IssuerRole,
        keys: &AuthorityKeys,
    ) -> Result<Vec<NewAuthority>, Fault> {
        let root = self.authority(anchor, IssuerRole::Root, &keys.root, None)?;
        let issuer = self.authority(anchor, role, &keys.issuer, Some((&root, &*keys.root.signer)))?;
        Ok(vec![
            NewAuthority {
                issuer: root,
                key: keys.root.sealed.clone(),
            },
            NewAuthority {
                issuer,
                key: keys.issuer.sealed.clone(),
            },
        ])
    }

    fn authority(
        &self,
        anchor: Anchor,
        role: IssuerRole,
        key: &NewKey,
        above: Option<(&Issuer, &dyn Signer)>,
    ) -> Result<Issuer, Fault> {
        let during = "founding an authority";
        let id = IssuerId::fresh(self.now, self.chance)?;
        let slug = self.plan.organization.slug.as_str();
        let kind = if role == IssuerRole::Root {
            "root"
        } else {
            "issuer"
        };
        // The id's end makes the name unlike that of any other installation: relying parties tell issuers by name.
        let tag: String = id.to_string().chars().rev().take(6).collect();
        let name = AuthorityName::new(&format!("{slug} {anchor} {kind} {tag}"), slug)
            .map_err(Fault::during_act(during))?;
        let random = octets::<16>(self.chance)?;
        let serial = Serial::compose(0, self.now, random).map_err(Fault::during_act(during))?;
        let locations = above.map_or_else(StatusLocations::default, |(parent, _)| parent.locations(&serial));
        let draft = AuthorityDraft {
            name: &name,
            key: key.signer.public_key(),
            issuer: above.map(|(parent, _)| &parent.certificate),
            serial,
            validity: self.life(role)?,
            locations: &locations,
        };
        let founded = ToBeSigned::certificate(draft.draft().map_err(Fault::during_act(during))?)
            .map(Founded)
            .map_err(Fault::during_act("linting an authority's certificate"))?;
        let certificate = match above {
            Some((parent, signer)) => sign_and_verify(signer, &parent.certificate, &founded)?,
            None => self_signed(&*key.signer, &founded)?,
        };
        let certificate = IssuerCertificate::parse(&certificate).map_err(Fault::during_act(during))?;
        Ok(Issuer {
            id,
            organization: self.plan.organization.id,
            name: format!("{anchor}-{kind}"),
            role,
            anchor,
            parent: above.map(|(parent, _)| parent.id),
            certificate,
            key: KeyUri::Software(key.sealed.id),
            state: IssuerState::Active,
            generation: FIRST_GENERATION,
            status_url: self.plan.status_url.clone(),
            shards: ShardCount::COMPLETE,
        })
    }

    /// Backdated, the root more than its issuer, so that what they sign may be backdated too.
    fn life(&self, role: IssuerRole) -> Result<Validity, Fault> {
        let (backdate, life) = match role {
            IssuerRole::Root => (2, ROOT_LIFE),
            IssuerRole::Device | IssuerRole::Server => (1, ISSUER_LIFE),
        };
        let begin = self.now.saturating_sub(Duration::from_hours(24 * backdate));
        Validity::new(begin, begin.saturating_add(life)).map_err(Fault::during_act("founding an authority"))
    }

    fn profile(&self, name: &str, config: ProfileConfig) -> Result<ProfileRevision, Fault> {
        let rules = Profile::try_from(config).map_err(Fault::during_act("making a profile"))?;
        let profile = ProfileId::fresh(self.now, self.chance)?;
        Ok(ProfileRevision {
            id: RevisionId { profile, revision: 1 },
            owner: self.plan.organization.id,
            name: name.to_owned(),
            rules: Arc::new(rules),
        })
    }

    fn journal(&self) -> Result<tamga_registry::journal::JournalRow, Fault> {
        let request = JournalRowId::fresh(self.now, self.chance)?;
        Happening {
            organization: Some(self.plan.organization.id),
            act: Permission::InstallationCreate.act(),
            actor: Principal::Duty { name: "establish" },
            object: self.plan.organization.id.to_string(),
            context: RequestContext {
                request: RequestId::from_octets(*request.octets()),
                source: None,
                once: None,
            },
            outcome: Outcome::Done(None),
            digests: &[],
        }
        .row(self.now, self.chance)
    }
}

fn self_signed(signer: &dyn Signer, Founded(what): &Founded) -> Result<Vec<u8>, Fault> {
    let signature = signer.sign(what).map_err(Fault::during_act("signing a root"))?;
    what.verify(signer.public_key(), &signature)
        .map_err(Fault::during_act("verifying a root"))?;
    Ok(what.assemble(&signature))
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Plan")
            .field("organization", &self.organization)
            .finish_non_exhaustive()
    }
}

const ROOT_LIFE: Duration = Duration::from_hours(24 * 365 * 20);
const ISSUER_LIFE: Duration = Duration::from_hours(24 * 365 * 10);
