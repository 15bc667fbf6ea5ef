// SPDX-License-Identifier: Apache-2.0
//! What was found: how much was looked at, and each breach of a law, up to a bound.

use std::collections::BTreeMap;

use tamga_registry::inspection::Law;

use crate::question::Question;

/// The result of a verification.
#[derive(Debug, Default)]
pub struct Report {
    /// How much was looked at.
    pub counts: Counts,
    /// What was found, by invariant: of each law the first hundred or so.
    pub findings: Vec<Finding>,
    /// How many more were found.
    pub untold: u64,
}

impl Report {
    /// Whether nothing was found.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

/// How much was looked at.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Laws that were checked.
    pub laws: u64,
    /// Authorities.
    pub authorities: u64,
    /// Certificates that were read.
    pub certificates: u64,
    /// Intents without a certificate.
    pub intents: u64,
    /// Certificate requests that were read.
    pub requests: u64,
    /// Requests whose signature this verifier cannot judge.
    pub requests_unjudged: u64,
    /// Lists that were read.
    pub lists: u64,
    /// Entries of those lists.
    pub entries: u64,
}

impl Counts {
    pub(crate) fn absorb(&mut self, other: Self) {
        for (ours, theirs) in [
            (&mut self.laws, other.laws),
            (&mut self.authorities, other.authorities),
            (&mut self.certificates, other.certificates),
            (&mut self.intents, other.intents),
            (&mut self.requests, other.requests),
            (&mut self.requests_unjudged, other.requests_unjudged),
            (&mut self.lists, other.lists),
            (&mut self.entries, other.entries),
        ] {
            *ours = ours.saturating_add(theirs);
        }
    }
}

/// One breach of a law.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The law.
    pub law: &'static Law,
    /// Who breaks it, as shown elsewhere.
    pub object: String,
    /// What is wrong with it; empty where the law says it all.
    pub detail: String,
}

impl Finding {
    /// The invariant it breaks.
    pub fn invariant(&self) -> &'static str {
        self.law.invariant
    }
}

/// Findings of one hand, bounded by law.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    by_law: BTreeMap<(&'static str, &'static str), (Vec<Finding>, u64)>,
}

impl Findings {
    pub(crate) fn add(&mut self, law: &'static Law, object: &str, detail: impl Into<String>) {
        let (told, untold) = self.by_law.entry((law.invariant, law.name)).or_default();
        if told.len() < TOLD_BY_LAW {
            told.push(Finding {
                law,
                object: object.to_owned(),
                detail: detail.into(),
            });
        } else {
            *untold = untold.saturating_add(1);
        }
    }

    pub(crate) fn absorb(&mut self, other: Self) {
        for (law, (told, untold)) in other.by_law {
            let (ours, count) = self.by_law.entry(law).or_default();
            *count = count.saturating_add(untold);
            for finding in told {
                if ours.len() < TOLD_BY_LAW {
                    ours.push(finding);
                } else {
                    *count = count.saturating_add(1);
                }
            }
        }
    }

    pub(crate) fn report(self, counts: Counts, question: &Question) -> Report {
        let mut report = Report {
            counts,
            ..Report::default()
        };
        for (told, untold) in self.by_law.into_values() {
            if told.iter().any(|finding| question.leaves_out(finding.law)) {
                continue;
            }
            report.findings.extend(told);
            report.untold = report.untold.saturating_add(untold);
        }
        report
    }
}

/// How many offenders are told of one law: enough to see a pattern, few enough to read.
pub(crate) const TOLD_BY_LAW: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law;
    use tamga_x509::time::Timestamp;

    #[test]
    fn of_each_law_a_hundred_are_told_and_the_others_are_counted() {
        let (mut one, mut other) = (Findings::default(), Findings::default());
        for _ in 0..80 {
            one.add(&law::IDENTITY, "crt_1", "");
            other.add(&law::IDENTITY, "crt_2", "");
        }
        other.add(&law::SIGNATURE, "crt_2", "");
        one.absorb(other);
        let report = one.report(Counts::default(), &Question::as_of(Timestamp::from_seconds(0)));
        assert_eq!((report.findings.len(), report.untold), (101, 60));
    }
}
