# `make test` is all that a fresh Debian machine with Go needs; `make help` lists the rest.
#
# PKGS narrows check and test to some packages while they are being written:
#
#	make test PKGS='./internal/sms/ ./internal/phone/'

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 20s
BENCHFLAGS ?=

ifdef PKGS
checked = $(PKGS)
tested = $(PKGS)
else
checked = ./...
# Not the black box tests: they look at the built binary, and have a run of their own.
tested = $(shell go list ./... | grep -v '/test/')
whole = yes
endif

.PHONY: help build test check generate bench fuzz setup format vet staticcheck generated modules tests

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 12

build: ## build ./rebound: one static binary
	CGO_ENABLED=0 go build -trimpath -ldflags '-X main.version=$(VERSION)' -o rebound ./cmd/rebound

test: setup check ## install what is missing, then check and run everything
	scripts/with-postgres $(MAKE) tests

check: format vet staticcheck generated $(if $(whole),modules) ## formatting, vet, staticcheck, generated files, modules

generate: ## write the Go code of the page templates
	go tool templ generate

bench: setup ## run the benchmarks, with more flags in BENCHFLAGS
	scripts/with-postgres go test -run '^$$' -bench . $(BENCHFLAGS) ./test/bench/

fuzz: ## run each fuzz target for FUZZTIME
	scripts/fuzz $(FUZZTIME) $(checked)

setup:
	@scripts/setup

format:
	@unformatted=$$(gofmt -l .); [[ -z $$unformatted ]] || { echo "gofmt -w these:"; echo "$$unformatted"; exit 1; }

vet:
	go vet $(checked)

staticcheck:
	go tool staticcheck $(checked)

generated:
	scripts/check-generated

modules:
	go mod verify
	go mod tidy -diff

# The race detector needs cgo. SQLite, translated from C to Go, is left out of it: it works under locks of its own on
# memory of its own, and watching it is slow. Its driver and all else are watched. go vet has run before.
unwatched = -race=false -d=checkptr=0

tests:
	CGO_ENABLED=1 go test -race -vet=off -timeout 30m -gcflags='modernc.org/sqlite/lib=$(unwatched)' \
		-gcflags='modernc.org/libc/...=$(unwatched)' $(tested)
	$(if $(whole),go test -vet=off -timeout 20m ./test/smoke/...)
