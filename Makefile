# Two commands: `make demo` and `make test`. The folders' own commands do the work.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export MIAOHU_HOME ?= $(CURDIR)/var
# No library of ours may call out.
export MLFLOW_DISABLE_TELEMETRY := true
export DO_NOT_TRACK := true
export BENTOML_DO_NOT_TRACK := true

# What a machine without a network is installed from, and which lock: the whole project, or what serves.
WHEELHOUSE ?= wheelhouse
LOCK ?= requirements.lock

QUICK := "not slow and not browser and not spark and not crash"
# The suites that must reach the last branch of every rule. Only they are measured: it doubles their time.
RULES := tests/spec tests/unit tests/golden/test_security_document.py \
  tests/property/test_splits_properties.py tests/property/test_suggestion_properties.py

.PHONY: demo round test check fix document slow clean-demo locks wheelhouse install-offline audit

demo: round  ## a simulated county, from deliveries to the review queue, then serve until stopped
	@$(BIN)/python -m serving accounts --demo
	@$(BIN)/python -m serving serve --with-worker

round: $(VENV)/ready  ## everything before serving, then exit; reuses what is there
	@$(BIN)/python -m features synthesise --if-empty
	@$(BIN)/python -m features intake
	@$(BIN)/python -m features link run
	@$(BIN)/python -m features build
	@$(BIN)/python -m training run --if-changed
	@$(BIN)/python -m evaluation report
	@$(BIN)/python -m evaluation promote
	@$(BIN)/python -m serving migrate
	@$(BIN)/python -m serving screen
	@$(BIN)/python -m evaluation monitor

test: $(VENV)/ready  ## every test that needs only Python
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m $(QUICK) $(RULES) --cov --cov-report=json:.coverage.json
	@$(BIN)/python -m tests.coverage_of_rules .coverage.json
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m $(QUICK) $(RULES:%=--ignore=%)

check: $(VENV)/ready  ## style, types, import direction
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q . && echo "style: ok"
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/bandit -q -c pyproject.toml -r features models training evaluation serving && echo "nothing unsafe: ok"

audit: $(VENV)/ready  ## known vulnerabilities among everything locked; says so where no database can be reached
	@$(BIN)/python -m tests.audit_of_locks

fix: $(VENV)/ready  ## put style right
	@$(BIN)/ruff check -q --fix . ; $(BIN)/ruff format -q .

document: $(VENV)/ready  ## write every generated document again
	@$(BIN)/python -m features document
	@$(BIN)/python -m serving document

slow: $(VENV)/ready  ## statistics, planted faults, crashes, and the browser (needs Chromium)
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "slow or crash or browser" --ignore=tests/faults
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m slow tests/faults

locks:  ## resolve the lock files again from pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml --extra train --extra test --universal --generate-hashes --no-header --no-annotate --python-version 3.11 -q -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --no-header --no-annotate --python-version 3.11 -q -c requirements.lock -o serving/requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --extra train --extra test --extra spark --universal --generate-hashes --no-header --no-annotate --python-version 3.11 -q -c requirements.lock -o requirements-spark.lock

wheelhouse:  ## every locked file, with its hash checked, into $(WHEELHOUSE); on a machine with a network
	@mkdir -p $(WHEELHOUSE)
	@$(PYTHON) -m pip download -q --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: -r $(LOCK) -d $(WHEELHOUSE)
	@cp $(LOCK) $(WHEELHOUSE)/requirements.lock
	@echo "$$(ls $(WHEELHOUSE)/*.whl | wc -l) wheels in $(WHEELHOUSE), $$(du -sh $(WHEELHOUSE) | cut -f1)"

install-offline:  ## the environment from $(WHEELHOUSE) alone, hashes checked again; asks nobody
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-index --find-links $(WHEELHOUSE) --require-hashes --no-deps -r $(WHEELHOUSE)/requirements.lock
	@$(BIN)/python -m pip check --disable-pip-version-check
	@touch $(VENV)/ready

clean-demo:  ## remove the simulated county and everything made from it
	rm -rf "$(MIAOHU_HOME)"

$(VENV)/ready: requirements.lock Makefile
	@command -v git >/dev/null || { echo "git is missing: please install it (Debian: apt-get install git)."; exit 1; }
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: please install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old: Miaohu needs Python 3.11 or newer (name one with make PYTHON=python3.12)."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make environments: please install its venv module (Debian: apt-get install python3-venv)."; exit 1; }
	@$(PYTHON) -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' 2>/dev/null || { [ "$$(uname)" != Linux ] || { echo "libgomp is missing, and LightGBM cannot run without it: please install it (Debian: apt-get install libgomp1)."; exit 1; }; }
	@echo "making the environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@sed -n '/^uv==/,/^[a-z]/p' requirements.lock | sed '$$d' > $(VENV)/uv.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r $(VENV)/uv.lock
	@echo "installing the locked dependencies ..."
	@$(BIN)/uv pip install -q --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock
	@touch $@
