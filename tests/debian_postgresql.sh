#!/bin/sh
# Runs a command with ALEXANDRIA_TEST_DATABASE_URL set to a new, empty server of the distribution's PostgreSQL:
#   tests/debian_postgresql.sh .venv/bin/python -m pytest
# PGBIN names another folder of PostgreSQL programs. As root, the server runs as the user `postgres`.
set -eu

bin=${PGBIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)}
if [ ! -x "$bin/postgres" ]; then
    echo "no PostgreSQL in /usr/lib/postgresql/*/bin: install it (apt-get install postgresql) or set PGBIN" >&2
    exit 2
fi

folder=$(mktemp -d)
user=$(id -un)
if [ "$user" = root ]; then
    user=postgres
    chown "$user" "$folder"
    as() { setpriv --reuid="$user" --regid="$user" --clear-groups "$@"; }
else
    as() { "$@"; }
fi

stop() {
    (cd / && as "$bin/pg_ctl" stop --silent --mode=immediate --pgdata="$folder/data") || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM

(   # as many connections as a server for each process of pytest would take
    cd /
    as "$bin/initdb" --pgdata="$folder/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync \
        >"$folder/initdb.log"
    as "$bin/pg_ctl" start --silent --wait --pgdata="$folder/data" --log="$folder/data/server.log" \
        --options="-c listen_addresses= -c unix_socket_directories='$folder' -c fsync=off -c max_connections=300"
)
host=$(printf %s "$folder" | sed 's|/|%2F|g')
ALEXANDRIA_TEST_DATABASE_URL="postgresql://postgres@/postgres?host=$host" "$@"
