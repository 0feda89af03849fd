# Make an empty cluster and serve it: superuser postgres, password from POSTGRES_PASSWORD.
set -eu
cluster=/srv/postgres/cluster
echo "$POSTGRES_PASSWORD" >/srv/postgres/password
/opt/programs/initdb -D "$cluster" -U postgres --encoding=UTF8 --no-sync \
    --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C \
    --auth=scram-sha-256 --pwfile=/srv/postgres/password
echo "host all all all scram-sha-256" >>"$cluster/pg_hba.conf"
exec /opt/programs/postgres -D "$cluster" -c listen_addresses='*' -c unix_socket_directories= \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c jit=off
