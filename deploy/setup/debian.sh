# Installs missing Debian packages as root, or says the one line that would. Sourced, not run.
# shellcheck shell=bash

missing=()

# need PACKAGE COMMAND...: the package is missing when the command fails.
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

# Run as root, apt-get does it; any other user is told the line and the script ends.
install_missing() {
    if [ "${#missing[@]}" -eq 0 ]; then
        return
    fi
    if ! command -v apt-get >/dev/null; then
        echo "missing: ${missing[*]} (Debian's names). Install them with your system's package manager and try again." >&2
        exit 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        echo "missing: ${missing[*]}. Run this line, then try again:" >&2
        echo "    sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    echo "installing: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    apt-get -qq install --yes --no-install-recommends "${missing[@]}" >/dev/null
    missing=()
}
