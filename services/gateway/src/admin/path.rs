// SPDX-License-Identifier: Apache-2.0
//! What a path names. Text that can name nothing is answered like a name nobody has.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::extract::Path;
use axum::http::request::Parts;
use axum::response::Response;
use tamga_registry::organization::OrganizationSlug;

use super::problem::{self, RimRefusal};
use crate::arrival::Arrival;

/// The organization a path names.
pub(super) struct InOrganization(pub(super) OrganizationSlug);

/// The organization a path names, and a thing of that organization.
pub(super) struct Named<T> {
    pub(super) organization: OrganizationSlug,
    pub(super) what: T,
}

impl<S: Send + Sync> FromRequestParts<S> for InOrganization {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let slug = path.ok().and_then(|Path(slug)| slug.parse().ok());
        slug.map(Self).ok_or_else(|| nothing_there(parts))
    }
}

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Named<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let named = path.ok().and_then(|Path((slug, what))| {
            Some(Self {
                organization: slug.parse().ok()?,
                what: what.parse().ok()?,
            })
        });
        named.ok_or_else(|| nothing_there(parts))
    }
}

pub(super) fn nothing_there(parts: &Parts) -> Response {
    problem::render(RimRefusal::NotFound.into(), &Arrival::of(parts))
}
