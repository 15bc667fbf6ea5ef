// SPDX-License-Identifier: Apache-2.0
//! Explains one request to an operator: what was asked, which rule fired and on what, and what became of it.

use tamga_registry::journal::{Ending, JournalEntry, TrackingId};
use tamga_registry::order::{OrderState, SeenOrder};
use tamga_registry::organization::OrganizationSlug;
use tamga_registry::role::Permission;
use tamga_registry::store::{SeenSubmission, Traces};
use tamga_registry::submission::{Settlement, SubmissionState};

use super::Administration;
use crate::guard::Caller;
use crate::refusal::{Failure, Refusal};

/// What is known of a request.
#[derive(Debug)]
pub struct Explanation {
    /// The request.
    pub request: TrackingId,
    /// In sentences, in the order in which it happened.
    pub findings: Vec<String>,
    /// What they were found in.
    pub traces: Traces,
}

impl Administration {
    /// Explains a request of an organization, by the id its caller was told. Only what was done or refused to somebody
    /// who proved who they are leaves traces: of strangers there are counts alone, and of those who only looked nothing.
    pub async fn explain(
        &self,
        caller: &Caller,
        organization: &OrganizationSlug,
        request: TrackingId,
    ) -> Result<Explanation, Failure> {
        self.witnessed(caller, Permission::JournalRead, request.to_string(), async {
            let (organization, _) = self.enter(caller, Permission::JournalRead, organization).await?;
            let traces = self.means.store.traces(organization.id, request.0).await?;
            let findings = findings(&traces);
            if findings.is_empty() {
                return Err(Refusal::NotFound("request").into());
            }
            Ok(Explanation {
                request,
                findings,
                traces,
            })
        })
        .await
    }
}

fn findings(traces: &Traces) -> Vec<String> {
    let submissions = traces.submissions.iter().map(submitted);
    let orders = traces
        .orders
        .iter()
        .flat_map(|seen| [ordered(seen), came_to(seen)]);
    let entries = traces.entries.iter().map(told);
    submissions.chain(orders).chain(entries).collect()
}

/// What was handed in, and whether it was judged.
fn submitted(seen: &SeenSubmission) -> String {
    let became = match &seen.state {
        SubmissionState::Waiting => "no signer has judged it yet".to_owned(),
        SubmissionState::Settled(Settlement::Registered) => "a signer registered the device".to_owned(),
        SubmissionState::Settled(Settlement::Order(order)) => format!("a signer made it the order {order}"),
        SubmissionState::Settled(Settlement::Refused { slug, sentence }) => {
            format!("a signer refused it by the rule {slug}: {sentence}")
        }
    };
    format!(
        "a door handed in the request of {} as {} at {}; {became}",
        seen.registration_id, seen.id, seen.received_at
    )
}

fn ordered(seen: &SeenOrder) -> String {
    let order = &seen.order;
    format!(
        "{} asked for a certificate on the key {}; it proved itself by {}; that became the order {}, of the kind {}, in \
         epoch {} of its line",
        seen.registration_id, order.spki, order.evidence, order.id, order.kind, order.epoch
    )
}

fn came_to(seen: &SeenOrder) -> String {
    let order = &seen.order;
    match &order.state {
        OrderState::Open => format!("the certificate of {} is on its way", order.id),
        OrderState::Fulfilled => format!("the certificate of {} is {}", order.id, order.certificate),
        OrderState::Failed { reason } => format!("{} failed: {}", order.id, by_the_rule(reason)),
    }
}

fn told(entry: &JournalEntry) -> String {
    let JournalEntry {
        at,
        actor,
        act,
        object,
        ..
    } = entry;
    match (entry.ending, &entry.reason) {
        (Ending::Done, None) => format!("{at}: {actor} did {act} to {object}"),
        (Ending::Done, Some(detail)) => format!("{at}: {actor} did {act} to {object} ({detail})"),
        (Ending::Refused, None) => format!("{at}: {actor} was refused {act} of {object}"),
        (Ending::Refused, Some(slug)) => {
            format!(
                "{at}: {actor} was refused {act} of {object}: {}",
                by_the_rule(slug)
            )
        }
    }
}

/// Which rule, and what it says.
fn by_the_rule(slug: &str) -> String {
    match Refusal::sentence_of(slug) {
        Some(sentence) => format!("the rule {slug} says: {sentence}"),
        None => format!("by the rule {slug}"),
    }
}
