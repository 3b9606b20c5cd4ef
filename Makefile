.DEFAULT_GOAL := help
.PHONY: help run broker demo test bench replay chaos requirements browser databases upgrade compile-requirements quality format \
        typecheck pii_check annotations migrations_check docs screenshots dist extract_translations compile_translations \
        pull_translations clean clean_venv

# An interpreter of Python 3.11 or later: python3, unless that one is older.
ifndef PYTHON
PYTHON := $(shell for python in python3 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
endif
VENV ?= .venv
BIN := $(VENV)/bin

# The requirements are compiled for each version of Python; a version without its own takes the newest.
VERSION := $(shell $(firstword $(wildcard $(BIN)/python) $(PYTHON) false) -c 'import sys; print("py311" if sys.version_info < (3, 12) else "py312")')
$(if $(VERSION),,$(error Python 3.11 or later is needed: make PYTHON=/path/to/python3.12))
PINS := requirements/$(VERSION)

# The sandbox runs on SQLite, unless DATABASE_URL names a server; then its driver is needed as well.
DATABASE_DRIVERS := $(if $(filter mysql:% postgres:% postgresql:%,$(DATABASE_URL)),$(VENV)/.installed-databases)
SANDBOX := $(VENV)/.installed-test $(DATABASE_DRIVERS)
MANAGE := $(BIN)/python manage.py
ADDRESS ?= 127.0.0.1:8000
SOURCES := openedx_user_groups tests docs .ci manage.py setup.py

help: ## show this list
	@echo "make run shows the application at work, make test runs its tests. All targets:"
	@awk -F ':.*?## ' '/^[a-zA-Z_-]+:.*## / {printf "  %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

## What a newcomer needs

# With a BROKER, refreshes that somebody asks for are done by a worker, which ends with the server.
run: $(if $(BROKER),broker) demo ## set up the sandbox, refresh its demo groups, then serve it (ADDRESS=127.0.0.1:8000 BROKER=redis://...)
	@echo
	@echo "Open http://$(ADDRESS) and log in as instructor, admin or learner; the password is the same as the name."
	@echo
	@SANDBOX_DEBUG=1 exec $(MANAGE) $(if $(BROKER),serve,runserver) $(ADDRESS)

broker: $(SANDBOX)
	@$(MANAGE) serve --check

demo: $(SANDBOX) ## do what run does, without serving
	$(MANAGE) migrate --verbosity 0
	$(MANAGE) demo

test: $(SANDBOX) ## run the default tests (ARGS="-k name" passes options to pytest)
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

bench: $(SANDBOX) ## time refreshes and events against floors and plainer ways (ARGS="--help" lists parts and sizes)
	$(MANAGE) bench $(ARGS)

# On a server and a database of its own, which is emptied: DATABASE_URL=mysql://... The dataset is in the folder that
# OPENEDX_USER_GROUPS_OULAD names; without it a small one is generated.
replay: $(SANDBOX) ## play a stream of real events to groups and workers, and check every group (ARGS="--module AAA")
	@test -n "$(DATABASE_URL)" || { echo "Name an empty database of a server: DATABASE_URL=mysql://..."; exit 1; }
	$(MANAGE) migrate --verbosity 0
	$(MANAGE) replay_oulad $(OPENEDX_USER_GROUPS_OULAD) --flush $(ARGS)

chaos: ## do the same while workers are killed, Redis is stopped and connections are cut (ARGS="--minutes 5 --seed 7")
	$(MAKE) replay ARGS="--chaos --points 4 --minutes 5 $(ARGS)"

## Environment

# A stamp in the environment stands for each set of requirements, so that a set is installed again only when it changes.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The example plugin is found by its entry points, as any other that is installed beside this package.
EXAMPLE_PLUGIN := tests/example_plugin

$(VENV)/.installed-%: $(PINS)/%.txt setup.py requirements/base.in requirements/constraints.txt \
		$(EXAMPLE_PLUGIN)/pyproject.toml | $(BIN)/python
	@echo "Installing the $$(grep -c '==' $<) packages of $< into $(VENV); this takes some minutes the first time."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --requirement $<
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --editable . --editable $(EXAMPLE_PLUGIN)
	@touch $@

requirements: $(VENV)/.installed-dev ## install everything a developer uses

browser: $(VENV)/.installed-browser ## install what drives the pages in a browser; Chromium itself comes from the system

databases: $(VENV)/.installed-databases ## install the drivers of MySQL and PostgreSQL (needs a compiler and headers)

upgrade: ## compile the requirements with the latest releases that fit
	$(MAKE) compile-requirements COMPILE_ARGS=--upgrade

# dev holds all the others, so it is compiled first and the others take their versions from it.
compile-requirements: export UV_CUSTOM_COMPILE_COMMAND = make upgrade
compile-requirements: $(VENV)/.installed-dev ## compile the requirements, keeping the releases where possible
	@for version in 3.11 3.12; do \
		pins=requirements/py$$(echo $$version | tr -d .); \
		compile="$(BIN)/uv pip compile --quiet --python-version $$version --python-platform linux --no-python-downloads --no-emit-index-url --no-emit-find-links"; \
		echo "Compiling $$pins"; \
		$$compile $(COMPILE_ARGS) requirements/dev.in --output-file $$pins/dev.txt || exit 1; \
		for name in base test quality doc databases browser; do \
			cp $$pins/dev.txt $$pins/$$name.txt; \
			$$compile requirements/$$name.in --output-file $$pins/$$name.txt || exit 1; \
		done; \
	done

## Quality

quality: $(VENV)/.installed-quality ## run every static check
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/lint-imports --no-logo --config tox.ini
	$(MAKE) typecheck annotations pii_check migrations_check

format: $(VENV)/.installed-quality ## format the code and repair what the linter can
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

typecheck: $(VENV)/.installed-quality ## check the types
	$(BIN)/mypy

pii_check: $(VENV)/.installed-quality ## check that every model says whether it holds personal data
	DJANGO_SETTINGS_MODULE=tests.sandbox.settings PYTHONPATH=. \
		$(BIN)/code_annotations django_find_annotations --config_file .pii_annotations.yml \
		--app_name openedx_user_groups --lint --coverage

annotations: $(VENV)/.installed-quality ## check the annotations of settings, toggles and events
	@for kind in SETTING FEATURE_TOGGLE OPENEDX_EVENTS; do \
		case $$kind in OPENEDX_EVENTS) path=openedx_user_groups/signals ;; *) path=openedx_user_groups ;; esac; \
		config=$$($(BIN)/python -c "from code_annotations.contrib import config; print(config.$${kind}_ANNOTATIONS_CONFIG_PATH)") && \
		$(BIN)/code_annotations static_find_annotations --config_file $$config \
			--source_path $$path --lint --no_report || exit 1; \
	done

