# What can be done here. A line of help stands behind each target's name.

.DEFAULT_GOAL := help
SHELL := /bin/bash

# A tree without git, or without a tag or commit, builds too.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# The version above is the one in the binary. Go's own stamp would fail all builds where
# git refuses the tree, as it does for one that belongs to somebody else.
export GOFLAGS := $(strip $(shell go env GOFLAGS) -buildvcs=false)

GO_FILES := find . -name '*.go' -not -path '*/node_modules/*' -print0 | xargs -0

# A server that is told of a database needs none of its own.
RUN_NEEDS := certs $(if $(CHAT_DATABASE_URL),,postgres)

# Tests of the built server that are about its accounts, database, mail, pages and web client.
NO_ENGINE := Browser|Files|Oracle|SearchRanks|Disk|Database|Mail|Kill|Sign[Uu]p|Login|Resend|Verif|WrongCodes|Pages|VChat(Register|Users|Profile|SingleRooms|MessagesByREST|Shapes|GroupsAreMade|AnUnverified|TooLarge)

# Packages whose tests load the machine alone. All others run two at a time, a new one too.
LOADING := /e2e$$|/socketio

# The tag is for tests only: auth/cost_cheap.go. check has vetted all. And a process need not
# rest for a second at its end, for races of goroutines that nobody waits for.
RACE_BUILD := CGO_ENABLED=1 go build -race -tags=cheaphash
RACE_VET := CGO_ENABLED=1 go vet -race -tags=cheaphash
RACE_TEST := GORACE=atexit_sleep_ms=0 CGO_ENABLED=1 go test -race -tags=cheaphash -vet=off -count=1 -timeout=10m

# What e2e looks for races in is the server. Its own clients and judges are ten times as fast
# without the detector, and have it in "make soak".
RACE_SERVER := $(CURDIR)/bin/expresschat-race
E2E_TEST := EXPRESSCHAT_BIN=$(RACE_SERVER) go test -vet=off -count=1 -timeout=10m

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## build and start the server; PostgreSQL is installed if there is none
	@scripts/setup.sh $(RUN_NEEDS)
	@$(MAKE) --no-print-directory build
	@exec bin/expresschat serve

.PHONY: build
build: ## build bin/expresschat
	CGO_ENABLED=0 go build -trimpath -ldflags "-X main.version=$(VERSION)" -o bin/expresschat ./cmd/expresschat

# The root's test reads other packages, which the test cache does not see.
.PHONY: check
check: ## the inner ring, in seconds: format, vet, staticcheck, who may import whom
	@found=$$($(GO_FILES) go tool gofumpt -l) && if [[ -n $$found ]]; then \
		echo "not formatted, make fmt does it:"; echo "$$found"; exit 1; fi
	go vet ./...
	@# And what is only in tests, with the detector or its tag. It needs what they are built with.
	@scripts/setup.sh cc
	$(RACE_VET) $$($(GO_FILES) grep -lE '^//go:build .*(race|cheaphash)' | xargs -n 1 dirname | sort -u)
	go tool staticcheck ./...
	go test -count=1 .

.PHONY: test
test: ## everything: check, then all tests, with the race detector in what they test
	@# What tests need beside these comes while the compiler is at work.
	@scripts/setup.sh certs cc
	@scripts/setup.sh postgres node nginx python chromium & installing=$$!; \
		$(MAKE) --no-print-directory check; checked=$$?; \
		wait $$installing && exit $$checked
	@# The race build hashes at a test's cost, so what people run is looked at here.
	go test -count=1 ./auth
	@# Compiled side by side. Then one after another those that load the machine alone, as two
	@# of them make each other late, and before them the rest.
	@$(RACE_BUILD) -o /dev/null ./...
	$(RACE_TEST) -p 2 $$(go list ./... | grep -vE '$(LOADING)')
	@# Most of these wait for timers, so more of them than there are processors.
	$(RACE_TEST) -p 1 -parallel 6 $$(go list ./... | grep /socketio)
	$(RACE_BUILD) -o $(RACE_SERVER) ./cmd/expresschat
	$(E2E_TEST) ./e2e
	@# The other engine, without what says nothing about engines.
	EXPRESSCHAT_E2E_SOCKETIO=zishang520 $(E2E_TEST) -skip '$(NO_ENGINE)' ./e2e

# No tool of go.mod: it would bring its dependencies into what the server is built from.
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0

.PHONY: vuln
vuln: ## known vulnerabilities in what the server is made of; asks https://vuln.go.dev
	go run $(GOVULNCHECK) ./...

# A real server of S3. Building it takes minutes, so make test has a stand-in.
VERSITYGW := github.com/versity/versitygw/cmd/versitygw@v1.8.0

.PHONY: soak
soak: ## hours of it: 200 kills (KILLS=n), both engines, churn, files in S3, each fuzz target for 10m (FUZZ=1m)
	@scripts/setup.sh postgres node cc nginx python chromium
	EXPRESSCHAT_E2E_KILLS=$(or $(KILLS),200) CGO_ENABLED=1 go test -race -count=1 -v -timeout=60m -run "^TestOracle$$" ./e2e
	EXPRESSCHAT_E2E_SOCKETIO=zishang520 CGO_ENABLED=1 go test -race -count=1 -timeout=20m ./e2e
	GOBIN=$(CURDIR)/bin go install $(VERSITYGW)
	EXPRESSCHAT_E2E_VERSITYGW=$(CURDIR)/bin/versitygw go test -count=1 -v -timeout=20m -run '^TestFilesInS3$$' ./e2e
	EXPRESSCHAT_CHURN=20000 go test -count=1 -v -timeout=20m -run Churn ./socketio/own
	scripts/fuzz.sh $(or $(FUZZ),10m)

.PHONY: bench
bench: bench-build ## the chat server against its peers into bench/RESULTS.md: seven minutes
	bin/bench run -turns $(or $(BENCH_TURNS),3) -out bench/RESULTS.md

.PHONY: bench-quick
bench-quick: bench-build ## the same tables with smaller numbers, to the terminal: two minutes
	bin/bench run -quick

.PHONY: bench-build
bench-build: build
	@scripts/setup.sh postgres node
	@cd bench/peers/node && npm ci --silent --no-audit --no-fund
	go build -trimpath -o bin/bench ./bench/chat

.PHONY: bench-socketio
bench-socketio: ## Socket.IO servers turn about into bench/RESULTS.md: ten minutes (or BENCH_TURNS=1)
	@scripts/setup.sh node
	@cd bench/peers/socketio && npm ci --silent --no-audit --no-fund
	go build -trimpath -o bin/bench-socketio ./bench/socketio
	bin/bench-socketio run -turns $(or $(BENCH_TURNS),3) -out bench/RESULTS.md

.PHONY: fmt
fmt: ## format all Go files
	@$(GO_FILES) go tool gofumpt -l -w

.PHONY: vendor-web
vendor-web: ## renew the Socket.IO client of the web pages
	@scripts/setup.sh node
	@scripts/vendor-web.sh

.PHONY: screens
screens: ## take the pictures in docs/screens again
	@scripts/setup.sh postgres node python chromium
	@mkdir -p docs/screens
	EXPRESSCHAT_E2E_SCREENS=$(CURDIR)/docs/screens go test -count=1 -run '^TestBrowserScreens$$' ./e2e

.PHONY: clean
clean: ## remove what was built and installed here, but no data
	rm -rf bin e2e/clients/node_modules bench/peers/*/node_modules
