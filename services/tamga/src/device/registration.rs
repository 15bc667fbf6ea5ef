// SPDX-License-Identifier: Apache-2.0
//! The DPS calls of a device: register with a certificate request, then poll until there is a certificate.

use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::json;
use tamga_registry::device::RegistrationId;
use tamga_registry::organization::IdScope;
use tamga_x509::time::Clock;

use super::anchor::{ConnectFault, Endpoint, ServerAnchor};
use super::credential::Credential;
use crate::exchange::{ExchangeFault, exchange};

/// One device at one service.
pub struct Registration {
    /// Where the device API is.
    pub endpoint: Endpoint,
    /// The id scope.
    pub scope: IdScope,
    /// Whom to trust there.
    pub anchor: ServerAnchor,
    /// What the device calls itself.
    pub registration_id: RegistrationId,
    /// What it proves itself with.
    pub credential: Credential,
    /// The device's clock.
    pub clock: Arc<dyn Clock>,
}

/// By which member of the body the request goes out and the chain comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CsrDoor {
    /// `csr`: what the newest API versions define.
    #[default]
    Csr,
    /// `payload.csr`: what applications on released SDKs can send.
    Payload,
}

/// What a registration led to.
#[derive(Debug)]
pub struct Assignment {
    /// DER: the device's certificate first, the root last.
    pub chain: Vec<Vec<u8>>,
    /// The hub it is assigned to.
    pub hub: String,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationFault {
    /// No trusted connection.
    #[error(transparent)]
    Connect(#[from] ConnectFault),
    /// It broke off.
    #[error(transparent)]
    Exchange(#[from] ExchangeFault),
    /// The service says no.
    #[error("{message} (error {code}, tracking id {tracking})")]
    Refused {
        /// The service's own sentence.
        message: String,
        /// Its error code.
        code: u64,
        /// What its operator finds the request by.
        tracking: String,
    },
    /// The answer is not what a DPS answers.
    #[error(
        "the answer is not what a provisioning service answers ({0}): is this the device address of the service?"
    )]
    Strange(String),
    /// It is still on its way.
    #[error("the certificate was not ready within {limit} s: run the same command again, it goes on where it stands", limit = PATIENCE.as_secs())]
    Late,
    /// It cannot be asked at all.
    #[error("the request cannot be written: {0}")]
    Request(#[from] hyper::http::Error),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OperationStatus {
    operation_id: String,
    status: String,
    #[serde(default)]
    registration_state: State,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct State {
    assigned_hub: Option<String>,
    error_code: Option<u64>,
    error_message: Option<String>,
    issued_certificate_chain: Option<Vec<String>>,
    payload: Option<Payload>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Payload {
    issued_certificate_chain: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Refusal {
    #[serde(default)]
    error_code: u64,
    #[serde(default)]
    tracking_id: String,
    message: String,
}

impl Registration {
    /// Registers with a certificate request in DER, and waits for the certificate.
    ///
    /// # Errors
    /// [`RegistrationFault`]. Repeating the call with the same key is always safe.
    pub async fn enroll(&self, request: &[u8], door: CsrDoor) -> Result<Assignment, RegistrationFault> {
        let csr = BASE64.encode(request);
        let id = self.registration_id.presented();
        let body = match door {
            CsrDoor::Csr => json!({ "registrationId": id, "csr": csr }),
            CsrDoor::Payload => json!({ "registrationId": id, "payload": { "csr": csr } }),
        };
        let first = self.call(Method::PUT, "register", body.to_string()).await?;
        tokio::time::timeout(PATIENCE, self.follow(first, door))
            .await
            .map_err(|_| RegistrationFault::Late)?
    }

    async fn follow(
        &self,
        mut answer: Response<Bytes>,
        door: CsrDoor,
    ) -> Result<Assignment, RegistrationFault> {
        loop {
            let status = understood(&answer)?;
            match status.status.as_str() {
                "assigned" => return assignment(status.registration_state, door),
                "assigning" => tokio::time::sleep(pause(&answer)).await,
                _ => return Err(refused(status)),
            }
            let operation = utf8_percent_encode(&status.operation_id, NON_ALPHANUMERIC);
            answer = self
                .call(Method::GET, &format!("operations/{operation}"), String::new())
                .await?;
        }
    }

    async fn call(
        &self,
        method: Method,
        what: &str,
        body: String,
    ) -> Result<Response<Bytes>, RegistrationFault> {
        let id = utf8_percent_encode(self.registration_id.presented(), NON_ALPHANUMERIC);
        let path = format!(
            "/{}/registrations/{id}/{what}?api-version={API_VERSION}",
            self.scope
        );
        let token = self
            .credential
            .token(&self.scope, &self.registration_id, self.clock.now());
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.endpoint.authority())
            .header(USER_AGENT, USER_AGENT_TEXT)
            .header(ACCEPT, JSON)
            .header(CONTENT_TYPE, JSON);
        if let Some(token) = token {
            let mut token = HeaderValue::try_from(token.expose_secret()).map_err(hyper::http::Error::from)?;
            token.set_sensitive(true);
            request = request.header(AUTHORIZATION, token);
        }
        let request = request.body(Full::new(Bytes::from(body)))?;
        let shown = self.credential.certificate();
        let stream = self
            .anchor
            .connect(&self.endpoint, shown, self.clock.clone())
            .await?;
        Ok(exchange(stream, request, ANSWER).await?)
    }
}

fn understood(answer: &Response<Bytes>) -> Result<OperationStatus, RegistrationFault> {
    let strange = || RegistrationFault::Strange(format!("status {}", answer.status()));
    if answer.status().is_success() {
        return serde_json::from_slice(answer.body()).map_err(|_| strange());
    }
    let refusal: Refusal = serde_json::from_slice(answer.body()).map_err(|_| strange())?;
    Err(RegistrationFault::Refused {
        message: refusal.message,
        code: refusal.error_code,
        tracking: refusal.tracking_id,
    })
}

fn assignment(state: State, door: CsrDoor) -> Result<Assignment, RegistrationFault> {
    let missing = || RegistrationFault::Strange("assigned, but no certificate came with it".to_owned());
    let chain = match door {
        CsrDoor::Csr => state.issued_certificate_chain,
        CsrDoor::Payload => state.payload.unwrap_or_default().issued_certificate_chain,
    };
    let chain = chain.filter(|chain| !chain.is_empty()).ok_or_else(missing)?;
    let decoded: Result<Vec<_>, _> = chain.iter().map(|der| BASE64.decode(der.as_bytes())).collect();
    let chain = decoded.map_err(|_| RegistrationFault::Strange("the chain is not base64".to_owned()))?;
    Ok(Assignment {
        chain,
        hub: state.assigned_hub.unwrap_or_default(),
    })
}

fn refused(status: OperationStatus) -> RegistrationFault {
    let state = status.registration_state;
    RegistrationFault::Refused {
        message: state
            .error_message
            .unwrap_or_else(|| format!("the registration is {}", status.status)),
        code: state.error_code.unwrap_or_default(),
        tracking: status.operation_id,
    }
}

/// As the service asks, within reason.
fn pause(answer: &Response<Bytes>) -> Duration {
    let asked = answer
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    let seconds = asked.and_then(|text| text.parse().ok()).unwrap_or(2);
    Duration::from_secs(seconds).clamp(Duration::from_millis(500), Duration::from_secs(30))
}

impl std::fmt::Debug for Registration {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = out.debug_struct("Registration");
        shown
            .field("endpoint", &self.endpoint)
            .field("registration_id", &self.registration_id);
        shown.finish_non_exhaustive()
    }
}

const API_VERSION: &str = "2025-07-01-preview";
const USER_AGENT_TEXT: &str = concat!("tamga/", env!("CARGO_PKG_VERSION"));
const JSON: &str = "application/json; charset=utf-8";
/// The service holds a registration for eight seconds at most.
const ANSWER: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(120);
