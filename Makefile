# `make demo` and `make test` are all that is needed: both set up what they use.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# $(call can_run,interpreters,oldest,newest): the first that is Python 3.oldest or newer, and not newer than 3.newest.
can_run = $(shell for python in $(1); do "$$python" -c 'import sys; sys.exit(not (3, $(2)) <= sys.version_info[:2] <= (3, $(or $(3),99)))' 2>/dev/null && echo "$$python" && break; done)

PYTHON ?= $(call can_run,python3 python3.13 python3.12 python3.11,11)
NEXT_PYTHON ?= $(call can_run,python3.13 $(wildcard $(HOME)/.pyenv/versions/3.13*/bin/python),13)
OLDEST_PYTHON ?= $(call can_run,python3 python3.11 python3.12,11,12)

VENV ?= .venv
REQUIREMENTS ?= tests/requirements.txt
BIN := $(VENV)/bin
LINK := .collections/ansible_collections/vmc/aws_backup
VCSIM := .build/vcsim
DEPENDENCIES := .build/dependencies
# What AWX 24.6.1 runs playbooks with; the newest is in tests/requirements.txt.
RUNNER := .build/ansible-runner-2.4.0
# What builds execution environments and runs rulebooks, in an environment of its own.
AWX_TOOLS := .build/awx-tools
GOVMOMI := /usr/share/gocode/src/github.com/vmware/govmomi

# $(call need,test,packages): installs Debian packages when root, or says which ones are missing.
define need
	@$(1) || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "== Installing $(2)"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(2); \
	  else \
	    echo "Please install what is missing, then try again:  sudo apt-get install $(2)" >&2; exit 1; \
	  fi; }
endef

.PHONY: help setup variables lint sanity unit integration proof test test-next test-oldest next mutate fuzz bench demo lab awx clean

help: ## say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: $(VENV)/.ready $(RUNNER) $(VCSIM) $(LINK) ## everything the other targets need: .venv, the lab's vCenter, the link of the collection

$(VENV)/.ready: $(REQUIREMENTS) tests/requirements-lab.txt requirements.txt
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed, and none was found. Say which one with PYTHON=..." >&2; exit 1; }
	$(call need,$(PYTHON) -c 'import ensurepip' 2>/dev/null,python3-venv)
	@echo "== Python packages into $(VENV), with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --requirement $(REQUIREMENTS) | cut -c1-100
	@touch $@

$(RUNNER): | $(VENV)/.ready
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --target $@ $(subst runner-,runner==,$(@F))

$(AWX_TOOLS)/.ready: tests/requirements-awx.txt
	$(call need,command -v java >/dev/null,default-jre-headless)
	@$(PYTHON) -m venv $(AWX_TOOLS)
	@$(AWX_TOOLS)/bin/python -m pip install --disable-pip-version-check --quiet --requirement $<
	@touch $@

$(VCSIM): tests/lab/vcsim/main.go
	$(call need,command -v go >/dev/null && [ -d $(GOVMOMI) ],golang-go golang-github-vmware-govmomi-dev)
	@echo "== Building the lab's vCenter"
	@mkdir -p $(@D)
	@GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= go build -o $@ ./tests/lab/vcsim

$(LINK):
	@mkdir -p $(@D)
	@ln -sfn ../../.. $@

lint: export PATH := $(CURDIR)/$(BIN):$(PATH)
variables: setup ## write what meta/variables says wherever it is read
	$(BIN)/python tests/variables.py

lint: setup ## ruff, variables, yamllint, ansible-lint, documentation, changelog
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tests/variables.py --check
	$(BIN)/ansible-lint
	@mkdir -p $(DEPENDENCIES)/ansible_collections
	@ln -sfn "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ansible_collections/amazon" $(DEPENDENCIES)/ansible_collections/amazon
	ANSIBLE_COLLECTIONS_SCAN_SYS_PATH=false ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/$(DEPENDENCIES) \
	  $(BIN)/antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck --validate-collection-refs=all .
	$(BIN)/antsibull-changelog lint

sanity: setup ## ansible-test sanity, in a copy of the collection
	$(BIN)/python tests/sanity.py

unit: setup ## unit tests and the completeness of the collection
	$(BIN)/python -m pytest -q tests/unit tests/test_completeness.py

integration: setup ## every module and site.yml against the lab
	$(BIN)/python -m pytest -q -n 3 --dist loadgroup -m "not proof" tests/integration

