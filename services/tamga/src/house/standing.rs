// SPDX-License-Identifier: Apache-2.0
//! A house whose installation stands: puts authority, duties and planes together, and opens the doors.

use std::sync::Arc;
use std::time::Duration;

use tamga_authority::administer::Administration;
use tamga_authority::enroll::Door;
use tamga_authority::fulfil::Hand;
use tamga_authority::policy::Policies;
use tamga_authority::publish::Publisher;
use tamga_authority::revoke::Visibility;
use tamga_authority::service::ServiceCertificates;
use tamga_authority::signers::Signers;
use tamga_authority::{Denials, Means};
use tamga_gateway::admin::AdminPlane;
use tamga_gateway::dps::DevicePlane;
use tamga_registry::store::Installations;
use tamga_runtime::drain::Drain;
use tamga_runtime::listener::Bound;
use tamga_runtime::ops::Readiness;
use tamga_runtime::request_id::RequestIds;
use tamga_runtime::telemetry::Metrics;
use tamga_signer::duties::policy::PolicyWatch;
use tamga_signer::duties::publish::Publish;
use tamga_signer::duties::recovery::Recovery;
use tamga_signer::duties::service_certificate::ServiceCertificate;
use tamga_signer::duties::watch::{Database, Keys, Lists};
use tamga_signer::duties::{Duties, Duty};
use tamga_signer::issuer_keys::IssuerKeys;
use tamga_status::StatusPlane;
use tamga_store::SqliteStore;
use tamga_x509::chance::Chance;
use tamga_x509::time::Clock;
use tokio::sync::Notify;

use super::RunningHouse;
use super::addresses::Addresses;
use super::anchors::Anchors;
use super::fault::StartFault;
use super::planes::Planes;
use super::roots::Vaults;
use super::settings::HouseSettings;
use super::tls::Shown;

/// Everything that acts, before anything does.
pub(super) struct Standing {
    means: Means,
    door: Arc<Door>,
    administration: Arc<Administration>,
    duties: Duties,
    publish: Arc<Publish>,
    certificate: Arc<ServiceCertificate>,
    shown: Shown,
}

impl Standing {
    pub(super) async fn new(
        memory: Arc<SqliteStore>,
        vaults: Vaults,
        (clock, chance): (Arc<dyn Clock>, Arc<dyn Chance>),
        settings: &HouseSettings,
        between: impl FnOnce(Arc<dyn Signers>) -> Arc<dyn Signers>,
    ) -> Result<Self, StartFault> {
        let installation = memory.installation().await?;
        let installation = installation.ok_or(StartFault::Incomplete("its row is missing"))?;
        let means = Means {
            store: memory,
            clock,
            chance,
            installation: Arc::new(installation),
        };
        let keys = Arc::new(IssuerKeys::load(&*means.store, &*vaults.own_keys).await?);
        let signers = between(keys.clone());
        let policies = Arc::new(Policies::new(means.store.clone(), vaults.device_secrets.clone()));
        let (denials, keeper) = Denials::new(means.clone());
        let (hand, work) = Hand::new(means.clone(), signers.clone(), settings.hand);
        let door = Door::new(
            means.clone(),
            policies.clone(),
            hand,
            denials.clone(),
            settings.door.clone(),
        )?;
        let hint = Arc::new(Notify::new());
        let visibility = Visibility {
            hint: hint.clone(),
            within: VISIBLE_WITHIN,
        };
        let administration = Administration::new(
            means.clone(),
            policies.clone(),
            vaults.device_secrets,
            denials,
            visibility,
        );
        let publisher = Publisher::new(means.clone(), signers.clone(), settings.lists);
        let publish = Arc::new(Publish { publisher, hint });
        let shown = Shown::default();
        let certificate = Arc::new(ServiceCertificate::new(
            ServiceCertificates::new(means.clone(), signers),
            means.clone(),
            vaults.own_keys,
            settings.server_names.clone(),
            shown.show(),
        ));
        let recovery = Arc::new(Recovery(work.finisher()));
        let mut rounds: Vec<Arc<dyn Duty>> = vec![recovery, publish.clone(), certificate.clone()];
        rounds.extend(watches(&means, keys, policies));
        Ok(Self {
            means,
            door: Arc::new(door),
            administration: Arc::new(administration),
            duties: Duties {
                hand: work,
                denials: keeper,
                rounds,
            },
            publish,
            certificate,
            shown,
        })
    }

    /// Does once what nobody should have to wait for, begins the duties, and opens the doors.
    pub(super) async fn begin(
        self,
        first_start: bool,
        settings: HouseSettings,
        places: Vec<Bound>,
        memory: Arc<SqliteStore>,
    ) -> Result<RunningHouse, StartFault> {
        self.certificate.perform().await?;
        // A list that cannot be published now must not keep the house from serving: readiness says so, and it is tried
        // again every second.
        if let Err(fault) = self.publish.perform().await {
            tracing::error!(%fault, "not every list could be published at start");
        }
        let organization = memory.first_organization().await?;
        let organization = organization.ok_or(StartFault::Incomplete("it has no organization"))?;
        let scopes = self.means.store.id_scopes(organization.id).await?;
        let scope = scopes
            .into_iter()
            .next()
            .ok_or(StartFault::Incomplete("it has no id scope"))?;
        let anchors = Anchors::of(&self.means.store.issuers().await?);
        let addresses = Addresses::of(&places);
        let (readiness, drain, metrics) = (Readiness::default(), Drain::new(), Metrics::start()?);
        let certificate = self.certificate;
        readiness.require("tls_certificate", move || certificate.check());
        let planes = Planes {
            device: DevicePlane {
                door: self.door,
                default_hub: settings.assigned_hub,
                clock: self.means.clock.clone(),
            },
            admin: AdminPlane {
                administration: self.administration.clone(),
                owner: rustix::process::geteuid().as_raw(),
            },
            status: StatusPlane::new(
                self.means.store.clone(),
                self.means.clock.clone(),
                settings.status,
            ),
            readiness: readiness.clone(),
            metrics: metrics.clone(),
            ids: RequestIds::new(self.means.clock, self.means.chance),
            shown: self.shown,
        };
        let duties = self.duties.start(&readiness, drain.begun());
        duties.come_round().await;
        let planes = planes.serve(places, &drain).inspect_err(|_| duties.cut())?;
        tokio::spawn(metrics.keep_up(drain.begun().clone()));
        Ok(RunningHouse {
            addresses,
            anchors,
            scope,
            organization: organization.slug,
            first_start,
            administration: self.administration,
            readiness,
            drain,
            planes,
            duties: Some(duties),
            memory,
        })
    }
}

/// What looks after the others.
fn watches(means: &Means, keys: Arc<IssuerKeys>, policies: Arc<Policies>) -> [Arc<dyn Duty>; 4] {
    [
        Arc::new(PolicyWatch(policies)),
        Arc::new(Database(means.clone())),
        Arc::new(Keys {
            means: means.clone(),
            keys,
        }),
        Arc::new(Lists::new(means.clone(), VISIBLE_WITHIN)),
    ]
}

/// The promise to operators: one period of the publisher, building a long list, and room to spare.
const VISIBLE_WITHIN: Duration = Duration::from_secs(5);
