// SPDX-License-Identifier: Apache-2.0
//! Step two: what may a proven device have? The registry says; the state it was said in is written down.

use std::sync::Arc;
use std::time::Duration;

use tamga_registry::admission::{Admission, Ask, Denial, Road, admit_request};
use tamga_registry::device::{Device, DeviceState};
use tamga_registry::enrollment::EnrollmentRef;
use tamga_registry::id::{DeviceId, IssuerId};
use tamga_registry::issuer::{IssuerRole, IssuerState};
use tamga_registry::journal::{HotAct, JournalRow, Outcome};
use tamga_registry::order::{OperationId, OrderKind};
use tamga_registry::profile::ProfileRevision;
use tamga_registry::role::Principal;
use tamga_registry::store::{Expected, LineQuestion, NewDevice};
use tamga_x509::request::Request;

use super::{Door, Proven};
use crate::chain::Admitted;
use crate::journal::Happening;
use crate::policy::{IssuerPolicy, Policy, chain_of};
use crate::refusal::{Failure, Fault, Refusal};

/// A request with everything it was judged by.
pub(super) struct Asked {
    pub(super) admission: Admission,
    request: Request,
    revision: ProfileRevision,
    issuer: Arc<IssuerPolicy>,
    lineage: Option<i64>,
    /// It needs the unit's rework.
    rework: bool,
}

impl Door {
    /// Reads the request and asks the registry what it may become.
    pub(super) async fn ask(
        &self,
        proven: &Proven,
        device: Option<&Device>,
        csr: &[u8],
    ) -> Result<Asked, Failure> {
        let Some(_) = proven.ground.word() else {
            return self.ask_by(Road::Own, proven, device, csr).await;
        };
        let asked = self.ask_by(Road::Station, proven, device, csr).await;
        let Some(known) = device else { return asked };
        match asked {
            // Another key of a known unit: it may have one where it is being reworked.
            Err(Failure::Refused(Refusal::Denied(Denial::UnitExists)))
                if self.means.store.rework_is_open(known.id).await? =>
            {
                self.ask_by(Road::Rework, proven, device, csr).await
            }
            // A key it has already is what its rework is to replace.
            Ok(Asked {
                admission: Admission::Issue { .. },
                ..
            }) if self.means.store.rework_is_open(known.id).await? => Err(Denial::UnitExists.into()),
            asked => asked,
        }
    }

    async fn ask_by(
        &self,
        road: Road,
        proven: &Proven,
        device: Option<&Device>,
        csr: &[u8],
    ) -> Result<Asked, Failure> {
        let request = Request::parse(csr)?;
        let (revision, issuer) = terms_of(&proven.policy, proven)?;
        let now = self.means.now();
        let question = LineQuestion {
            device: device.map(|device| device.id),
            profile: revision.id.profile,
            spki: request.public_key().spki_hash(),
            recent: now.saturating_sub(DAY),
        };
        let line = self.means.store.line(&question).await?;
        let ask = Ask {
            device,
            terms: &proven.terms,
            key: question.spki,
            birth: proven.birth(),
            profile: &revision.rules,
            line: &line,
            road,
            now,
        };
        let admission = admit_request(&ask)?;
        let lineage = line.lineage.map(|lineage| lineage.version);
        Ok(Asked {
            admission,
            request,
            revision,
            issuer,
            lineage,
            rework: road == Road::Rework,
        })
    }

    /// Makes the order's value: from here on only the hand can go further.
    pub(super) fn admit(
        &self,
        proven: Proven,
        asked: Asked,
        (epoch, kind): (i64, OrderKind),
        operation: OperationId,
    ) -> Result<Admitted, Failure> {
        let expected = Expected {
            rework: asked.rework,
            ..expected(&proven, Some(&asked.issuer), asked.lineage)
        };
        let (device, new_device) = match &proven.device {
            Some(device) => (device.clone(), None),
            None => {
                // Its plain registrations are another operation than its orders.
                let plain = OperationId::fresh(&*self.means.chance)?;
                let (device, new) = self.new_device(&proven, plain)?;
                (device, Some(new))
            }
        };
        let Asked {
            request,
            revision,
            issuer,
            ..
        } = asked;
        Ok(Admitted {
            proven,
            request,
            revision,
            issuer,
            device,
            new_device,
            epoch,
            kind,
            operation,
            expected,
        })
    }

