// SPDX-License-Identifier: Apache-2.0
//! The page `docs/reference/invariants.md`, written from the laws themselves. A test compares the two.

use std::fmt::Write;

use tamga_registry::inspection::Law;
use tamga_verify::law::{INVARIANTS, LAWS, UNCHECKED};

#[test]
fn the_page_is_written_from_the_laws() {
    let asked = tamga_store::assertions();
    let mut page = HEAD.to_owned();
    for (invariant, holds) in INVARIANTS {
        write!(page, "\n## {invariant}\n\n{holds}\n\n").unwrap();
        let mut lines = 0;
        let mut row = |law: &Law, how: &str| {
            if law.invariant == *invariant {
                lines += 1;
                if lines == 1 {
                    page.push_str("| law | how | what holds |\n|---|---|---|\n");
                }
                writeln!(page, "| `{}` | {how} | {} |", law.name, law.holds).unwrap();
            }
        };
        for one in &asked {
            row(&one.law, "query");
        }
        for law in LAWS {
            row(law, "reading");
        }
        let mut first = lines > 0;
        for gap in UNCHECKED.iter().filter(|gap| gap.invariant == *invariant) {
            lines += 1;
            if std::mem::take(&mut first) {
                page.push('\n');
            }
            writeln!(page, "- Not checked: {}, because {}.", gap.what, gap.why).unwrap();
        }
        assert!(lines > 0, "{invariant} is checked, or it is said why not");
    }
    page.push_str(COST);
    crate::files::assert_page("docs/reference/invariants.md", &page);
}

#[test]
fn every_law_belongs_to_an_invariant_and_has_a_name_of_its_own() {
    let asked = tamga_store::assertions();
    let mut names: Vec<&str> = Vec::new();
    for law in asked.iter().map(|one| &one.law).chain(LAWS.iter().copied()) {
        let known = INVARIANTS.iter().any(|(number, _)| *number == law.invariant);
        assert!(known, "{} belongs to {}", law.name, law.invariant);
        names.push(law.name);
    }
    for gap in UNCHECKED {
        assert!(INVARIANTS.iter().any(|(number, _)| *number == gap.invariant));
    }
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

const HEAD: &str = "# Invariants

What must be true of everything an installation keeps and ever issued, and how `tamga verify` asks. The stories of the test suite
ask the same at their end.

- **query**: a query over the database that finds nothing. One text for every engine: [`pki/store/src/laws`](../../pki/store/src/laws).
- **reading**: the certificate, request or list is read again by a parser that is not the one the service uses, what the columns say is
  derived again, and signatures are verified: [`pki/verify`](../../pki/verify/src/lib.rs).

`tamga verify` reads the database as of one instant, also while the service runs. It needs no key. `--without` leaves out an invariant or
a law, by number or name: I-06, I-11 and I-38 are promises about time, which a stopped service or a restored copy cannot keep.
Of each law a hundred offenders are told, and the others are counted.

A finding is never normal. Keep the database as it is, issue nothing until it is known how it came about, and compare with a backup.
";

const COST: &str = "
## What it costs

A million certificates of a million devices, P-256 throughout, each with its request, in a SQLite database of 3.5 GB: 317 seconds, of which
203 seconds of processor time, with two workers and at most 288 MB of memory (2026-11-22; two cores of an Intel Xeon virtual machine that
were busy with other programs meanwhile, so a quiet machine needs less). Twenty thousand took 2.1 seconds. Memory does not grow with the
number of certificates. It does with the longest revocation list, which is read as a whole; that was not measured.

To repeat it:

```console
$ mkdir target/mass
$ cargo run --release -p tamga-bench --example judged_mass -- target/mass 1000000
$ tamga verify --data target/mass --without I-11
```
";
