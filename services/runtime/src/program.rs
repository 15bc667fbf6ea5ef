// SPDX-License-Identifier: Apache-2.0
//! The `main` of a process: settings read, logging begun, started, served until a signal, ended well or cut.

use std::future::Future;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use crate::drain::Drain;
use crate::exit::{End, Failure};
use crate::harden::{harden, take_descriptors};
use crate::listener::BindFault;
use crate::process::{Ending, LifeFault, Waking};
use crate::settings::{ProcessSettings, load_process};
use crate::telemetry::start_logging;

/// Runs a process by its settings file, and returns how it ended.
///
/// `start` is given the settings and the drain that signals drive. The first SIGTERM or SIGINT finishes what is in
/// flight, the second one ends at once.
pub fn run<S, F>(settings: &Path, start: impl FnOnce(S, Drain) -> F) -> ExitCode
where
    S: ProcessSettings,
    F: Future<Output = Result<Waking, Failure>>,
{
    match serve(settings, start) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // The log may be switched off or not begun: whoever started the process is told in any case.
            let _ = writeln!(std::io::stderr(), "{failure}");
            failure.exit_code()
        }
    }
}

fn serve<S, F>(settings: &Path, start: impl FnOnce(S, Drain) -> F) -> Result<(), Failure>
where
    S: ProcessSettings,
    F: Future<Output = Result<Waking, Failure>>,
{
    let settings: S = load_process(settings).map_err(|fault| Failure::new(End::Usage, fault))?;
    start_logging(settings.telemetry()).map_err(|fault| Failure::new(End::Usage, fault))?;
    harden();
    take_descriptors(settings.listeners());
    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    threads.map_err(|fault| Failure::fault(&fault))?.block_on(async {
        let drain = Drain::on_signals().map_err(|fault| Failure::fault(&fault))?;
        let mut waking = start(settings, drain.clone()).await?;
        tokio::select! {
            ending = waking.ended() => judged(ending),
            () = drain.at_once().cancelled() => Err(Failure::new(End::Fault, CUT)),
        }
    })
}

fn judged(ending: Ending) -> Result<(), Failure> {
    match ending {
        Ending::Asked => Ok(()),
        Ending::Lost => Err(Failure::new(End::Fault, LOST)),
        Ending::Doors(fault) => Err(fault.into()),
    }
}

impl From<LifeFault> for Failure {
    fn from(fault: LifeFault) -> Self {
        let end = match &fault {
            LifeFault::Bind(taken) if taken.is_taken() => End::Taken,
            LifeFault::Bind(BindFault::Limits { .. })
            | LifeFault::NothingToServe(_)
            | LifeFault::NoIdentity => End::Usage,
            LifeFault::Bind(_) => End::Fault,
        };
        Self::new(end, crate::telemetry::chain(&fault))
    }
}

const CUT: &str = "ended at once, as asked; what was in flight is finished by others, or at the next start";
const LOST: &str = "a duty has ended that cannot be begun again; the log says why. Start the process anew";
