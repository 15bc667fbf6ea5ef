// SPDX-License-Identifier: Apache-2.0
//! How a command ends: one exit code a kind of end, and one sentence that names the fix.

use std::fmt;
use std::process::ExitCode;

pub use crate::telemetry::chain;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    end: End,
    sentence: String,
}

/// The kinds of end; their codes are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Something failed that is neither the caller's nor the service's refusal.
    Fault,
    /// The command line or a settings file cannot be followed.
    Usage,
    /// The service answered, and refused.
    Refused,
    /// Nobody answered.
    Unreachable,
    /// The data directory or a port is in use.
    Taken,
    /// Of many things some were done, and some refused.
    Partial,
}

impl End {
    /// Every kind but the good one, by its code.
    pub const ALL: [Self; 6] = [
        Self::Fault,
        Self::Usage,
        Self::Refused,
        Self::Unreachable,
        Self::Taken,
        Self::Partial,
    ];

    /// What happened, for the documentation.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Fault => {
                "a fault: the sentence says what failed, the log has more; or `tamga verify` found a breach"
            }
            Self::Usage => "the command line or a settings file cannot be followed",
            Self::Refused => "the service refused: the sentence says what to do",
            Self::Unreachable => "nobody answered, or nobody trusted",
            Self::Taken => "the data directory or a port is in use",
            Self::Partial => {
                "of many rows some were done and some refused: each that was refused is told with its reason"
            }
        }
    }

    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Fault => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Unreachable => 4,
            Self::Taken => 5,
            Self::Partial => 6,
        }
    }
}

impl Failure {
    /// A failure of one kind.
    pub fn new(end: End, sentence: impl fmt::Display) -> Self {
        Self {
            end,
            sentence: sentence.to_string(),
        }
    }

    /// A fault, with its chain of causes.
    pub fn fault(error: &dyn std::error::Error) -> Self {
        Self {
            end: End::Fault,
            sentence: chain(error),
        }
    }

    /// Its kind.
    pub fn end(&self) -> End {
        self.end
    }

    /// The exit code of the process.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.end.code())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.sentence)
    }
}

impl std::error::Error for Failure {}
