#!/bin/sh
# Keeps one private Postgres for whoever holds the other end of its input: takes the orders `start`, `stop` (as in a
# crash) and `halt` (in good order), answers each with a line. When the input ends, however its holder ended, Postgres
# ends and its directory goes.
#
# keeper.sh BINARIES USER PORT [DATA]
#   USER: whom Postgres runs as, for it refuses to be run by root; empty: whoever runs this
#   DATA: a new directory on the disk that is meant, whose data shall survive a crash of the machine as well
set -u
binaries=$1
user=$2
port=$3
lasting=${4:-}

place=$(mktemp -d /tmp/tamga-postgres.XXXXXX) || exit 1
data=${lasting:-$place/data}

as_user() {
    if [ -n "$user" ]; then
        setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups "$@"
    else
        "$@"
    fi
}
control() { (cd "$place" && as_user "$binaries/pg_ctl" --pgdata "$data" --log "$place/log" --wait "$@") >>"$place/control" 2>&1; }
end() {
    trap - EXIT
    control --mode immediate stop
    rm -rf "$place" "$data"
}
trap end EXIT
# The orders come from the holder alone: whoever interrupts the holder at a terminal interrupts it, and we see its end.
trap '' INT QUIT HUP
trap 'exit 1' TERM

mkdir "$data" || exit 1
[ -z "$user" ] || chown "$user" "$place" "$data"
: >"$place/control"
cd "$place" || exit 1
as_user "$binaries/initdb" --pgdata "$data" --username postgres --auth trust --encoding UTF8 --no-locale \
    --no-sync </dev/null >>"$place/control" 2>&1 || {
    echo "failed: initdb: $(tail -n 3 "$place/control" | tr '\n' ' ')"
    exit 1
}
cat >>"$data/postgresql.conf" <<SETTINGS
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$place'
max_connections = 400
jit = off
log_min_messages = log
SETTINGS
if [ -n "$lasting" ]; then
    cat >>"$data/postgresql.conf" <<SETTINGS
shared_buffers = 512MB
max_wal_size = 4GB
fsync = on
synchronous_commit = on
full_page_writes = on
SETTINGS
else
    # What a crash of the machine would lose may be lost, what a crash of Postgres would lose may not: no fsync, but
    # commits wait for the log to be written.
    cat >>"$data/postgresql.conf" <<SETTINGS
shared_buffers = 64MB
fsync = off
full_page_writes = off
SETTINGS
fi

answer() {
    if "$@"; then
        echo "done $place"
    else
        echo "failed: $*: $(tail -n 3 "$place/log" "$place/control" 2>/dev/null | tr '\n' ' ')"
    fi
}
while read -r order; do
    case $order in
        start) answer control start ;;
        stop) answer control --mode immediate stop ;;
        halt) answer control --mode fast stop ;;
        *) echo "failed: no such order: $order" ;;
    esac
done
