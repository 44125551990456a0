# ARGS is passed on: make run ARGS="--bind 127.0.0.1:9000", make test ARGS="thanks_page".
ARGS ?=
# Where cargo puts its artefacts; relative paths are relative to this folder, as for cargo.
TARGET := $(or $(CARGO_TARGET_DIR),$(CARGO_BUILD_TARGET_DIR),target)
# rustup's folder is last, so that it serves only a shell that has not loaded it.
export PATH := $(PATH):$(HOME)/.cargo/bin

.PHONY: help build run demo test bench

help: ## list the targets (the default)
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

build: ## build the binary in release
	cargo build --release --locked

run: build ## build and serve; an empty data/ is filled on the first start
	exec "$(TARGET)/release/hailong" serve $(ARGS)

demo: build ## the same on a database of its own with a simulated year
	exec "$(TARGET)/release/hailong" demo $(ARGS)

test: ## the whole suite on SQLite, PostgreSQL and Chromium; installs what is missing
	tests/run $(ARGS)

bench: ## measure survey, submissions and console, beside nginx, on SQLite and PostgreSQL
	tests/run --bench $(ARGS)
