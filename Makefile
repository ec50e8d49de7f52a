# The commands of the project. Each sets up what it needs, says what it does, and is quick again.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo serve page test test-random fuzz soak soak-scale mutants conformance check format bench bench-quick constraints clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1: /p' Makefile

demo: .venv/run ## Start the gateway over the built-in sandbox
	@$(BIN)/tidings serve --demo

serve: .venv/run ## Start the gateway over the inboxes in tidings.toml
	@$(BIN)/tidings serve

page: ## Build the page at / anew, from page/ into app/page (needs Node 20)
	@cd page && npm ci --silent && npm run --silent build

# One more than there are cores: some tests wait for a real server, or for real time.
PROCESSES = $$(( $$(nproc) + 1 ))

test: .venv/dev ## Run the tests, also against real MediaWikis
	@echo "Testing (the first time this fetches two real MediaWikis, about 110 MB) ..."
	@$(BIN)/pytest --numprocesses $(PROCESSES) --dist worksteal

test-random: .venv/dev ## The same with many other generated stories (30 minutes)
	@TIDINGS_RANDOM=1 $(BIN)/pytest --numprocesses auto --dist worksteal

fuzz: .venv/dev ## Throw 100,000 inputs at each side: requests, answers of instances, the store (2 minutes)
	@TIDINGS_RANDOM=1 $(BIN)/pytest --numprocesses auto tests/fuzz

SECONDS ?= 60
soak: .venv/dev ## A gateway under load while its instances fail and it is reloaded (2 minutes; SECONDS=1800)
	@echo "One process, whose instances fail and which is reloaded each second, $(SECONDS) s ..."
	@cd tests && ../$(BIN)/python -m soak $(SECONDS)

soak-scale: .venv/dev ## Two gateways behind nginx under load, killed and restarted (2 minutes)
	@echo "Two processes behind nginx, which are killed and restarted, $(SECONDS) s ..."
	@cd tests && ../$(BIN)/python -m soak $(SECONDS) scale

mutants: ## Change MODULE line by line, and tell what TESTS do not notice (an hour)
	@scripts/mutants.sh $(MODULE) $(TESTS)

conformance: .venv/run ## Run judges written elsewhere against the gateway (needs Node 20)
	@tests/conformance/run.sh

check: .venv/dev ## Check format, lint, types, import rules and the printed schema
	@echo "Checking format, lint, types, imports and schema ..."
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/tidings schema --check schema.graphql

format: .venv/dev ## Format the code and mend what can be mended
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: .venv/dev ## Measure what the tests cannot count, and write docs/performance.md (9 minutes)
	@$(BIN)/python -m bench

bench-quick: .venv/dev ## The same in under a minute, printed alone
	@$(BIN)/python -m bench --quick

constraints: ## Renew constraints.txt to the newest versions
	@scripts/renew_constraints.sh

clean: ## Remove what the other commands made
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python:
	@scripts/make_venv.sh $(PYTHON)

.venv/run: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing Tidings into .venv ..."
	@$(BIN)/pip install --quiet --editable .
	@touch $@

.venv/dev: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing Tidings and what its tests need into .venv ..."
	@$(BIN)/pip install --quiet --editable '.[dev]'
	@touch .venv/run $@
