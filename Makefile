# One word for each thing that is done here. All of it works in a fresh clone with Python 3.11+, make and git.

PYTHON ?= python3
# The versions that are installed; `make test LOCK=` tests with the newest of everything instead.
LOCK   ?= constraints.txt
VENV   ?= $(if $(LOCK),.venv,.venv-newest)
PORT   ?= 8000
POSTS  ?= examples/posts
ARGS   ?=
# Collections of judged questions and of posts; without it, those that POSTSEARCH_TEST_DATA names.
DATA   ?=
RUN    ?= run
# Tests run in as many processes as there are cores.
PARALLEL ?= --numprocesses auto --dist worksteal

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCKED := $(if $(LOCK),--constraint "$(LOCK)" --build-constraint "$(LOCK)")
# `make bench` measures a folder only when one is named; the example posts are too few to measure.
GIVEN := $(if $(filter command environment,$(firstword $(origin POSTS))),"$(POSTS)")

.PHONY: help serve example test test-all lint format stress sites browsers bench growth relevance freshness keystrokes docs lock opensearch oldest clean

help:
	@echo 'make serve      index the example posts, watch them and serve the search (PORT=8000 POSTS=examples/posts)'
	@echo 'make example    run an example of embedding (NAME=flask-site; see examples/README.md)'
	@echo 'make test       run the quick tests, in under two minutes (ARGS="-k watcher" chooses some)'
	@echo 'make test-all   run all tests but the long ones: in a browser, with real posts and servers, and of the bench'
	@echo 'make lint       ruff and mypy'
	@echo 'make format     let ruff format the code'
	@echo 'make stress     the long trials of docs/reliability.md, with their scorecard, in under an hour'
	@echo 'make sites      build sites with the generators that are installed and compare their pages with our URLs'
	@echo 'make browsers   use the search box and the results page in Firefox and in WebKit, where they are installed'
	@echo 'make bench      measure against Whoosh, SQLite FTS5, Tantivy and Xapian (POSTS=folder ARGS="--only hits,keys")'
	@echo 'make growth     the same with up to a million posts made of those; takes long, and some 10 GB of disk'
	@echo 'make relevance  measure how well the right posts are found (DATA=folder with ir/NAME and posts/NAME)'
	@echo 'make freshness  measure how soon a saved post is found, over HTTP'
	@echo 'make keystrokes type into the search box and time the painted results (POSTS=...)'
	@echo 'make opensearch run three OpenSearch nodes on this machine (ARGS="--nodes 1 --home DIR --version 2.19.6")'
	@echo 'make oldest     run the tests of the cluster on nodes of the oldest OpenSearch that is supported'
	@echo 'make docs       write docs/configuration.md anew'
	@echo 'make lock       write constraints.txt anew, with the newest version of every package; then run the tests'
	@echo 'make clean      remove the virtual environment, the index of the examples and all caches'

serve: $(VENV)/.installed
	$(BIN)/postsearch serve "$(POSTS)" --port $(PORT) --index "$(VENV)/index/$$(printf %s "$(POSTS)" | tr / -)"

example:
	@[ -d "examples/$(NAME)" ] && [ -n "$(NAME)" ] || { \
		echo 'Which example? Say NAME=... with one of: $(notdir $(patsubst %/run,%,$(wildcard examples/*/run)))' >&2; \
		exit 1; }
	@$(MAKE) --no-print-directory $(VENV)/.with-examples
	@PATH="$(abspath $(BIN)):$$PATH" exec "examples/$(NAME)/$(RUN)"

test: $(VENV)/.with-test
	$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

test-all: $(VENV)/.with-test-all
	$(BIN)/python -m pytest $(PARALLEL) -m 'not slow and not browsers' $(ARGS)

lint: $(VENV)/.with-test-all $(VENV)/.with-browsers $(VENV)/.with-lint
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	[ ! -x $(BIN)/hadolint ] || $(BIN)/hadolint Containerfile

format: $(VENV)/.with-lint
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

stress: $(VENV)/.with-test-all
	$(BIN)/python -m pytest -m slow --ignore tests/index/sites/test_site_builds.py --ignore tests/search/web/test_static_sites.py --timeout 1800 $(ARGS)

sites: $(VENV)/.with-test-all
	$(BIN)/python -m pytest -m slow --timeout 1800 tests/index/sites/test_site_builds.py tests/search/web/test_static_sites.py $(ARGS)

browsers: $(VENV)/.with-test-all $(VENV)/.with-browsers
	$(BIN)/python -m pytest -m browsers --timeout 300 tests/search/web/test_other_browsers.py $(ARGS)

bench: $(VENV)/.with-bench
	$(BIN)/python -m bench $(GIVEN) $(ARGS)

growth: $(VENV)/.with-bench
	$(BIN)/python -m bench $(GIVEN) --only growth --sizes 1000,10000,100000,1000000 --budget 900 $(ARGS)

relevance: $(VENV)/.with-bench
	$(BIN)/python -m bench.relevance $(if $(DATA),"$(DATA)") $(ARGS)

freshness: $(VENV)/.installed
	$(BIN)/python -m bench.freshness $(ARGS)

keystrokes: $(VENV)/.with-test-all
	$(BIN)/python -m bench.keystrokes $(POSTS)

opensearch:
	$(PYTHON) -m dev.opensearch.cluster $(ARGS)

oldest: $(VENV)/.with-test-all
	POSTSEARCH_TEST_OPENSEARCH_VERSION=2.19.6 $(BIN)/python -m pytest $(PARALLEL) -m 'cluster and not slow' $(ARGS)

docs: $(VENV)/.installed
	$(BIN)/python docs/reference.py

# uv resolves for all systems and Pythons at once, from the oldest that we support; the versions before don't bind it.
lock: $(VENV)/.ready
	@$(PIP) --upgrade --group tools
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --no-annotate \
		--custom-compile-command 'make lock' --all-extras $(addprefix --group ,test-all browsers java lint tools) \
		pyproject.toml --output-file constraints.txt

clean:
	rm -rf .venv .venv-newest "$(VENV)" .postsearch .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	find bench/results -type f ! -name published.json -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps below are older than pyproject.toml or the lock only when these have changed, so nothing is installed twice.

$(VENV)/.ready:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'postsearch needs Python 3.11 or newer, and "$(PYTHON)" is not: name another with make PYTHON=python3.12' >&2; \
		exit 1; }
	@[ -x "$(BIN)/python" ] || echo 'Making the virtual environment $(VENV)'
# One that is there already, as the README has people make, stays: servers may run from it.
	@[ -x "$(BIN)/python" ] || "$(PYTHON)" -m venv --clear "$(VENV)" || { rm -rf "$(VENV)"; \
		echo '"$(PYTHON)" cannot make a virtual environment: on Debian and Ubuntu, apt install python3-venv' >&2; \
		exit 1; }
# The pip of an older Python knows neither groups nor constraints of what it builds with.
	@$(PIP) --upgrade $(if $(LOCK),--constraint "$(LOCK)") pip
	@touch $@

$(VENV)/.installed: $(VENV)/.ready pyproject.toml $(LOCK)
	@echo 'Installing postsearch into $(VENV)'
	@$(PIP) $(LOCKED) --editable .
	@touch $@

$(VENV)/.with-%: $(VENV)/.installed
	@echo 'Installing what "$*" needs into $(VENV)'
	@$(PIP) $(LOCKED) --group $*
	@touch $@
