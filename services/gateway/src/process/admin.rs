// SPDX-License-Identifier: Apache-2.0
//! The plane for operators, in a process.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tamga_authority::administer::{Administration, ApprovalRules, TokenRules};
use tamga_authority::enroll::{Door, DoorRules, Hands};
use tamga_authority::factory::Factory;
use tamga_authority::identify::Doorkeeper;
use tamga_authority::revoke::Visibility;
use tamga_runtime::duty::{Ailment, Duties, Duty, every};
use tamga_runtime::listener::Plane;
use tamga_runtime::process::{Part, Served};
use tamga_runtime::tls::TlsPolicy;

use super::{Reception, Shown};
use crate::admin::{self, AdminPlane};

/// The acts of operators.
#[must_use]
pub fn administration(
    reception: &Reception,
    tokens: TokenRules,
    approvals: ApprovalRules,
) -> Arc<Administration> {
    let administration = Administration::new(
        reception.means.clone(),
        reception.policies.clone(),
        reception.device_secrets.clone(),
        reception.denials.clone(),
        Visibility {
            within: VISIBLE_WITHIN,
        },
    );
    Arc::new(
        administration
            .limiting_tokens(tokens)
            .requiring_approvals(approvals),
    )
}

/// What the admin plane works with.
#[derive(Debug)]
pub struct Operations {
    /// The acts.
    pub administration: Arc<Administration>,
    /// Takes what stations have made, here or elsewhere.
    pub hands: Hands,
    /// How long whoever asks at a station waits, and how many may.
    pub door: DoorRules,
    /// The operating-system user that administers, beside root.
    pub owner: u32,
}

/// The admin plane over these acts. `shown` is the TLS certificate for the network; without one the plane is served on
/// Unix sockets alone.
///
/// # Errors
/// A sentence when TLS cannot be spoken as it should.
pub fn admin(
    reception: &Reception,
    operations: Operations,
    shown: Option<Arc<Shown>>,
) -> Result<Part, Ailment> {
    let Operations {
        administration,
        hands,
        door,
        owner,
    } = operations;
    let door = Door::new(
        reception.means.clone(),
        reception.policies.clone(),
        hands,
        reception.denials.clone(),
        door,
    )?;
    let factory = Factory::new(administration.clone(), door);
    let doorkeeper = Doorkeeper::new(reception.means.clone(), reception.denials.clone(), owner);
    let doorkeeper = Arc::new(doorkeeper);
    let tls = match &shown {
        Some(shown) => Some(TlsPolicy::new(shown.identity())?),
        None => None,
    };
    let tidied = administration.clone();
    let tidying = every("repetitions", TIDY_PERIOD, move || {
        let tidied = tidied.clone();
        async move {
            tidied.forget_repetitions().await?;
            Ok(())
        }
    });
    let revoking = administration.clone();
    let revocations = every("revocations", STEP_PERIOD, move || {
        let revoking = revoking.clone();
        async move {
            // One step after the other, as long as there are any; each lets others in between.
            while revoking.go_on_with_revocations().await? {
                tokio::task::yield_now().await;
            }
            Ok(())
        }
    });
    let plane = AdminPlane {
        administration,
        factory: Arc::new(factory),
        doorkeeper: doorkeeper.clone(),
    };
    let served = Served {
        plane: Plane::Admin,
        front: admin::front(plane),
        tls,
    };
    let duties = Duties::default()
        .round(tidying)
        .round(revocations)
        .round(TokenUses(doorkeeper));
    Ok(Part {
        fronts: vec![served],
        duties: match shown {
            Some(shown) => duties.shared(shown),
            None => duties,
        },
        farewell: None,
    })
}

/// The duty `token_uses`: writes down when tokens were last used.
struct TokenUses(Arc<Doorkeeper>);

#[async_trait]
impl Duty for TokenUses {
    fn name(&self) -> &'static str {
        "token_uses"
    }

    fn period(&self) -> Duration {
        USES_KEPT
    }

    async fn perform(&self) -> Result<(), Ailment> {
        Ok(self.0.keep_uses().await?)
    }

    async fn finish(&self) -> Result<(), Ailment> {
        Ok(self.0.keep_uses().await?)
    }
}

/// How soon a revocation of many begins, and is gone on with.
const STEP_PERIOD: Duration = Duration::from_millis(500);
/// A thousand expired keys a round.
const TIDY_PERIOD: Duration = Duration::from_secs(60);

/// The promise to operators: one period of the publisher, building a long list, and room to spare.
pub const VISIBLE_WITHIN: Duration = Duration::from_secs(5);
/// A token's last use is told to the minute.
const USES_KEPT: Duration = Duration::from_secs(60);
