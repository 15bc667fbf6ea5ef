// SPDX-License-Identifier: Apache-2.0
//! The certificates of issuers, and whether each of their lists is in force.

use std::collections::BTreeMap;
use std::time::Duration;

use tamga_registry::id::IssuerId;
use tamga_registry::inspection::{KeptIssuer, KeptList};
use tamga_registry::store::{Inspection, StoreFault};
use tamga_x509::time::Timestamp;

use super::Findings;
use crate::exit::chain;

/// Looks at authorities and lists.
pub async fn look(memory: &dyn Inspection, now: Timestamp, findings: &mut Findings) {
    if let Err(fault) = ask(memory, now, findings).await {
        findings.failed(
            "database",
            format!("it could not be read to its end: {}", chain(&fault)),
            "look at the database's own log; `tamga verify` reads everything",
        );
    }
}

async fn ask(memory: &dyn Inspection, now: Timestamp, findings: &mut Findings) -> Result<(), StoreFault> {
    let mut view = memory.inspect().await?;
    if view.installation().await?.is_none() {
        findings.failed(
            "database",
            "nobody has founded an installation in it",
            "run `tamga setup`, or `tamga dev` for a house in one process",
        );
        return Ok(());
    }
    let issuers = view.issuers().await?;
    let mut newest: BTreeMap<(Vec<u8>, i64), KeptList> = BTreeMap::new();
    for key in view.list_keys().await? {
        if let Some(list) = view.list(&key).await?.filter(|list| list.der.is_some()) {
            newest.insert((key.issuer, key.shard), list);
        }
    }
    for issuer in &issuers {
        judge_certificate(issuer, now, findings);
    }
    for issuer in &issuers {
        for shard in 0..issuer.shards {
            let list = newest.get(&(issuer.id.clone(), shard));
            judge_list((issuer, shard), list, now, findings);
        }
    }
    Ok(())
}

fn judge_certificate(issuer: &KeptIssuer, now: Timestamp, findings: &mut Findings) {
    let (name, end) = (named(issuer), Timestamp::from_micros(issuer.not_after));
    let warned = match issuer.parent {
        None => ROOT_WARNING,
        Some(_) => WARNING,
    };
    if end <= now {
        findings.failed(
            "issuers",
            format!("{name} ended at {end}"),
            "what it issued is trusted by nobody any more: have its successor issue, and give relying parties the new anchor",
        );
    } else if end.duration_since(now) < warned {
        findings.warning(
            "issuers",
            format!("{name} ends at {end}, in {} days", days(end.duration_since(now))),
            "make its successor now, so that relying parties have the new anchor long before the old one ends",
        );
    } else {
        findings.ok("issuers", format!("{name} is good until {end}"));
    }
}

fn judge_list(
    (issuer, shard): (&KeptIssuer, i64),
    list: Option<&KeptList>,
    now: Timestamp,
    findings: &mut Findings,
) {
    let name = format!("list {shard} of {}", named(issuer));
    let Some(list) = list else {
        return findings.failed("lists", format!("{name} was never published"), PUBLISH);
    };
    let (from, until) = (
        Timestamp::from_micros(list.this_update),
        Timestamp::from_micros(list.next_update),
    );
    if until <= now {
        findings.failed(
            "lists",
            format!("{name} ran out at {until}: relying parties refuse everything"),
            PUBLISH,
        );
    } else if from.duration_since(now) > CLOCK_STEP && from > now {
        findings.failed(
            "clock",
            format!("{name} is of {from}, which is in the future of this machine's clock"),
            "set the clock of this machine by NTP; nothing is mended by waiting",
        );
    } else if !list.covers {
        findings.warning(
            "lists",
            format!("{name} does not yet tell of every revocation"),
            PUBLISH,
        );
    } else {
        findings.ok("lists", format!("{name} is in force until {until}"));
    }
}

fn named(issuer: &KeptIssuer) -> String {
    let id = <[u8; 16]>::try_from(issuer.id.as_slice());
    let id = id.map_or_else(
        |_| "iss_(damaged)".to_owned(),
        |octets| IssuerId::from_octets(octets).to_string(),
    );
    format!("{} {id}", issuer.role)
}

fn days(span: Duration) -> u64 {
    span.as_secs() / DAY
}

const PUBLISH: &str = "a signer publishes lists: start one, or see at /readyz and in its log why it cannot (`lists`, `issuer_keys`)";
const DAY: u64 = 24 * 60 * 60;
/// So long before the end of an issuer its successor should be at work.
const WARNING: Duration = Duration::from_secs(30 * DAY);
/// Anchors are carried to relying parties by hand.
const ROOT_WARNING: Duration = Duration::from_secs(365 * DAY);
/// Beyond this nothing is issued.
const CLOCK_STEP: Duration = Duration::from_secs(5 * 60);

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    fn at(seconds: u64) -> i64 {
        Timestamp::from_seconds(i64::try_from(seconds).unwrap()).as_micros()
    }

    fn issuer(not_after: u64) -> KeptIssuer {
        KeptIssuer {
            id: vec![7; 16],
            role: "device".to_owned(),
            parent: Some(vec![8; 16]),
            shards: 1,
            not_after: at(not_after),
            ..KeptIssuer::default()
        }
    }

    fn state(judge: impl FnOnce(&mut Findings)) -> (&'static str, State) {
        let mut findings = Findings::default();
        judge(&mut findings);
        (findings.all()[0].check, findings.all()[0].state)
    }

    #[test]
    fn an_issuer_is_told_of_before_it_ends() {
        let now = Timestamp::from_seconds(i64::try_from(1000 * DAY).unwrap());
        for (end, wanted) in [(1400, State::Ok), (1020, State::Warning), (999, State::Failed)] {
            let judged = state(|findings| judge_certificate(&issuer(end * DAY), now, findings));
            assert_eq!(judged, ("issuers", wanted));
        }
    }

    #[test]
    fn a_list_that_ran_out_and_one_of_the_future_are_told() {
        let now = Timestamp::from_seconds(10_000);
        let list = |from: u64, until: u64, covers| KeptList {
            this_update: at(from),
            next_update: at(until),
            covers,
            ..KeptList::default()
        };
        let of = issuer(1);
        for (list, wanted) in [
            (Some(list(9_000, 11_000, true)), ("lists", State::Ok)),
            (Some(list(9_000, 11_000, false)), ("lists", State::Warning)),
            (Some(list(8_000, 9_999, true)), ("lists", State::Failed)),
            (Some(list(20_000, 30_000, true)), ("clock", State::Failed)),
            (None, ("lists", State::Failed)),
        ] {
            assert_eq!(
                state(|findings| judge_list((&of, 0), list.as_ref(), now, findings)),
                wanted
            );
        }
    }
}
