// SPDX-License-Identifier: Apache-2.0
//! The JSON that is answered, with every member any of the clients demands and no status any of them trips over.

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use serde::Serialize;
use tamga_authority::enroll::{Progress, Registered};
use tamga_x509::time::Timestamp;
use time::OffsetDateTime;
use time::macros::format_description;

use super::error::code_of;
use super::registration::Doors;

mod certificate_info;
pub(super) use certificate_info::CertificateInfo;

/// What a call wants to be told, beyond what became of it.
pub(super) struct Asked {
    /// By which the certificate goes out.
    pub(super) doors: Doors,
    /// Answered as `assignedHub` where the enrollment names none.
    pub(super) hub: String,
    /// The certificate the device showed, if it proved itself by one.
    pub(super) certificate: Option<CertificateInfo>,
}

/// Seconds between polls. A whole number from 2 to 5: Java ignores others, and Node reads a date as «at once».
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("3");
const RETRY_AFTER_NAME: HeaderName = header::RETRY_AFTER;

/// How far a registration has come. The other words of the DPS, `unassigned` and `disabled`, make Node throw: what
/// they would say is refused instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Status {
    Assigning,
    Assigned,
    Failed,
}

/// The answer to a registration and to its polls. The id is repeated each time: Java polls by the latest.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OperationStatus {
    operation_id: String,
    status: Status,
    registration_state: RegistrationState,
}

/// `DeviceRegistrationResult`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegistrationState {
    registration_id: String,
    created_date_time_utc: String,
    last_updated_date_time_utc: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_hub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<String>,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    substatus: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    etag: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    symmetric_key: Option<SymmetricKeyState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x509: Option<X509State>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<CertificatePayload>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_certificate_chain: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SymmetricKeyState {
    enrollment_group_id: String,
}

/// How a device that showed a certificate is enrolled.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct X509State {
    certificate_info: CertificateInfo,
    #[serde(skip_serializing_if = "Option::is_none")]
    enrollment_group_id: Option<String>,
}

/// What released clients hand to their application. An object: Java parses nothing else.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CertificatePayload {
    issued_certificate_chain: Vec<String>,
}

impl OperationStatus {
    pub(super) fn new(registered: Registered, asked: Asked) -> Self {
        let operation_id = registered.operation.to_string();
        let registration_state = RegistrationState::new(registered, asked);
        Self {
            operation_id,
            status: registration_state.status,
            registration_state,
        }
    }

    pub(super) fn is_final(&self) -> bool {
        match self.status {
            Status::Assigning => false,
            Status::Assigned | Status::Failed => true,
        }
    }

    pub(super) fn operation_id(&self) -> &str {
        &self.operation_id
    }
}

impl RegistrationState {
    pub(super) fn new(registered: Registered, asked: Asked) -> Self {
        let Registered {
            device,
            group,
            assigned_hub,
            progress,
            ..
        } = registered;
        let id = device.registration_id.presented().to_owned();
        let etag = etag(device.updated_at, device.generation);
        let (x509, symmetric_key) = enrolled(group, asked.certificate);
        let mut state = Self {
            registration_id: id.clone(),
            created_date_time_utc: dated(device.created_at),
            last_updated_date_time_utc: dated(device.updated_at),
            assigned_hub: None,
            device_id: None,
            status: Status::Assigning,
            substatus: None,
            error_code: None,
            error_message: None,
            etag,
            symmetric_key,
            x509,
            payload: None,
            issued_certificate_chain: None,
        };
        match progress {
            Progress::Pending => {}
            Progress::Assigned(issued) => {
                state.status = Status::Assigned;
                state.assigned_hub = Some(assigned_hub.unwrap_or(asked.hub));
                state.device_id = Some(id);
                state.substatus = Some("initialAssignment");
                if let Some(issued) = issued {
                    state.hand_out(issued.chain(), asked.doors);
                }
            }
            Progress::Failed(refusal) => {
                state.status = Status::Failed;
                state.error_code = Some(code_of(&refusal).error);
                state.error_message = Some(format!("{refusal} ({})", refusal.slug()));
            }
        }
        state
    }

    /// The certificate first, its root last, each as base64 of its DER.
    fn hand_out(&mut self, chain: &[Arc<[u8]>], doors: Doors) {
        let chain: Vec<String> = chain.iter().map(|der| BASE64.encode(der)).collect();
        self.payload = doors.payload.then(|| CertificatePayload {
            issued_certificate_chain: chain.clone(),
        });
        self.issued_certificate_chain = doors.top.then_some(chain);
    }
}

/// By what it proved itself, and the group it belongs to.
fn enrolled(
    group: Option<String>,
    certificate: Option<CertificateInfo>,
) -> (Option<X509State>, Option<SymmetricKeyState>) {
    match certificate {
        Some(certificate_info) => {
            let state = X509State {
                certificate_info,
                enrollment_group_id: group,
            };
            (Some(state), None)
        }
        None => (
            None,
            group.map(|enrollment_group_id| SymmetricKeyState { enrollment_group_id }),
        ),
    }
}

/// A body every client takes: Node crashes without the content type, and looks for its exact beginning.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    // Answers belong to one device, and some carry what only it should cache.
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The same, asking to be polled while the operation is on its way.
pub(super) fn polled(status: StatusCode, body: &OperationStatus) -> Response {
    let mut response = json(status, body);
    if !body.is_final() {
        response.headers_mut().insert(RETRY_AFTER_NAME, RETRY_AFTER);
    }
    response
}

/// An instant as the DPS writes it, with seven decimals.
pub(super) fn dated(at: Timestamp) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:7]Z");
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.as_micros()).saturating_mul(1_000))
        .ok()
        .and_then(|moment| moment.format(format).ok())
        .unwrap_or_else(|| at.to_rfc3339())
}

/// Base64 of a quoted entity tag that begins with a digit, so that the text begins with `Ij` as the DPS's do.
fn etag(updated: Timestamp, generation: i64) -> String {
    BASE64.encode(format!("\"{}-{generation}\"", updated.as_micros().max(0)).as_bytes())
}

#[cfg(test)]
mod tests;
