// SPDX-License-Identifier: Apache-2.0
//! The trust bundle: the anchors that vouch for devices, and those that vouch for this house, never mixed.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::HeaderValue;
use data_encoding::HEXLOWER;
use serde::Serialize;
use tamga_registry::issuer::{Anchor, Issuer, IssuerState};
use tamga_registry::store::{Publication, StoreFault};
use tamga_x509::pem;
use tamga_x509::time::Timestamp;
use tokio::sync::Mutex;

use crate::representation::tag;

/// The three forms as they were last read; never read more often than once in [`REFRESH`].
#[derive(Default)]
pub(crate) struct Bundles(Mutex<Option<Kept>>);

struct Kept {
    at: Timestamp,
    forms: [Written; 3],
}

/// One form, ready to be sent.
#[derive(Clone)]
pub(crate) struct Written {
    pub(crate) bytes: Bytes,
    pub(crate) tag: HeaderValue,
}

impl Bundles {
    /// The bundle in this form. While one request reads, the others wait for what it finds; what could not be read is
    /// read again for the next one.
    pub(crate) async fn current(
        &self,
        store: &dyn Publication,
        now: Timestamp,
        form: Form,
    ) -> Result<Written, StoreFault> {
        let mut kept = self.0.lock().await;
        let fresh = kept
            .as_ref()
            .filter(|kept| kept.at <= now && now.duration_since(kept.at) < REFRESH);
        if let Some(kept) = fresh {
            return Ok(kept.form(form));
        }
        let issuers = store.issuers().await?;
        let read = Kept {
            at: now,
            forms: Form::ALL.map(|form| Written::new(form.write(&issuers))),
        };
        Ok(kept.insert(read).form(form))
    }
}

impl Kept {
    fn form(&self, form: Form) -> Written {
        let [whole, device, server] = &self.forms;
        match form {
            Form::Whole => whole.clone(),
            Form::DeviceAnchors => device.clone(),
            Form::ServerAnchors => server.clone(),
        }
    }
}

impl Written {
    fn new(bytes: Vec<u8>) -> Self {
        Self {
            tag: tag(&bytes),
            bytes: bytes.into(),
        }
    }
}

/// Anchors change by hand, and caches keep them for minutes.
const REFRESH: Duration = Duration::from_secs(1);

/// In which form the bundle is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Everything, as JSON.
    Whole,
    /// The device anchors, as PEM. Anchors only: some libraries trust every certificate of such a file as it stands,
    /// and an intermediate among them would stay trusted after its root revoked it.
    DeviceAnchors,
    /// The server anchors, as PEM, likewise.
    ServerAnchors,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    /// Of this form; a reader refuses one it does not know.
    version: u8,
    device_anchors: Vec<Entry>,
    device_intermediates: Vec<Entry>,
    server_anchors: Vec<Entry>,
    server_intermediates: Vec<Entry>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    issuer: String,
    subject: String,
    sha256: String,
    not_before: String,
    not_after: String,
    /// Where its own CRLs are, one a shard. Relying parties that check want one for every authority of a chain.
    crls: Vec<String>,
    pem: String,
}

impl Form {
    /// In the order [`Kept`] has them.
    const ALL: [Self; 3] = [Self::Whole, Self::DeviceAnchors, Self::ServerAnchors];

    pub(crate) fn media(self) -> &'static str {
        match self {
            Self::Whole => "application/json",
            Self::DeviceAnchors | Self::ServerAnchors => "application/x-pem-file",
        }
    }

    /// The same issuers give the same bytes, whatever order memory returns them in.
    fn write(self, issuers: &[Issuer]) -> Vec<u8> {
        let mut standing: Vec<&Issuer> = issuers.iter().filter(|issuer| stands(issuer)).collect();
        standing.sort_by_key(|issuer| issuer.id);
        match self {
            Self::Whole => whole(&standing),
            Self::DeviceAnchors => anchors_pem(&standing, Anchor::Device),
            Self::ServerAnchors => anchors_pem(&standing, Anchor::Server),
        }
    }
}

/// A retiring authority still vouches for what it signed; a retired one for nothing.
fn stands(issuer: &Issuer) -> bool {
    match issuer.state {
        IssuerState::Active | IssuerState::Retiring => true,
        IssuerState::Retired => false,
    }
}

fn whole(issuers: &[&Issuer]) -> Vec<u8> {
    let entries = |anchor, root| {
        let chosen = issuers
            .iter()
            .filter(|issuer| issuer.anchor == anchor && issuer.parent.is_none() == root);
        chosen.map(|issuer| Entry::new(issuer)).collect()
    };
    let bundle = Bundle {
        version: 1,
        device_anchors: entries(Anchor::Device, true),
        device_intermediates: entries(Anchor::Device, false),
        server_anchors: entries(Anchor::Server, true),
        server_intermediates: entries(Anchor::Server, false),
    };
    // Strings and numbers in vectors: there is nothing in it that could fail to be written.
    serde_json::to_vec_pretty(&bundle).unwrap_or_default()
}

fn anchors_pem(issuers: &[&Issuer], anchor: Anchor) -> Vec<u8> {
    let anchors = issuers
        .iter()
        .filter(|issuer| issuer.anchor == anchor && issuer.parent.is_none());
    anchors
        .flat_map(|issuer| pem::certificates(&[issuer.certificate.der()]).into_bytes())
        .collect()
}

impl Entry {
    fn new(issuer: &Issuer) -> Self {
        let certificate = &issuer.certificate;
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, certificate.der());
        Self {
            issuer: issuer.id.to_string(),
            subject: certificate.subject(),
            sha256: HEXLOWER.encode(hash.as_ref()),
            not_before: certificate.validity().not_before().to_rfc3339(),
            not_after: certificate.validity().not_after().to_rfc3339(),
            crls: (0..issuer.shards.get())
                .map(|shard| issuer.status_url.list(issuer.id, shard))
                .collect(),
            pem: pem::certificates(&[certificate.der()]),
        }
    }
}
