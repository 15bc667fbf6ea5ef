// SPDX-License-Identifier: Apache-2.0
//! Who asks: the operating-system user at the other end of the Unix socket. There are no default passwords.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use tamga_authority::guard::Caller;
use tamga_registry::role::{Assignment, Principal, Role};
use tamga_runtime::listener::PeerAddress;

use super::AdminPlane;
use super::problem::{self, RimRefusal};
use crate::arrival::Arrival;

/// A caller the plane knows, and the request it comes with. A handler that takes one never runs for a stranger.
pub(super) struct Known {
    pub(super) caller: Caller,
    pub(super) arrival: Arrival,
}

impl FromRequestParts<AdminPlane> for Known {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, plane: &AdminPlane) -> Result<Self, Response> {
        let arrival = Arrival::of(parts);
        let uid = administrator(arrival.address(), plane.owner)
            .ok_or_else(|| problem::render(RimRefusal::Forbidden.into(), &arrival))?;
        let whole_installation = Assignment {
            role: Role::Administrator,
            organization: None,
        };
        let user = Principal::LocalUser { uid };
        let caller = Caller::new(user, vec![whole_installation], arrival.context());
        Ok(Self { caller, arrival })
    }
}

/// The user, if it may administer the installation: whoever runs it could read its files anyway, and so could root.
fn administrator(peer: Option<PeerAddress>, owner: u32) -> Option<u32> {
    match peer {
        Some(PeerAddress::Unix { uid, .. }) => (uid == owner || uid == ROOT).then_some(uid),
        // Nobody on the network is known yet: there are no tokens.
        Some(PeerAddress::Tcp(_)) | None => None,
    }
}

const ROOT: u32 = 0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_and_root_administer_and_nobody_else() {
        let local = |uid| {
            Some(PeerAddress::Unix {
                uid,
                gid: uid,
                pid: None,
            })
        };
        assert_eq!(administrator(local(1000), 1000), Some(1000));
        assert_eq!(administrator(local(0), 1000), Some(0));
        assert_eq!(administrator(local(1001), 1000), None);
        assert_eq!(
            administrator(Some(PeerAddress::Tcp("127.0.0.1:9".parse().unwrap())), 1000),
            None
        );
        assert_eq!(administrator(None, 0), None);
    }
}
