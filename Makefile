# Two commands matter: `make demo` (see it work) and `make test` (see it proved).
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

.PHONY: help setup demo up test check bench bench-long storm fuzz soak screenshots docs audit lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

$(VENV)/.server: requirements/server.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Alexandria needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 …")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/server.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.server
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@

setup: $(VENV)/.server ## the virtual environment alone

demo: $(VENV)/.server ## sample catalogue, all services, one walk (ARGS=--exit ends after it)
	$(BIN)/alexandria demo $(ARGS)

up: $(VENV)/.server ## everything, with real providers
	$(BIN)/alexandria up $(ARGS)

test: $(VENV)/.test ## the whole suite
	@sh tests/browser/install.sh
	$(BIN)/python -m pytest $(ARGS)

screenshots: $(VENV)/.test ## pictures of the pages, into docs/pictures
	@sh tests/browser/install.sh
	$(BIN)/python -m tests.browser.pictures $(ARGS)

check: $(VENV)/.test ## lint, types, floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.server ## measure, and write docs/benchmarks.md (QUICK=1: each bench once and small, writes no page)
	$(BIN)/python -m bench --page $(if $(QUICK),--quick) $(ARGS)

bench-long: $(VENV)/.server ## lookups and searches on five million, a month within the limits, a provider day of harvesting
	$(BIN)/python -m bench cold search --editions 5000000 --page $(ARGS)
	$(BIN)/python -m bench month harvest --page $(ARGS)

storm: $(VENV)/.server ## 100,000 jobs while everything is killed, again and again; goes on after an interruption
	$(BIN)/python -m storm --page $(ARGS)

soak: $(VENV)/.server ## half an hour at 80 % of the capacity while providers fail; goes on after an interruption
	$(BIN)/python -m storm.soak --page $(ARGS)

$(VENV)/.tools: requirements/tools.txt $(VENV)/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tools.txt
	@touch $@

docs: $(VENV)/.tools ## the documentation as a site, in site/
	$(BIN)/sphinx-build -W --keep-going -q docs site
	@echo site/index.html

audit: $(VENV)/.tools ## known vulnerabilities of what is locked (needs the internet)
	@for each in server test; do $(BIN)/pip-audit --strict --disable-pip --require-hashes -r requirements/$$each.txt || exit 1; done

$(VENV)/.fuzz: requirements/fuzz.txt $(VENV)/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/fuzz.txt
	@touch $@

fuzz: $(VENV)/.fuzz ## hostile input at length: each parser for SECONDS=60, then many more requests and connections
	$(BIN)/python -m fuzz --seconds $(or $(SECONDS),60) $(ARGS)
	ALEXANDRIA_TEST_EXAMPLES=200 ALEXANDRIA_TEST_CONNECTIONS=10000 \
	  $(BIN)/python -m pytest -n0 --timeout 3600 tests/api/test_openapi.py tests/api/test_hostile.py tests/fuzz

lock: ## hashed requirement files from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --extra server pyproject.toml requirements/build.in -o requirements/server.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  -c requirements/server.txt requirements/test.in -o requirements/test.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  requirements/fuzz.in -o requirements/fuzz.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  -c requirements/server.txt -c requirements/test.txt requirements/tools.in -o requirements/tools.txt

clean: ## remove what make made here
	rm -rf $(VENV) site .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
