package browser

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

const repository = "../.."

var (
	// program is ackrevoke itself, as make build makes it.
	program string

	// scratch is a folder that goes away with the tests.
	scratch string

	// chromium is the browser that all tabs are opened in.
	chromium context.Context

	// axe is the text of axe-core; without it, why it cannot be had.
	axe     string
	axeLack error
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	began := time.Now()
	path, err := findChromium()
	if err != nil {
		fmt.Println("make test-browser: skipped,", err)
		return 0
	}
	if scratch, err = os.MkdirTemp("", "ackrevoke-browser-"); err != nil {
		return fail(err)
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	program = filepath.Join(scratch, "ackrevoke")
	if err := quiet(repository, "go", "build", "-trimpath", "-o", program, "./cmd/ackrevoke"); err != nil {
		return fail(err)
	}
	axe, axeLack = findAxe()
	stop, err := start(path)
	defer stop()
	if err != nil {
		return fail(err)
	}
	go makeLarge()
	code := m.Run()
	printTable(time.Since(began))
	return code
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "make test-browser:", err)
	return 1
}

// quiet runs a command whose words count only when it fails.
func quiet(dir, name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Dir, c.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "DEBIAN_FRONTEND=noninteractive")
	if said, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, bytes.TrimSpace(said))
	}
	return nil
}

// findChromium looks for the browser, and installs Debian's where root can.
func findChromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	if _, err := exec.LookPath("apt-get"); err != nil || os.Geteuid() != 0 {
		return "", errors.New("for there is no Chromium here, and only root can install Debian's")
	}
	fmt.Println("make test-browser: installing chromium by apt")
	for _, args := range [][]string{{"update"}, {"install", "-y", "--no-install-recommends", "chromium"}} {
		if err := quiet("", "apt-get", args...); err != nil {
			return "", fmt.Errorf("for Chromium cannot be had here: %w", err)
		}
	}
	return exec.LookPath("chromium")
}

// findAxe returns the text of axe-core, which npm installs into the cache by the
// lock file that is here. make clean takes it away.
func findAxe() (string, error) {
	dir := filepath.Join("..", ".cache", "browser")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	script, fresh := filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"), true
	for _, name := range []string{"package.json", ".npmrc", "package-lock.json"} {
		want, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
			fresh = false
		}
		if err := os.WriteFile(filepath.Join(dir, name), want, 0o644); err != nil {
			return "", err
		}
	}
	if _, err := os.Stat(script); err != nil || !fresh {
		if _, err := exec.LookPath("npm"); err != nil {
			return "", errors.New("there is no npm here to fetch axe-core with")
		}
		if err := quiet(dir, "npm", "ci", "--ignore-scripts"); err != nil {
			_ = os.RemoveAll(filepath.Join(dir, "node_modules"))
			return "", fmt.Errorf("axe-core cannot be had here: %w", err)
		}
	}
	text, err := os.ReadFile(script)
	return string(text), err
}

// start begins a browser with a new profile. Whatever it asks the network for is
// caught by the trap.
func start(path string) (stop func(), err error) {
	trap.open()
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(filepath.Join(scratch, "profile")),
		chromedp.WSURLReadTimeout(2 * time.Minute), chromedp.ProxyServer(trap.address()),
		chromedp.Flag("proxy-bypass-list", "<-loopback>"), // loopback too
		chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("lang", "en-US"), chromedp.NoFirstRun, chromedp.Headless, chromedp.NoSandbox}
	for _, name := range []string{"disable-gpu", "disable-quic", "disable-background-networking", "disable-component-update", "disable-sync",
		"disable-dev-shm-usage", "disable-default-apps", "disable-extensions", "no-pings"} {
		options = append(options, chromedp.Flag(name, true))
	}
	allocated, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocated)
	chromium = ctx
	stop = func() { cancel(); end(); trap.close() }
	if err := chromedp.Do(ctx); err != nil {
		return stop, fmt.Errorf("%s does not start: %w", path, err)
	}
	return stop, nil
}