migrations_check: $(VENV)/.installed-quality ## check that the migrations are complete
	$(MANAGE) makemigrations --check --dry-run openedx_user_groups

docs: $(VENV)/.installed-doc ## build the documentation, with warnings as errors
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

screenshots: $(VENV)/.installed-browser demo ## take the pictures of the documentation once more (needs Chromium)
	$(MANAGE) screenshots

dist: $(VENV)/.installed-quality ## build the source distribution and the wheel
	rm -rf dist
	$(BIN)/python -m build --outdir dist .

## Translations (they need gettext)

extract_translations: $(VENV)/.installed-test ## collect the texts to be translated
	cd openedx_user_groups && $(abspath $(BIN))/django-admin makemessages --locale en --no-obsolete

compile_translations: $(VENV)/.installed-test ## compile the translations
	cd openedx_user_groups && $(abspath $(BIN))/django-admin compilemessages

pull_translations: $(VENV)/.installed-dev ## fetch the translations and compile them
	find openedx_user_groups/conf/locale -mindepth 1 -maxdepth 1 -type d -exec rm -r {} +
	PATH=$(abspath $(BIN)):$$PATH atlas pull $(OPENEDX_ATLAS_ARGS) \
		translations/openedx-user-groups/openedx_user_groups/conf/locale:openedx_user_groups/conf/locale
	$(MAKE) compile_translations

## Clearing up

clean: ## remove what the other targets made, except the environment
	rm -rf .sandbox .tox .cache .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	rm -rf build dist docs/_build htmlcov reports *.egg-info
	find openedx_user_groups tests -name __pycache__ -type d -prune -exec rm -rf {} +

clean_venv: ## remove the environment
	rm -rf $(VENV)
