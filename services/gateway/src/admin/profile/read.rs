// SPDX-License-Identifier: Apache-2.0
//! `GET …/profiles`, `…/profiles/{name}`, `…/revisions` and `…/revisions/{revision}`.

use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use tamga_registry::device::RegistrationId;
use tamga_registry::organization::OrganizationSlug;
use tamga_registry::page::Sort;

use super::{ProfileView, RevisionView};
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::json::answer;
use crate::admin::page::Asked;
use crate::admin::path::{InOrganization, Named, nothing_there};
use crate::admin::problem::{Rejection, render};

pub(in crate::admin) async fn list(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    asked: Asked,
) -> Response {
    let listed = async {
        let list = asked.list(&plane, &USABLE).await?;
        let profiles = plane
            .administration
            .profiles(&known.caller, &organization, list.page())
            .await?;
        Ok::<_, Rejection>(list.answer(&profiles, ProfileView::new))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

pub(in crate::admin) async fn show(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
) -> Response {
    match plane
        .administration
        .profile(&known.caller, &organization, &what)
        .await
    {
        Ok(profile) => answer(StatusCode::OK, &ProfileView::new(&profile)),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}

pub(in crate::admin) async fn revisions(
    State(plane): State<AdminPlane>,
    known: Known,
    Named { organization, what }: Named<RegistrationId>,
    asked: Asked,
) -> Response {
    let listed = async {
        let list = asked.list(&plane, &REVISIONS).await?;
        let revisions = plane
            .administration
            .profile_revisions(&known.caller, &organization, (&what, list.page()))
            .await?;
        Ok::<_, Rejection>(list.answer(&revisions, RevisionView::new))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

pub(in crate::admin) async fn revision(
    State(plane): State<AdminPlane>,
    known: Known,
    OfProfile {
        organization,
        name,
        revision,
    }: OfProfile,
) -> Response {
    match plane
        .administration
        .profile_revision(&known.caller, &organization, (&name, revision))
        .await
    {
        Ok(revision) => answer(StatusCode::OK, &RevisionView::new(&revision)),
        Err(failure) => render(failure.into(), &known.arrival),
    }
}

/// A revision a path names.
pub(in crate::admin) struct OfProfile {
    organization: OrganizationSlug,
    name: RegistrationId,
    revision: i64,
}

impl<S: Send + Sync> FromRequestParts<S> for OfProfile {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let path = Path::<(String, String, String)>::from_request_parts(parts, state).await;
        let named = path.ok().and_then(|Path((slug, name, revision))| {
            // One number, one name: no sign, no zeros before it.
            let digits = revision.bytes().all(|octet| octet.is_ascii_digit()) && !revision.starts_with('0');
            Some(Self {
                organization: slug.parse().ok()?,
                name: name.parse().ok()?,
                revision: revision.parse().ok().filter(|_| digits)?,
            })
        });
        named.ok_or_else(|| nothing_there(parts))
    }
}

const USABLE: [(&str, Sort); 2] = [("usableSince", Sort::TIME), ("-usableSince", Sort::TIME_FALLING)];
const REVISIONS: [(&str, Sort); 2] = [("-revision", Sort::TIME_FALLING), ("revision", Sort::TIME)];
