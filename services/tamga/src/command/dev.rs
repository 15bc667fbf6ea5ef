// SPDX-License-Identifier: Apache-2.0
//! `tamga dev`: starts the house, tells about it, serves until it is asked to end.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tamga_runtime::chance::SystemChance;
use tamga_runtime::clock::SystemClock;
use tamga_runtime::drain::Drain;
use tamga_runtime::harden::{harden, take_descriptors};
use tamga_runtime::listener::Plane;
use tamga_runtime::telemetry::start_logging;

use super::arguments::DataArgument;
use super::show::{say, warn};
use crate::admin::AdminPlane;
use crate::dev::directory::Directory;
use crate::dev::ports::Ports;
use crate::dev::simulators::{ensure_group, first_device};
use crate::dev::summary::{Service, device_text};
use crate::exit::{End, Failure};
use crate::house::{House, RunningHouse, StartFault};
use crate::settings::Settings;

/// Serve the whole house in one process.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Dev {
    #[command(flatten)]
    data: DataArgument,
    /// The address to listen at; kept from the first start on [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    address: Option<IpAddr>,
    /// A settings file; docs/reference/settings.md lists the keys
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Enroll no simulated device
    #[arg(long)]
    no_simulate: bool,
}

impl Dev {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let settings = match &self.settings {
            Some(file) => Settings::load(file).map_err(|fault| Failure::new(End::Usage, fault))?,
            None => Settings::default(),
        };
        start_logging(&settings.telemetry).map_err(|fault| Failure::new(End::Usage, fault))?;
        harden();
        let signals = Drain::on_signals().map_err(|fault| Failure::fault(&fault))?;
        let directory = Directory::at(self.data.directory()?);
        // Held until the process ends, however it ends.
        let _alone = directory.enter()?;
        let starting = self.start(&settings, &directory);
        let house = tokio::select! {
            house = starting => house?,
            () = signals.at_once().cancelled() => return Err(cut_short()),
        };
        let told = tokio::select! {
            told = self.introduce(&house, &directory) => told,
            () = signals.begun().cancelled() => Ok(()),
        };
        match told {
            Ok(()) => serve(house, &signals).await,
            Err(failure) => {
                house.stop().await;
                Err(failure)
            }
        }
    }

    /// At the first start somebody else may take a port between its choice and its use: then others are chosen.
    async fn start(&self, settings: &Settings, directory: &Directory) -> Result<RunningHouse, Failure> {
        if !settings.listeners.is_empty() {
            let house = settings.house(directory.root().to_owned(), Vec::new())?;
            take_descriptors(&house.listeners);
            return Ok(House::start(house, Arc::new(SystemClock), Arc::new(SystemChance::new())).await?);
        }
        let mut choices = if directory.ports().exists() {
            1
        } else {
            FIRST_CHOICES
        };
        loop {
            let ports = Ports::kept_or_chosen(&directory.ports(), self.address)?;
            let listeners = ports.listeners(&directory.admin_socket());
            let house = named(settings, ports.address).house(directory.root().to_owned(), listeners)?;
            take_descriptors(&house.listeners);
            // Kept before any certificate names one of them.
            ports.keep(&directory.ports())?;
            choices -= 1;
            match House::start(house, Arc::new(SystemClock), Arc::new(SystemChance::new())).await {
                Ok(house) => return Ok(house),
                Err(fault) if fault.is_port_taken() && choices > 0 => directory.forget_ports()?,
                Err(fault) if fault.is_port_taken() => return Err(port_taken(fault, directory)),
                Err(fault) => return Err(fault.into()),
            }
        }
    }

    async fn introduce(&self, house: &RunningHouse, directory: &Directory) -> Result<(), Failure> {
        let service = Service::of(house);
        service.keep(house, directory)?;
        say(&service.text(directory));
        match house.addresses().unix(Plane::Admin) {
            Some(socket) => {
                let plane = AdminPlane::at_socket(&socket, house.organization().clone());
                match ensure_group(&plane, directory, &SystemChance::new()).await {
                    Err(failure) if self.no_simulate => warn(&failure.to_string()),
                    ensured => ensured?,
                }
            }
            None if self.no_simulate => {}
            None => return Err(no_socket()),
        }
        if self.no_simulate {
            return Ok(());
        }
        match first_device(&service, directory, Arc::new(SystemClock)).await {
            Ok((id, device)) => say(&device_text(&id, &device, directory)),
            // It was revoked, as was suggested: the service itself is well.
            Err(failure) if failure.end() == End::Refused => {
                warn(&format!("The simulated device gets no certificate: {failure}\n"));
            }
            Err(failure) => return Err(failure),
        }
        Ok(())
    }
}

/// Serves until a signal asks to end, or the house cannot go on.
async fn serve(house: RunningHouse, signals: &Drain) -> Result<(), Failure> {
    let lost = tokio::select! {
        () = signals.begun().cancelled() => false,
        () = house.lost() => true,
    };
    let drain = house.drain().clone();
    tokio::select! {
        () = house.stop() => {}
        () = signals.at_once().cancelled() => {
            drain.cut();
            return Err(Failure::new(End::Fault, "ended at once, as asked; what was in flight is finished at the next start"));
        }
    }
    match lost {
        true => Err(Failure::new(
            End::Fault,
            "a duty has ended that cannot be begun again; the log says why. Start the service anew",
        )),
        false => Ok(()),
    }
}

/// The certificate is also for the address devices are told to come to.
fn named(settings: &Settings, address: IpAddr) -> Settings {
    let mut settings = settings.clone();
    let name = address.to_string();
    if !address.is_unspecified() && !settings.tls.names.contains(&name) {
        settings.tls.names.push(name);
    }
    settings
}

fn no_socket() -> Failure {
    let sentence = "a simulated device needs its group, and no listener serves the admin plane on a Unix socket: add one to the settings, or give --no-simulate";
    Failure::new(End::Usage, sentence)
}

fn cut_short() -> Failure {
    Failure::new(
        End::Fault,
        "ended before the service was up; the next start goes on from here",
    )
}

fn port_taken(fault: StartFault, directory: &Directory) -> Failure {
    let failure = Failure::from(fault);
    let sentence = format!(
        "{failure}. The ports are kept in {}: free the port, or change it there (the status port stands in certificates and cannot be changed)",
        directory.ports().display()
    );
    Failure::new(failure.end(), sentence)
}

const FIRST_CHOICES: u32 = 5;

const EXAMPLES: &str = "\
Examples:
  tamga dev
  tamga dev --data ./try --no-simulate
  tamga dev --settings tamga.toml

The first start makes roots, issuers, an organization, a group `simulators` and one simulated device. Later starts serve the same data at
the same ports. SIGTERM and SIGINT finish what is in flight; a second one ends at once.";
