// SPDX-License-Identifier: Apache-2.0
//! The device's door: register, poll, look up. It believes nothing before attestation has judged it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tamga_attestation::{Doubt, SasLimits};
use tamga_registry::admission::{Admission, Denial, Knock, admit_device};
use tamga_registry::device::{Device, RegistrationId};
use tamga_registry::id::OrderId;
use tamga_registry::journal::Outcome;
use tamga_registry::order::OperationId;
use tamga_registry::store::{EnrolleeQuestion, IntentVerdict, Registration};

pub use crate::chain::{Claim, Issued, Proven, Testimony};
use crate::denials::Denials;
use crate::desk::Desk;
use crate::fulfil::Hand;
use crate::journal::Happening;
use crate::means::Means;
use crate::policy::{Policies, Policy};
use crate::refusal::{Failure, Fault, Refusal};

mod admit;
mod answer;
mod call;
mod deliver;
pub(crate) use admit::{FIRST_GENERATION, device_happening, evidence};
mod ground;
mod judge;
mod own_certificate;
mod prove;
mod station;
mod witness;
pub(crate) use ground::Ground;

use call::{Call, Summary};
use witness::Witness;

/// Where devices knock.
#[derive(Debug)]
pub struct Door {
    pub(crate) means: Means,
    pub(crate) policies: Arc<Policies>,
    hands: Hands,
    pub(crate) denials: Denials,
    rules: DoorRules,
    decoy: tamga_attestation::Reference,
}

/// Where admitted orders go.
#[derive(Debug)]
pub enum Hands {
    /// To a hand of this process.
    Here(Hand),
    /// To the hand of another one.
    Elsewhere(Desk),
}

impl From<Hand> for Hands {
    fn from(hand: Hand) -> Self {
        Self::Here(hand)
    }
}

impl From<Desk> for Hands {
    fn from(desk: Desk) -> Self {
        Self::Elsewhere(desk)
    }
}

/// How the door judges tokens, and how long it waits.
#[derive(Debug, Clone)]
pub struct DoorRules {
    /// How long tokens may live and how far clocks may differ.
    pub sas: SasLimits,
    /// How long a register call waits for its certificate before it is told to poll.
    pub patience: Duration,
    /// How many requests of one organization may wait to be judged again; further ones are refused.
    pub most_waiting: u32,
}

impl Default for DoorRules {
    fn default() -> Self {
        Self {
            sas: SasLimits::default(),
            patience: Duration::from_secs(8),
            most_waiting: 16_384,
        }
    }
}

/// What a device is told.
#[derive(Debug)]
pub struct Registered {
    /// Who it is.
    pub device: Device,
    /// What it polls.
    pub operation: OperationId,
    /// The group that admitted it, as its operator wrote the name; absent for an individual enrollment.
    pub group: Option<String>,
    /// Answered as `assignedHub`; absent = the installation's.
    pub assigned_hub: Option<String>,
    /// How far it is.
    pub progress: Progress,
}

/// How far a registration is.
#[derive(Debug)]
pub enum Progress {
    /// Done; with a certificate if one was asked for.
    Assigned(Option<Issued>),
    /// Its order is stored; the certificate is on its way.
    Pending,
    /// Its order cannot be fulfilled.
    Failed(Refusal),
}

/// What one look at the state of things led to.
enum Look {
    Done(Box<Served>),
    /// By another process, which told the journal.
    Refused(Refusal),
    Stale,
}

/// What a call came to.
pub(crate) struct Served {
    pub(crate) registered: Registered,
    /// The order it is, new or repeated; absent for a plain registration.
    pub(crate) order: Option<OrderId>,
}

impl Look {
    fn done(registered: Registered) -> Self {
        let order = None;
        Self::Done(Box::new(Served { registered, order }))
    }

    fn ordered(registered: Registered, order: OrderId) -> Self {
        let order = Some(order);
        Self::Done(Box::new(Served { registered, order }))
    }
}

impl Door {
    /// A door that passes admitted orders to a hand of this process, or to the desk where it leaves them for another.
    pub fn new(
        means: Means,
        policies: Arc<Policies>,
        hands: impl Into<Hands>,
        denials: Denials,
        rules: DoorRules,
    ) -> Result<Self, Fault> {
        let decoy = tamga_attestation::SymmetricKeyReference::decoy(&*means.chance)?;
        let decoy = tamga_attestation::Reference::SymmetricKey(decoy);
        Ok(Self {
            means,
            policies,
            hands: hands.into(),
            denials,
            rules,
            decoy,
        })
    }

