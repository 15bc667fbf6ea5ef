// SPDX-License-Identifier: Apache-2.0
//! The clerk in a process: judges again what doors handed in, by a door of its own before the hand at its side.

use std::sync::Arc;

use tamga_authority::clerk::{Clerk, ClerkRules};
use tamga_authority::enroll::{Door, DoorRules};
use tamga_authority::fulfil::Hand;
use tamga_authority::policy::Policies;
use tamga_authority::{Denials, Means};
use tamga_runtime::duty::{Ailment, Duties};

use crate::duties::clerk::{Submissions, Tidying};

/// What the clerk judges with.
#[derive(Clone, Debug)]
pub struct Bureau {
    /// What is known of each organization; kept fresh by the process's duty `policy`.
    pub policies: Arc<Policies>,
    /// Where refusals are reported.
    pub denials: Denials,
    /// How evidence is judged: as the doors judge it.
    pub door: DoorRules,
    /// How the clerk works.
    pub rules: ClerkRules,
}

/// The duties of a clerk at the side of a hand.
///
/// # Errors
/// A sentence when chance fails.
pub fn clerk(means: &Means, hand: Hand, bureau: Bureau) -> Result<Duties, Ailment> {
    let Bureau {
        policies,
        denials,
        door,
        rules,
    } = bureau;
    let door = Door::new(means.clone(), policies, hand, denials, door)?;
    let clerk = Arc::new(Clerk::new(Arc::new(door), rules));
    Ok(Duties::default()
        .round(Submissions(clerk.clone()))
        .round(Tidying(clerk)))
}
