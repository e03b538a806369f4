# `make demo` and `make test` set up what they need, on any machine with make and Python 3.11 or newer.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# A lock is complete: nothing is resolved, so that a newer release of anything cannot change or break a set-up.
INSTALL_LOCKED := $(PIP) install --no-deps --require-hashes
DATA ?= var
# `make test REQUIRE=all` fails where a real service is absent, instead of skipping.
REQUIRE ?=
# Branch coverage of domain and application, in per cent.
COVERAGE_MIN ?= 95
WORKERS ?= 2
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo demo-clean test check bench bench-quick services lock docs build clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Secure Mail needs Python 3.11 or newer with venv (Debian, Ubuntu: apt install python3-venv); or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements/run.lock requirements/build.lock pyproject.toml hatch_build.py
	$(INSTALL_LOCKED) -r requirements/run.lock -r requirements/build.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@$(PIP) check
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.lock
	$(INSTALL_LOCKED) -r requirements/dev.lock
	@$(PIP) check
	@touch $@

# Always asked, answered at once when nothing changed: frontend/build.py compares the times.
.PHONY: style-sheets
style-sheets: $(VENV)/.run
	@$(BIN)/python frontend/build.py

setup: $(VENV)/.dev style-sheets ## .venv with everything that development needs, style sheets built

demo: $(VENV)/.run style-sheets ## the whole service in one process on loopback, with sample data
	@$(BIN)/secure-mail demo

demo-clean: ## forget the demo's data
	rm -rf $(DATA)/demo

.PHONY: gates
gates: $(VENV)/.dev style-sheets
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy --strict secure_mail
	$(BIN)/deptry .
	$(BIN)/secure-mail migrate --check
	$(BIN)/hadolint docker/Dockerfile
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker/compose.yaml

check: gates ## the fast gates: format, lint, contracts, types, migrations, fast tests
	$(BIN)/pytest -q -n $(WORKERS) tests/unit tests/usecase

test: gates ## everything that this machine can run; says which real services it lacks
	TESTS_REQUIRE=$(REQUIRE) $(BIN)/pytest -q -n $(WORKERS) --cov --cov-fail-under=$(COVERAGE_MIN)
# In processes of their own: the browser's driver keeps an event loop running where it is used.
# A browser on a busy machine may miss a click: what failed is tried once more, and must pass then.
	TESTS_REQUIRE=$(REQUIRE) $(BIN)/pytest -q -n $(WORKERS) tests/browser || TESTS_REQUIRE=$(REQUIRE) $(BIN)/pytest -q --last-failed tests/browser

bench: $(VENV)/.dev ## speed and memory beside Postfix and aiosmtpd, under five minutes; as root, or without Postfix
	$(BIN)/python -m bench

bench-quick: $(VENV)/.dev ## the same in about a minute; nothing is kept
	$(BIN)/python -m bench --quick

services: ## install the real services that have no wheel (Debian, Ubuntu)
	@tests/services/install.sh

lock: $(VENV)/.dev ## refresh the hashed locks (UPGRADE=--upgrade moves versions)
	$(COMPILE) $(UPGRADE) pyproject.toml -o requirements/run.lock
	$(COMPILE) $(UPGRADE) requirements/build.in -o requirements/build.lock
	$(COMPILE) $(UPGRADE) -c requirements/run.lock -c requirements/build.lock requirements/dev.in -o requirements/dev.lock

docs: $(VENV)/.dev ## docs/reference, made from the program itself
	$(BIN)/python -m scripts.reference

build: $(VENV)/.dev ## the wheel, in dist/
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .

clean: ## remove what the targets made; data of a service stays
	rm -rf $(VENV) dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	rm -rf frontend/node_modules secure_mail/static/build
