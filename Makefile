# Two commands: `make try` shows it working, `make test` proves it. Both set up all they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TGI_DATA ?= ../shared/data/tgi

.PHONY: bench-context test-deploy bench-redaction bench-faults bench-fidelity soak bench-counting bench-replay bench-burst try test lint types unit model test-contract test-openai test-llamacpp bench-local bench-scale wheel vsix documents clean bench-overhead fuzz

try: $(VENV)/try
	@$(BIN)/arriero try $(if $(AT),"$(AT)")

test: lint types unit

lint: $(VENV)/test
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check -q

types: $(VENV)/test
	@$(BIN)/mypy

unit: $(VENV)/test model
	@$(BIN)/pytest -q

# The embedded model, which some tests run: 93 MB, fetched once.
model: $(VENV)/test
	@$(BIN)/arriero backend local --fetch

# The properties that hold for every text, with 20,000 examples each; then MINUTES (10) of chaos.
soak: $(VENV)/test
	@SOAK=1 $(BIN)/pytest -q $$(grep -lr --include='*.py' '^@thorough' tests)
	@MINUTES="$(MINUTES)" SEED="$(SEED)" $(BIN)/python tests/benchmarks/chaos.py

# How near estimates of tokens are, by the model's own TOKENIZER, on the source files in FILES.
bench-counting: $(VENV)/test
	@$(BIN)/python tests/benchmarks/counting.py --tokenizer "$(TOKENIZER)" $(or $(FILES),$(VENV))

# TGI's own API description and recorded answers are not ours to pass on; TGI_DATA says where they are.
test-contract: $(VENV)/test
	@TGI_DATA="$(TGI_DATA)" $(BIN)/pytest -q -m contract tests/contract

# Ten minutes of messages that no client should send; MINUTES and SEED change that.
fuzz: $(VENV)/test
	@cd tests && MINUTES=$(MINUTES) SEED=$(SEED) ../$(BIN)/python fuzz.py

# A real server of OpenAI's protocol, llama-cpp-python's, in an environment of its own.
test-openai: $(VENV)/test model $(VENV)/llamacpp/ready
	@LLAMA_CPP_PYTHON="$(VENV)/llamacpp/bin/python" $(BIN)/pytest -q -m openai tests/model

# The demo model computed by llama.cpp, as it is where llama-cpp-python is installed.
test-llamacpp: $(VENV)/test model $(VENV)/llamacpp/ready
	@LLAMA_CPP_PYTHON="$(VENV)/llamacpp/bin/python" $(BIN)/pytest -q tests/backend/local/test_real_model.py

# The built-in engine beside llama.cpp, on this computer.
bench-local: $(VENV)/test model $(VENV)/llamacpp/ready
	@LLAMA_CPP_PYTHON="$(VENV)/llamacpp/bin/python" $(BIN)/python tests/benchmarks/local_engines.py

$(VENV)/llamacpp/ready: pyproject.toml
	@echo "Installing llama-cpp-python (minutes, where it has to be compiled) ..."
	@$(PYTHON) -m venv $(VENV)/llamacpp
	@$(VENV)/llamacpp/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[local]' 'llama-cpp-python[server]==0.3.36'
	@touch $@

# Manifests built by kubectl, and held to Kubernetes' own schemas; KUBECTL=FILE takes yours.
KUBECTL ?= $(VENV)/deploy/kubectl
test-deploy: $(VENV)/test $(VENV)/deploy/ready $(KUBECTL)
	@KUBECTL="$(KUBECTL)" $(BIN)/pytest -q -m deploy tests/backend/render

$(VENV)/deploy/ready: pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[deploy]'
	@mkdir -p $(@D) && touch $@

$(VENV)/deploy/kubectl: tests/packaging/fetch_kubectl.py
	@$(BIN)/python $< $@

# What the server costs beside a floor; SERVER='command line' measures any other (Linux).
bench-overhead: $(VENV)/test
	@SERVER="$(SERVER)" $(BIN)/python tests/benchmarks/overhead

# Suggestions for a simulated typist from a simulated slow 70B, in virtual time; WHY=1 says what kept
# them from being right in time.
bench-replay: $(VENV)/test
	@WHY="$(WHY)" $(BIN)/python tests/benchmarks/replay.py

# Whether the model is shown what the next line needs, over packages from the registries.
bench-context: $(VENV)/test
	@$(BIN)/python tests/benchmarks/context.py

# How many made-up secrets are found in code, and how often one is seen in FILES where none is.
bench-redaction: $(VENV)/test
	@$(BIN)/python tests/benchmarks/redaction.py $(FILES)

