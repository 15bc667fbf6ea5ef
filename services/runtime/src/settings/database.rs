// SPDX-License-Identifier: Apache-2.0
//! The section `[database]`: where the Postgres of an installation is, and how much of it a process may use.

use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::reference::{Key, key};
use super::{HumanDuration, SecretFault, SecretFile};

/// The section `[database]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseSettings {
    /// `postgres://user@host:port/database?sslmode=verify-full`; without a password.
    pub url: String,
    /// Where its password is; absent = `PGPASSFILE`, or no password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<SecretFile>,
    /// Connections that read at one time, at most.
    pub readers: u32,
    /// How long a free connection is waited for.
    pub acquire_timeout: HumanDuration,
    /// How long one statement may take.
    pub statement_timeout: HumanDuration,
    /// How long one statement may wait for what another holds.
    pub lock_timeout: HumanDuration,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        let seconds = |seconds| HumanDuration(Duration::from_secs(seconds));
        Self {
            url: String::new(),
            password_file: None,
            readers: 8,
            acquire_timeout: seconds(5),
            statement_timeout: seconds(8),
            lock_timeout: seconds(5),
        }
    }
}

impl DatabaseSettings {
    /// What is well-formed and makes no sense, a sentence each.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        match self.authority() {
            None => faults.push(
                "database.url: give the Postgres of the installation, such as \"postgres://tamga-device@db.example/tamga?sslmode=verify-full\"".to_owned(),
            ),
            // The text may hold the password: it is not repeated.
            Some(user) if user.contains(':') || self.query().any(|(name, _)| name == "password") => faults.push(
                "database.url: a password may not stand in it; put it into a file of mode 0600 and name that as database.password_file".to_owned(),
            ),
            Some("") => faults.push("database.url: name the user before the host, as in \"postgres://tamga-device@…\"".to_owned()),
            Some(_) => {}
        }
        if self.readers == 0 {
            faults.push("database.readers: nothing could ever be read; give at least 1".to_owned());
        }
        for (name, timeout) in [
            ("acquire_timeout", self.acquire_timeout),
            ("statement_timeout", self.statement_timeout),
            ("lock_timeout", self.lock_timeout),
        ] {
            if timeout.0.is_zero() {
                faults.push(format!(
                    "database.{name}: give a duration such as \"10s\"; without one a process could wait for ever"
                ));
            }
        }
        faults
    }

    /// The URL with the password in it, for whoever connects. Read anew at each call: passwords are rotated.
    ///
    /// # Errors
    /// [`SecretFault`] when the password cannot be read.
    pub fn connection(&self) -> Result<Zeroizing<String>, SecretFault> {
        let Some(file) = &self.password_file else {
            return Ok(Zeroizing::new(self.url.clone()));
        };
        let password = file.read()?;
        let encoded = Zeroizing::new(utf8_percent_encode(&password, NON_ALPHANUMERIC).to_string());
        Ok(Zeroizing::new(match self.url.split_once('@') {
            Some((user, rest)) => format!("{user}:{}@{rest}", *encoded),
            None => self.url.clone(),
        }))
    }

    /// The user, and whatever else stands before the host; none where the URL is no URL of Postgres.
    fn authority(&self) -> Option<&str> {
        let rest = ["postgres://", "postgresql://"]
            .iter()
            .find_map(|scheme| self.url.strip_prefix(scheme))?;
        let (authority, database) = rest.split_once('/')?;
        let named = !database.split('?').next().unwrap_or_default().is_empty();
        named.then(|| authority.rsplit_once('@').map_or("", |(user, _)| user))
    }

    fn query(&self) -> impl Iterator<Item = (&str, &str)> {
        let query = self.url.split_once('?').map_or("", |(_, query)| query);
        query.split('&').filter_map(|pair| pair.split_once('='))
    }
}

/// The keys of the section, for the reference.
pub const KEYS: &[Key] = &[
    key(
        "database.url",
        "URL",
        "\"\"",
        "The Postgres (15 or newer) of the installation, with the user this process comes as and without a password: `postgres://user@host:port/database?sslmode=verify-full`. Behind a Unix socket: `postgres://user@localhost/database?host=/run/postgresql`.",
    ),
    key(
        "database.password_file",
        "secret file",
        "",
        "Where the password is, read anew for every start. Absent: the file that `PGPASSFILE` names, or none (a Unix socket, a client certificate named in the URL).",
    ),
    key(
        "database.readers",
        "number",
        "8",
        "Connections that read what is rarely asked at one time, at most; ten more read what every request asks, write, and carry hints. Those of all processes together must fit into the server's `max_connections`.",
    ),
    key(
        "database.acquire_timeout",
        "duration",
        "\"5s\"",
        "How long a free connection is waited for.",
    ),
    key(
        "database.statement_timeout",
        "duration",
        "\"8s\"",
        "How long one statement may take before the server ends it.",
    ),
    key(
        "database.lock_timeout",
        "duration",
        "\"5s\"",
        "How long one statement may wait for what another transaction holds.",
    ),
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn at(url: &str) -> DatabaseSettings {
        DatabaseSettings {
            url: url.to_owned(),
            ..DatabaseSettings::default()
        }
    }

    #[test]
    fn a_url_without_a_password_is_taken() {
        for url in [
            "postgres://tamga-device@db.example/tamga?sslmode=verify-full",
            "postgresql://tamga@localhost/tamga?host=/run/postgresql",
        ] {
            assert_eq!(at(url).faults(), Vec::<String>::new(), "{url}");
        }
    }

    #[test]
    fn a_password_in_the_url_is_refused_and_not_repeated() {
        for url in [
            "postgres://tamga:hunter2@db/tamga",
            "postgres://tamga@db/tamga?password=hunter2",
        ] {
            let faults = at(url).faults().join("\n");
            assert!(
                faults.contains("password_file") && !faults.contains("hunter2"),
                "{faults}"
            );
        }
    }

    #[test]
    fn everything_senseless_is_told_at_once() {
        let settings = DatabaseSettings {
            readers: 0,
            lock_timeout: HumanDuration(Duration::ZERO),
            ..at("sqlite:tamga.db")
        };
        let faults = settings.faults();
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert_eq!(at("postgres://db/tamga").faults().len(), 1, "a user is missing");
        assert_eq!(
            at("postgres://tamga@db").faults().len(),
            1,
            "a database is missing"
        );
    }

    #[test]
    fn the_password_comes_from_its_file_and_may_hold_anything() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        fs::write(&path, "p@ss:/w%rd\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let settings = DatabaseSettings {
            password_file: Some(SecretFile::Path(path)),
            ..at("postgres://tamga@db/tamga")
        };
        let connection = settings.connection().unwrap();
        assert_eq!(&**connection, "postgres://tamga:p%40ss%3A%2Fw%25rd@db/tamga");
        assert!(!format!("{settings:?}").contains("p@ss"));
    }
}