    /// Registers a device, and gets it the certificate its request asks for.
    ///
    /// Idempotent: a repeat inside one epoch is the same order and yields the same bytes.
    pub async fn register(&self, claim: Claim) -> Result<Registered, Failure> {
        let call = Call::of_device(&claim, self.rules.patience, &*self.means.chance)?;
        Ok(self.serve(&call).await?.registered)
    }

    /// The same for a claim that is stored, so that nobody has to be told to poll: for who judges it again.
    pub(crate) async fn fulfil(&self, claim: Claim) -> Result<Served, Failure> {
        let call = Call::of_clerk(&claim, self.rules.patience, &*self.means.chance)?;
        self.serve(&call).await
    }

    async fn serve(&self, call: &Call<'_>) -> Result<Served, Failure> {
        // Whatever was judged may have moved by the time it is kept; then all of it is judged again.
        for _ in 0..LOOKS {
            let proven = self.prove(call.claim).await?;
            let witness = Witness::of(&proven);
            let look = match &call.claim.csr {
                None => self.register_plainly(call, proven).await,
                Some(csr) => self.register_with_request(call, proven, csr).await,
            };
            match self.witnessed(witness, look).await? {
                Look::Done(served) => return Ok(*served),
                // Whoever refused it has journalled that.
                Look::Refused(refusal) => return Err(refusal.into()),
                Look::Stale => self.look_again(call.claim).await?,
            }
        }
        let what = format!(
            "{} changed faster than it could be judged",
            call.claim.registration_id
        );
        Err(Fault::new("registering a device", what).into())
    }

    /// Before it is judged anew: what has changed is known, and a station that is full is told so.
    async fn look_again(&self, claim: &Claim) -> Result<(), Failure> {
        self.policies.refresh().await?;
        match &claim.testimony {
            Testimony::Own(_) => Ok(()),
            Testimony::Station(word) => self.room_at_station(claim, word).await,
        }
    }

    /// What became of an operation.
    pub async fn operation(&self, claim: Claim, operation: OperationId) -> Result<Registered, Failure> {
        let proven = self.prove(&claim).await?;
        let witness = Witness::of(&proven);
        let answer = self.answer(proven, operation).await;
        self.witnessed(witness, answer).await
    }

    /// What is known of a device's registration; never a certificate.
    pub async fn lookup(&self, claim: Claim) -> Result<Registered, Failure> {
        let proven = self.prove(&claim).await?;
        let witness = Witness::of(&proven);
        let answer = match admitted_device(&proven) {
            Err(denial) => Err(denial.into()),
            Ok(None) => Err(Refusal::NotFound("registration").into()),
            Ok(Some(device)) => {
                let operation = device.operation;
                Ok(registered(&proven, device, operation, Progress::Assigned(None)))
            }
        };
        self.witnessed(witness, answer).await
    }

    /// Whether the hand of this process may sign by its clock.
    pub(crate) fn may_sign(&self) -> bool {
        match &self.hands {
            Hands::Here(hand) => hand.clocks().holds(),
            Hands::Elsewhere(_) => false,
        }
    }

    /// A front end turned a caller away before there was a claim: counted, never a row of its own.
    pub fn turned_away(&self, slug: &'static str, source: Option<IpAddr>) {
        self.denials.turned_away(&self.means, slug, source);
    }

    /// A registration without a certificate request.
    async fn register_plainly(&self, call: &Call<'_>, proven: Proven) -> Result<Look, Failure> {
        if let Some(device) = admitted_device(&proven)? {
            let operation = device.operation;
            return Ok(Look::done(registered(
                &proven,
                device,
                operation,
                Progress::Assigned(None),
            )));
        }
        if let Hands::Elsewhere(desk) = &self.hands {
            return self.hand_in(call, proven, desk).await;
        }
        let (device, new) = self.new_device(&proven, call.operation)?;
        let row = Registration {
            birth: proven.birth(),
            expected: admit::expected(&proven, None, None),
            journal: self.device_row(&proven, &device)?,
            device: new,
        };
        let verdict = self.means.store.keep_registrations(vec![row]).await?;
        match verdict.first() {
            Some(IntentVerdict::Kept) => {
                let operation = device.operation;
                Ok(Look::done(registered(
                    &proven,
                    device,
                    operation,
                    Progress::Assigned(None),
                )))
            }
            Some(IntentVerdict::Stale) | None => Ok(Look::Stale),
        }
    }

