// SPDX-License-Identifier: Apache-2.0
//! The operating system's random source, the only ambient one in the house.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use tamga_x509::chance::{Chance, ChanceFault};

/// Draws from AWS-LC's generator, which the operating system seeds.
#[derive(Debug)]
pub struct SystemChance(SystemRandom);

impl SystemChance {
    /// Opens the source.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where ambient chance enters the house"
    )]
    #[must_use]
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }
}

impl Default for SystemChance {
    fn default() -> Self {
        Self::new()
    }
}

impl Chance for SystemChance {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ChanceFault> {
        self.0.fill(bytes).map_err(|_| ChanceFault)
    }
}
