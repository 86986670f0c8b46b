package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// account is a process of ackrevoke simulate.
type account struct {
	keys   keys
	url    *url.URL
	tap    *tap
	looked int // calls looked at so far
	stop   func()
}

// keys are what a call is signed with.
type keys struct{ id, secret, token string }

// stage is where accounts are served: the program that serves them, a folder for their files, and what has to be ended.
type stage struct {
	program, dir, estate string
	accounts             []*account
}

func (s *stage) close() {
	for _, a := range s.accounts {
		a.stop()
	}
}

// serve starts an account with a behaviour, and with faults if there are any.
func (s *stage) serve(behaviour, faults string) (*account, error) {
	text, err := os.ReadFile(s.estate)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(s.dir, fmt.Sprintf("estate-%d.yaml", len(s.accounts)))
	args := []string{"simulate", "--listen", "127.0.0.1:0", "--estate", file}
	err = os.WriteFile(file, append(text, "behaviour: {"+behaviour+"}\n"...), 0o600)
	if faults != "" {
		script := filepath.Join(s.dir, fmt.Sprintf("faults-%d.yaml", len(s.accounts)))
		args = append(args, "--faults", script)
		err = errors.Join(err, os.WriteFile(script, []byte(faults), 0o600))
	}
	if err != nil {
		return nil, err
	}
	a, err := start(exec.Command(s.program, args...))
	if err != nil {
		return nil, fmt.Errorf("ackrevoke %s: %w", strings.Join(args, " "), err)
	}
	s.accounts = append(s.accounts, a)
	return a, nil
}

// start starts the process and reads the variables and flags that it prints.
func start(c *exec.Cmd) (*account, error) {
	c.Env, c.Stderr = bare(), os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	a := &account{stop: func() { _ = c.Process.Kill(); _ = c.Wait() }}
	for lines := bufio.NewScanner(out); a.url == nil && lines.Scan(); {
		if id, is := strings.CutPrefix(lines.Text(), "export ALIBABA_CLOUD_ACCESS_KEY_ID="); is {
			a.keys.id = id
		}
		if secret, is := strings.CutPrefix(lines.Text(), "export ALIBABA_CLOUD_ACCESS_KEY_SECRET="); is {
			a.keys.secret = secret
		}
		if flags, is := strings.CutPrefix(lines.Text(), "# ackrevoke run --cs-endpoint "); is {
			at, _, _ := strings.Cut(flags, " ")
			a.url, err = url.Parse(at)
		}
	}
	if err == nil && a.url == nil {
		err = errors.New("it ended without saying where it listens")
	}
	if err == nil {
		a.tap, err = newTap(a.url)
	}
	if err != nil {
		a.stop()
		return nil, err
	}
	process := a.stop
	a.stop = func() { _ = a.tap.server.Close(); process() }
	return a, nil
}

// bare is an environment in which nothing of a real account is left, and no proxy.
func bare() []string {
	return slices.DeleteFunc(os.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(strings.ToUpper(kv), "=")
		return strings.HasPrefix(name, "ALIBABA_CLOUD_") || strings.HasPrefix(name, "ACKREVOKE_") || strings.HasSuffix(name, "_PROXY")
	})
}

// seen is what the account records of a call.
type seen struct {
	Operation, Method, Path, UID, Cluster, Region, Code, RequestID, Signature string
	Write                                                                     bool
	Status                                                                    int
}

// fresh asks the account itself for the calls it has seen since it was asked last.
func (a *account) fresh() ([]seen, error) {
	response, err := http.Get(a.url.JoinPath("/-/calls").String())
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var calls []seen
	if err := json.NewDecoder(response.Body).Decode(&calls); err != nil || len(calls) < a.looked {
		return nil, errors.Join(fmt.Errorf("/-/calls has %d calls after %d", len(calls), a.looked), err)
	}
	news := calls[a.looked:]
	a.looked = len(calls)
	return news, nil
}
