// SPDX-License-Identifier: Apache-2.0
//! The `tamga` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    tamga::command::run(std::env::args_os())
}
