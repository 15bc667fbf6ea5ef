// SPDX-License-Identifier: Apache-2.0
//! Doors and signers as separate as processes are, over one memory, without wires: each signer has a thread of its own
//! that can stand still or die, as a process can.

use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use data_encoding::BASE64;
use tamga::founding::{Foundation, Founder};
use tamga::roots::{Places, Stage, Vaults};
use tamga_attestation::{Evidence, SasToken};
use tamga_authority::administer::{Administration, NewAttestation, NewEnrollment};
use tamga_authority::clerk::{Clerk, ClerkRules};
use tamga_authority::desk::{Desk, DeskRules};
use tamga_authority::enroll::{Claim, Door, DoorRules, Registered};
use tamga_authority::fulfil::{Finisher, Hand, HandRules};
use tamga_authority::policy::Policies;
use tamga_authority::refusal::Failure;
use tamga_authority::{Caller, Denials, Means, RequestContext};
use tamga_gateway::process::Reception;
use tamga_gateway::process::admin::administration;
use tamga_registry::enrollment::{EnrollmentState, RekeyPolicy};
use tamga_registry::id::RequestId;
use tamga_registry::order::OperationId;
use tamga_registry::organization::{IdScope, OrganizationSlug};
use tamga_registry::role::{Assignment, Principal, Role};
use tamga_registry::store::Store;
use tamga_runtime::chance::SystemChance;
use tamga_runtime::ops::Readiness;
use tamga_signer::issuer_keys::IssuerKeys;
use tamga_x509::chance::Chance;
use tamga_x509::time::Clock as _;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::clock::StoryClock;
use crate::key_pair::KeyPair;
use crate::memory::Memory;
use crate::sas::{Dialect, NODE, SasKey, Token};
use crate::watch::Watch;

/// An installation whose doors hold no key.
pub struct Workshop {
    /// Its time.
    pub clock: Arc<StoryClock>,
    /// Its tables.
    pub memory: Memory,
    /// Stands between all its signers and their keys.
    pub watch: Arc<Watch>,
    /// How its doors judge and wait.
    pub door: DoorRules,
    /// How long its signers wait for a signature before they settle for the order.
    pub signer_patience: Duration,
    means: Means,
    vaults: Vaults,
    organization: OrganizationSlug,
    scope: IdScope,
    administration: Arc<Administration>,
    _directory: TempDir,
}

/// A door without keys, in a process of its own.
pub struct DoorAlone {
    door: Door,
    policies: Arc<Policies>,
    works: Vec<tokio::task::JoinHandle<()>>,
}

/// A signer, in a process of its own.
pub struct SignerAlone {
    handle: tokio::runtime::Handle,
    kill: CancellationToken,
    thread: Option<JoinHandle<()>>,
    gate: Arc<Mutex<()>>,
}

/// A device of the group `line`.
#[derive(Clone)]
pub struct Unit {
    scope: IdScope,
    /// As it writes it.
    pub registration_id: String,
    key: SasKey,
}

const GROUP_KEY: [u8; 32] = [7; 32];

impl Workshop {
    /// A new one, with a group `line` that admits whoever holds a key derived from its own.
    pub async fn new() -> Self {
        let directory = TempDir::new().expect("a directory");
        let (clock, watch) = (Arc::<StoryClock>::default(), Arc::<Watch>::default());
        let chance: Arc<dyn Chance> = Arc::new(SystemChance::new());
        let path = directory.path().join("tamga.db");
        let store: Arc<dyn Store> = Arc::new(tamga_store::open_sqlite(&path).await.expect("a database"));
        let places = Places::within(directory.path());
        let vaults = places.open(Stage::Founding, &chance).expect("root keys");
        let organization: OrganizationSlug = "acme".parse().expect("a slug");
        let founder = Founder {
            store: &*store,
            vaults: &vaults,
            clock: &*clock,
            chance: &*chance,
        };
        let foundation = Foundation {
            trust_domain: "tamga.test".to_owned(),
            status_url: "http://status.tamga.test".parse().expect("a status URL"),
            organization: organization.clone(),
        };
        founder.ensure(&foundation).await.expect("a founded installation");
        let means = Means::over(store, clock.clone(), chance).await.expect("means");
        let (reception, _) = Reception::new(&means, vaults.device_secrets.clone(), &Readiness::default());
        let administration = administration(&reception, Default::default(), Default::default());
        let first = means
            .store
            .first_organization()
            .await
            .expect("memory")
            .expect("one");
        let scope = means.store.id_scopes(first.id).await.expect("memory").remove(0);
        let workshop = Self {
            memory: Memory::beside(&path).await,
            clock,
            watch,
            door: DoorRules {
                patience: Duration::from_secs(20),
                ..DoorRules::default()
            },
            signer_patience: DoorRules::default().patience,
            means,
            vaults,
            organization,
            scope,
            administration,
            _directory: directory,
        };
        workshop.makes_group().await;
        workshop
    }