    /// A registration with a certificate request.
    async fn register_with_request(
        &self,
        call: &Call<'_>,
        proven: Proven,
        csr: &[u8],
    ) -> Result<Look, Failure> {
        let known = admitted_device(&proven)?;
        let asked = match self.ask(&proven, known.as_ref(), csr).await {
            // Nobody knew the device when it proved itself. If one of its own parallel requests was kept since, the key
            // in use is its own.
            Err(Failure::Refused(Refusal::Denied(Denial::KeyInUse)))
                if known.is_none()
                    && self
                        .known(&proven.policy, &proven.registration_id)
                        .await?
                        .is_some() =>
            {
                return Ok(Look::Stale);
            }
            asked => asked?,
        };
        match asked.admission {
            Admission::Issue { epoch, kind } => {
                let admitted = self.admit(proven, asked, (epoch, kind), call.operation)?;
                self.pass_on(call, admitted).await
            }
            Admission::Repeat { certificate, .. } => {
                let record = self.recorded(certificate).await?;
                let issued = self.handed_out(&proven.policy, &record).await?;
                let device = known.ok_or_else(|| missing("device", &proven.registration_id))?;
                let order = record.order.ok_or_else(|| missing("order", &record.id))?;
                let operation = self.order(order).await?.0.operation;
                let progress = Progress::Assigned(Some(issued));
                Ok(Look::ordered(
                    registered(&proven, device, operation, progress),
                    order,
                ))
            }
            Admission::Join { order } => {
                let device = known.ok_or_else(|| missing("device", &proven.registration_id))?;
                self.join(call, &Summary::of(&proven), device, order).await
            }
        }
    }

    /// The device, if memory knows it by now.
    async fn known(&self, policy: &Policy, id: &RegistrationId) -> Result<Option<Device>, Failure> {
        let question = EnrolleeQuestion::of(policy.organization.id, id);
        Ok(self.means.store.enrollee(&question).await?.device)
    }

    /// Journals a refusal: the caller proved who it is, so it gets a row of its own.
    async fn witnessed<T>(&self, witness: Witness, result: Result<T, Failure>) -> Result<T, Failure> {
        if let Err(Failure::Refused(refusal)) = &result {
            metrics::counter!("tamga_refused_total", "reason" => refusal.slug()).increment(1);
            let happening = Happening {
                organization: Some(witness.organization),
                act: witness.act.word(),
                object: witness.registration_id,
                actor: witness.actor,
                context: witness.context,
                outcome: Outcome::Refused(refusal.slug()),
                digests: &[],
            };
            self.denials
                .refused(happening.row(self.means.now(), &*self.means.chance)?)
                .await;
        }
        result
    }
}

fn registered(proven: &Proven, device: Device, operation: OperationId, progress: Progress) -> Registered {
    Summary::of(proven).registered(device, operation, progress)
}

/// The device if it is known, once the registry admits it.
fn admitted_device(proven: &Proven) -> Result<Option<Device>, Denial> {
    admit_device(&Knock {
        organization: proven.policy.organization.state,
        terms: &proven.terms,
        device: proven.device.as_ref(),
        tombstone: proven.tombstone.as_ref(),
        received_at: proven.received_at,
        credential: proven.credential,
        birth: proven.birth_facts.as_ref(),
    })?;
    Ok(proven.device.clone())
}

fn missing(noun: &str, which: &dyn std::fmt::Display) -> Fault {
    Fault::new("reading what was kept", format!("{noun} {which} is missing"))
}

/// How often a request is judged anew before we give up. Each time somebody else's change was kept in between.
const LOOKS: usize = 8;

/// Doubts are told to strangers: they get a uniform word, whatever was the matter with what we hold.
pub(crate) fn unproven(doubt: Doubt) -> Failure {
    Failure::Refused(Refusal::Unproven(doubt))
}
