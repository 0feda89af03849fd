# Courrier: `make run` and `make test` do all the set-up. `make help` lists the rest.
PY ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
MEMBERS := $(wildcard libs/*/pyproject.toml services/*/pyproject.toml deploy/*/pyproject.toml)
export UV_PYTHON_DOWNLOADS = never
export UV_PYTHON = $(PY)

.DEFAULT_GOAL := help

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 24

$(UV):
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Courrier needs Python 3.11 or newer; set PY=python3.x")'
	@$(PY) -m venv .tools && .tools/bin/pip install -q --disable-pip-version-check uv==0.13.9

.venv/.run: $(UV) uv.lock pyproject.toml $(MEMBERS)
	@$(UV) sync -q --locked --no-dev --inexact && touch $@

.venv/.dev: $(UV) uv.lock pyproject.toml $(MEMBERS)
	@$(UV) sync -q --locked && touch $@ .venv/.run

run: .venv/.run  ## the whole system on this machine, with a demo mailbox
	@exec $(BIN)/courrier up

test-packages:  ## Debian packages that the full tests use (root, apt)
	apt-get update -q && apt-get install -y -q --no-install-recommends dovecot-imapd isync

check: .venv/.dev  ## format, lint, types, import contracts
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy libs services deploy tests
	@$(BIN)/lint-imports

fmt: .venv/.dev  ## format and mend what ruff can
	@$(BIN)/ruff format -q . ; $(BIN)/ruff check -q --fix .

.PHONY: help run test-packages check fmt
