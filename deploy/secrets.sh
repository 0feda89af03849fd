#!/bin/sh
# Print new secrets as NAME=value lines: the environment file of compose, the Secret of Kubernetes.
#   deploy/secrets.sh > deploy/.env
#   deploy/secrets.sh | kubectl -n courrier create secret generic courrier --from-env-file=/dev/stdin
# Keep what it prints: without the master key nobody opens the vault again.
set -eu
word() { printf 'p%s' "$(od -An -N20 -tx1 /dev/urandom | tr -d ' \n')"; } # begins with a letter for NATS
key() { head -c 32 /dev/urandom | base64; }

echo "COURRIER_MASTER_KEY=$(key)"
echo "COURRIER_GATEWAY_ADMIN_PASSWORD=$(word)"
echo "POSTGRES_PASSWORD=$(word)"
for role in LINKER SENDER GATEWAY; do
    echo "COURRIER_DATABASE_PASSWORD_$role=$(word)"
done
for user in ADMIN FETCHER LINKER SENDER GATEWAY ARCHIVER SYSTEM ROUTES; do
    echo "COURRIER_NATS_PASSWORD_$user=$(word)"
done
