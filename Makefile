# Go and GNU make are enough for everything here.
STATICCHECK   = honnef.co/go/tools/cmd/staticcheck@v0.8.2
ACTIONLINT    = github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
GOLANGCI_LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
PLATFORMS     = linux/amd64 linux/arm64 darwin/amd64 darwin/arm64
FUZZTIME      = 30s
SOAK          = 10m

# What binaries and image say of themselves, and the tag of the image; VERSION=v1.2.3 make image sets another.
ifeq ($(VERSION),)
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
endif
BUILD    = CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)"

# The image and the lists of parts bear the time of the commit, so that they are the same every time.
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
OF     = -version "$(VERSION)" -epoch "$(SOURCE_DATE_EPOCH)"
IMAGE  = cd deploy/image && GOWORK=off go run
SUMS   = cd dist && if command -v sha256sum >/dev/null; then sha256sum ackrevoke-*; else shasum -a 256 ackrevoke-*; fi > SHA256SUMS
PUSH   =
SOURCE =

help: ## list the targets (the default)
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-24s %s\n", $$1, $$2}'

build: ## build bin/ackrevoke, static and stripped
	@$(BUILD) -o bin/ackrevoke ./cmd/ackrevoke

demo: build ## plan, revoke and look again on a simulated account, and check its record of calls
	@go run ./deploy/demo

demo-leak: build ## from a leaked kubeconfig to a proven dead one, while its owner works on
	@go run ./deploy/demo leak

# The race detector needs a C compiler that has the C library's headers. Tests
# that play the same code a thousand times over go last, without it, where the
# liar test can show its lines; it plays some of its worlds with it as well.
AGAIN = '^Test(Liar|Hostile|Crash)'
LIAR  = go test -C cmd/test/liar -timeout 30m -run '^TestLiar'

test: ## run all tests, with the race detector where there is a C compiler
	@if printf '#include <stdlib.h>\nint main(void) { return 0; }\n' | $$(go env CC) -x c -o /dev/null - >/dev/null 2>&1; \
	then CGO_ENABLED=1 go test -race -timeout 30m -skip $(AGAIN) ./... && CGO_ENABLED=1 $(LIAR) -race && \
		CGO_ENABLED=1 go test -race -run '^TestLiar' ./cmd/cli/schedule; \
	else echo 'make test: no C compiler here, so the tests run WITHOUT the race detector'; go test -timeout 30m -skip $(AGAIN) ./...; fi
	@go test -timeout 30m -run $(AGAIN) ./cmd/cli/schedule ./cmd/test/hostile ./cmd/test/crash
	@$(LIAR)

soak: ## live through fresh worlds of the liar test for SOAK (10m)
	@LIAR_SOAK=$(SOAK) $(LIAR)Soak -timeout 0

lint: ## go vet, staticcheck, golangci-lint, actionlint, each at a fixed version
	go vet ./...
	cd deploy/image && GOWORK=off go vet ./...
	go run $(STATICCHECK) ./...
	go run $(GOLANGCI_LINT) run ./...
	go run $(ACTIONLINT) -shellcheck= deploy/ci/github/approve.yml deploy/ci/github/pull-request.yml

# Before Go 1.27 a target whose time ends in the middle of an input may fail with these words and no input (golang/go
# issue 75804): that says nothing about the target, which is tried again. An input that fails is written, and ends this.
fuzz: ## fuzz each target for FUZZTIME (30s)
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			for attempt in 1 2 3; do \
				said=$$(go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s $$package 2>&1) && ended=0 || ended=1; \
				echo "$$said"; \
				[ $$ended = 0 ] && break; \
				echo "$$said" | grep -q 'context deadline exceeded' && ! echo "$$said" | grep -q 'Failing input' || break; \
			done; \
			[ $$ended = 0 ] || exit 1; \
		done; \
	done

crash: ## kill the real process at every call of run, restore and self, and let the next one finish its work
	@cd cmd/test/crash && CRASH=full go test -timeout 20m -run '^TestCrash'

interop: build ## try the simulated account with releases of the vendor's SDK, 2024 to 2026: a minute the first time
	@cd e2e/interop && GOWORK=off go run .

# Each prints a table of what it showed. etcd and Kubernetes are compiled here: minutes the first time, then never again.
E2E = cd e2e && GOWORK=off go test -count=1 -timeout 60m -p 1 -v

