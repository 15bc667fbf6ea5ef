// SPDX-License-Identifier: Apache-2.0
//! Where a running process listens.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::{Address, Bound, Plane};

/// Every place, by plane, in the order of the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses(Vec<(Plane, Address)>);

impl Addresses {
    /// Those of places that were taken.
    #[must_use]
    pub fn of(places: &[Bound]) -> Self {
        Self(
            places
                .iter()
                .map(|place| (place.plane(), place.local_address().clone()))
                .collect(),
        )
    }

    /// Both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// All of them.
    pub fn all(&self) -> &[(Plane, Address)] {
        &self.0
    }

    /// The first network address of a plane.
    pub fn tcp(&self, plane: Plane) -> Option<SocketAddr> {
        self.0.iter().find_map(|(of, address)| match address {
            Address::Tcp(address) if *of == plane => Some(*address),
            Address::Tcp(_) | Address::Unix(_) => None,
        })
    }

    /// The first Unix socket of a plane.
    pub fn unix(&self, plane: Plane) -> Option<PathBuf> {
        self.0.iter().find_map(|(of, address)| match address {
            Address::Unix(path) if *of == plane => Some(path.clone()),
            Address::Tcp(_) | Address::Unix(_) => None,
        })
    }
}
