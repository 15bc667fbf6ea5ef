// SPDX-License-Identifier: Apache-2.0
//! Writes the requests of a run, tokens included, before it begins. All servers get equally many octets for one device.

use anyhow::{Context, Result, ensure};
use aws_lc_rs::hmac;
use data_encoding::BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tamga_runtime::clock::SystemClock;
use tamga_x509::time::Clock;

use super::Asked;
use crate::devices::Device;
use crate::order::{LoadOrder, Target};

/// Writes what is sent for a device.
type Write<'a> = Box<dyn Fn(&Device) -> Result<Vec<u8>> + 'a>;

/// The requests of these devices; of a batch, their lines.
pub(super) fn write_all(order: &LoadOrder, devices: Vec<Device>) -> Result<Vec<Asked>> {
    let write: Write<'_> = match &order.server.target {
        Target::Yardstick => {
            // A scope and a key of the usual lengths: the yardsticks get what a DPS call would weigh.
            let caller = Caller::new("0NE00000000", &[0; 64]);
            Box::new(move |device| plain(device, caller.register(device).len()))
        }
        Target::Dps { id_scope, group_key } => {
            let caller = Caller::new(id_scope, &BASE64.decode(group_key.as_bytes())?);
            Box::new(move |device| Ok(caller.register(device)))
        }
        Target::Station { .. } if order.rows.is_some() => Box::new(|device| Ok(row(device))),
        Target::Station { organization, token } => Box::new(|device| Ok(unit(device, organization, token))),
    };
    devices
        .into_iter()
        .map(|device| {
            Ok(Asked {
                request: write(&device)?,
                device,
            })
        })
        .collect()
}

/// `POST …/devices/{registrationId}/certificates`, as a station sends it.
fn unit(device: &Device, organization: &str, token: &str) -> Vec<u8> {
    let id = &device.registration_id;
    let body = format!(r#"{{"csr":"{}"}}"#, BASE64.encode(&device.csr));
    format!(
        "POST /v1/organizations/{organization}/devices/{id}/certificates HTTP/1.1\r\n\
         Host: localhost\r\nAccept: application/json\r\nContent-Type: application/json\r\n\
         User-Agent: tamga-bench\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A line of a batch.
fn row(device: &Device) -> Vec<u8> {
    let (id, csr) = (&device.registration_id, BASE64.encode(&device.csr));
    format!("{{\"registrationId\":\"{id}\",\"csr\":\"{csr}\"}}\n").into_bytes()
}

struct Caller {
    scope: String,
    group: hmac::Key,
    expires: i64,
}

impl Caller {
    fn new(scope: &str, key: &[u8]) -> Self {
        Self {
            scope: scope.to_owned(),
            group: hmac::Key::new(hmac::HMAC_SHA256, key),
            expires: SystemClock.now().seconds() + 3600,
        }
    }

    /// `PUT /{idScope}/registrations/{registrationId}/register`, as a client of the newest API version sends it.
    fn register(&self, device: &Device) -> Vec<u8> {
        let (scope, id) = (&self.scope, &device.registration_id);
        let body = format!(
            r#"{{"registrationId":"{id}","csr":"{}"}}"#,
            BASE64.encode(&device.csr)
        );
        format!(
            "PUT /{scope}/registrations/{id}/register?api-version=2026-11-01 HTTP/1.1\r\n\
             Host: localhost\r\nAccept: application/json\r\n\
             Content-Type: application/json; charset=utf-8\r\n\
             User-Agent: tamga-bench\r\nAuthorization: {}\r\nContent-Length: {}\r\n\r\n{body}",
            self.token(id),
            body.len()
        )
        .into_bytes()
    }

    /// A token under the device's derived key.
    fn token(&self, id: &str) -> String {
        let derived = hmac::sign(&self.group, id.as_bytes());
        let resource = encoded(&format!("{}/registrations/{id}", self.scope));
        let signed = format!("{resource}\n{}", self.expires);
        let key = hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref());
        let signature = BASE64.encode(hmac::sign(&key, signed.as_bytes()).as_ref());
        format!(
            "SharedAccessSignature sr={resource}&sig={}&skn=registration&se={}",
            encoded(&signature),
            self.expires
        )
    }
}

fn encoded(text: &str) -> String {
    const EVERYTHING_ELSE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');
    utf8_percent_encode(text, EVERYTHING_ELSE).to_string()
}

/// `POST /enroll` with the bare request, filled up to `length` octets by a header that is not looked at.
fn plain(device: &Device, length: usize) -> Result<Vec<u8>> {
    let head = |filling: &str| {
        format!(
            "POST /enroll HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/pkcs10\r\n\
             X-Device: {}\r\nX-Filling: {filling}\r\nContent-Length: {}\r\n\r\n",
            device.registration_id,
            device.csr.len()
        )
    };
    let missing = length.checked_sub(head("").len() + device.csr.len());
    let missing = missing.context("the plain request is longer than that of the DPS")?;
    let mut request = head(&"f".repeat(missing)).into_bytes();
    request.extend_from_slice(&device.csr);
    ensure!(request.len() == length, "both requests are equally long");
    Ok(request)
}
