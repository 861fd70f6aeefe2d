# Everything runs in .venv, made from hash-locked requirements. Nothing else has to be installed by hand.
PYTHON ?= python3
PORT ?= 8000
DATA ?= .fairs
SCALE ?= 1
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 3
WEB := static/js static/css
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# A lock is complete. Old pip resolves what extras bring once more, against the index, unless it is told not to.
LOCKED := install --no-deps --require-hashes

# The tests start hundreds of processes: each would compile the product again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check types rules coverage bench format lock lowest clean browser

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.runtime ## A whole fair with invented people on http://127.0.0.1:8000; PORT=, DATA=, SCALE=
	@exec $(BIN)/fairs demo --port $(PORT) --data "$(DATA)" --scale $(SCALE)

$(VENV)/.made:
	@echo "making $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: requirements.txt pyproject.toml | $(VENV)/.made
	@echo "installing what is locked in requirements.txt"
	@$(PIP) $(LOCKED) -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@$(BIN)/python -m pip check
	@touch $@

$(VENV)/.dev: tests/requirements.txt tests/install/pip-oldest.txt tests/install/pip-newest.txt $(VENV)/.runtime
	@echo "installing what the tests need"
	@$(PIP) $(LOCKED) -r tests/requirements.txt
	@$(BIN)/python -m pip check
	@for age in oldest newest; do \
	  $(PIP) $(LOCKED) --upgrade --target $(VENV)/pip-$$age -r tests/install/pip-$$age.txt || exit 1; done
	@touch $@

browser: ## Find a browser for the tests, else install Debian's; best the one without windows, which is thrice as fast
	@[ -n "$$FAIRS_BROWSER" ] || command -v chromium-headless-shell >/dev/null || { apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium-headless-shell; } >/dev/null 2>&1 || \
	  command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	  { echo "installing Debian's chromium"; apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
	  { echo "no browser found: install chromium, or set FAIRS_BROWSER"; exit 1; }

check: $(VENV)/.dev ## Format, rules, types, imports, architecture, migrations: before every commit
	@$(MAKE) --no-print-directory -j $(JOBS) types rules

types: $(VENV)/.dev ## The half of check that is mypy
	$(BIN)/mypy

rules: $(VENV)/.dev ## The other half
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/lint-imports --no-cache
	$(BIN)/oxfmt --check $(WEB)
	$(BIN)/oxlint --deny-warnings $(WEB)
	$(BIN)/pytest -q tests/architecture tests/migrations

test: check browser ## Everything that must pass; JOBS= tests at a time
	$(BIN)/pytest -n $(JOBS) --ignore=tests/architecture --ignore=tests/migrations tests

TESTS ?= tests
coverage: $(VENV)/.dev browser ## Which lines tests reach, also as htmlcov/index.html; a part with TESTS="tests/core tests/web"
	$(BIN)/pytest -n $(JOBS) --cov --cov-report=term --cov-report=html:htmlcov $(TESTS)

bench: $(VENV)/.dev ## Measure; ARGS= says what
	$(BIN)/python -m benchmarks $(ARGS)

format: $(VENV)/.dev ## Mend format and rules of Python, JavaScript and CSS
	$(BIN)/ruff check --fix src tests benchmarks
	$(BIN)/ruff format src tests benchmarks
	$(BIN)/oxlint --fix $(WEB)
	$(BIN)/oxfmt $(WEB)

# Versions and hashes, no address of a registry.
lock: ## Resolve the locked requirements anew; needs uv
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements.txt
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 -c requirements.txt --generate-hashes --no-header --no-annotate -q -o tests/requirements.txt

LOWEST := $(VENV)-lowest
lowest: ## Test with the lowest versions that pyproject.toml allows; needs uv
	rm -rf $(LOWEST) && $(PYTHON) -m venv $(LOWEST)
	uv pip compile pyproject.toml --group dev --resolution lowest-direct --no-header --no-annotate -q -o $(LOWEST)/lowest.txt
	uv pip install -q --python $(LOWEST)/bin/python -r $(LOWEST)/lowest.txt
	uv pip install -q --python $(LOWEST)/bin/python --no-deps --no-build-isolation -e .
	$(LOWEST)/bin/python -m pytest -p no:cacheprovider -n $(JOBS) --ignore=tests/architecture --ignore=tests/install tests

clean: ## Remove environments, caches and reports
	rm -rf $(VENV) $(VENV)-lowest build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* htmlcov
