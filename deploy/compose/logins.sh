#!/usr/bin/env bash
# Runs inside the Postgres container when its data is made: the owner of the database, and one login a process, each in the
# group whose rights `tamga migrate` grants.
set -euo pipefail

ask() { psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres "$@"; }
login() {
    ask --set=login="tamga-$1" --set=password="$(cat "/run/tamga/database_$1")" <<'SQL'
CREATE ROLE :"login" LOGIN PASSWORD :'password';
SQL
}

login owner
for group in device admin status signer; do
    ask --command "CREATE ROLE tamga_$group NOLOGIN"
    login "$group"
    ask --command "GRANT tamga_$group TO \"tamga-$group\""
done
ask --command 'CREATE DATABASE tamga OWNER "tamga-owner" TEMPLATE template0'
