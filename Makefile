# Everything runs in .venv, which each target makes when it is missing or its lock changed.
# Another Python, beside the first: make test PYTHON=python3.13 VENV=.venv-3.13
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ROUNDS ?= 3
THIS := $(abspath $(lastword $(MAKEFILE_LIST)))
INSTALL := install --disable-pip-version-check -qq --no-compile --no-deps
# A new pip takes a third of the time that an old Python's takes, and is configured as the machine's.
PIP := .venv-lock/bin/pip
COMPILE := .venv-lock/bin/uv --quiet pip compile --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock"
# Otherwise each process of the tests compiles each module again.
unexport PYTHONDONTWRITEBYTECODE
# No target needs an account, so no profile, address or file of the machine decides anything.
unexport $(filter AWS_%,$(.VARIABLES))
export AWS_CONFIG_FILE := /dev/null
export AWS_SHARED_CREDENTIALS_FILE := /dev/null

.DEFAULT_GOAL := help
.PHONY: help demo test run-tests check check-types check-rest format batches pictures bench build lock clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/ready ## play a day of events, and show what your team would receive
	@$(BIN)/notifier demo

test: $(VENV)/ready ## run all checks and tests that need neither Docker nor an account
	@$(MAKE) --no-print-directory --jobs 2 check-types run-tests

run-tests: check-rest
	@$(BIN)/pytest

check: $(VENV)/ready ## run the linters and the type checker
	@$(MAKE) --no-print-directory --jobs 2 check-types check-rest

check-types:
	@$(BIN)/mypy

