# Courrier: `make run` and `make test` do all the set-up. `make help` lists the rest.
PY ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
MEMBERS := $(wildcard libs/*/pyproject.toml services/*/pyproject.toml deploy/*/pyproject.toml tests/pyproject.toml)
TEST_PACKAGES := dovecot-imapd isync chromium fonts-noto-cjk
export UV_PYTHON_DOWNLOADS = never
export UV_PYTHON = $(PY)
# Compiled once, here: a service starts in half the processor time, also where Python is told
# to write no bytecode.
export UV_COMPILE_BYTECODE = 1
unexport PYTHONDONTWRITEBYTECODE
COMPILE := $(BIN)/python -m compileall -q libs services

# Manifests are rendered by kubectl, which not every machine has; Debian 12 has too old a one.
MANIFESTS := $(if $(shell command -v kubectl),,and not kubectl)

.DEFAULT_GOAL := help

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 24

$(UV):
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Courrier needs Python 3.11 or newer; set PY=python3.x")'
	@rm -rf .tools; PIP="install -q --disable-pip-version-check uv==0.13.9"; \
	if $(PY) -c 'import ensurepip, venv' 2>/dev/null; then $(PY) -m venv .tools && .tools/bin/pip $$PIP; \
	elif $(PY) -c 'import pip' 2>/dev/null; then $(PY) -m pip $$PIP --target .tools; \
	else echo "$(PY) has neither venv nor pip: apt-get install python3-venv (Debian), or set PY=python3.x" >&2; exit 1; fi

.venv/.run: $(UV) uv.lock pyproject.toml $(MEMBERS)
	@$(UV) sync -q --locked --no-dev --inexact && $(COMPILE) && touch $@

.venv/.dev: $(UV) uv.lock pyproject.toml $(MEMBERS)
	@$(UV) sync -q --locked && $(COMPILE) && touch $@ .venv/.run

run: .venv/.run no-old  ## the whole system on this machine, with a demo mailbox
	@exec $(BIN)/courrier up

test: slow test-needs check  ## everything but the long ones; under ten minutes
	@$(if $(MANIFESTS),echo "no kubectl here: the Kubernetes manifests are not rendered" >&2)
	@$(BIN)/pytest -q -n 4 --dist worksteal -m "not long and not docker $(MANIFESTS)"

test-fast: .venv/.dev slow  ## unit and contract tests that start no server; under a minute
	@$(BIN)/pytest -q -n 2 --dist worksteal -m "not long and not docker and not dovecot and not integration and not kubectl" tests/unit tests/contract

test-long: .venv/.dev slow test-needs test-needs-long  ## Docker, long tests, benchmarks; writes docs/reports/test-long.md
	@deploy/images/with-engine.sh sh -c "deploy/images/build.sh && $(BIN)/python -m support.long_run"

# The same source as machine code: docs/decisions/0022. Compiled modules lie beside
# their source and go first, so whatever tests or changes the source removes them.
FAST := .venv/fast
fast: .venv/.dev slow  ## compile the reader of mail: half as fast again (a C compiler, a minute)
	@$(BIN)/python -c 'import setuptools' 2>/dev/null || $(UV) pip install -q --python $(BIN)/python setuptools==80.9.0
	@rm -rf $(FAST) && mkdir -p $(FAST) && cp -r libs/mail/src/courrier $(FAST) && touch $(FAST)/courrier/__init__.py
	@cd $(FAST) && MYPYC_OPT_LEVEL=2 MYPYC_DEBUG_LEVEL=0 ../bin/python -m mypyc --strict $$(ls courrier/mail/parse.py \
	courrier/mail/replies/*.py courrier/mail/headers/*.py courrier/mail/structure/*.py \
	courrier/mail/content/*.py courrier/mail/reports/*.py | grep -v __init__) > log 2>&1 || { tail -n 5 log >&2; exit 1; }
	@cd $(FAST) && cp --parents $$(find . -path ./build -prune -o -name '*.so' -print) ../../libs/mail/src/ && touch -r log built

# Compiled from what the source was before a pull, they would hide what it is now.
no-old:
	@[ -z "$$(find libs/mail/src -name '*.py' -newer $(FAST)/built -print -quit 2>/dev/null)" ] || $(MAKE) -s slow

slow:  ## undo make fast; make test and make fuzz do so too
	@find libs/mail/src -name '*.so' -delete

fuzz: .venv/.dev slow  ## search for bytes that break the reader: SECONDS=3600, what is found goes to .fuzz
	@cd tests && ../$(BIN)/python -m fuzz.guided --seconds $(or $(SECONDS),60) --found ../.fuzz

test-packages:  ## Debian packages that the full tests use (root, apt)
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(TEST_PACKAGES)

# Debian lets only one IMAP server be installed: Cyrus's programs are put beside Dovecot by hand.
test-packages-long: test-packages  ## Cyrus too, for make test-long (root, apt)
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends cyrus-common
	cd "$$(mktemp -d)" && chmod 755 . && apt-get download -qq cyrus-imapd && dpkg-deb -x cyrus-imapd_*.deb . \
	&& install -m 755 usr/lib/cyrus/bin/imapd usr/lib/cyrus/bin/idled /usr/lib/cyrus/bin/

test-needs-long:
	@[ -x /usr/lib/cyrus/bin/imapd ] \
	|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && $(MAKE) --no-print-directory test-packages-long; } \
	|| { echo "Cyrus is missing: as root, make test-packages-long" >&2; exit 1; }

test-needs:
	@{ [ -n "$$COURRIER_TEST_IMAP_URL$$COURRIER_TEST_DOCKER" ] || [ -x /usr/sbin/dovecot ]; } && command -v chromium >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && $(MAKE) --no-print-directory test-packages; } \
	|| { echo "Dovecot or Chromium is missing: as root, make test-packages (apt-get install $(TEST_PACKAGES)); Dovecot also by COURRIER_TEST_IMAP_URL or COURRIER_TEST_DOCKER=1 (see tests/support/ways.py)" >&2; exit 1; }

check: .venv/.dev  ## format, lint, types, import contracts
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy libs services deploy tests
	@$(BIN)/lint-imports

fmt: .venv/.dev  ## format and mend what ruff can
	@$(BIN)/ruff format -q . ; $(BIN)/ruff check -q --fix .

.PHONY: help run fast slow no-old test test-fast test-long fuzz test-packages test-packages-long test-needs test-needs-long check fmt
