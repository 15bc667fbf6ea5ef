// SPDX-License-Identifier: Apache-2.0
//! The page `docs/reference/cli.md`, written from the command line itself. A test compares the two.

use std::fmt::Write;

use clap::CommandFactory;

use super::Command;

#[test]
fn the_page_is_written_from_the_command_line() {
    let mut page = HEAD.to_owned();
    let mut root = Command::command().term_width(100);
    root.build();
    for noun in root
        .get_subcommands_mut()
        .filter(|noun| noun.get_name() != "help")
    {
        if noun.get_subcommands().next().is_none() {
            describe(noun, &mut page);
        }
        for verb in noun
            .get_subcommands_mut()
            .filter(|verb| verb.get_name() != "help")
        {
            describe(verb, &mut page);
        }
    }
    crate::files::assert_page("docs/reference/cli.md", &page);
}

fn describe(command: &mut clap::Command, page: &mut String) {
    let name = command.get_bin_name().unwrap_or_default().to_owned();
    let help = command.render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    write!(
        page,
        "\n## {name}\n\n```text\n{}\n```\n",
        lines.join("\n").trim_end()
    )
    .unwrap();
}

const HEAD: &str = "# Command line

`tamga <noun> <verb>`. Every command answers `--help` with an example; `tamga --version` names the commit it was built from.

| exit code | what happened |
|---|---|
| 0 | done |
| 1 | a fault: the sentence says what failed, the log has more; or `tamga verify` found a breach |
| 2 | the command line or a settings file cannot be followed |
| 3 | the service refused: the sentence says what to do |
| 4 | nobody answered, or nobody trusted |
| 5 | the data directory or a port is in use |

Results go to standard output, as tables or with `--output json` as the admin plane's own answer; everything else goes to standard error.
Colours appear on a terminal only, and never with `NO_COLOR`.

| environment | what it does |
|---|---|
| `TAMGA_DATA` | as `--data` |
| `TAMGA_SOCKET` | as `--socket` |
| `TAMGA_LOG` | which events `tamga dev` logs, as `info,tamga_authority=debug` |
| `NO_COLOR` | no colours |

No secret is ever an argument: keys travel in files of mode 0600, and files that others can read are refused. Administration goes over a
Unix socket that only the service's own user and root can use; there is no password.

The programs `tamga-gateway`, `tamga-status` and `tamga-signer` are processes, not commands: each takes `--settings FILE` (and a gateway
`--plane device` or `--plane admin`), answers `--help` and `--version`, and ends by signals as `tamga dev` does.

`tamga dev` finishes what is in flight on the first SIGTERM or SIGINT and exits with 0; on the second it ends at once, with 1.
";