# Many typists who share one simulated 70B, then three of which one is killed, in virtual time.
bench-scale: $(VENV)/test
	@$(BIN)/python tests/benchmarks/scale

# Every fault x every way to ask x every moment; CELLS=words takes those with the words in them.
bench-faults: $(VENV)/test
	@CELLS="$(CELLS)" $(BIN)/python tests/benchmarks/faults.py

# One typist in real time, before the real process and a simulated 70B over HTTP (six minutes);
# SERVER='command line' measures another server.
bench-burst: $(VENV)/test
	@SERVER="$(SERVER)" $(BIN)/python tests/benchmarks/burst.py

# Noisy answers to edits, over the sets in DATA (HumanEvalFix, infilling); CASES=N takes N of each.
bench-fidelity: $(VENV)/test
	@DATA="$(or $(DATA),../shared/data)" CASES="$(or $(CASES),1000000)" $(BIN)/python tests/benchmarks/fidelity.py

# Real editors in terminals, each with the simulated 70B and once with the demo model. PICTURES=DIR
# keeps what their screens look like; AGAIN=--last-failed tries what failed once more.
.PHONY: e2e-neovim e2e-emacs e2e-helix e2e-neovim-012 e2e-vscode lua pictures
e2e-neovim: $(VENV)/test model
	@PICTURES="$(PICTURES)" $(BIN)/pytest -q $(AGAIN) -m neovim tests/editors

e2e-emacs: $(VENV)/test model
	@$(BIN)/python tests/editors/install.py emacs
	@PICTURES="$(PICTURES)" $(BIN)/pytest -q $(AGAIN) -m "emacs or vim" tests/editors

e2e-neovim-012: $(VENV)/test model
	@$(BIN)/python tests/editors/install.py newer $(VENV)/newer
	@PICTURES="$(PICTURES)" NEWER="$(VENV)/newer/root" $(BIN)/pytest -q -m neovim_012 tests/editors

e2e-helix: $(VENV)/test model
	@$(BIN)/python tests/editors/install.py newer $(VENV)/newer
	@PICTURES="$(PICTURES)" NEWER="$(VENV)/newer/root" $(BIN)/pytest -q -m helix tests/editors

# VS Code in a browser, with the extension as it is handed to people, and nothing else but Python.
e2e-vscode: $(VENV)/browser model vsix
	@$(BIN)/python tests/editors/install.py code $(VENV)/code
	@PICTURES="$(PICTURES)" CODE_SERVER="$(VENV)/code" $(BIN)/pytest -q $(AGAIN) tests/editors/e2e_vscode.py

$(VENV)/browser: $(VENV)/test
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[browser]'
	@touch $@

# The README's pictures, from the editors themselves.
pictures:
	@$(MAKE) --no-print-directory e2e-neovim e2e-emacs e2e-vscode PICTURES="$(CURDIR)/editors"

# Formats the Lua, or with CHECK=--check says what is not formatted (needs Node).
LUA := $(shell git ls-files '*.lua')
lua:
	@npm exec --yes --package=@johnnymorganz/stylua@2.5.2 -- node tests/editors/format.mjs $(CHECK) $(LUA)

# Built as it would be published, and tried in an environment of its own.
wheel: $(VENV)/test
	@$(BIN)/python tests/packaging/check_wheel.py

# The extension carries the server's wheel.
vsix: $(VENV)/test
	@rm -rf editors/vscode/server
	@$(BIN)/python -m build --wheel --outdir editors/vscode/server . > /dev/null
	@cd editors/vscode && npm ci --no-audit --no-fund --silent && npm run --silent package
	@$(BIN)/python tests/editors/check_vsix.py editors/vscode/arriero.vsix

# What is made from the code: the README's tables and picture, the manifest for VS Code, the files
# that serve the model.
documents: $(VENV)/test
	@$(BIN)/python tests/readme.py
	@$(BIN)/python editors/vscode/settings.py
	@$(BIN)/arriero try --svg examples/try.svg > /dev/null
	@$(BIN)/arriero backend render --gpus 4x80 --force --to backend/deploy > /dev/null

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "arriero needs Python 3.11 or newer; say which with `make PYTHON=python3.12 try`.")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/try: pyproject.toml | $(VENV)/bin/python
	@echo "Installing arriero into $(VENV) (a minute, the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[local]'
	@touch $@

$(VENV)/test: pyproject.toml | $(VENV)/bin/python
	@echo "Installing arriero and its test tools into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/try

clean:
	@rm -rf $(VENV) build dist editors/vscode/node_modules editors/vscode/dist
