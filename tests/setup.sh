#!/usr/bin/env bash
# Brings in the other stacks our tests ask: Postgres, OpenSSL, GnuTLS, nginx, Python's cryptography and pkilint, the Node
# device SDK.
# Quick when all is there: each room under target/tools carries a stamp of what it was made from.
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/setup/debian.sh

tools=$PWD/target/tools
mkdir -p "$tools"
# Two set-ups at once would trample each other's rooms.
exec 9>"$tools/.lock"
flock 9

node_suits() {
    local version
    version=$(node --version) || return 1
    version=${version#v}
    [ "${version%%.*}" -ge 18 ] && command -v npm
}
# Any version from 15 on will do; Debian 12 has that one.
postgres_is_there() {
    local postgres
    for postgres in /usr/lib/postgresql/*/bin/postgres "$(command -v postgres || true)"; do
        if [ -x "$postgres" ] && [ "$("$postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')" -ge 15 ]; then
            return
        fi
    done
    return 1
}
nginx_is_there() { PATH=$PATH:/usr/sbin command -v nginx; }

need postgresql-15 postgres_is_there
need openssl command -v openssl
need gnutls-bin command -v certtool
need nginx-light nginx_is_there
need systemd command -v systemd-analyze
need python3-venv python3 -c 'import ensurepip, venv'
if ! node_suits >/dev/null 2>&1; then
    missing+=(nodejs npm)
fi

# nginx and Postgres are wanted as programs; Debian would also start them as services.
quiet_services=/usr/sbin/policy-rc.d
if [ "${#missing[@]}" -gt 0 ] && [ "$(id -u)" -eq 0 ] && [ ! -e "$quiet_services" ]; then
    trap 'rm -f "$quiet_services"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$quiet_services"
    chmod 755 "$quiet_services"
    install_missing
    rm -f "$quiet_services"
    trap - EXIT
else
    install_missing
fi
if ! node_suits >/dev/null; then
    echo "the device SDK needs Node 18 or newer with npm; found: $(node --version 2>&1 || true)" >&2
    exit 1
fi

# room NAME STAMP COMMAND...: makes target/tools/NAME anew unless it was made from the same things.
room() {
    local place=$tools/$1 stamp=$2
    shift 2
    if [ "$(cat "$place/.stamp" 2>/dev/null)" = "$stamp" ]; then
        return
    fi
    echo "making ${place#"$PWD/"}"
    rm -rf "$place"
    if ! "$@" "$place"; then
        rm -rf "$place"
        echo "could not make ${place#"$PWD/"}: the lines above say why; the tests that ask these programs cannot run without it" >&2
        exit 1
    fi
    echo "$stamp" >"$place/.stamp"
}
stamp_of() { sha256sum | cut -d ' ' -f 1; }

make_python_room() {
    python3 -m venv "$1" &&
        "$1/bin/python" -m pip install --quiet --disable-pip-version-check --requirement tests/interop/python/requirements.txt
}
make_node_room() {
    mkdir -p "$1" &&
        cp tests/interop/node/package.json tests/interop/node/package-lock.json "$1" &&
        (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
}

room venv "$( (python3 --version; cat tests/interop/python/requirements.txt) | stamp_of)" make_python_room
room node "$( (node --version; cat tests/interop/node/package*.json) | stamp_of)" make_node_room
