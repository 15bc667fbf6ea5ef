// SPDX-License-Identifier: Apache-2.0
//! What operators do with groups and enrollments, and what they look at.

use std::future::Future;
use std::sync::Arc;

use secrecy::SecretString;
use tamga_registry::device::RegistrationId;
use tamga_registry::enrollment::RekeyPolicy;
use tamga_registry::id::OrganizationId;
use tamga_registry::journal::Outcome as Done;
use tamga_registry::organization::{IdScope, Organization, OrganizationSlug};
use tamga_registry::page::Page;
use tamga_registry::repetition::Spent;
use tamga_registry::role::Permission;
use tamga_registry::store::{Act, Change, Thing};
use tamga_x509::time::Timestamp;
use tokio::sync::OnceCell;

use crate::denials::Denials;
use crate::guard::{Caller, Permit, permit};
use crate::journal::Happening;
use crate::means::Means;
use crate::policy::Policies;
use crate::refusal::{Failure, Fault, Refusal};
use crate::secrets::Vault;
use crate::tree::{Line, Tree};

mod account;
mod anchor;
mod approval;
mod assignment;
mod attestation;
mod client_certificate;
mod departure;
mod device;
mod enrollment;
mod entry;
mod explanation;
mod grant;
mod issuer;
mod look;
mod mass_revocation;
mod organization;
mod profile;
mod regenerate;
mod replace;
mod rights;
mod roster;
mod station;
mod terms;
mod token;

pub use anchor::NewAnchor;
pub use approval::{ApprovalRules, Outcome, Wanted};
pub use attestation::NewAttestation;
pub use device::RekeyTo;
pub use explanation::Explanation;
pub use issuer::ChainedIssuer;
pub use look::CertificateSight;
pub use mass_revocation::{Extent, NewRevocation};
pub use organization::NewOrganization;
pub use replace::Put;
pub use rights::{Right, Who};
pub use station::NewStation;
pub use token::{NewToken, TokenRules};

/// The acts of operators. Every one asks the guard, and journals itself in its own transaction.
pub struct Administration {
    pub(crate) means: Means,
    pub(crate) policies: Arc<Policies>,
    tree: Tree,
    token_rules: TokenRules,
    approval_rules: ApprovalRules,
    setbacks: mass_revocation::Setbacks,
    pub(crate) vault: Arc<dyn Vault>,
    denials: Denials,
    pub(crate) visibility: crate::revoke::Visibility,
    cursor_key: OnceCell<[u8; 32]>,
}

/// A group or individual enrollment to be made, or what one is to be from now on.
#[derive(Debug)]
pub struct NewEnrollment {
    /// The group's name, or the registration id of the one device.
    pub name: RegistrationId,
    /// How its devices prove themselves; absent = as they do, and where it is made, by keys made from chance.
    pub attestation: Option<NewAttestation>,
    /// The profile's name; absent = `device`.
    pub profile: Option<String>,
    /// The issuer's name; absent = the only active device issuer.
    pub issuer: Option<String>,
    /// What becomes of a new key inside one epoch.
    pub rekey: RekeyPolicy,
    /// How many certificates a device may draw by changing its key, within 24 hours; absent = 10.
    pub rekeys_per_day: Option<i64>,
    /// Answered as `assignedHub`; absent = the installation's.
    pub assigned_hub: Option<String>,
}

/// The keys of an enrollment, base64. Shown once, when it is made.
#[derive(Debug)]
pub struct RevealedKeys {
    /// The primary key.
    pub primary: SecretString,
    /// The secondary key.
    pub secondary: SecretString,
}

impl Administration {
    /// The acts over one memory.
    pub fn new(
        means: Means,
        policies: Arc<Policies>,
        vault: Arc<dyn Vault>,
        denials: Denials,
        visibility: crate::revoke::Visibility,
    ) -> Self {
        Self {
            means,
            policies,
            tree: Tree::default(),
            token_rules: TokenRules::default(),
            approval_rules: ApprovalRules::default(),
            setbacks: mass_revocation::Setbacks::default(),
            vault,
            denials,
            visibility,
            cursor_key: OnceCell::new(),
        }
    }

    /// The present instant, as acts see it.
    pub fn now(&self) -> Timestamp {
        self.means.now()
    }

    /// What cursors of lists are proven by, the same in every process of the installation.
    ///
    /// # Errors
    /// [`Fault`] when memory cannot be asked.
    pub async fn cursor_key(&self) -> Result<&[u8; 32], Fault> {
        let read = || async { Ok(self.means.store.cursor_key().await?) };
        self.cursor_key.get_or_try_init(read).await
    }

    /// With other rules of when a second person is wanted.
    #[must_use]
    pub fn requiring_approvals(self, approval_rules: ApprovalRules) -> Self {
        Self {
            approval_rules,
            ..self
        }
    }

    /// With other limits for API tokens.
    #[must_use]
    pub fn limiting_tokens(self, token_rules: TokenRules) -> Self {
        Self { token_rules, ..self }
    }