e2e-control-plane: ## prove, and install the chart, on a real etcd, API server and controllers; no root
	@$(E2E) . ./chart

e2e-node: ## run the image in pods on a real kubelet and containerd; Linux and root, all put back afterwards
	@$(E2E) ./node

e2e-signal: ## push to a real Pushgateway, and fire every alert in promtool; Debian's packages by apt, nothing installed
	@$(E2E) ./signal

test-browser: ## open pages of reports in headless Chromium: hostile texts, keyboard, print, 360 px, axe-core; UPDATE=1 pictures
	@cd e2e/browser && GOWORK=off go test -count=1 -timeout 20m -v .

# helm says of itself that it renders for Kubernetes 1.20, unless it is told when it is linked.
HELM = -ldflags '-s -w -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=36'

helm: ## build bin/helm, the one of deploy/tools/go.mod: two minutes the first time
	@cd deploy/tools && GOWORK=off go build $(HELM) -o ../../bin/helm helm.sh/helm/v3/cmd/helm

chart: ## lint and render the Helm chart with every deploy/chart/ci/*.yaml; UPDATE=1 renders deploy/kustomize anew
	@command -v promtool >/dev/null || echo 'make chart: no promtool (Debian: prometheus), so the alerts are read and not fired'
	@cd deploy/tools && GOWORK=off go test -count=1 ./...

mutants: ## break the program in the ways that matter most, and name the tests that notice
	@go run ./deploy/mutants

bench: build ## measure the binary against a simulated account in another process, and write docs/benchmarks.md: half an hour
	@go run ./deploy/bench

schema: build ## write the JSON Schemas of policy, findings and reports into dist/
	@mkdir -p dist
	@for name in policy findings diff report restore audit doctor inspect show prove summary history; do bin/ackrevoke schema $$name > dist/$$name.schema.json && echo "dist/$$name.schema.json"; done

man: ## write the manual pages in docs/man anew; make test says when they are not current
	@UPDATE=1 go test -count=1 -run '^TestManPages$$' ./cmd/cli
	@ls docs/man | sed 's|^|docs/man/|'

dist: ## cross-compile for linux and darwin into dist/, with checksums and sizes
	@mkdir -p dist && rm -f dist/ackrevoke-* dist/SHA256SUMS
	@for platform in $(PLATFORMS); do \
		os=$${platform%/*} arch=$${platform#*/}; \
		GOOS=$$os GOARCH=$$arch $(BUILD) -o dist/ackrevoke-$$os-$$arch ./cmd/ackrevoke || exit 1; \
	done
	@$(SUMS)
	@echo 'static and stripped, version $(VERSION):'
	@cd dist && for f in ackrevoke-*; do wc -c < $$f | awk -v f=$$f '{printf "  dist/%-24s %5.1f MB\n", f, $$1 / 1e6}'; done
	@echo '  dist/SHA256SUMS'

image: ## build dist/ackrevoke-image.tar, for linux/amd64 and linux/arm64; PUSH=REPOSITORY sends it there
	@mkdir -p dist
	@for arch in amd64 arm64; do GOOS=linux GOARCH=$$arch $(BUILD) -o dist/ackrevoke-linux-$$arch ./cmd/ackrevoke || exit 1; done
	@$(IMAGE) . $(OF) -revision "$$(git rev-parse HEAD 2>/dev/null)" -source "$(SOURCE)" -push "$(PUSH)"

image-test: ## read image and lists of parts back, and, as root on linux, enter the image and run it
	@cd deploy/image && GOWORK=off go test -count=1 ./... # it reads files outside its module, which the cache of results does not see

release: dist ## dist, and beside it what each binary is made of (SPDX), the image, checksums of all
	@$(MAKE) --no-print-directory image
	@$(IMAGE) ./sbom $(OF) $(addprefix ../../dist/ackrevoke-,$(subst /,-,$(PLATFORMS)))
	@$(SUMS)
	@echo '  dist/SHA256SUMS'

clean: ## remove what was built here
	rm -rf bin dist demo e2e/.cache

.PHONY: help build demo demo-leak test soak lint fuzz crash interop e2e-control-plane e2e-node e2e-signal test-browser helm chart mutants bench schema man dist image image-test release clean
.DEFAULT_GOAL = help
