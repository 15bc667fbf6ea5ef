// SPDX-License-Identifier: Apache-2.0
//! The plane for operators, in a process.

use std::sync::Arc;
use std::time::Duration;

use tamga_authority::administer::Administration;
use tamga_authority::revoke::Visibility;
use tamga_runtime::duty::{Duties, every};
use tamga_runtime::listener::Plane;
use tamga_runtime::process::{Part, Served};

use super::Reception;
use crate::admin::{self, AdminPlane};

/// The acts of operators.
#[must_use]
pub fn administration(reception: &Reception) -> Arc<Administration> {
    Arc::new(Administration::new(
        reception.means.clone(),
        reception.policies.clone(),
        reception.device_secrets.clone(),
        reception.denials.clone(),
        Visibility {
            within: VISIBLE_WITHIN,
        },
    ))
}

/// The admin plane over these acts. `owner` is the operating-system user that administers, beside root.
#[must_use]
pub fn admin(administration: Arc<Administration>, owner: u32) -> Part {
    let tidied = administration.clone();
    let tidying = every("repetitions", TIDY_PERIOD, move || {
        let tidied = tidied.clone();
        async move {
            tidied.forget_repetitions().await?;
            Ok(())
        }
    });
    let plane = AdminPlane {
        administration,
        owner,
    };
    let served = Served {
        plane: Plane::Admin,
        front: admin::front(plane),
        tls: None,
    };
    Part {
        fronts: vec![served],
        duties: Duties::default().round(tidying),
        farewell: None,
    }
}

/// A thousand expired keys a round.
const TIDY_PERIOD: Duration = Duration::from_secs(60);

/// The promise to operators: one period of the publisher, building a long list, and room to spare.
pub const VISIBLE_WITHIN: Duration = Duration::from_secs(5);
