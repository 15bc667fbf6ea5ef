// SPDX-License-Identifier: Apache-2.0
//! Who asks, by exactly one credential: the operating-system user at the other end of the Unix socket, an API token, or
//! a client certificate. There are no passwords, and headers in which others say who asks are never read.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::Response;
use tamga_authority::guard::Caller;
use tamga_authority::identify::{BearerToken, Credential};
use tamga_runtime::listener::PeerAddress;

use super::AdminPlane;
use super::precondition;
use super::problem::{self, Rejection, RimRefusal};
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
        let known = async {
            let mut caller = identified(parts, &arrival, plane).await?;
            caller.expects = precondition::expected(&parts.headers)?;
            Ok::<_, Rejection>(caller)
        };
        match known.await {
            Ok(caller) => Ok(Self { caller, arrival }),
            Err(rejection) => Err(problem::render(rejection, &arrival)),
        }
    }
}

/// The caller of a request, as of now.
pub(super) async fn identified(
    parts: &Parts,
    arrival: &Arrival,
    plane: &AdminPlane,
) -> Result<Caller, Rejection> {
    let doorkeeper = &plane.doorkeeper;
    let turned_away = |refusal: RimRefusal| {
        doorkeeper.turned_away(refusal.slug(), arrival.source());
        Rejection::from(refusal)
    };
    let credential = presented(parts, arrival).map_err(turned_away)?;
    Ok(doorkeeper.identify(credential, arrival.context()).await?)
}

/// The one credential there is.
fn presented<'a>(parts: &Parts, arrival: &'a Arrival) -> Result<Credential<'a>, RimRefusal> {
    let mut headers = parts.headers.get_all(AUTHORIZATION).iter();
    let (header, more) = (headers.next(), headers.next().is_some());
    let shown = arrival.certificates().first();
    let user = match arrival.address() {
        Some(PeerAddress::Unix { uid, .. }) => Some(uid),
        Some(PeerAddress::Tcp(_)) | None => None,
    };
    match (user, header, shown) {
        _ if more => Err(RimRefusal::TwoCredentials),
        (Some(uid), None, None) => Ok(Credential::LocalUser { uid }),
        (None, Some(header), None) => {
            let token = header.to_str().ok().and_then(bearer);
            token.map(Credential::Token).ok_or(RimRefusal::Unauthenticated)
        }
        (None, None, Some(certificate)) => Ok(Credential::Certificate(certificate.as_ref())),
        (None, None, None) => Err(RimRefusal::Unauthenticated),
        _ => Err(RimRefusal::TwoCredentials),
    }
}

/// RFC 6750 §2.1; the name of the scheme has no case (RFC 9110 §11.1).
fn bearer(header: &str) -> Option<BearerToken> {
    let (scheme, token) = header.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_is_named_so_and_nothing_stands_around_it() {
        let digits = (26, 52);
        let token = format!("tmg_{}_{}", "a".repeat(digits.0), "a".repeat(digits.1));
        for right in [format!("Bearer {token}"), format!("bearer {token}")] {
            assert!(bearer(&right).is_some(), "{right}");
        }
        for wrong in [
            token.clone(),
            format!("Basic {token}"),
            format!("Bearer  {token}"),
            format!("Bearer {token} "),
            format!("Bearer {token},{token}"),
            format!("Bearer\t{token}"),
            "Bearer".to_owned(),
            "Bearer ".to_owned(),
            String::new(),
        ] {
            assert!(bearer(&wrong).is_none(), "{wrong}");
        }
    }
}
