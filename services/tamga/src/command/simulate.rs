// SPDX-License-Identifier: Apache-2.0
//! `tamga device simulate`: the command line of [`crate::device`].

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde_json::json;
use tamga_registry::device::RegistrationId;
use tamga_registry::organization::IdScope;
use tamga_runtime::clock::SystemClock;

use super::arguments::DataArgument;
use super::show::{Output, say};
use crate::dev::directory::Directory;
use crate::dev::summary::Service;
use crate::device::anchor::{AnchorFault, Fingerprint};
use crate::device::bundle::named_in_bundle;
use crate::device::registration::{Registration, RegistrationFault};
use crate::device::simulate::SimulateFault;
use crate::device::{
    BirthCertificate, Credential, CsrDoor, Endpoint, KeyType, Order, ServerAnchor, Simulated, simulate,
};
use crate::exit::{End, Failure};

/// Play a device.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Simulate {
    /// What the device calls itself
    #[arg(long, value_name = "ID", default_value = "simulated-1")]
    registration_id: RegistrationId,
    /// A file of mode 0600 with the group's primary key [default: what `tamga dev` wrote for its group]
    #[arg(long, value_name = "FILE", conflicts_with = "device_key_file")]
    group_key_file: Option<PathBuf>,
    /// A file of mode 0600 with the device's own key
    #[arg(long, value_name = "FILE")]
    device_key_file: Option<PathBuf>,
    /// The certificate the device shows instead, PEM, the intermediates above it behind it
    #[arg(
        long,
        value_name = "FILE",
        requires = "certificate_key_file",
        conflicts_with_all = ["group_key_file", "device_key_file"]
    )]
    certificate: Option<PathBuf>,
    /// A file of mode 0600 with the key of that certificate, PEM
    #[arg(long, value_name = "FILE", requires = "certificate")]
    certificate_key_file: Option<PathBuf>,
    /// Where the device API is [default: where `tamga dev` serves it]
    #[arg(long, value_name = "URL")]
    endpoint: Option<Endpoint>,
    /// The id scope [default: that of `tamga dev`]
    #[arg(long, value_name = "SCOPE")]
    id_scope: Option<IdScope>,
    /// The certificate to trust for the service, PEM [default: that of `tamga dev`]
    #[arg(long, value_name = "FILE", conflicts_with = "fingerprint")]
    server_anchor: Option<PathBuf>,
    /// The SHA-256 of the certificate to trust, which is then fetched from the status plane
    #[arg(long, value_name = "SHA256")]
    fingerprint: Option<Fingerprint>,
    /// The status plane, for --fingerprint [default: that of `tamga dev`]
    #[arg(long, value_name = "URL", requires = "fingerprint")]
    status_url: Option<String>,
    /// Where to keep key and chain [default: devices/<registration id> in the data directory]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The type of a new key: P-256, P-384, RSA-2048 or Ed25519 [default: P-256, or the key that is there]
    #[arg(long, value_name = "TYPE")]
    key_type: Option<KeyType>,
    /// By which member of the body the certificate request goes out
    #[arg(long, value_enum, default_value_t)]
    door: Door,
    #[command(flatten)]
    data: DataArgument,
    /// How to write results
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// The two doors.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Door {
    /// `csr`, as the newest API versions define it
    #[default]
    Csr,
    /// `payload.csr`, as applications on released SDKs can send it
    Payload,
}

