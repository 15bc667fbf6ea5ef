// SPDX-License-Identifier: Apache-2.0
//! Requests whose address holds a credential: refused before anything else, for addresses end up in logs and histories.

use axum::extract::{Request, State};
use axum::http::Uri;
use axum::middleware::Next;
use axum::response::Response;
use percent_encoding::percent_decode_str;
use tamga_authority::identify::MARK;

use super::AdminPlane;
use super::problem::{self, RimRefusal};
use crate::arrival::Arrival;

/// Lets a request through whose address holds no credential.
pub(super) async fn without_credential(
    State(plane): State<AdminPlane>,
    request: Request,
    next: Next,
) -> Response {
    if !holds_credential(request.uri()) {
        return next.run(request).await;
    }
    let (parts, _) = request.into_parts();
    let arrival = Arrival::of(&parts);
    let refusal = RimRefusal::CredentialInUrl;
    plane.doorkeeper.turned_away(refusal.slug(), arrival.source());
    problem::render(refusal.into(), &arrival)
}

fn holds_credential(uri: &Uri) -> bool {
    let names_one = |part: &str| {
        let name = part.split('=').next().unwrap_or_default();
        let name = plain(name).to_ascii_lowercase();
        NAMES.contains(&name.as_str())
    };
    let in_query = uri.query().is_some_and(|query| query.split('&').any(names_one));
    let userinfo = uri
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'));
    let written = uri.path_and_query().map_or("", |all| all.as_str());
    in_query || userinfo || plain(written).to_ascii_lowercase().contains(MARK)
}

/// However often it was escaped, within reason.
fn plain(text: &str) -> String {
    let once = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    once(&once(text))
}

/// What clients call credentials in queries.
const NAMES: [&str; 16] = [
    "access_token",
    "api_key",
    "api_token",
    "api-key",
    "apikey",
    "auth",
    "authorization",
    "bearer",
    "client_secret",
    "jwt",
    "passwd",
    "password",
    "private_token",
    "secret",
    "sig",
    "token",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_found_however_it_is_written() {
        let holds = |uri: &str| holds_credential(&uri.parse().unwrap());
        for found in [
            "/v1/whoami?token=x",
            "/v1/whoami?a=b&Access_Token=x",
            "/v1/whoami?pass%77ord=x",
            "/v1/whoami?x=tmg_abc",
            "/v1/whoami?x=%74mg_abc",
            "/v1/whoami?x=%2574mg_abc",
            "/v1/tmg_abc/groups",
            "/v1/TMG_abc/groups",
            "http://jane:hunter2@tamga.test/v1/whoami",
        ] {
            assert!(holds(found), "{found}");
        }
        for clean in [
            "/v1/organizations/acme/tokens/tok_aaaaaaaaaaaaaaaaaaaaaaaaaa",
            "/v1/organizations/acme/groups?limit=3&cursor=token",
            "/v1/organizations/token/groups",
            "/v1/whoami?",
        ] {
            assert!(!holds(clean), "{clean}");
        }
    }
}
