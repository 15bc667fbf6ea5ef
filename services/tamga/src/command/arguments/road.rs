// SPDX-License-Identifier: Apache-2.0
//! Where the admin plane is and as whom to come: named on the command line, in the environment, or by a context.

use std::path::{Path, PathBuf};

use clap::Args;

use super::homeless;
use crate::admin::contexts::{Context, Contexts, contexts_file};
use crate::admin::network::{Credential, Network, anchors};
use crate::admin::road::Road;
use crate::dev::directory::{ADMIN_SOCKET, default_directory};
use crate::device::anchor::{Endpoint, Fingerprint};
use crate::device::bundle::named_in_bundle;
use crate::exit::{End, Failure};

/// Where the admin plane is, and as whom to come.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = HEADING)]
pub(crate) struct RoadArguments {
    /// A context of `tamga context` [env: TAMGA_CONTEXT] [default: the current one, if any]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["socket", "data", "url"])]
    context: Option<String>,
    /// The admin plane's Unix socket [env: TAMGA_SOCKET] [default: admin.sock in the data directory]
    #[arg(long, value_name = "PATH", conflicts_with = "url")]
    socket: Option<PathBuf>,
    /// The data directory of `tamga dev` [env: TAMGA_DATA] [default: $XDG_DATA_HOME/tamga-dev, else ~/.local/share/tamga-dev]
    #[arg(long, value_name = "DIR", conflicts_with_all = ["socket", "url"])]
    data: Option<PathBuf>,
    /// The admin plane on the network, https://host:port [env: TAMGA_URL]
    #[arg(long, value_name = "URL")]
    url: Option<Endpoint>,
    /// The certificates to trust for it, PEM [env: TAMGA_CA_FILE]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fingerprint", "socket", "data"])]
    ca_file: Option<PathBuf>,
    /// The SHA-256 of the certificate to trust for it, which is then fetched from the status plane
    #[arg(long, value_name = "SHA256", requires = "status_url", conflicts_with_all = ["socket", "data"])]
    fingerprint: Option<Fingerprint>,
    /// The status plane, for --fingerprint
    #[arg(long, value_name = "URL", requires = "fingerprint")]
    status_url: Option<String>,
    /// A file of mode 0600 with an API token; `-` reads it from standard input [env: TAMGA_TOKEN_FILE]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["client_certificate", "socket", "data"])]
    token_file: Option<PathBuf>,
    /// Your client certificate, PEM, those above it behind it
    #[arg(long, value_name = "FILE", requires = "client_key_file", conflicts_with_all = ["socket", "data"])]
    client_certificate: Option<PathBuf>,
    /// A file of mode 0600 with its key, PEM
    #[arg(long, value_name = "FILE", requires = "client_certificate")]
    client_key_file: Option<PathBuf>,
}

