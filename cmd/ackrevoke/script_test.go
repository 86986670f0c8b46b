package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run the real program, and this file the scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ackrevoke": main, "trusted": trusted})
}

// TestScripts runs whole sessions of the real process: testdata/script.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join(root, "testdata", "script"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("ROOT", root)
			e.Setenv("GORACE", "atexit_sleep_ms=0") // else the race detector holds up each end by a second
			e.Setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
			e.Setenv("HOME", e.WorkDir) // no profile of the person who runs the tests
			return nil
		},
		UpdateScripts: os.Getenv("UPDATE") != "",
	})
}
