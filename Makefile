# `make demo` and `make test` do everything on a fresh machine with Python 3.11 or newer.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= runs/demo
PEERS ?= .venv-peers
DATA ?= ../shared/data
BENCH ?= runs/bench
DOCS ?= runs/docs
BENCH_ARGS ?= --slow

.PHONY: demo test examples lint format docs linkcheck wheel bench clean

demo: $(VENV)/.installed
	$(BIN)/neurosieve demo --out $(OUT)

test: $(VENV)/.installed
	$(BIN)/python -m pytest -n auto -m "not documentation"

# What the documentation says, done: README, tutorial, how-tos and notebooks are run, the site is opened in a browser.
examples: docs
	$(BIN)/python -m pytest -n auto -m documentation

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pip check

format: $(VENV)/.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The site, as files that need no server and no network; open $(DOCS)/index.html. A warning is an error.
docs: $(VENV)/.installed
	$(BIN)/python -m sphinx -q -W --keep-going -n -b html docs $(DOCS)

# Whether the addresses of other sites still answer: needs the network, so the gate leaves it out.
linkcheck: $(VENV)/.installed
	$(BIN)/python -m sphinx -q -b linkcheck docs $(DOCS)-links

# neurosieve beside its peers (benchmarks/README.md); cases that need DATA are left out and named where it is not there.
bench: $(VENV)/.installed $(PEERS)/.installed
	$(BIN)/python -m benchmarks --data $(DATA) --out $(BENCH) --peers $(PEERS)/bin/python $(BENCH_ARGS)

wheel: $(VENV)/.installed
	$(BIN)/python -m build

# All packages in one call: asked for torch later, pip would take a build with gigabytes of CUDA.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0 -e ".[demo,dev,finetune]"
	touch $@

# NeuroX pins versions of 2021: it comes without what it asks for, which is named here as it is today.
$(PEERS)/.installed: constraints.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0 \
		transformers numpy scipy scikit-learn tqdm imbalanced-learn h5py fastcluster==1.3.0 ckatorch==1.0.3
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps neurox==1.0.9
	touch $@

clean:
	rm -rf $(VENV) $(PEERS) runs dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