    async fn makes_group(&self) {
        let key = || BASE64.encode(&GROUP_KEY).into();
        let new = NewEnrollment {
            name: "line".parse().expect("a name"),
            attestation: Some(NewAttestation::SymmetricKey(Some((key(), key())))),
            profile: None,
            issuer: None,
            rekey: RekeyPolicy::Allow,
            rekeys_per_day: None,
            assigned_hub: None,
        };
        let made = self
            .administration
            .create_group(&operator(), &self.organization, new)
            .await;
        made.expect("a group");
    }

    /// The operator disables the group.
    pub async fn disables_the_group(&self) {
        let name = "line".parse().expect("a name");
        let (operator, disabled) = (operator(), EnrollmentState::Disabled);
        let done = self
            .administration
            .set_group_state(&operator, &self.organization, &name, disabled);
        done.await.expect("it is disabled");
    }

    /// The operator deletes a device.
    pub async fn deletes(&self, unit: &Unit) {
        let id = unit.registration_id.parse().expect("a registration id");
        let operator = operator();
        let done = self
            .administration
            .delete_device(&operator, &self.organization, &id);
        done.await.expect("it is deleted");
    }

    /// A device of the group.
    pub fn device(&self, registration_id: &str) -> Unit {
        Unit {
            scope: self.scope.clone(),
            registration_id: registration_id.to_owned(),
            key: SasKey::from_base64(&BASE64.encode(&GROUP_KEY)).derived_for(registration_id),
        }
    }

    /// A door in a process of its own.
    pub fn door(&self) -> DoorAlone {
        let policies = self.policies();
        let (denials, keeper) = Denials::new(self.means.clone());
        let (desk, work) = Desk::new(&self.means, DeskRules::default());
        let door = Door::new(
            self.means.clone(),
            policies.clone(),
            desk,
            denials,
            self.door.clone(),
        );
        let stop = CancellationToken::new();
        DoorAlone {
            door: door.expect("a door"),
            policies,
            works: vec![
                tokio::spawn(keeper.run(stop.clone())),
                tokio::spawn(work.run(stop)),
            ],
        }
    }

