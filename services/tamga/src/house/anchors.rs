// SPDX-License-Identifier: Apache-2.0
//! The roots of the house: those that vouch for devices, and those that vouch for the house. They never mix.

use tamga_registry::issuer::{Anchor, Issuer, IssuerRole, IssuerState};

use crate::device::ServerAnchor;

/// Root certificates, DER.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchors {
    device: Vec<Vec<u8>>,
    server: Vec<ServerAnchor>,
}

impl Anchors {
    pub(super) fn of(issuers: &[Issuer]) -> Self {
        let roots = |anchor| {
            let stands = move |issuer: &&Issuer| {
                issuer.role == IssuerRole::Root
                    && issuer.anchor == anchor
                    && issuer.state != IssuerState::Retired
            };
            issuers
                .iter()
                .filter(stands)
                .map(|issuer| issuer.certificate.der())
        };
        Self {
            device: roots(Anchor::Device).map(<[u8]>::to_vec).collect(),
            server: roots(Anchor::Server).map(ServerAnchor::from_der).collect(),
        }
    }

    /// What relying parties trust to vouch for devices.
    pub fn device(&self) -> &[Vec<u8>] {
        &self.device
    }

    /// What devices trust to vouch for this house.
    pub fn server(&self) -> &[ServerAnchor] {
        &self.server
    }
}
