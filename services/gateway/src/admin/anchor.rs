// SPDX-License-Identifier: Apache-2.0
//! Trust anchors, as they are shown.

use serde::{Deserialize, Serialize};
use tamga_registry::anchor::{AnchorStatus, TrustAnchor};

use super::certificate_text::CertificateView;
use super::json::dated;

pub(super) mod add_intermediate;
pub(super) mod bring_list;
pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;
pub(super) mod set_status;
pub(super) mod show;
pub(super) mod switch;

/// How the status of the certificates below an anchor is learned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum StatusWord {
    #[default]
    None,
    Crl,
}

impl From<StatusWord> for AnchorStatus {
    fn from(word: StatusWord) -> Self {
        match word {
            StatusWord::None => Self::None,
            StatusWord::Crl => Self::Crl,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AnchorView {
    id: String,
    name: String,
    state: &'static str,
    status: &'static str,
    certificate: CertificateView,
    intermediates: Vec<CertificateView>,
    lists: Vec<ListView>,
    created_at: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ListView {
    this_update: String,
    next_update: String,
    brought_at: String,
}

impl AnchorView {
    pub(super) fn new(anchor: &TrustAnchor) -> Self {
        let lists = anchor.lists.iter().map(|list| ListView {
            this_update: dated(list.this_update),
            next_update: dated(list.next_update),
            brought_at: dated(list.created_at),
        });
        Self {
            id: anchor.id.to_string(),
            name: anchor.name.presented().to_owned(),
            state: anchor.state.word(),
            status: anchor.status.word(),
            certificate: CertificateView::of(&anchor.certificate),
            intermediates: anchor
                .intermediates
                .iter()
                .map(|known| CertificateView::of(&known.certificate))
                .collect(),
            lists: lists.collect(),
            created_at: dated(anchor.created_at),
        }
    }
}
