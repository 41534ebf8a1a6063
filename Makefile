# make run    open the studio (installs what is missing first)
# make test   lint, types and all tests
# make help   the rest

VENV ?= .venv
EXTRAS ?= test
PYTHON = $(VENV)/bin/python
READY = $(VENV)/.ready-$(subst $(comma),-,$(EXTRAS))
comma := ,
XVFB = xvfb-run -a -s "-screen 0 1600x1000x24 +extension GLX -noreset"
ARGS ?=

.PHONY: run test lint types tests tour bench bake models clean help

run: $(READY)
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
	    exec $(PYTHON) main.py $(ARGS); \
	else \
	    echo "There is no display here, so the studio takes its tour: pictures go to build/tour."; \
	    exec $(XVFB) $(PYTHON) main.py --tour build/tour; \
	fi

test: lint types tests

lint: $(READY)
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types: $(READY)
	$(PYTHON) -m mypy

tests: $(READY)
	$(XVFB) $(PYTHON) -m pytest $(ARGS)

tour: $(READY)
	$(XVFB) $(PYTHON) main.py --tour build/tour

bench: $(READY)
	$(XVFB) $(PYTHON) main.py bench studio --json

# Makes one more person, SEED says which; the shipped ones: assets/heads/README.md.
# Installs the 'bake' extra (torch and anny).
SEED ?= 1
bake:
	$(MAKE) EXTRAS=test,bake $(VENV)/.ready-test-bake
	$(PYTHON) main.py bake-head --seed $(SEED) --name person$(SEED) --output build/person$(SEED)

# Makes the shipped networks again: data, training, export, figures. Hours on two cores; what was
# broken off goes on with the same command. REAL=DIR adds figures on annotated real pictures.
MODELS ?= face transfer depth head-pose detector
SHARDS ?= runs/shards
PEOPLE ?= 2600
PACKED_SEED ?= 4
MINUTES_face ?= 360
MINUTES_transfer ?= 10
MINUTES_depth ?= 120
MINUTES_head-pose ?= 60
MINUTES_detector ?= 180
REAL ?=
models:
	$(MAKE) EXTRAS=test,train $(VENV)/.ready-test-train
	$(PYTHON) main.py dataset pack $(SHARDS) --people $(PEOPLE) --seed $(PACKED_SEED)
	$(foreach name,$(MODELS),$(call TRAIN,$(name)))
	$(foreach name,$(filter-out transfer,$(MODELS)),$(call MEASURE,$(name)))

define TRAIN
	$(PYTHON) main.py train $(1) --data $(SHARDS) $(if $(MINUTES_$(1)),--minutes $(MINUTES_$(1)))
	$(PYTHON) main.py export $(1)

endef

define MEASURE
	$(PYTHON) main.py evaluate --model $(1) --data $(SHARDS) --card
	$(if $(REAL),$(if $(filter face detector,$(1)),$(PYTHON) main.py evaluate --model $(1) --data $(REAL) --card))

endef

$(VENV)/.ready-%: pyproject.toml constraints.txt .ci/setup
	@.ci/setup $(VENV) $(EXTRAS)
	@touch $@

clean:
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis

help:
	@sed -n 's/^# //p' Makefile; echo "other targets: lint types tests tour bench bake models clean"
