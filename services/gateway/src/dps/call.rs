// SPDX-License-Identifier: Apache-2.0
//! What every call of the device plane says: whom it names, by which host it called, what it shows, and its body.

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::HeaderMap;
use tamga_attestation::Evidence;
use tamga_authority::enroll::{Claim, Testimony};
use tamga_registry::device::RegistrationId;
use tamga_x509::time::Timestamp;

use super::DevicePlane;
use super::answer::{Asked, CertificateInfo};
use super::claim::{called_by, claim};
use super::error::Rejection;
use super::registration::{DeviceRegistration, Doors};
use super::rim::RimRefusal;
use super::target::Target;
use crate::arrival::Arrival;
use crate::body;

/// A call whose body has arrived. Nothing it says is believed.
pub(super) struct Call<'a> {
    arrival: &'a Arrival,
    target: Target,
    headers: HeaderMap,
    /// What is answered as `assignedHub` where the enrollment names none.
    hub: String,
    body: Bytes,
    /// When all of it had arrived: what it shows is judged as of this instant.
    received_at: Timestamp,
}

impl<'a> Call<'a> {
    /// Receives a call for the registration its path names. The body is read also where it is not looked at, so that
    /// the connection can go on.
    pub(super) async fn receive(
        plane: &DevicePlane,
        arrival: &'a Arrival,
        (scope, registration_id): (&str, &str),
        request: Request,
    ) -> Result<Self, RimRefusal> {
        let (parts, body) = request.into_parts();
        let target = Target::new(scope, registration_id)?;
        let host = called_by(&parts.uri, &parts.headers)?;
        Ok(Self {
            arrival,
            target,
            hub: plane.default_hub.clone().unwrap_or(host),
            body: body::take(&parts.headers, body).await?,
            headers: parts.headers,
            received_at: plane.clock.now(),
        })
    }

    /// The registration its body describes, which is that of its path.
    pub(super) fn registration(&self) -> Result<DeviceRegistration, RimRefusal> {
        let registration = DeviceRegistration::parse(&self.body)?;
        registration.require(self.registration_id())?;
        Ok(registration)
    }

    /// Whom the path names.
    pub(super) fn registration_id(&self) -> &RegistrationId {
        &self.target.registration_id
    }

    /// What it claims, and how that is to be answered.
    pub(super) fn claims(self, csr: Option<Vec<u8>>, doors: Doors) -> Result<(Claim, Asked), Rejection> {
        let claim = claim(self.arrival, &self.target, &self.headers, csr, self.received_at)?;
        let certificate = match &claim.testimony {
            Testimony::Own(Evidence::CertificateChain(chain)) => Some(CertificateInfo::of(chain.leaf())),
            Testimony::Own(Evidence::SymmetricKey(_) | Evidence::None) | Testimony::Station(_) => None,
        };
        let asked = Asked {
            doors,
            hub: self.hub,
            certificate,
        };
        Ok((claim, asked))
    }
}