impl Simulate {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let directory = Directory::at(self.data.directory()?);
        let order = self.order(&directory).await?;
        let id = order.registration.registration_id.clone();
        let simulated = simulate(&order).await?;
        let kept = json!({
            "registrationId": id.presented(),
            "serial": simulated.certificate.serial().to_string(),
            "notAfter": simulated.certificate.validity().not_after().to_rfc3339(),
            "assignedHub": simulated.hub,
            "keyFile": simulated.key_file,
            "chainFile": simulated.chain_file,
            "anchorFile": simulated.anchor_file,
        });
        if !self.output.told(&kept) {
            say(&sentences(&id, &simulated));
        }
        Ok(())
    }

    /// What is left out is what `tamga dev` wrote down about itself.
    async fn order(&self, directory: &Directory) -> Result<Order, Failure> {
        let known = directory.service();
        let service = || known.as_ref().map_err(|_| nothing_known(directory));
        let endpoint = match &self.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => service()?.endpoint()?,
        };
        let scope = match &self.id_scope {
            Some(scope) => scope.clone(),
            None => service()?.id_scope()?,
        };
        let registration = Registration {
            anchor: self.anchor(directory, known.as_ref().ok()).await?,
            credential: self.credential(directory)?,
            registration_id: self.registration_id.clone(),
            clock: Arc::new(SystemClock),
            endpoint,
            scope,
        };
        let out = self
            .out
            .clone()
            .unwrap_or_else(|| directory.device(&self.registration_id));
        let door = match self.door {
            Door::Csr => CsrDoor::Csr,
            Door::Payload => CsrDoor::Payload,
        };
        Ok(Order {
            registration,
            directory: out,
            key_type: self.key_type,
            door,
        })
    }

    fn credential(&self, directory: &Directory) -> Result<Credential, Failure> {
        if let (Some(chain), Some(key)) = (&self.certificate, &self.certificate_key_file) {
            let birth = BirthCertificate::from_files(chain, key);
            return birth
                .map(Credential::from_certificate)
                .map_err(|fault| Failure::new(End::Usage, fault));
        }
        let credential = match (&self.device_key_file, &self.group_key_file) {
            (Some(file), _) => Credential::own(file),
            (None, Some(file)) => Credential::of_group(file, &self.registration_id),
            (None, None) => Credential::of_group(&directory.group_keys(), &self.registration_id),
        };
        credential.map_err(|fault| Failure::new(End::Usage, fault))
    }

    async fn anchor(
        &self,
        directory: &Directory,
        service: Option<&Service>,
    ) -> Result<ServerAnchor, Failure> {
        let usage = |fault: AnchorFault| Failure::new(End::Usage, fault);
        let Some(fingerprint) = &self.fingerprint else {
            let file = self
                .server_anchor
                .clone()
                .unwrap_or_else(|| directory.server_anchor());
            return ServerAnchor::from_file(&file).map_err(usage);
        };
        let given = self
            .status_url
            .clone()
            .or_else(|| service.map(|service| service.status_url.clone()));
        let status_url = given.ok_or_else(|| nothing_known(directory))?;
        named_in_bundle(&status_url, fingerprint).await
    }
}

fn nothing_known(directory: &Directory) -> Failure {
    let sentence = format!(
        "{} is not the data directory of a `tamga dev` that was started: name one with --data, or give --endpoint, --id-scope, --server-anchor and a key file",
        directory.root().display()
    );
    Failure::new(End::Usage, sentence)
}

fn sentences(id: &RegistrationId, simulated: &Simulated) -> String {
    format!(
        "device {id} has a certificate\n  serial     {}\n  valid till {}\n  key        {}\n  chain      {}\n  anchor     {}",
        simulated.certificate.serial(),
        simulated.certificate.validity().not_after(),
        simulated.key_file.display(),
        simulated.chain_file.display(),
        simulated.anchor_file.display(),
    )
}

impl From<SimulateFault> for Failure {
    fn from(fault: SimulateFault) -> Self {
        let end = match &fault {
            SimulateFault::Registration(RegistrationFault::Refused { .. }) => End::Refused,
            SimulateFault::Registration(
                RegistrationFault::Connect(_) | RegistrationFault::Exchange(_) | RegistrationFault::Late,
            ) => End::Unreachable,
            SimulateFault::Key(crate::device::key_pair::KeyPairFault::OtherType { .. }) => End::Usage,
            SimulateFault::Registration(RegistrationFault::Strange(_) | RegistrationFault::Request(_))
            | SimulateFault::File(_)
            | SimulateFault::Key(_)
            | SimulateFault::Certificate(_) => End::Fault,
        };
        Self::new(end, crate::exit::chain(&fault))
    }
}

const EXAMPLES: &str = "\
Examples:
  tamga device simulate --registration-id pump-2
  tamga device simulate --registration-id pump-3 --key-type RSA-2048 --door payload
  tamga device simulate --registration-id pump-9 --device-key-file pump-9.json --out ./pump-9
  tamga device simulate --registration-id pump-8 --certificate pump-8/birth.pem --certificate-key-file pump-8/birth-key.pem --out ./pump-8

Run again, the device uses the key it has; before its renewal is due it gets the very same certificate.";
