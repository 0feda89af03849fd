#!/usr/bin/env bash
# Run a command with a Docker engine: the one that answers, else one of its own that ends with it.
set -euo pipefail

if docker info >/dev/null 2>&1; then
    exec "$@"
fi
if ! command -v dockerd >/dev/null || ! command -v docker-compose >/dev/null \
    || ! command -v mmdebstrap >/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            docker.io docker-compose mmdebstrap >/dev/null
    else
        echo "no Docker engine answers: start one, or as root install docker.io, docker-compose and mmdebstrap" >&2
        exit 1
    fi
fi
home=$(mktemp -d)
dockerd --pidfile "$home/pid" >"$home/log" 2>&1 &
engine=$!
trap 'kill "$engine" 2>/dev/null; wait "$engine" || true; rm -rf "$home"' EXIT
for _ in $(seq 100); do
    docker info >/dev/null 2>&1 && break
    kill -0 "$engine" 2>/dev/null || { tail -n 3 "$home/log" >&2; exit 1; }
    sleep 0.2
done
"$@"
