// SPDX-License-Identifier: Apache-2.0
//! Contexts: roads to admin planes under names, in a file of the operator's. It holds no secret, only where secrets are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tamga_runtime::settings::load;

use crate::exit::{End, Failure};
use crate::files::{Audience, private_directory, put};

/// All contexts of an operator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Contexts {
    /// The one that is used when none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// By name.
    #[serde(rename = "context")]
    pub all: BTreeMap<String, Context>,
}

/// A road to an admin plane, and as whom it is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Context {
    /// The plane on the network, `https://host:port`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The plane's Unix socket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub socket: Option<PathBuf>,
    /// The certificates to trust for the plane, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Where the API token is, mode 0600.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
    /// Where the client certificate is, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<PathBuf>,
    /// Where its key is, mode 0600.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_key_file: Option<PathBuf>,
    /// The organization that is meant when none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
}

impl Contexts {
    /// Reads them; none where there is no file.
    ///
    /// # Errors
    /// A failure of kind usage with everything that is wrong in the file.
    pub fn read(file: &Path) -> Result<Self, Failure> {
        if !file.exists() {
            return Ok(Self::default());
        }
        let contexts: Self = load(file).map_err(|fault| Failure::new(End::Usage, fault))?;
        let faults: Vec<String> = contexts
            .all
            .iter()
            .flat_map(|(name, context)| {
                let faults = context.faults().into_iter();
                faults.map(move |fault| format!("context.{name}: {fault}"))
            })
            .collect();
        match faults.is_empty() {
            true => Ok(contexts),
            false => {
                let file = file.display();
                let sentence = format!("the contexts in {file} are refused:\n  {}", faults.join("\n  "));
                Err(Failure::new(End::Usage, sentence))
            }
        }
    }

    /// Writes them down.
    ///
    /// # Errors
    /// A failure when the file cannot be written.
    pub fn keep(&self, file: &Path) -> Result<(), Failure> {
        if let Some(directory) = file
            .parent()
            .filter(|directory| !directory.as_os_str().is_empty())
        {
            private_directory(directory)?;
        }
        let text = toml::to_string_pretty(self).map_err(|fault| Failure::fault(&fault))?;
        Ok(put(file, text.as_bytes(), Audience::Owner)?)
    }

    /// The one with a name.
    ///
    /// # Errors
    /// A failure of kind usage that lists those there are.
    pub fn named(&self, name: &str) -> Result<&Context, Failure> {
        self.all.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.all.keys().map(String::as_str).collect();
            let known = match known.is_empty() {
                true => "there is none yet: make one with `tamga context add`".to_owned(),
                false => format!("there are {}", known.join(", ")),
            };
            Failure::new(End::Usage, format!("there is no context {name}: {known}"))
        })
    }
}

impl Context {
    /// What makes no sense in it.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        match (&self.url, &self.socket) {
            (Some(_), None) | (None, Some(_)) => {}
            (Some(_), Some(_)) => faults.push("give url or socket, not both".to_owned()),
            (None, None) => faults.push("give url, or socket".to_owned()),
        }
        if self.url.is_some() && self.ca_file.is_none() {
            faults.push("ca_file: say whom to trust for the url".to_owned());
        }
        let over_network = [
            &self.ca_file,
            &self.token_file,
            &self.client_certificate,
            &self.client_key_file,
        ];
        if self.socket.is_some() && over_network.iter().any(|file| file.is_some()) {
            faults.push(
                "a socket takes no ca_file, token_file or client certificate: the kernel knows who comes"
                    .to_owned(),
            );
        }
        if self.token_file.is_some() && self.client_certificate.is_some() {
            faults.push(
                "give token_file or client_certificate, not both: a call has one credential".to_owned(),
            );
        }
        if self.client_certificate.is_some() != self.client_key_file.is_some() {
            faults.push("client_certificate and client_key_file belong together".to_owned());
        }
        faults
    }
}

/// Where the contexts are: what `TAMGA_CONTEXTS` names, else `tamga/contexts.toml` in `$XDG_CONFIG_HOME`, else in `~/.config`.
///
/// # Errors
/// A failure of kind usage where there is no home directory.
pub fn contexts_file() -> Result<PathBuf, Failure> {
    if let Some(named) = std::env::var_os("TAMGA_CONTEXTS").filter(|name| !name.is_empty()) {
        return Ok(PathBuf::from(named));
    }
    let absolute = |name: &str| {
        let path = std::env::var_os(name).map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    };
    let base = absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")));
    let base = base.ok_or_else(|| {
        let sentence = "there is no home directory to keep contexts in: name a file with TAMGA_CONTEXTS";
        Failure::new(End::Usage, sentence)
    })?;
    Ok(base.join("tamga/contexts.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Contexts, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("contexts.toml");
        std::fs::write(&file, text).unwrap();
        Contexts::read(&file)
    }

    #[test]
    fn what_was_kept_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tamga/contexts.toml");
        let mut contexts = Contexts::read(&file).unwrap();
        assert_eq!(contexts, Contexts::default());
        let plant = Context {
            url: Some("https://tamga.example:8444".to_owned()),
            ca_file: Some("/etc/tamga/anchor.pem".into()),
            token_file: Some("/home/jane/token".into()),
            organization: Some("plant".to_owned()),
            ..Context::default()
        };
        contexts.all.insert("plant".to_owned(), plant);
        contexts.current = Some("plant".to_owned());
        contexts.keep(&file).unwrap();
        assert_eq!(Contexts::read(&file).unwrap(), contexts);
    }

    #[test]
    fn everything_wrong_is_told_at_once_and_no_secret_has_a_place() {
        let told = read("[context.a]\nurl = \"https://a\"\ntoken = \"tmg_x\"\n[context.b]\nport = 1\n");
        let told = told.unwrap_err().to_string();
        assert!(
            told.contains("context.a.token") && told.contains("context.b.port"),
            "{told}"
        );
        let told =
            read("[context.a]\nurl = \"https://a\"\n[context.b]\nsocket = \"/s\"\ntoken_file = \"/t\"\n");
        let told = told.unwrap_err().to_string();
        assert!(
            told.contains("whom to trust") && told.contains("the kernel knows"),
            "{told}"
        );
    }

    #[test]
    fn an_unknown_name_is_told_with_those_there_are() {
        let contexts = read("[context.a]\nsocket = \"/s\"\n").unwrap();
        assert!(
            contexts
                .named("b")
                .unwrap_err()
                .to_string()
                .contains("there are a")
        );
    }
}