check-rest:
	@$(BIN)/ruff format --check --quiet . || { echo 'run `make format`'; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/cfn-lint template.yaml

format: $(VENV)/ready ## format the code, and fix what the linter can fix
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

batches: $(VENV)/ready ## write events/deliveries/ again from the sample events
	@$(BIN)/python -m tests.batches

pictures: $(VENV)/ready ## take the pictures of the docs again; needs chromium, pngquant, fonts-inter, fonts-noto-color-emoji
	@$(BIN)/python -m tests.browser.pictures

bench: $(VENV)/ready $(VENV)-bench/ready ## measure this project beside its peers into bench/RESULTS.md; ROUNDS=3
	@$(BIN)/python -m bench --rounds $(ROUNDS) --peers $(VENV)-bench/bin/python

build: .venv-sam/ready ## build the Lambda artifacts into .aws-sam/
	@.venv-sam/bin/sam build

lock: .venv-lock/ready ## compile the requirement files again from pyproject.toml; UPGRADE=--upgrade for newer versions
	@$(COMPILE) $(UPGRADE) --output-file requirements-dev.txt pyproject.toml --group dev
	@$(COMPILE) $(UPGRADE) --output-file src/requirements.txt --group lambda --constraints requirements-dev.txt
	@$(COMPILE) $(UPGRADE) --output-file requirements-sam.txt --group sam
	@$(COMPILE) $(UPGRADE) --output-file requirements-lock.txt --group lock
	@$(COMPILE) $(UPGRADE) --output-file requirements-bench.txt --group bench
	@$(COMPILE) $(UPGRADE) --output-file requirements-ministack.txt --group ministack

clean: ## delete all that these targets made
	rm -rf .venv* .aws-sam build .coverage .*_cache .hypothesis

$(VENV)/ready: $(VENV)/dependencies pyproject.toml
	@$(PIP) --python $(BIN)/python $(INSTALL) --no-build-isolation --editable .
	@touch $@

# $(1): the Python for it. Each of two pips takes every other package, as most of the time goes by in waiting.
define set-up
	@echo 'setting up $(@D) ...'
	@$(1) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, $(1) is " + sys.version)'
	@$(1) -m venv --clear --without-pip $(@D)
	@awk '/^[a-z]/ { count++ } { print > "$(@D)/requirements-" count % 2 ".txt" }' $<
	@$(PIP) --python $(@D)/bin/python $(INSTALL) --require-hashes -r $(@D)/requirements-0.txt & \
		$(PIP) --python $(@D)/bin/python $(INSTALL) --require-hashes -r $(@D)/requirements-1.txt && wait $$!
	@touch $@
endef

$(VENV)/dependencies: requirements-dev.txt | .venv-lock/ready
	$(call set-up,$(PYTHON))

.venv-sam/ready: requirements-sam.txt | .venv-lock/ready
	$(call set-up,$(PYTHON))

# With the same Python as the rest, so that they can be compared.
$(VENV)-bench/ready: requirements-bench.txt | .venv-lock/ready $(VENV)/ready
	$(call set-up,$(BIN)/python)

# PYTHON has to be a 3.13, for it is what runs the functions there.
.venv-ministack/ready: requirements-ministack.txt | .venv-lock/ready
	$(call set-up,$(PYTHON))

.venv-lock/ready: requirements-lock.txt
	@$(PYTHON) -m venv --clear .venv-lock
	@.venv-lock/bin/python -m pip $(INSTALL) --require-hashes -r requirements-lock.txt
	@touch $@

# Files of the packages that no function needs; tests/test_artifact.py runs both functions without them. Most of Powertools
# answers HTTP, wraps events or stores values; pydantic has the names of its first version; urllib3 supports browsers and
# other TLS libraries. METADATA stays, since Amazon Inspector finds vulnerable packages by the name and the version in it.
UNUSED := bin *.dist-info/[!M]* */py.typed */*.pyi annotated_types/test_cases.py markupsafe/_speedups.c \
	$(addprefix aws_lambda_powertools/,event_handler logging/formatters metrics/provider/datadog \
	$(addprefix shared/,cookies.py dynamodb_deserializer.py headers_serializer.py) \
	$(addprefix utilities/,auth_alpha batch circuit_breaker data_classes data_masking feature_flags idempotency kafka metadata \
	parameters parser/envelopes parser/models/[!_e]* streaming validation)) \
	$(addprefix jinja2/,ext.py meta.py nativetypes.py) \
	$(addprefix pydantic/,class_validators.py color.py datetime_parse.py decorator.py deprecated env_settings.py \
	error_wrappers.py experimental generics.py json.py mypy.py parse.py schema.py tools.py typing.py utils.py v1 validators.py) \
	$(addprefix tzdata/zoneinfo/,*.tab leapseconds tzdata.zi) \
	$(addprefix urllib3/,contrib/emscripten contrib/pyopenssl.py contrib/socks.py http2/connection.py)
# What cold starts load (tests/handlers/test_cold_start.py). Lambda keeps no bytecode: what comes without is compiled
# at each cold start.
LOADED := handlers notifier annotated_types jmespath msgspec pydantic/*.py pydantic/_internal pydantic/plugin pydantic_core \
	typing_extensions.py typing_inspection urllib3/*.py urllib3/contrib/*.py urllib3/http2 urllib3/util \
	$(addprefix aws_lambda_powertools/,*.py exceptions logging metrics middleware_factory shared tracing warnings utilities/*.py \
	utilities/jmespath_utils utilities/typing utilities/parser/*.py utilities/parser/models/__init__.py utilities/parser/models/event_bridge.py)
NOT_LOADED := pydantic/(_internal/_(dataclasses|decorators_v1|git|serializers|validate_call)|alias_generators|dataclasses|functional_serializers|root_model|validate_call_decorator)

# The template alone says for which processor: SAM deploys the copy of it that it built from, so that what is deployed has
# the processor that it was built for. A value that is given to `sam build` and to `sam deploy` could be two.
ARCHITECTURE := $(shell sed -n 's/^ *Architectures: *\([^ ]*\).*/\1/p' "$(dir $(THIS))template.yaml")
PLATFORM_[x86_64] := manylinux2014_x86_64
PLATFORM_[arm64] := manylinux2014_aarch64
PLATFORM = $(or $(PLATFORM_$(ARCHITECTURE)),$(error template.yaml needs one line "Architectures: [x86_64]" or "Architectures: [arm64]" and has "$(ARCHITECTURE)"))

# `sam build` runs these in a copy of src/, so that any Python 3.11 or newer builds for Lambda's 3.13.
.PHONY: build-EventsFunction build-DeliveryFunction remove-unused
build-EventsFunction build-DeliveryFunction:
	cp -R handlers notifier "$(ARTIFACTS_DIR)"
	find "$(ARTIFACTS_DIR)" -name __pycache__ -type d -prune -exec rm -rf {} +
	$(PYTHON) -m pip $(INSTALL) --require-hashes -r requirements.txt --target "$(ARTIFACTS_DIR)" \
		--platform $(PLATFORM) --implementation cp --python-version 3.13 --only-binary=:all:
	@$(MAKE) -f "$(THIS)" remove-unused
	cd "$(ARTIFACTS_DIR)" && IFS=:; for python in $(PYTHON) $$(printf '%s/python3.13:' $$PATH); do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null; then \
			IFS=' '; exec "$$python" -m compileall -q -x '$(NOT_LOADED)' --invalidation-mode unchecked-hash $(LOADED); \
		fi; done; echo 'built without bytecode, for there is no Python 3.13: cold starts take twice as long'

# The text after the headers of METADATA is the package's README.
remove-unused:
	cd "$(ARTIFACTS_DIR)" && rm -rf $(UNUSED) && for file in *.dist-info/METADATA; do \
		sed '/^$$/q' "$$file" >headers && mv headers "$$file"; done
