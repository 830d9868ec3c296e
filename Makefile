# Two commands matter: `make run` and `make test`. What they need is made on the way, once: the virtual
# environment, a Node where there is none, the SDK and the console. Settings are YMERA_* variables of the
# environment; `make config` prints them.

PYTHON ?= python3
BIN := .venv/bin
NPM := cd client-sdk && ../$(BIN)/python ../scripts/node.py npm
SDK := $(shell find client-sdk/js/src client-sdk/js/*.json -type f 2>/dev/null)
CONSOLE := $(shell find client-sdk/console -type f -not -path '*/dist/*' -not -path '*/node_modules/*' 2>/dev/null)

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test coverage soak faults bench lint types format generate console config doctor clean
.DELETE_ON_ERROR:

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: .venv/runtime server/console/index.html ## start the server and print its address
	@exec $(BIN)/ymera serve

test: .venv/tools server/console/index.html ## run every check and test
	@$(BIN)/python -m scripts.check

coverage: .venv/tools server/console/index.html ## say what of the server and the Python SDK no test runs
	@$(BIN)/python -m scripts.check coverage

soak: .venv/tools ## try random histories against the whole for about an hour
	@YMERA_PROPERTY_EXAMPLES=$${YMERA_PROPERTY_EXAMPLES:-200} $(BIN)/pytest -q \
		tests/properties/test_convergence.py tests/properties/test_runs.py

bench: .venv/tools ## list the benchmarks
	@$(BIN)/python -m bench

faults: .venv/tools client-sdk/js/dist/index.js ## kill, stop and starve real processes, more often than make test
	@YMERA_FAULTS_SCALE=$${YMERA_FAULTS_SCALE:-4} $(BIN)/python scripts/node.py $(BIN)/pytest -q tests/faults

lint: .venv/tools client-sdk/js/dist/index.js ## run the linters only
	@$(BIN)/python -m scripts.check lint

types: .venv/tools client-sdk/js/dist/index.js ## run the type checkers only
	@$(BIN)/python -m scripts.check types

format: .venv/tools ## format the Python code
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

generate: .venv/tools ## write what is derived from the protocol and the settings
	@$(BIN)/python scripts/generate.py

console: server/console/index.html ## build the web console

config: .venv/runtime ## print the settings
	@$(BIN)/ymera config

doctor: .venv/runtime ## check that the server can run here
	@$(BIN)/ymera doctor

clean: ## remove everything that was built; data stay
	rm -rf .venv build dist *.egg-info client-sdk/python/*.egg-info server/console
	rm -rf client-sdk/node_modules client-sdk/js/dist client-sdk/console/dist scripts/chromium-package/node_modules
	rm -rf .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

.venv/runtime: setup.cfg pyproject.toml constraints.txt scripts/bootstrap.py
	@$(PYTHON) scripts/bootstrap.py
	@echo "Installing the server's packages"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

.venv/tools: .venv/runtime $(wildcard client-sdk/python/setup.cfg client-sdk/python/pyproject.toml)
	@echo "Installing the tools for checks and tests"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

client-sdk/node_modules/installed: client-sdk/package-lock.json .venv/runtime
	@echo "Installing the console's packages"
	@$(NPM) ci --no-progress
	@touch $@

client-sdk/js/dist/index.js: $(SDK) client-sdk/node_modules/installed
	@$(NPM) run build --workspace js
	@touch $@

server/console/index.html: $(CONSOLE) client-sdk/js/dist/index.js
	@$(NPM) run build --workspace console -- --outDir ../../server/console --emptyOutDir
	@touch $@
