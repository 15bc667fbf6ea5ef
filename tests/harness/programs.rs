// SPDX-License-Identifier: Apache-2.0
//! Other people's stacks, started as plain programs; see `interop/README.md` for what each wants.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use tempfile::TempDir;
use tokio::process::Command;

use crate::patience::promptly;
use crate::relying_party::{pem, pem_chain};

/// What a program said.
#[derive(Debug)]
pub struct Said {
    /// Its exit code.
    pub code: i32,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

/// Runs a program to its end. A program that is not there fails the story: `make setup-test` brings it in.
pub async fn run(command: &mut Command) -> Said {
    let shown = format!("{:?}", command.as_std());
    let work = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let Output {
        status,
        stdout,
        stderr,
    } = promptly(&shown, work)
        .await
        .unwrap_or_else(|error| panic!("{shown}: {error}; `make setup-test` installs what the stories ask"));
    Said {
        code: status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&stdout).into_owned(),
        err: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("a parent")
        .to_owned()
}

/// A directory with a chain and its lists, as files that every stack reads.
pub struct Files {
    directory: TempDir,
    lists: usize,
}

impl Files {
    /// Of a chain (the leaf first, its root last) and the lists of its authorities.
    pub fn of(chain: &[Vec<u8>], lists: &[&[u8]]) -> Self {
        let files = Self {
            directory: TempDir::new().expect("a directory"),
            lists: lists.len(),
        };
        let [leaf, issuer, root] = chain else {
            panic!("leaf, issuer, root; not {} certificates", chain.len())
        };
        for (name, der) in [("leaf.pem", leaf), ("issuer.pem", issuer), ("root.pem", root)] {
            files.write(name, &pem("CERTIFICATE", der));
        }
        files.write("chain.pem", &pem_chain(&[leaf.clone(), issuer.clone()]));
        files.write("anchors.pem", &pem_chain(&[root.clone(), issuer.clone()]));
        files.write(
            "lists.pem",
            &lists.iter().map(|der| pem("X509 CRL", der)).collect::<String>(),
        );
        for (at, der) in lists.iter().enumerate() {
            files.write(&format!("list{at}.pem"), &pem("X509 CRL", der));
        }
        files
    }

    /// One file more.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file is written");
    }

    /// Where a file is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    fn list_files(&self) -> impl Iterator<Item = String> {
        (0..self.lists).map(|at| format!("list{at}.pem"))
    }

    fn program(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.directory());
        command
    }

    /// OpenSSL's word on the chain of a TLS client, with the lists of all its authorities.
    pub async fn openssl(&self) -> Said {
        self.openssl_for("sslclient").await
    }

    /// The same for another purpose.
    pub async fn openssl_for(&self, purpose: &str) -> Said {
        let arguments = format!(
            "verify -x509_strict -purpose {purpose} -CAfile root.pem -untrusted issuer.pem \
             -CRLfile lists.pem -crl_check_all leaf.pem"
        );
        run(self.program("openssl").args(arguments.split_whitespace())).await
    }

    /// Whether OpenSSL verifies a list under an authority of the chain. It says so in words; its exit code is 0 for both.
    pub async fn openssl_list(&self, list: &str, authority: &str) -> bool {
        let said = run(self
            .program("openssl")
            .args(["crl", "-in", list, "-CAfile", authority, "-noout"]))
        .await;
        said.err.contains("verify OK")
    }

    /// GnuTLS's word on the chain.
    pub async fn gnutls(&self) -> Said {
        let arguments = "--verify --verify-profile medium --verify-purpose 1.3.6.1.5.5.7.3.2 \
             --load-ca-certificate root.pem --load-crl lists.pem --infile chain.pem";
        run(self.program("certtool").args(arguments.split_whitespace())).await
    }

    /// GnuTLS's word on a list under an authority of the chain.
    pub async fn gnutls_list(&self, list: &str, authority: &str) -> Said {
        run(self.program("certtool").args([
            "--verify-crl",
            "--load-ca-certificate",
            authority,
            "--infile",
            list,
        ]))
        .await
    }

    /// The word of Python's cryptography on the chain.
    pub async fn python(&self) -> Said {
        let mut command = self.python_script("verify_chain.py");
        command.args(["--anchor", "root.pem", "--intermediate", "issuer.pem"]);
        for list in self.list_files() {
            command.args(["--crl", &list]);
        }
        run(command.arg("leaf.pem")).await
    }

    /// pkilint's word on these files, certificates from the leaf upward, and on the lists.
    pub async fn lint(&self, certificates: &[&str]) -> Said {
        let mut command = self.python_script("lint.py");
        for list in self.list_files() {
            command.args(["--crl", &list]);
        }
        run(command.args(certificates)).await
    }

    fn python_script(&self, script: &str) -> Command {
        let mut command = self.program(repository().join("target/tools/venv/bin/python"));
        command.arg(repository().join("tests/interop/python").join(script));
        command
    }
}
