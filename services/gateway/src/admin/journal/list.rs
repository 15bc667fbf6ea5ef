// SPDX-License-Identifier: Apache-2.0
//! `GET /v1/organizations/{organization}/journal`: who did what, a page at a time, the newest first.

use axum::extract::State;
use axum::response::Response;
use tamga_registry::journal::JournalFilter;
use tamga_registry::page::Sort;

use super::EntryView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::page::Asked;
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    mut asked: Asked,
) -> Response {
    let listed = async {
        let filter = JournalFilter {
            actor: asked.filter("actor")?,
            act: asked.filter("act")?,
            object: asked.filter("object")?,
            request: asked.filter("trackingId")?,
            ending: asked.filter("outcome")?,
            from: asked.filter("from")?,
            to: asked.filter("to")?,
        };
        let list = asked.list(&plane, &SORTS).await?;
        let entries = plane
            .administration
            .journal(&known.caller, &organization, &filter, list.page())
            .await?;
        Ok::<_, Rejection>(list.answer_portion(&entries, EntryView::new))
    };
    listed
        .await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

const SORTS: [(&str, Sort); 2] = [("-at", Sort::TIME_FALLING), ("at", Sort::TIME)];
