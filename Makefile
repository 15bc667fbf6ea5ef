# The two commands a newcomer needs are `make run` and `make test`; `make` alone lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Arguments for `tamga dev` or the bench, as in: make run ARGS="--data /srv/tamga"
ARGS ?=

.PHONY: help
help: ## List what can be asked
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: setup-run ## Build Tamga and serve the whole house in one process (ARGS="…" goes to `tamga dev`)
	@cargo build --release --locked -p tamga
	@exec cargo run --release --locked --quiet -p tamga --bin tamga -- dev $(ARGS)

.PHONY: test
test: setup-test ## Set up everything the tests need, then run all of them
	@cargo test --workspace --locked

.PHONY: bench
bench: setup-run ## Measure the house against its yardsticks (ARGS=--quick: only that it works; see docs/reference/bench.md)
	@cargo run --release --locked -p tamga-bench -- $(ARGS)

.PHONY: lint
lint: ## Check format, clippy and the dependency rules
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets --locked -- -D warnings
	@.ci/deny

.PHONY: setup-run
setup-run: ## Install what building and running need
	@deploy/setup/build.sh

.PHONY: setup-test
setup-test: setup-run ## Install what the tests need: other stacks to ask, into the system and target/tools
	@tests/setup.sh
