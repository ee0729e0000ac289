# The two commands of the README are `make run` and `make test`; each sets up what it needs by itself.

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.PHONY: run test check slow model scorer train-demo clean

run: .venv/run.stamp            ## talk with the toddler; ARGS='--record sessions' passes options on
	@$(BIN)/toddler-robot $(ARGS)

# The voice detector and llama.cpp each bring a ggml of their own, and no process can hold both.
EAR := tests/runtime/ear tests/acoustic

test: .venv/dev.stamp           ## the whole suite
	@$(BIN)/python -m pytest $(EAR:%=--ignore %)
	@$(BIN)/python -m pytest $(EAR)

check: .venv/dev.stamp          ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

slow: .venv/dev.stamp           ## the long proofs that `make test` leaves out
	@$(BIN)/python -m pytest -m slow $(EAR:%=--ignore %)
	@$(BIN)/python -m pytest -m slow $(EAR)

model: .venv/dev.stamp          ## rebuild the bundled model: some four hours on two cores; goes on where it was stopped
	$(BIN)/python -m toddler_training bundled --out runs/small --pairs 3000000 --minutes 120 --resume
	$(BIN)/python -m toddler_training bundled --out runs/bundled --text runs/small --start runs/small/model \
	    --layers 11 --minutes 60 --decay 0.6 --resume --install

scorer: .venv/dev.stamp         ## count the corpus again for the check's coherence: some two minutes
	$(BIN)/python -m toddler_training scorer --out runs/scorer --install

# CHILDES=FOLDER with CHAT transcripts or TalkBank zips; without it, transcripts of our own, made for the purpose.
CHILDES ?= $(wildcard ../shared/data/childes)
train-demo: .venv/dev.stamp     ## every step of training on a small budget, and a talk with the model that comes of it
	@$(BIN)/python tools/train-demo $(CHILDES)

.venv/run.stamp: pyproject.toml tools/set-up
	@PYTHON=$(PYTHON) tools/set-up espeak,sound,listen,cozmo,misty $@

.venv/dev.stamp: pyproject.toml tools/set-up
	@PYTHON=$(PYTHON) tools/set-up dev $@

clean:                          ## remove the environment and every cache
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
