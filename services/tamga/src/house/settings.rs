// SPDX-License-Identifier: Apache-2.0
//! All a house has to be told, valid: made from the settings file by [`crate::settings`], or by a test.

use std::path::PathBuf;

use tamga_authority::administer::{ApprovalRules, TokenRules};
use tamga_authority::clerk::ClerkRules;
use tamga_authority::enroll::DoorRules;
use tamga_authority::fulfil::HandRules;
use tamga_authority::publish::PublishRules;
use tamga_gateway::process::device::DeviceRules;
use tamga_registry::issuer::StatusUrl;
use tamga_registry::organization::OrganizationSlug;
use tamga_runtime::listener::{Address, Bound, ListenerConfig, Plane};
use tamga_signer::process::SignerRules;
use tamga_status::StatusSettings;
use tamga_x509::name::ServerNames;

use super::fault::StartFault;
use crate::founding::Foundation;

/// What a house is told.
#[derive(Clone, Debug)]
pub struct HouseSettings {
    /// Where everything is kept. Made when it is not there; its owner's alone.
    pub data: PathBuf,
    /// Where it listens. The device plane speaks TLS, and so does the admin plane on the network.
    pub listeners: Vec<ListenerConfig>,
    /// The permanent base of the status URLs; absent = the first network address of the status plane.
    pub status_url: Option<StatusUrl>,
    /// The SPIFFE trust domain of device certificates; permanent.
    pub trust_domain: String,
    /// The slug of the first organization; used at the first start only.
    pub organization: OrganizationSlug,
    /// What its TLS certificate is for.
    pub server_names: ServerNames,
    /// Answered as `assignedHub` where an enrollment names none; absent = the host name the device asked for.
    pub assigned_hub: Option<String>,
    /// How the door judges, and how long it waits.
    pub door: DoorRules,
    /// How the hand works.
    pub hand: HandRules,
    /// How the clerk works.
    pub clerk: ClerkRules,
    /// How long API tokens are good.
    pub tokens: TokenRules,
    /// How lists are planned.
    pub lists: PublishRules,
    /// How long caches keep what the status plane serves.
    pub status: StatusSettings,
    /// When acts wait for a second person.
    pub approvals: ApprovalRules,
}

impl HouseSettings {
    /// What is decided at the first start, and must be so at every later one.
    pub(super) fn foundation(&self, places: &[Bound]) -> Result<Foundation, StartFault> {
        Ok(Foundation {
            trust_domain: self.trust_domain.clone(),
            status_url: self.status_url(places)?,
            organization: self.organization.clone(),
        })
    }

    /// What the device plane is told.
    pub(super) fn device(&self) -> DeviceRules {
        DeviceRules {
            door: self.door.clone(),
            assigned_hub: self.assigned_hub.clone(),
        }
    }

    /// What the signer is told.
    pub(super) fn signer(&self) -> SignerRules {
        SignerRules {
            server_names: self.server_names.clone(),
            hand: self.hand,
            lists: self.lists,
        }
    }

    /// The status URL, given or derived from where the status plane listens.
    fn status_url(&self, places: &[Bound]) -> Result<StatusUrl, StartFault> {
        if let Some(given) = &self.status_url {
            return Ok(given.clone());
        }
        let first = places.iter().find_map(|place| match place.local_address() {
            // «All addresses» is no address that anybody could fetch from.
            Address::Tcp(address) if place.plane() == Plane::Status && !address.ip().is_unspecified() => {
                Some(*address)
            }
            Address::Tcp(_) | Address::Unix(_) => None,
        });
        let derived = first.and_then(|address| format!("http://{address}").parse().ok());
        derived.ok_or(StartFault::NoStatusUrl)
    }
}
