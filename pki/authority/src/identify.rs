// SPDX-License-Identifier: Apache-2.0
//! Who comes to the admin plane: what they prove themselves with, asked of memory at each request, and nothing kept in mind.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use tamga_registry::account::{ApiToken, GivenRole, Grantee, Holder, Standing};
use tamga_registry::id::{AccountId, TokenId};
use tamga_registry::role::{Assignment, Principal, Role};
use tamga_registry::store::KnownCertificate;
use tamga_x509::certificate::Fingerprint;
use tamga_x509::time::Timestamp;

pub use crate::bearer::{BearerToken, MARK, NoToken};
use crate::denials::Denials;
use crate::guard::Caller;
use crate::means::Means;
use crate::refusal::{Failure, Fault, Refusal};
use crate::request::RequestContext;

/// What somebody proves themselves with.
#[derive(Debug)]
pub enum Credential<'a> {
    /// They are a user of this operating system, as the kernel says.
    LocalUser {
        /// The user's id.
        uid: u32,
    },
    /// They have an API token.
    Token(BearerToken),
    /// They hold the key of this certificate, DER, as the handshake showed. Nothing else about it has been checked.
    Certificate(&'a [u8]),
}

/// Says who somebody is, and with what rights. A refusal says the same to all: who is unknown, disabled, suspended,
/// expired or revoked is not told which.
#[derive(Debug)]
pub struct Doorkeeper {
    means: Means,
    denials: Denials,
    owner: u32,
    uses: Mutex<HashMap<TokenId, Timestamp>>,
}

impl Doorkeeper {
    /// `owner` is the operating-system user this process runs as. That user and root administer the installation:
    /// they could read its files anyway.
    pub fn new(means: Means, denials: Denials, owner: u32) -> Self {
        Self {
            means,
            denials,
            owner,
            uses: Mutex::default(),
        }
    }

    /// Who it is.
    pub async fn identify(
        &self,
        credential: Credential<'_>,
        context: RequestContext,
    ) -> Result<Caller, Failure> {
        match credential {
            Credential::LocalUser { uid } => self.local_user(uid, context).await,
            Credential::Token(token) => self.bearer(&token, context).await,
            Credential::Certificate(der) => self.certificate(der, context).await,
        }
    }

    /// Somebody unknown was turned away: counted by network, reason and minute.
    pub fn turned_away(&self, reason: &'static str, source: Option<IpAddr>) {
        self.denials.turned_away(&self.means, reason, source);
    }

    async fn local_user(&self, uid: u32, context: RequestContext) -> Result<Caller, Failure> {
        let assignments = if uid == self.owner || uid == ROOT {
            vec![WHOLE_INSTALLATION]
        } else {
            assignments(&self.means.store.roles_of(Grantee::LocalUser { uid }).await?)
        };
        if assignments.is_empty() {
            self.turned_away(Refusal::NoRole.slug(), context.source);
            return Err(Refusal::NoRole.into());
        }
        Ok(Caller::new(Principal::LocalUser { uid }, assignments, context))
    }

    /// The same questions and the same work, whether there is such a token or not.
    async fn bearer(&self, presented: &BearerToken, context: RequestContext) -> Result<Caller, Failure> {
        let kept = self.means.store.api_token(presented.id()).await?;
        let holder = kept.as_ref().map_or(NOBODY, |kept| kept.holder);
        let standing = self.means.store.standing(holder).await?;
        let hash = kept.as_ref().map_or([0; 32], |kept| kept.secret_hash);
        let proven = presented.is_kept_as(&hash);
        let now = self.means.now();
        let good = kept.filter(|kept| proven && stands(&standing, now) && kept.is_good(now));
        let Some(token) = good else {
            return Err(self.unknown("token_invalid", context));
        };
        self.note(&token, now);
        tracing::debug!(token = %token.id, principal = %token.holder, "known by a token");
        let limit = Assignment {
            role: token.role,
            organization: Some(token.organization),
        };
        Ok(Caller {
            limit: Some(limit),
            credential: Some(Fingerprint::of(token.id.to_string().as_bytes()).0),
            ..known(token.holder, &standing, context)
        })
    }

    /// A certificate is pinned by who administers an organization, and proves nothing above it or beside it: what its
    /// holder is given there later is not in their hands.
    async fn certificate(&self, der: &[u8], context: RequestContext) -> Result<Caller, Failure> {
        let store = &self.means.store;
        let fingerprint = Fingerprint::of(der);
        let kept = store.client_certificate(fingerprint).await?;
        let holder = kept.as_ref().map_or(NOBODY, |kept| kept.certificate.holder);
        let standing = store.standing(holder).await?;
        let now = self.means.now();
        let good = kept.filter(|kept| stands(&standing, now) && is_good(kept, now));
        let Some(KnownCertificate { certificate, .. }) = good else {
            return Err(self.unknown("certificate_unknown", context));
        };
        let limit = Assignment {
            role: Role::Administrator,
            organization: Some(certificate.organization),
        };
        Ok(Caller {
            limit: Some(limit),
            credential: Some(fingerprint.0),
            ..known(certificate.holder, &standing, context)
        })
    }

    fn unknown(&self, reason: &'static str, context: RequestContext) -> Failure {
        self.turned_away(reason, context.source);
        Refusal::Unauthenticated.into()
    }

    fn note(&self, token: &ApiToken, now: Timestamp) {
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        uses.insert(token.id, now);
    }

    /// Writes down when tokens were last used. Called from time to time, so that a use costs no write of its own.
    pub async fn keep_uses(&self) -> Result<(), Fault> {
        let uses = std::mem::take(&mut *self.uses.lock().unwrap_or_else(PoisonError::into_inner));
        if uses.is_empty() {
            return Ok(());
        }
        let mut rows: Vec<_> = uses.into_iter().collect();
        // Two processes that write of the same tokens must not wait for each other.
        rows.sort_unstable();
        Ok(self.means.store.note_uses(rows).await?)
    }
}

fn known(holder: Holder, standing: &Standing, context: RequestContext) -> Caller {
    Caller::new(holder.principal(), standing.assignments.clone(), context)
}

fn assignments(roles: &[GivenRole]) -> Vec<Assignment> {
    roles.iter().map(GivenRole::assignment).collect()
}

fn stands(standing: &Standing, now: Timestamp) -> bool {
    standing.good && standing.period.contains(now)
}

fn is_good(kept: &KnownCertificate, now: Timestamp) -> bool {
    let valid = kept.certificate.not_before <= now && now <= kept.certificate.not_after;
    kept.sound && valid
}

/// Who administers the machine administers what runs on it.
const ROOT: u32 = 0;
const WHOLE_INSTALLATION: Assignment = Assignment {
    role: Role::Administrator,
    organization: None,
};
/// Asked after where there is nobody, so that the answer takes as long.
const NOBODY: Holder = Holder::Account(AccountId::from_octets([0; 16]));
