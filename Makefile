# make help lists what there is.

# The binary needs no C library; only the race detector needs a C compiler.
export CGO_ENABLED ?= 0

VERSION   := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS   := -s -w -X main.version=$(VERSION)
PLATFORMS := $(foreach os,linux darwin windows,$(os)/amd64 $(os)/arm64)
LINTER    := .build/golangci-lint
FUZZTIME  ?= 10s

.DEFAULT_GOAL := help
.PHONY: help build run demo test unit lint fmt generate check bench live fuzz cross vuln kube terraform windows packages release clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

build: ## build bin/tidegate; TAGS=rclone_all includes every store of rclone
	go build -trimpath -tags '$(TAGS)' -ldflags '$(LDFLAGS)' -o bin/ ./cmd/tidegate

run: build ## serve a directory on loopback ports; ARGS='-listen 127.0.0.1:2131 DIR' passes flags on
	bin/tidegate dev $(ARGS)

demo: build ## three nodes behind HAProxy under load, to watch, kill and drain; ARGS='-ports 3100' takes other ports
	go build -o .build/demo ./test/demo
	.build/demo $(ARGS)

test: ## linters, all tests, Azurite, real clients; CI also runs cross, vuln, kube, terraform, windows and packages
	test/prepare
	CGO_ENABLED=1 go run ./test/gotest -must-run test/must-run.txt -plain test/plain.txt -costs test/costs.txt -results test/results -links .build/tests \
		-beside 'CGO_ENABLED=$(CGO_ENABLED) go vet ./...' \
		-beside 'CGO_ENABLED=$(CGO_ENABLED) $(MAKE) --no-print-directory lint' \
		-beside 'CGO_ENABLED=$(CGO_ENABLED) go test -C test/browser -count=1 .' \
		-- -race -shuffle=on -count=1 -timeout 20m ./...

unit: ## the tests that need only Go, fast
	go test -short -timeout 5m ./...

lint: $(LINTER) ## run the linters of .golangci.yml
	$(LINTER) run ./...
	cd deploy/release && $(CURDIR)/$(LINTER) run --config $(CURDIR)/.golangci.yml ./...
	cd test/release && $(CURDIR)/$(LINTER) run --config $(CURDIR)/.golangci.yml ./...

fmt: $(LINTER) ## format all Go files
	$(LINTER) fmt ./...

generate: ## write what is made from the code
	go generate ./...

check: ## what CI runs, in a clean clone
	$(MAKE) --no-print-directory generate
	git diff --exit-code
	$(MAKE) --no-print-directory cross
	$(MAKE) --no-print-directory vuln
	$(MAKE) --no-print-directory kube
	$(MAKE) --no-print-directory terraform
	$(MAKE) --no-print-directory windows
	$(MAKE) --no-print-directory packages
	$(MAKE) --no-print-directory test

bench: build ## measure; SHORT=1 in three minutes, ROWS=regexp some rows, BASE=program beside an earlier one, PROFILE=1 with CPU profiles, OUT=file
	go run ./test/bench $(if $(SHORT),-short) $(if $(BASE),-base '$(BASE)') $(if $(ROWS),-rows '$(ROWS)') \
		$(if $(PROFILE),-profile test/results/profiles) $(if $(OUT),-o '$(OUT)')

live: ## the suite of stores, the table of requests and open questions in two accounts of Azure: see CONTRIBUTING.md
	go test -c -o .build/azure-live ./test/azure-live
	cd test/azure-live && $(CURDIR)/.build/azure-live -live -test.timeout 4h $(if $(RUN),-test.run '$(RUN)') -test.v

fuzz: ## run every fuzz target for FUZZTIME
	@grep -rlE --include='*_test.go' '^func Fuzz' . | while read -r file; do \
		sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "$$file" | while read -r target; do \
			echo "$$(dirname "$$file") $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")" || exit 1; \
		done || exit 1; \
	done

cross: ## build for every platform
	@for platform in $(PLATFORMS); do \
		echo "$$platform"; \
		CGO_ENABLED=0 GOOS=$${platform%/*} GOARCH=$${platform#*/} go build -o /dev/null ./cmd/tidegate || exit 1; \
	done

vuln: ## the known vulnerabilities that the program can reach; there must be none
	test/vuln/run

kube: ## render and validate the Helm chart; builds for some minutes at first
	go test -C test/kube -count=1 ./...

terraform: ## validate and test the module for Azure; builds OpenTofu at first
	test/terraform/run

windows: ## run the service of Windows under Wine
	test/windows/prepare
	go test -C test/windows -count=1 .

packages: ## make two releases, compare them, install and run what they contain; as root on Debian
	test/prepare
	go test -C deploy/release -count=1 ./...
	go test -C test/release -count=1 -timeout 20m -v .

release: ## programs, packages, images, lists of materials and checksums, for all platforms, in dist
	go run -C deploy/release . -root $(CURDIR) -o $(CURDIR)/dist $(ARGS)

clean: ## remove what was built
	rm -rf bin dist .build test/results

# Built once and again when the pinned versions change.
$(LINTER): test/tools/go.mod test/tools/go.sum
	go build -C test/tools -trimpath -o $(CURDIR)/$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