    /// A device admitted for the first time.
    pub(super) fn new_device(
        &self,
        proven: &Proven,
        operation: OperationId,
    ) -> Result<(Device, NewDevice), Fault> {
        let at = self.means.now();
        let chance = &*self.means.chance;
        let bound = proven.credential;
        let new = NewDevice {
            id: DeviceId::fresh(at, chance)?,
            organization: proven.policy.organization.id,
            registration_id: proven.registration_id.clone(),
            bound,
            operation,
            at,
        };
        let device = Device {
            id: new.id,
            organization: new.organization,
            registration_id: new.registration_id.clone(),
            state: DeviceState::Active,
            generation: FIRST_GENERATION,
            bound,
            operation: new.operation,
            created_at: at,
            updated_at: at,
        };
        Ok((device, new))
    }

    pub(super) fn device_row(&self, proven: &Proven, device: &Device) -> Result<JournalRow, Fault> {
        device_happening(proven, device).row(self.means.now(), &*self.means.chance)
    }

    /// An issuer by id: of the policy, or read when the enrollment has moved to another one since.
    pub(super) async fn issuer_of(
        &self,
        policy: &Policy,
        id: IssuerId,
    ) -> Result<Arc<IssuerPolicy>, Failure> {
        if let Some(issuer) = policy.issuers.get(&id) {
            return Ok(issuer.clone());
        }
        let store = &*self.means.store;
        let issuer = store.issuer(id).await?;
        let issuer = issuer.ok_or_else(|| Fault::new("reading an issuer", format!("{id} is missing")))?;
        let chain = chain_of(store, &issuer).await?;
        Ok(Arc::new(IssuerPolicy { issuer, chain }))
    }
}

/// What the journal says of a device admitted for the first time.
pub(crate) fn device_happening(proven: &Proven, device: &Device) -> Happening<'static> {
    Happening {
        organization: Some(device.organization),
        act: HotAct::DeviceRegister.word(),
        actor: match proven.ground.word() {
            Some((word, _)) => word.principal(),
            None => Principal::Device {
                registration_id: device.registration_id.presented().to_owned(),
                device: Some(device.id),
            },
        },
        object: device.id.to_string(),
        context: proven.context,
        outcome: Outcome::Done(Some(evidence(proven))),
        digests: &[],
    }
}

/// What proved a device, in words that give no secret away.
pub(crate) fn evidence(proven: &Proven) -> String {
    proven.ground.evidence(proven.credential.enrollment)
}

/// The state a proven device is judged in.
pub(super) fn expected(
    proven: &Proven,
    issuer: Option<&Arc<IssuerPolicy>>,
    lineage: Option<i64>,
) -> Expected {
    Expected {
        organization: proven.policy.organization.generation,
        enrollment: (proven.credential.enrollment, proven.terms.generation),
        no_individual: matches!(proven.credential.enrollment, EnrollmentRef::Group(_)),
        device: proven.device.as_ref().map(|device| device.generation),
        issuer: issuer.map(|issuer| (issuer.issuer.id, issuer.issuer.generation)),
        lineage,
        station: proven.ground.word().map(|(_, generation)| generation),
        rework: false,
    }
}

/// The profile revision and the issuer of an enrollment's terms.
fn terms_of(policy: &Policy, proven: &Proven) -> Result<(ProfileRevision, Arc<IssuerPolicy>), Failure> {
    let terms = &proven.terms;
    let revision = policy.profiles.get(&terms.profile).cloned();
    let revision = revision.ok_or_else(|| {
        Fault::new(
            "reading an enrollment's profile",
            format!("{} is missing", terms.profile),
        )
    })?;
    let issuer = policy.issuers.get(&terms.issuer).cloned();
    let issuer = issuer.ok_or_else(|| {
        Fault::new(
            "reading an enrollment's issuer",
            format!("{} is missing", terms.issuer),
        )
    })?;
    if issuer.issuer.state != IssuerState::Active || issuer.issuer.role != IssuerRole::Device {
        return Err(Denial::IssuerUnavailable.into());
    }
    Ok((revision, issuer))
}

/// Rows begin to count here.
pub(crate) const FIRST_GENERATION: i64 = 1;
const DAY: Duration = Duration::from_hours(24);
