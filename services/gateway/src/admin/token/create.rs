// SPDX-License-Identifier: Apache-2.0
//! `POST …/tokens`: makes a token. Its text stands in the answer, once.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use tamga_authority::administer::NewToken;

use super::TokenView;
use crate::admin::AdminPlane;
use crate::admin::caller::Known;
use crate::admin::field::{field, role};
use crate::admin::json::{Body, created};
use crate::admin::path::InOrganization;
use crate::admin::problem::{Rejection, render};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::admin) struct TokenRequest {
    name: String,
    holder: Option<String>,
    role: String,
    expires_in_days: Option<u32>,
}

impl TokenRequest {
    fn token(self) -> Result<NewToken, Rejection> {
        let holder = self.holder.as_deref().map(|holder| field("holder", holder));
        let days = |days: u32| Duration::from_secs(u64::from(days).saturating_mul(DAY));
        Ok(NewToken {
            label: self.name,
            holder: holder.transpose()?,
            role: role(&self.role)?,
            lifetime: self.expires_in_days.map(days),
        })
    }
}

/// A token as it is shown when it is made.
#[derive(Serialize)]
struct MadeView {
    #[serde(flatten)]
    made: TokenView,
    token: String,
}

pub(in crate::admin) async fn handle(
    State(plane): State<AdminPlane>,
    known: Known,
    InOrganization(organization): InOrganization,
    Body(new): Body<TokenRequest>,
) -> Response {
    let made = async {
        let (token, text) = plane
            .administration
            .create_token(&known.caller, &organization, new.token()?)
            .await?;
        let location = format!("/v1/organizations/{organization}/tokens/{}", token.id);
        let view = MadeView {
            made: TokenView::new(&token, &organization),
            token: text.expose_secret().to_owned(),
        };
        Ok::<_, Rejection>(created(&location, &view))
    };
    made.await
        .unwrap_or_else(|rejection| render(rejection, &known.arrival))
}

const DAY: u64 = 24 * 60 * 60;
