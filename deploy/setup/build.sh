#!/usr/bin/env bash
# Makes sure that this machine can build Tamga: Rust, a C compiler with its headers, trust anchors.
set -euo pipefail
cd "$(dirname "$0")/../.."
. deploy/setup/debian.sh

wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
found=$(rustc --version 2>/dev/null | cut -d ' ' -f 2 || true)
if [ -z "$found" ] || ! command -v cargo >/dev/null; then
    echo "Tamga is built with Rust $wanted or newer, and no working cargo and rustc were found." >&2
    echo "Install rustup (https://rustup.rs), run \`rustup default stable\`, and try again." >&2
    exit 1
fi
if [ "$(printf '%s\n' "$wanted" "$found" | sort --version-sort | head -n 1)" != "$wanted" ]; then
    echo "Tamga is built with Rust $wanted or newer; this is $found. Run \`rustup update stable\` and try again." >&2
    exit 1
fi

c_compiles() { echo '#include <stdio.h>' | cc -E - ; }

# The C parts (aws-lc, SQLite) come as source and need no more than these; no cmake, no Perl, no Go.
need gcc command -v cc
need libc6-dev c_compiles
# cargo fetches over TLS with the system's anchors.
need ca-certificates test -s /etc/ssl/certs/ca-certificates.crt
install_missing
