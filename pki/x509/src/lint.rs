// SPDX-License-Identifier: Apache-2.0
//! Reads the exact bytes to be signed anew and compares them with what was ordered, rule by rule.
//!
//! The lints share no code with the writers: they decode through another library, so that one mistake does
//! not vouch for itself. Each lint is one file below and one line in its list.

mod certificate;
mod expectation;
mod revocation_list;
#[cfg(test)]
mod tests;

use core::fmt;

use crate::certificate::Validity;

pub use expectation::{CrlExpectation, Expectation, ExpectedName, Life, Role};

pub use certificate::{CERTIFICATE_LINTS, CertificateReading};
pub use revocation_list::{CRL_LINTS, CrlReading};

/// What a rule is about.
pub trait Artefact {
    /// The artefact's exact bytes as the lints decoded them, beside what was ordered.
    type Reading<'a>;
}

/// Rules for certificates.
#[derive(Clone, Copy, Debug)]
pub enum Certificates {}

impl Artefact for Certificates {
    type Reading<'a> = CertificateReading<'a>;
}

/// Rules for revocation lists.
#[derive(Clone, Copy, Debug)]
pub enum RevocationLists {}

impl Artefact for RevocationLists {
    type Reading<'a> = CrlReading<'a>;
}

/// One rule over one kind of artefact.
pub struct Lint<A: Artefact> {
    /// Its stable name.
    pub name: &'static str,
    /// Where the rule stands.
    pub source: &'static str,
    /// The rule: what is wrong, if anything is.
    pub check: Check<A>,
}

/// A rule as a function: what is wrong, if anything is.
pub type Check<A> = for<'a, 'b> fn(&'b <A as Artefact>::Reading<'a>) -> Result<(), String>;

/// One rule broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LintFailure {
    /// The rule's name.
    pub lint: &'static str,
    /// Where the rule stands.
    pub source: &'static str,
    /// What is wrong.
    pub found: String,
}

/// Every rule broken: a fault of ours, since nothing a caller sends may lead here. The bytes are not signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LintFailures(pub Vec<LintFailure>);

impl LintFailures {
    /// The stable code of this fault.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        "lint_failed"
    }
}

impl fmt::Display for LintFailures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes to be signed are not what was ordered:")?;
        self.0
            .iter()
            .try_for_each(|failure| write!(f, " {} ({}): {};", failure.lint, failure.source, failure.found))
    }
}

impl core::error::Error for LintFailures {}

/// Runs every certificate lint over `bytes`.
///
/// # Errors
/// [`LintFailures`] with every broken rule.
pub(crate) fn certificate(bytes: &[u8], expectation: &Expectation) -> Result<Validity, LintFailures> {
    let reading = CertificateReading::of(bytes, expectation).map_err(unreadable)?;
    run(CERTIFICATE_LINTS, &reading)?;
    reading.validity().map_err(unreadable)
}

/// Runs every lint of revocation lists over `bytes`.
///
/// # Errors
/// [`LintFailures`] with every broken rule.
pub(crate) fn revocation_list(bytes: &[u8], expectation: &CrlExpectation) -> Result<(), LintFailures> {
    let reading = CrlReading::of(bytes, expectation).map_err(unreadable)?;
    run(CRL_LINTS, &reading)
}

fn run<A: Artefact>(lints: &[Lint<A>], reading: &A::Reading<'_>) -> Result<(), LintFailures> {
    let failures: Vec<_> = lints
        .iter()
        .filter_map(|lint| {
            let found = (lint.check)(reading).err()?;
            Some(LintFailure {
                lint: lint.name,
                source: lint.source,
                found,
            })
        })
        .collect();
    if failures.is_empty() {
        Ok(())
    } else {
        Err(LintFailures(failures))
    }
}

fn unreadable(found: String) -> LintFailures {
    LintFailures(vec![LintFailure {
        lint: "readable",
        source: "X.690",
        found,
    }])
}

/// The rule of most lints: this is, octet for octet or value for value, what was expected.
fn same<T: PartialEq + fmt::Debug + ?Sized>(found: &T, wanted: &T) -> Result<(), String> {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("found {found:02x?}, expected {wanted:02x?}"))
    }
}
