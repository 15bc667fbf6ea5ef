// SPDX-License-Identifier: Apache-2.0
//! A station's batch through the real programs: however many rows there are, no program takes more memory for them.

use crate::installation::Installation;
use crate::rows::{peak, rows, send};

const ROWS: usize = 6_500;
/// After so many answers each of them has met whole batches, also a signer that was slow to take part.
const WARM: usize = 2_500;
/// How much more memory a program may have in the end than then.
const SLACK_KIB: u64 = 8 * 1024;
/// Who works for a batch.
const AT_WORK: [&str; 3] = ["admin", "signer-1", "signer-2"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_memory_of_every_program_stays_where_it_was_while_a_batch_goes_through() {
    let installation = Installation::new().await;
    installation.operates(&["station", "create", "flash-1", "--group", "line-1"]);
    let rows = rows(ROWS);
    let peaks = || AT_WORK.map(|name| peak(&installation.program(name).status()));
    let (mut heard, mut early) = (0, [0; 3]);
    let end = send((&installation.socket(), "acme"), &rows, |answer| {
        heard += 1;
        if heard == WARM {
            early = peaks();
        }
        assert_ne!(answer["result"], "failed", "{answer}");
        true
    });
    let late = peaks();
    let end = end.expect("a last line");
    let bad = rows.iter().filter(|row| row.refused.is_some()).count();
    assert_eq!(
        (&end["end"]["issued"], &end["end"]["refused"]),
        (&(ROWS - bad).into(), &bad.into()),
        "{end}"
    );
    for ((name, early), late) in AT_WORK.into_iter().zip(early).zip(late) {
        eprintln!("{name}: peak memory {early} KiB after {WARM} of {ROWS} rows, {late} KiB at the end");
        assert!(
            late < early + SLACK_KIB,
            "{name} grew from {early} KiB to {late} KiB"
        );
    }
    installation.is_lawful();
}
