// SPDX-License-Identifier: Apache-2.0
//! The page `docs/reference/cli.md`, written from the command line itself. A test compares the two.

use std::fmt::Write;

use super::arguments::road::HEADING;
use crate::exit::End;

#[test]
fn the_page_is_written_from_the_command_line() {
    let mut page = HEAD.replace("{ends}", &ends());
    let mut root = super::line().term_width(100);
    root.build();
    write!(page, "\n{SHARED}\n```text\n{}\n```\n", shared(&root)).unwrap();
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

/// The exit codes.
fn ends() -> String {
    let row = |end: &End| format!("| {} | {} |\n", end.code(), end.meaning());
    End::ALL.iter().map(row).collect::<String>()
}

fn is_shared(argument: &clap::Arg) -> bool {
    argument.get_help_heading() == Some(HEADING)
}

/// The options that every call of the admin plane has: they are described once.
fn shared(root: &clap::Command) -> String {
    let whoami = root
        .find_subcommand("whoami")
        .expect("a call without arguments of its own");
    let mut shown = whoami.clone().mut_args(|argument| {
        let hidden = !is_shared(&argument);
        argument.hide(hidden)
    });
    let help = text(&mut shown);
    let options = help.split(&format!("{HEADING}:\n")).nth(1).expect("the options");
    options
        .split("\n\nExample")
        .next()
        .expect("their text")
        .to_owned()
}

fn describe(command: &mut clap::Command, page: &mut String) {
    let name = command.get_bin_name().unwrap_or_default().to_owned();
    let calls = command.get_arguments().any(is_shared) && !name.starts_with("tamga context");
    let mut shown = command.clone();
    if calls {
        shown = shown.mut_args(|argument| {
            let hidden = is_shared(&argument);
            argument.hide(hidden)
        });
    }
    write!(page, "\n## {name}\n\n```text\n{}\n```\n", text(&mut shown)).unwrap();
}

fn text(command: &mut clap::Command) -> String {
    let help = command.render_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned()
}

const HEAD: &str = "# Command line

`tamga <noun> <verb>`. Every command answers `--help` with an example; `tamga --version` names the commit it was built from.
`tamga completions SHELL` writes what a shell needs to complete command lines, `tamga man DIR` a manual page for every command.

| exit code | what happened |
|---|---|
| 0 | done |
{ends}
Results go to standard output: as tables, with `--output json` as the admin plane's own answer (a list as one array, however many pages it
took), or with `--output yaml` as the same in YAML. Everything else goes to standard error. A refusal is told in one sentence that says what to
do, followed by its code and tracking id: [Errors](errors.md) has every code. Colours appear on a terminal only, and never with `NO_COLOR`.

| environment | what it does |
|---|---|
| `TAMGA_CONTEXT`, `TAMGA_URL`, `TAMGA_SOCKET`, `TAMGA_DATA` | as `--context`, `--url`, `--socket`, `--data`; looked at in this order, where none of the four options is given |
| `TAMGA_CA_FILE`, `TAMGA_TOKEN_FILE` | as `--ca-file` and `--token-file`, where no context says otherwise |
| `TAMGA_CONTEXTS` | the file of contexts [default: `tamga/contexts.toml` in `$XDG_CONFIG_HOME`, else in `~/.config`] |
| `TAMGA_LOG` | which events `tamga dev` logs, as `info,tamga_authority=debug` |
| `NO_COLOR` | no colours |

No secret is ever an argument: keys and tokens travel in files of mode 0600 or over standard input, and files that others can read are refused.
On the machine of the service its own user and root come in by a Unix socket, without a password; from elsewhere everybody comes over TLS,
with an API token or a client certificate ([Access](../admin/access.md)).

The programs `tamga-gateway`, `tamga-status` and `tamga-signer` are processes, not commands: each takes `--settings FILE` (and a gateway
`--plane device` or `--plane admin`), answers `--help` and `--version`, and ends by signals as `tamga dev` does.

`tamga dev` finishes what is in flight on the first SIGTERM or SIGINT and exits with 0; on the second it ends at once, with 1.
";

const SHARED: &str = "## Where the service is, and as whom to come

Every call of the admin plane takes these options. Where none of the first four is given, the environment decides, then the current
context, then the socket of a `tamga dev` at its usual place.
";