    /// The id scopes of an organization: a page, and one more where there is one.
    pub async fn id_scopes(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        page: &Page,
    ) -> Result<Vec<IdScope>, Failure> {
        let object = organization.to_string();
        self.witnessed(caller, Permission::GroupRead, object, async {
            let (organization, _) = self.enter(caller, Permission::GroupRead, organization).await?;
            let store = &self.means.store;
            Ok(store.id_scopes_by_text(organization.id, page).await?)
        })
        .await
    }

    /// Finds the organization and asks the guard. To a stranger one that exists looks like one that does not.
    pub(crate) async fn enter(
        &self,
        caller: &Caller,
        permission: Permission,
        slug: &OrganizationSlug,
    ) -> Result<(Organization, Permit), Failure> {
        let organization = self.means.store.organization(slug).await?;
        let organization = organization.ok_or(Refusal::NotFound("organization"))?;
        caller.asks_in(organization.id);
        let permit = permit(caller, permission, &self.line_of(&organization).await?)?;
        Ok((organization, permit))
    }

    /// Where the guard looks for the rights in an organization: there, and above.
    pub(crate) async fn line_of(&self, organization: &Organization) -> Result<Line, Fault> {
        self.tree.line(organization, &*self.means.store).await
    }

    /// The same, of an organization that is known by its id.
    pub(crate) async fn line_by_id(&self, organization: OrganizationId) -> Result<Line, Fault> {
        self.tree.line_by_id(organization, &*self.means.store).await
    }

    /// Performs an act, and journals it when it is refused: its caller is known, so it gets a row of its own, in the
    /// organization it asked to act in, where there is one of that name. The caller is told the same either way.
    pub(crate) async fn witnessed<T>(
        &self,
        caller: &Caller,
        permission: Permission,
        object: String,
        act: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let done = act.await;
        let organization = caller.asked_in();
        // Whoever is told what became of the same act before was not refused it.
        if let Err(Failure::Refused(refusal)) = &done
            && *refusal != Refusal::InProgress
        {
            let happening = Happening {
                organization,
                act: permission.act(),
                actor: caller.principal.clone(),
                object,
                context: caller.context,
                outcome: Done::Refused(refusal.slug()),
                digests: caller.credential.as_slice(),
            };
            self.denials
                .refused(happening.row(self.means.now(), &*self.means.chance)?)
                .await;
        }
        done
    }

    /// Opens a change of one thing, which nobody else changes until it ends; refused where the thing is not as its caller
    /// expects it. Of one that is not there nothing is said: whoever changes it finds out.
    async fn change_of(
        &self,
        caller: &Caller,
        (organization, thing): (&Organization, Thing),
        act: Act,
    ) -> Result<Box<dyn Change>, Failure> {
        let mut change = self.means.store.change(act).await?;
        if !caller.expects.is_none()
            && let Some(version) = change.version(organization.id, &thing).await?
            && !caller.expects.is_met_by(Some(&version))
        {
            return Err(Refusal::PreconditionFailed.into());
        }
        Ok(change)
    }

    /// Keeps a change of policy. It takes effect here at once, on every replica within a second.
    async fn keep(&self, change: Box<dyn Change>) -> Result<(), Failure> {
        change.keep().await?;
        self.policies.refresh_soon().await;
        Ok(())
    }

    pub(crate) fn act(
        &self,
        caller: &Caller,
        permit: &Permit,
        organization: &Organization,
        object: String,
    ) -> Result<Act, Fault> {
        self.act_that(caller, permit, organization, (object, None))
    }

    pub(crate) fn act_that(
        &self,
        caller: &Caller,
        permit: &Permit,
        organization: &Organization,
        what: (String, Option<String>),
    ) -> Result<Act, Fault> {
        self.act_called(permit.permission().act(), caller, (permit, organization), what)
    }

    /// An act the journal knows by another name than that of its permission.
    fn act_called(
        &self,
        called: &'static str,
        caller: &Caller,
        (permit, organization): (&Permit, &Organization),
        (object, detail): (String, Option<String>),
    ) -> Result<Act, Fault> {
        let now = self.means.now();
        let spends = caller.context.once.map(|once| Spent {
            principal: caller.principal.to_string(),
            once,
            by: caller.context.request,
            organization: Some(organization.id),
            permission: permit.permission().to_string(),
            object: object.clone(),
            at: now,
        });
        let happening = Happening {
            organization: Some(organization.id),
            act: called,
            actor: caller.principal.clone(),
            object,
            context: caller.context,
            outcome: Done::Done(detail),
            // After a leak it is asked what was done by this token, not by its holder.
            digests: caller.credential.as_slice(),
        };
        Ok(Act {
            journal: happening.row(now, &*self.means.chance)?,
            spends,
        })
    }
}

impl std::fmt::Debug for Administration {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Administration")
            .field("means", &self.means)
            .finish_non_exhaustive()
    }
}

/// The profile made at first start.
pub const DEFAULT_PROFILE: &str = "device";
