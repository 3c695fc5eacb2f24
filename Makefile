# make demo: try it.   make test: everything that must hold.   make help: the rest.
SHELL := /bin/sh
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help install demo test lint types unit tools docs picture bench count bench-growth bench-million faults conformance fuzz wheel-test clean

help:            ## show this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+): .*## /make \1\t/' | expand -t 20

$(BIN)/smsgw: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(BIN)/smsgw

install: $(BIN)/smsgw ## make a virtual environment and install the gateway into it

demo: $(BIN)/smsgw ## the gateway and a sandbox that plays REST v2, with calls to paste
	@exec $(BIN)/smsgw demo $(DEMO)

tools: ## install what the tests drive besides Python: PHP, Perl, Node.js, Mono, Java, curl, Chromium (Debian packages)
	@sh tests/install-tools

test: $(VENV)/.dev tools lint types unit count wheel-test ## everything that must hold, as CI runs it

lint: $(VENV)/.dev ## ruff and the rules of the house (import-linter)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.dev ## mypy --strict
	$(BIN)/mypy

unit: $(VENV)/.dev ## the tests, against this checkout
	$(BIN)/python -m pytest $(PYTEST)

wheel-test: $(VENV)/.dev ## the tests that drive a gateway, against the built wheel in an environment of its own
	sh tests/test-wheel $(PYTHON)

conformance: $(VENV)/.dev tools ## real client libraries against a gateway, and the table of them in docs/compatibility.md
	$(BIN)/python -m tests.conformance

faults: $(VENV)/.dev ## the long fault suite: kills, full disks, a v2 that misbehaves; prints its numbers (minutes)
	$(BIN)/python -m tests.faults

FUZZ_SECONDS ?= 60
fuzz: $(VENV)/.dev ## coverage-guided fuzzing of the decoders, FUZZ_SECONDS (60) for each; tests/fuzz/README.md
	$(BIN)/pip install --quiet --disable-pip-version-check 'atheris>=3'
	for target in soap query rest lines packed; do \
	  $(BIN)/python -m tests.fuzz $$target -max_total_time=$(FUZZ_SECONDS) || exit 1; \
	done

bench-million: $(VENV)/.dev ## the gateway's memory over a million calls (ten minutes; ENDURANCE_CALLS=30000 for fewer)
	sh tests/bench/install-tools
	$(BIN)/python -m tests.bench.endurance
	$(BIN)/python -m tests.generate_docs

bench-growth: $(VENV)/.dev ## what a send and a read cost with up to ten million messages stored (minutes, 6 GB of memory)
	$(BIN)/python -m tests.bench.growth
	$(BIN)/python -m tests.generate_docs

docs: $(VENV)/.dev ## write again what docs/ generates from the code
	$(BIN)/python -m tests.generate_docs

picture: $(VENV)/.dev ## draw docs/demo.svg again, from a real run of the demo
	$(BIN)/python -m tests.record_demo

count: $(VENV)/.dev tools ## processor instructions for each call; fails where they grew by a tenth (half a minute)
	$(BIN)/python -m tests.bench.count

bench: $(VENV)/.dev ## measure it beside others, and write docs/performance.md: takes twenty minutes
	sh tests/bench/install-tools
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	$(BIN)/python -m tests.bench

clean: ## remove what was built
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
