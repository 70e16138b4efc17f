# A PostgreSQL of our own for the tests: in a temporary folder, reached by a socket in it, never the system's. To be sourced.
#   start_postgres   exports RINGFENCE_TEST_POSTGRES; says why where it can't
#   stop_postgres    stops it and takes the folder away; does nothing where none was started

postgres_programs() {
  local folder
  if command -v initdb >/dev/null 2>&1 && command -v pg_ctl >/dev/null 2>&1; then
    dirname "$(command -v initdb)"
    return
  fi
  # Debian and Ubuntu keep them off the path, one folder per version.
  folder=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && echo "$folder"
}

# The server refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_postgres() {
  local programs password
  programs=$(postgres_programs) || { echo "No PostgreSQL programs."; return 1; }
  if [ "$(id -u)" = 0 ] && ! id postgres >/dev/null 2>&1; then
    echo "PostgreSQL does not run as root, and there is no user postgres."
    return 1
  fi
  # On a disk in memory where there is room: nothing here has to outlast the machine.
  postgres_folder=$([ "$(df -Pm /dev/shm 2>/dev/null | awk 'END { print $4 }')" -gt 6000 ] 2>/dev/null && mktemp -d -p /dev/shm || mktemp -d)
  postgres_ctl=$programs/pg_ctl
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  (umask 077 && printf '%s' "$password" >"$postgres_folder/password")
  [ "$(id -u)" != 0 ] || chown -R postgres "$postgres_folder"
  if ! (cd / && as_postgres "$programs/initdb" -D "$postgres_folder/data" -U ringfence --pwfile="$postgres_folder/password" \
      -A scram-sha-256 -E UTF8 --locale=C >"$postgres_folder.log" 2>&1 &&
    as_postgres "$postgres_ctl" -D "$postgres_folder/data" -w -t 60 -l "$postgres_folder/log" \
      -o "-c listen_addresses='' -c unix_socket_directories='$postgres_folder' -c max_connections=200 -c autovacuum=off" start >>"$postgres_folder.log" 2>&1); then
    tail -n 5 "$postgres_folder.log"
    stop_postgres
    return 1
  fi
  export RINGFENCE_TEST_POSTGRES="Host=$postgres_folder;Username=ringfence;Password=$password;Database=postgres"
}

stop_postgres() {
  [ -n "${postgres_folder:-}" ] || return 0
  (cd / && as_postgres "$postgres_ctl" -D "$postgres_folder/data" -m immediate stop) >/dev/null 2>&1
  rm -rf "$postgres_folder" "$postgres_folder.log"
  postgres_folder=
}