    /// A signer in a process of its own.
    pub async fn signer(&self) -> SignerAlone {
        let keys = IssuerKeys::load(&*self.means.store, &*self.vaults.own_keys).await;
        let signers = self.watch.over(Arc::new(keys.expect("keys")));
        let (hand, work) = Hand::new(self.means.clone(), signers, HandRules::default());
        let finisher = work.finisher();
        let (denials, keeper) = Denials::new(self.means.clone());
        let rules = DoorRules {
            patience: self.signer_patience,
            ..DoorRules::default()
        };
        let door = Door::new(self.means.clone(), self.policies(), hand, denials, rules);
        let clerk = Clerk::new(Arc::new(door.expect("a door")), ClerkRules::default());
        let kill = CancellationToken::new();
        let (started, start) = oneshot::channel();
        let killed = kill.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a runtime");
            started.send(runtime.handle().clone()).ok();
            runtime.block_on(async {
                let never = CancellationToken::new();
                tokio::spawn(work.run(never.clone()));
                tokio::spawn(keeper.run(never));
                tokio::spawn(finishes(finisher));
                tokio::select! {
                    () = killed.cancelled() => {}
                    () = judges(&clerk) => {}
                }
            });
            // What is being signed on other threads is signed after its process is gone.
            runtime.shutdown_background();
        });
        SignerAlone {
            handle: start.await.expect("it starts"),
            kill,
            thread: Some(thread),
            gate: Arc::default(),
        }
    }

    fn policies(&self) -> Arc<Policies> {
        let vault = self.vaults.device_secrets.clone();
        Arc::new(Policies::new(self.means.store.clone(), vault))
    }

    /// A claim of a device, received now, with this certificate request.
    pub fn claim(&self, unit: &Unit, dialect: &Dialect, csr: Option<Vec<u8>>) -> Claim {
        let now = self.clock.now();
        let token = Token::of(
            dialect,
            (&unit.scope.to_string(), &unit.registration_id),
            now.seconds(),
        );
        let token = SasToken::parse(&token.signed_by(&unit.key)).expect("a token");
        Claim {
            scope: unit.scope.clone(),
            registration_id: unit.registration_id.parse().expect("a registration id"),
            testimony: Evidence::SymmetricKey(token).into(),
            csr,
            context: RequestContext {
                request: RequestId::fresh(now, &*self.means.chance).expect("chance"),
                source: "192.0.2.7".parse().ok(),
                once: None,
            },
            received_at: now,
            operation: None,
        }
    }

    /// A device asks a door for a certificate on this key.
    pub async fn enrolls(&self, unit: &Unit, key: &KeyPair, door: &DoorAlone) -> Result<Registered, Failure> {
        let csr = key.request(&unit.registration_id);
        door.register(self.claim(unit, &NODE, Some(csr))).await
    }

    /// A device asks any door what became of an operation.
    pub async fn polls(
        &self,
        unit: &Unit,
        operation: OperationId,
        door: &DoorAlone,
    ) -> Result<Registered, Failure> {
        let claim = self.claim(unit, &NODE, None);
        door.door.operation(claim, operation).await
    }
}

impl DoorAlone {
    /// Somebody knocks.
    pub async fn register(&self, claim: Claim) -> Result<Registered, Failure> {
        self.door.register(claim).await
    }

    /// It has learned of what operators did.
    pub async fn learns(&self) {
        self.policies.refresh().await.expect("memory");
    }
}

impl Drop for DoorAlone {
    fn drop(&mut self) {
        self.works.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

impl SignerAlone {
    /// Ends where it stands, as by SIGKILL.
    pub fn dies(mut self) {
        self.kill.cancel();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it is gone");
        }
    }

    /// Stands still, as by SIGSTOP, until what it returns is dropped.
    pub async fn stands_still(&self) -> impl Drop {
        let (gate, (still, stands)) = (self.gate.clone(), oneshot::channel());
        let held = Standing::hold(&self.gate);
        self.handle.spawn(async move {
            still.send(()).ok();
            // The one thread of this process waits here, and with it all it does.
            drop(gate.lock());
        });
        stands.await.expect("it stands");
        held
    }
}

/// Holds the gate of a process from a thread of its own: a lock does not travel between threads.
struct Standing(Option<std::sync::mpsc::Sender<()>>);

impl Standing {
    fn hold(gate: &Arc<Mutex<()>>) -> Self {
        let (go_on, told) = std::sync::mpsc::channel::<()>();
        let (closed, is_closed) = std::sync::mpsc::channel();
        let gate = Arc::clone(gate);
        std::thread::spawn(move || {
            let _held = gate.lock().expect("the gate");
            closed.send(()).ok();
            told.recv().ok();
        });
        is_closed.recv().expect("it is closed");
        Self(Some(go_on))
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        drop(self.0.take());
    }
}

impl Drop for SignerAlone {
    fn drop(&mut self) {
        self.kill.cancel();
    }
}

async fn judges(clerk: &Clerk) {
    loop {
        clerk.work().await.expect("the clerk works");
    }
}

async fn finishes(finisher: Finisher) {
    let mut rounds = tokio::time::interval(Duration::from_secs(1));
    loop {
        rounds.tick().await;
        finisher.finish_unfinished().await.expect("recovery works");
    }
}

fn operator() -> Caller {
    let everywhere = Assignment {
        role: Role::Administrator,
        organization: None,
    };
    let context = RequestContext {
        request: RequestId::from_octets([0; 16]),
        source: None,
        once: None,
    };
    Caller::new(Principal::LocalUser { uid: 0 }, vec![everywhere], context)
}
