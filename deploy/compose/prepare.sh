#!/usr/bin/env bash
# Makes what compose.yaml mounts: passwords of the database logins, directories for data and root keys, and .env with the
# user everything runs as. Run it again and nothing that is there changes.
set -euo pipefail
cd "$(dirname "$0")"
umask 077

mkdir -p state/postgres state/passwords state/roots/{device,issuer,service} state/admin
for login in owner device admin status signer; do
    password=state/passwords/database_$login
    [ -e "$password" ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$password"
done
printf 'TAMGA_UID=%s\nTAMGA_GID=%s\n' "$(id -u)" "$(id -g)" >.env
echo "prepared in $PWD/state; now: docker compose --project-directory $PWD up --build"
