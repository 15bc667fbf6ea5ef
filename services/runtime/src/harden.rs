// SPDX-License-Identifier: Apache-2.0
//! What a process that holds keys gives up at once (readable files by default, core dumps, being looked into), and what
//! one that serves takes: every file descriptor it may have.

use rustix::fs::Mode;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit, umask,
};

use crate::listener::ListenerConfig;

/// Gives them up. What the system does not grant is logged and does without.
pub fn harden() {
    umask(Mode::RWXG | Mode::RWXO);
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core dumps cannot be switched off: a crash may write keys to disk");
    }
    // Also closes /proc/<pid>/mem and ptrace to other processes of the same user.
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "other processes of this user may look into this one");
    }
}

/// Takes all the file descriptors the system grants, and warns when the listeners may admit more connections than that.
pub fn take_descriptors(listeners: &[ListenerConfig]) {
    let granted = raised();
    let connections = listeners.iter().map(|listener| listener.limits.connections);
    let connections = connections.fold(0usize, usize::saturating_add);
    if let Some(granted) = granted.filter(|granted| is_short(connections, *granted)) {
        tracing::warn!(
            connections,
            granted,
            RESERVE,
            "the listeners may admit more connections than there are file descriptors: raise the system's limit, or lower \
             limits.connections of the listeners"
        );
    }
}

/// The soft limit, raised to the hard one; none where there is none.
fn raised() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: limit.maximum,
        ..limit
    };
    match setrlimit(Resource::Nofile, all) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of file descriptors cannot be raised");
            limit.current
        }
    }
}

fn is_short(connections: usize, granted: u64) -> bool {
    u64::try_from(connections).unwrap_or(u64::MAX) > granted.saturating_sub(RESERVE)
}

/// For the database, the log, the listeners themselves.
const RESERVE: u64 = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_descriptors_that_are_granted_are_taken() {
        let before = getrlimit(Resource::Nofile);
        let lowered = Rlimit {
            current: before.current.or(before.maximum).map(|soft| soft - 1),
            ..before
        };
        setrlimit(Resource::Nofile, lowered).unwrap();
        assert_eq!(raised(), before.maximum);
        assert_eq!(getrlimit(Resource::Nofile).current, before.maximum);
    }

    #[test]
    fn connections_leave_a_reserve() {
        assert!(!is_short(1024 - 128, 1024));
        assert!(is_short(1024 - 127, 1024));
        assert!(is_short(1, 100));
    }
}
