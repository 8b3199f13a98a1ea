# `make run` (the main job), `make reports` and `make test` build the environment when needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# The main job: which scenarios, where, for how long.
SCENARIOS ?= reference loi-2013 premiere-vague central
REGION ?= france
YEARS ?= 3
REPLICATIONS ?= 5
SEED ?= 2013
RUN_OPTIONS ?=
VERIFY_OPTIONS ?=
# How many spoiled files `make fuzz` has the program read, and from which number they are drawn.
FILES ?= 100000
FUZZ_OPTIONS ?=
MUTATION_OPTIONS ?=
# Every scenario shipped but what happened (`make backtest`), and where `make reports` writes.
EVERY := $(filter-out constate,$(basename $(notdir $(wildcard scenarios/*.toml))))
REPORT ?= reports/every-scenario

# Temporary tools of `make lock` and `make sbom`, pinned by supply/tools.lock.
TOOLS := $(VENV)-tools
LOCK := $(TOOLS)/bin/uv pip compile --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-header --no-annotate --upgrade --quiet

.PHONY: golden reproduce published help env run reports backtest verify coverage fuzz mutations test lint types layers tests notebooks format lock sbom tools clean

help:
	@echo "make run    the main job: $(SCENARIOS), region $(REGION)"
	@echo "make reports every scenario, region $(REGION), and its note: hours for a country"
	@echo "make published the tables kept in reports/published, Corse: minutes; git shows what moved, nothing if nothing did"
	@echo "make backtest what happened from 2015 to 2023 beside what the model gives, region $(REGION)"
	@echo "make verify queues with known answers on both engines, some minutes"
	@echo "make coverage how often 95 % intervals hold the exact value, over a thousand runs of known systems"
	@echo "make fuzz   $(FILES) spoiled files and command lines, to be refused in clear words: hours"
	@echo "make mutations bugs planted one by one in a copy: which of them the tests see, an hour"
	@echo "make test   lint, types, layers, tests, notebooks"
	@echo "make env    the Python environment, in $(VENV)"
	@echo "make golden writes the golden figures of the shipped scenarios anew"
	@echo "make reproduce the golden figures on every Python found, with two versions of numpy: an hour (needs the network)"
	@echo "make format rewrites the code in the project's format"
	@echo "make lock   recomputes requirements.lock from pyproject.toml, then sbom.cdx.json (needs the network)"
	@echo "make sbom   recomputes sbom.cdx.json from requirements.lock (needs the network for its tools)"
	@echo "make clean  removes the environment and every cache"

env: $(STAMP)

# The stamp is written last: an interrupted installation is taken up again. `make clean env` starts from nothing.
$(STAMP): requirements.lock pyproject.toml hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "cepsim needs Python 3.11 or later; found: $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12 env" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing. On Debian or Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

run: env
	$(BIN)/cepsim run $(SCENARIOS) --region $(REGION) --years $(YEARS) --replications $(REPLICATIONS) --seed $(SEED) $(RUN_OPTIONS)

reports: published
	$(BIN)/cepsim run $(EVERY) --region $(REGION) --years $(YEARS) --replications $(REPLICATIONS) --seed $(SEED) --out $(REPORT) $(RUN_OPTIONS)
	$(BIN)/cepsim note $(REPORT)

# Writes reports/published anew; it is as it was unless results moved.
published: env
	PYTHONPATH=tests $(BIN)/python -m golden.publish

backtest: env
	$(BIN)/cepsim backtest --region $(REGION) --seed $(SEED) $(RUN_OPTIONS)

verify: env
	$(BIN)/cepsim verify $(VERIFY_OPTIONS)

coverage: env
	$(BIN)/cepsim verify --coverage $(VERIFY_OPTIONS)

fuzz: env
	PYTHONPATH=tests $(BIN)/python -m fuzz.long --files $(FILES) --seed $(SEED) $(FUZZ_OPTIONS)

mutations: env
	PYTHONPATH=tests $(BIN)/python -m mutations.run $(MUTATION_OPTIONS)

test: lint types layers tests notebooks

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: env
	$(BIN)/mypy --strict cepsim

layers: env
	$(BIN)/lint-imports

tests: env
	$(BIN)/python -m pytest -p no:nbmake -n auto --dist worksteal tests

# Each notebook is executed from its first cell to its last.
notebooks: env
	$(BIN)/python -m pytest --nbmake --nbmake-timeout=600 -n auto notebooks

# Writes the golden figures anew: `CHANGELOG.md` must say what moved, and name the digest that it prints.
golden: env
	$(BIN)/python tests/golden/figures.py

# Pythons whose version begins so, or all of them: `make reproduce PYTHONS="3.12 3.13"`.
reproduce: env
	PYTHONPATH=tests $(BIN)/python -m golden.reproduce $(PYTHONS)

format: env
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

tools:
	rm -rf $(TOOLS)
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r supply/tools.lock

# The tools are held to the versions of the lock where both have one.
lock: tools
	$(LOCK) --all-extras --output-file requirements.lock pyproject.toml
	$(LOCK) --group supply --constraints requirements.lock --output-file supply/tools.lock
	$(MAKE) sbom

sbom: tools
	PYTHONPATH=. $(TOOLS)/bin/python supply/sbom.py
	rm -rf $(TOOLS)

clean:
	rm -rf $(VENV) $(TOOLS) fuzz-crashes dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