proof: setup $(AWX_TOOLS)/.ready ## what takes long to prove: faults, races, secrets, paths, safety row by row, prerequisites, bastions, proxies, accounts, AWX
	@# An sshd for the test of a bastion, where installing one does not start it as well; elsewhere that test is skipped.
	$(call need,[ "$$(id -u)" != 0 ] || [ -d /run/systemd/system ] || [ -x /usr/sbin/sshd ],openssh-server openssh-client)
	@# A proxy for the test of proxies.
	$(call need,[ "$$(id -u)" != 0 ] || command -v tinyproxy >/dev/null,tinyproxy-bin)
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m proof tests/integration

test: setup ## all of it but the long proofs
	@$(MAKE) --jobs=2 --output-sync=target lint sanity unit
	@$(MAKE) integration test-next test-oldest

test-next: setup ## sanity, units and site.yml once more with the newest ansible-core, where Python 3.13 is at hand
	@if [ -z "$(NEXT_PYTHON)" ]; then echo "== Skipped: no Python 3.13 found (NEXT_PYTHON=...)"; \
	else $(MAKE) VENV=.venv-next PYTHON="$(NEXT_PYTHON)" setup; \
	  $(MAKE) VENV=.venv-next PYTHON="$(NEXT_PYTHON)" --jobs=2 --output-sync=target sanity next; fi

test-oldest: setup ## units and site.yml with the oldest ansible-core and amazon.aws, where Python 3.11 or 3.12 is at hand
	@if [ -z "$(OLDEST_PYTHON)" ]; then echo "== Skipped: neither Python 3.11 nor 3.12 found (OLDEST_PYTHON=...)"; \
	else $(MAKE) VENV=.venv-oldest PYTHON="$(OLDEST_PYTHON)" REQUIREMENTS=tests/requirements-oldest.txt AS_AWX="or test_runner" setup .venv-oldest/.collections next; fi

# The ansible package with the oldest amazon.aws that is supported asks for a newer core than the oldest.
.venv-oldest/.collections: .venv-oldest/.ready
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps "ansible~=11.13"
	@touch $@

next: setup
	$(BIN)/python -m pytest -q tests/unit/plugins
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m "not proof" -k "wrong_password or wrong_region $(AS_AWX)" \
	  tests/integration/test_site.py tests/integration/test_runner.py

awx: setup ## configure.yml against an AWX of yours: AWX_URL=https://... AWX_TOKEN=... AWX_PROJECT=the address of a project
	@[ -n "$(AWX_URL)" ] && [ -n "$(AWX_TOKEN)" ] || { echo "AWX_URL and AWX_TOKEN are needed." >&2; exit 1; }
	AWX_URL="$(AWX_URL)" AWX_TOKEN="$(AWX_TOKEN)" $(BIN)/python -m pytest -q -m proof tests/integration/test_awx.py

# As SAMPLE=200 SEED=2 ONLY=endpoint, or ALL=--all.
mutate: setup ## break the product in some places, one at a time, and say which breaks no test notices
	$(BIN)/python tests/mutate.py --sample $(or $(SAMPLE),60) --seed $(or $(SEED),1) --only '$(ONLY)' $(ALL)

# As SECONDS=3600 SEED=7; ONLY=4711 does one case again.
fuzz: setup ## break images in many ways, and see that each is read or refused in one sentence
	PYTHONPATH=.collections:tests $(BIN)/python tests/fuzz.py --seconds $(or $(SECONDS),60) --seed $(or $(SEED),1) $(if $(ONLY),--only $(ONLY))

bench: setup ## how fast an image moves, beside curl, what an unchanged site costs, beside a flat script, and how far it scales: docs/benchmarks.md
	$(BIN)/python tests/bench.py
	PYTHONPATH=tests $(BIN)/python tests/bench_site.py
	PYTHONPATH=tests $(BIN)/python tests/bench_scale.py

demo: setup ## from a new SDDC to a hypervisor that is ONLINE, shown on the lab
	$(BIN)/python tests/demo.py

lab: setup ## start a lab to play with
	@PYTHONPATH=tests $(BIN)/python -m lab up --state-dir .lab
	@echo "Point a play at it:    $(BIN)/ansible-playbook playbooks/site.yml -i .lab/inventory.yml"
	@echo "See what it was asked: PYTHONPATH=tests $(BIN)/python -m lab journal --state-dir .lab"
	@echo "Stop it:               PYTHONPATH=tests $(BIN)/python -m lab down --state-dir .lab"

clean: ## remove everything that setup and the tests made
	rm -rf .build .collections .lab .venv .venv-next .venv-oldest .pytest_cache .ruff_cache