impl RoadArguments {
    /// The context that is meant, if one is: a road on the command line or in the environment goes before the current one.
    pub(super) fn context(&self) -> Result<Option<Context>, Failure> {
        if self.socket.is_some() || self.data.is_some() || self.url.is_some() {
            return Ok(None);
        }
        let named = self.context.clone().or_else(|| variable("TAMGA_CONTEXT"));
        if named.is_none() && ROADS.iter().any(|name| variable(name).is_some()) {
            return Ok(None);
        }
        // Without a home directory there are no contexts, and none was named.
        let file = match contexts_file() {
            Ok(file) => file,
            Err(_) if named.is_none() => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let contexts = Contexts::read(&file)?;
        let name = named.or_else(|| contexts.current.clone());
        name.map(|name| contexts.named(&name).cloned()).transpose()
    }

    /// The road.
    pub(super) async fn road(&self, context: Option<Context>) -> Result<Road, Failure> {
        let context = context.unwrap_or_else(|| self.nameless());
        match (&context.socket, &context.url) {
            (Some(_), _) if self.is_for_the_network() => Err(Failure::new(End::Usage, NO_CREDENTIAL)),
            (Some(socket), _) => Ok(Road::Socket(socket.clone())),
            (None, Some(url)) => {
                let endpoint = url.parse().map_err(|fault| Failure::new(End::Usage, fault))?;
                let anchors = self.anchors(&context).await?;
                let credential = self.credential(&context);
                let network = Network::new(endpoint, &anchors, credential.as_ref())?;
                Ok(Road::Network(Box::new(network)))
            }
            (None, None) if self.is_for_the_network() => Err(Failure::new(End::Usage, NO_CREDENTIAL)),
            (None, None) => Ok(Road::Socket(usual_socket()?)),
        }
    }

    /// Whether something was named that a socket has no use for.
    fn is_for_the_network(&self) -> bool {
        let files = [&self.ca_file, &self.token_file, &self.client_certificate];
        self.fingerprint.is_some() || files.iter().any(|file| file.is_some())
    }

    /// What is named without a context.
    fn nameless(&self) -> Context {
        let within = |directory: &Path| directory.join(ADMIN_SOCKET);
        let url = self.url.as_ref().map(ToString::to_string);
        let socket = self.socket.clone();
        let socket = socket.or_else(|| self.data.as_deref().map(within));
        let named = url.is_some() || socket.is_some();
        let (url, socket) = match named {
            true => (url, socket),
            false => from_environment(),
        };
        Context {
            url,
            socket,
            ca_file: variable("TAMGA_CA_FILE").map(PathBuf::from),
            token_file: variable("TAMGA_TOKEN_FILE").map(PathBuf::from),
            ..Context::default()
        }
    }

    async fn anchors(&self, context: &Context) -> Result<Vec<crate::device::ServerAnchor>, Failure> {
        if let (Some(fingerprint), Some(status_url)) = (&self.fingerprint, &self.status_url) {
            return Ok(vec![named_in_bundle(status_url, fingerprint).await?]);
        }
        let file = self.ca_file.as_ref().or(context.ca_file.as_ref());
        let file = file.ok_or_else(|| {
            let sentence = "say whom to trust: give --ca-file, or --fingerprint and --status-url; the file is what `tamga dev` calls the server anchor";
            Failure::new(End::Usage, sentence)
        })?;
        anchors(file)
    }

    fn credential(&self, context: &Context) -> Option<Credential> {
        let certificate = |chain: &Option<PathBuf>, key: &Option<PathBuf>| {
            Some(Credential::Certificate {
                chain: chain.clone()?,
                key: key.clone()?,
            })
        };
        let token = |file: &Option<PathBuf>| file.clone().map(Credential::Token);
        certificate(&self.client_certificate, &self.client_key_file)
            .or_else(|| token(&self.token_file))
            .or_else(|| certificate(&context.client_certificate, &context.client_key_file))
            .or_else(|| token(&context.token_file))
    }

    /// As a context, to be kept; what it needs later is fetched by whoever keeps it.
    pub(in crate::command) fn to_keep(&self) -> Context {
        let absolute = |file: &Option<PathBuf>| {
            let file = file.as_ref()?;
            Some(std::path::absolute(file).unwrap_or_else(|_| file.clone()))
        };
        let within = self.data.as_deref().map(|data| data.join(ADMIN_SOCKET));
        Context {
            url: self.url.as_ref().map(ToString::to_string),
            socket: absolute(&self.socket.clone().or(within)),
            ca_file: absolute(&self.ca_file),
            token_file: absolute(&self.token_file),
            client_certificate: absolute(&self.client_certificate),
            client_key_file: absolute(&self.client_key_file),
            organization: None,
        }
    }

    /// The fingerprint to trust, and where the certificate is fetched.
    pub(in crate::command) fn fingerprint(&self) -> Option<(&Fingerprint, &str)> {
        Some((self.fingerprint.as_ref()?, self.status_url.as_deref()?))
    }
}

fn from_environment() -> (Option<String>, Option<PathBuf>) {
    if let Some(url) = variable("TAMGA_URL") {
        return (Some(url), None);
    }
    let socket = variable("TAMGA_SOCKET").map(PathBuf::from);
    let within = || variable("TAMGA_DATA").map(|data| Path::new(&data).join(ADMIN_SOCKET));
    (None, socket.or_else(within))
}

fn usual_socket() -> Result<PathBuf, Failure> {
    let directory = default_directory().ok_or_else(homeless)?;
    Ok(directory.join(ADMIN_SOCKET))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// Above these options in every `--help`.
pub(crate) const HEADING: &str = "Where the service is, and as whom to come";
const NO_CREDENTIAL: &str = "a Unix socket takes no credential and no anchor, as the kernel knows who comes: leave them out, or name the service's address with --url";
/// Variables that name a road.
const ROADS: [&str; 3] = ["TAMGA_URL", "TAMGA_SOCKET", "TAMGA_DATA"];
