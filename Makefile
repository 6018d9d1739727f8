# Steepest: `make run` runs the quickstart, `make test` the tests; `make help` lists the rest.
GO      ?= go
export CGO_ENABLED = 0
TOOL     = $(GO) tool -modfile=tools/go.mod
# buf takes a minute of two cores to compile; after `npm ci --prefix tools/buf` it is there as a program.
BUF      = $(or $(wildcard $(CURDIR)/tools/buf/node_modules/.bin/buf),$(GO) tool -modfile=../tools/go.mod buf)
# The optimizers' vectorised kernels need an experiment of the Go toolchain; a toolchain without it builds the plain loops.
# The host does without: there the experiment only makes plain floating-point code slower after a thread was preempted.
EXPERIMENT := $(shell GOEXPERIMENT=simd $(GO) list simd/archsimd >/dev/null 2>&1 && echo GOEXPERIMENT=simd)
BUILD    = $(GO) build $(RELEASE) -ldflags="-s -w"
RELEASE  = -trimpath -buildvcs=auto
PYTHON   = $(firstword $(wildcard /usr/bin/python3) python3)
FILE    ?= experiments/quickstart.toml
DIR     ?= runs/quickstart

# Where Steepest is to compile, tests included, beside the machine that builds it.
PLATFORMS = darwin/arm64 freebsd/amd64 linux/arm64 windows/amd64

.PHONY: help build run by-step test race experiments lecture pictures bench bench-boundary bench-train bench-peers zoo lint cross vulncheck wheel generate clean
.DEFAULT_GOAL = help

help: ## show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/steepest and the optimizer plugins in bin/plugins (for another system with GOOS and GOARCH)
	$(BUILD) -o bin/steepest$$($(GO) env GOEXE) ./host
	@mkdir -p bin/plugins
	$(EXPERIMENT) $(BUILD) -o bin/plugins/steepest-optimizers$$($(GO) env GOEXE) ./plugins
	@if test "$$($(GO) env GOOS GOARCH)" = "$$($(GO) env GOHOSTOS GOHOSTARCH)"; \
	then bin/plugins/steepest-optimizers$$($(GO) env GOEXE) link; \
	else echo "for $$($(GO) env GOOS)/$$($(GO) env GOARCH): there, steepest-optimizers link gives the plugins their names"; fi

run: build ## build, then run the quickstart (or FILE=experiments/...toml FLAGS=...)
	bin/steepest run $(FLAGS) $(FILE)

by-step: build ## loss against step in a Prometheus of its own, for DIR=runs/quickstart
	STEEPEST=bin/steepest metrics/prometheus/by-step.sh $(DIR)

# Many tests wait for processes, so more of them run at once than there are cores. Compilers and tests have memory to spare, and
# collect garbage less often. Vetting is for make lint.
TEST      = GOGC=400 $(EXPERIMENT) $(GO) test -vet=off -ldflags="-s -w" -shuffle=on -parallel 8 -timeout 30m

test: ## run all tests
	$(TEST) ./...

# Rules and arithmetic start no goroutines of their own: those that call them do, such as the exam in ./plugins, and are examined with them.
ALONE = /plugins/|/statistics$$|/claim$$|/curvature$$|/figure$$|/quantile$$

race: ## run tests under the race detector, without those that repeat what others run (needs a C compiler)
	CGO_ENABLED=1 $(TEST) -race -short $$($(GO) list ./... | grep -vE '$(ALONE)')

experiments: ## run every shipped experiment to its end (some minutes)
	STEEPEST_WHOLE=1 $(TEST) -v -run '^(TestShippedExperiments|TestLecture)$$' ./host

COURSE = experiments/lecture

lecture: build ## run the lecture's experiments and draw its pictures anew
	bin/steepest run --out runs/lecture $(COURSE)/*.toml
	@mkdir -p $(COURSE)/pictures
	for results in runs/lecture/*/; do bin/steepest plot "$$results" -o $(COURSE)/pictures || exit 1; done

pictures: ## draw the dashboards for docs/ (needs npm, chromium and prometheus)
	$(GO) run ./metrics/grafana/preview --source live --format webp --out docs/dashboards

bench: ## run the benchmarks
	$(GO) test -run '^$$' -bench . -benchmem ./host/... ./metrics/... ./proto/... ./sdk/...
	$(EXPERIMENT) $(GO) test -run '^$$' -bench . -benchmem ./plugins/...

bench-boundary: build ## time a step in process, inline and in shared memory
	bin/steepest plugins bench sgd adam

bench-train: build ## time full training steps over BLAS and threads
	$(GO) run ./host/bench -plugin adam

bench-peers: build ## time them beside PyTorch, in turn (skipped without it)
	$(GO) run ./host/bench -plugin adam -peers

zoo: ## examine, compare and time all bundled optimizers, and write docs/zoo.md (two minutes; ONLY=adam,muon keeps the others' times)
	$(EXPERIMENT) $(GO) test ./plugins -count 1 -run '^TestDocument$$' -update -only "$(ONLY)"

lint: ## check formatting, go vet, golangci-lint, the protocol's style and Python (with pyflakes, if it is there)
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || { echo "not formatted; run gofmt -w on these files" >&2; exit 1; }
	$(EXPERIMENT) $(GO) vet ./...
	$(EXPERIMENT) $(GO) tool -modfile=tools/golangci-lint/go.mod golangci-lint run ./...
	cd proto && $(BUF) lint
	@if $(PYTHON) -c 'import pyflakes' 2>/dev/null; then $(PYTHON) -m pyflakes sdk/python/steepest sdk/python/tests sdk/python/examples/*; \
	else echo "Python is not checked: no pyflakes; apt-get install python3-pyflakes" >&2; test -z "$$STEEPEST_REQUIRE_ALL"; fi

cross: ## check the types of all code, tests included, for other systems
	$(GO) run -C tools ./typecheck .. $(PLATFORMS)

vulncheck: ## look for known vulnerabilities in what is called (needs the network)
	$(TOOL) govulncheck ./...

wheel: ## build the package for Python into sdk/python/dist (needs setuptools and wheel)
	cd sdk/python && mkdir -p dist && $(PYTHON) -c 'from setuptools import build_meta; build_meta.build_wheel("dist")'

generate: ## regenerate the protocol's code, the dashboards and what is generated of the manuals
	cd proto && $(BUF) generate
	cd proto && $(BUF) build --as-file-descriptor-set --exclude-source-info -o ../sdk/python/steepest/protocol.binpb
	$(GO) run ./host/internal/exporter/document docs/metrics.md
	$(GO) run ./metrics/grafana/generate metrics/grafana/dashboards
	$(GO) test -p 1 ./host/internal/config ./host/internal/diagnose ./host/internal/measure ./host/internal/picture ./host/internal/problem ./host/internal/scaffold -run TestDocument -update

clean: ## remove what make build made
	rm -rf bin sdk/python/build sdk/python/dist sdk/python/*.egg-info
