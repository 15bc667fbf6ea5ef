// SPDX-License-Identifier: Apache-2.0
//! Each law is broken in a small installation, alone where that can be, and found by its name.

mod authorities;
mod certificates;
mod edit;
mod key;
mod lists;
mod memory;
mod outside;
mod small;

use std::collections::BTreeSet;

use crate::law::LAWS;

/// Laws whose breach is shown beside the code that finds it.
const ELSEWHERE: [&str; 1] = ["serial_chance"];

#[test]
fn every_law_is_broken_by_some_test() {
    let broken: BTreeSet<&str> = ELSEWHERE
        .into_iter()
        .chain(
            certificates::DAMAGE
                .iter()
                .flat_map(|(_, laws, _)| *laws)
                .copied(),
        )
        .chain(authorities::DAMAGE.iter().map(|(law, _)| *law))
        .chain(lists::DAMAGE.iter().map(|(_, law, _)| *law))
        .chain(outside::LAWS)
        .collect();
    let all: BTreeSet<&str> = LAWS.iter().map(|law| law.name).collect();
    assert_eq!(broken, all);
}
