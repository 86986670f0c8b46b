package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	cs "github.com/alibabacloud-go/cs-20151215/v4/client"
	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
)

const binary = "bin/ackrevoke"

// service is a simulated account in a process of its own.
type service struct {
	process *exec.Cmd
	address string
	env     []string // the keys
}

// serve starts an account; its stop is to be called.
func (b *bench) serve(e estate, flags ...string) (*service, error) {
	path, err := b.estate(e)
	if err != nil {
		return nil, err
	}
	s := &service{process: exec.Command(binary, append([]string{"simulate", "--estate", path, "--listen", "127.0.0.1:0"}, flags...)...)}
	s.process.Stderr = os.Stderr
	out, err := s.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		line := lines.Text()
		if key, ok := strings.CutPrefix(line, "export "); ok {
			s.env = append(s.env, key)
			continue
		}
		if _, rest, ok := strings.Cut(line, "http://"); ok {
			s.address = "http://" + strings.Fields(rest)[0]
			return s, nil
		}
	}
	s.stop()
	return nil, errors.New("the simulated account said no address")
}

func (s *service) stop() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

// call is what the account notes of one that it saw.
type call struct {
	Operation, Code string
	Write           bool
	At              time.Time
}

func (s *service) calls() (all []call, err error) {
	res, err := http.Get(s.address + "/-/calls")
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	return all, json.NewDecoder(res.Body).Decode(&all)
}

// latency is what one call takes with the vendor's SDK alone, on a connection that is
// there: the mean of a second's worth.
func (s *service) latency() (time.Duration, error) {
	key := func(name string) *string {
		for _, kv := range s.env {
			if value, ok := strings.CutPrefix(kv, name+"="); ok {
				return &value
			}
		}
		return nil
	}
	endpoint, protocol := strings.TrimPrefix(s.address, "http://"), "HTTP"
	c, err := cs.NewClient(&openapi.Config{AccessKeyId: key("ALIBABA_CLOUD_ACCESS_KEY_ID"),
		AccessKeySecret: key("ALIBABA_CLOUD_ACCESS_KEY_SECRET"), Endpoint: &endpoint, Protocol: &protocol})
	if err != nil {
		return 0, err
	}
	somebody := uid(0)
	if _, err := c.DescribeUserPermission(&somebody); err != nil { // makes the connection
		return 0, err
	}
	began := time.Now()
	for n := 1; ; n++ {
		if _, err := c.DescribeUserPermission(&somebody); err != nil {
			return 0, err
		}
		if took := time.Since(began); took > time.Second {
			return took / time.Duration(n), nil
		}
	}
}

// cpu is the processor's time that the account's process has used; 0 where the
// system does not tell.
func (s *service) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.process.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * (time.Second / 100) // Linux counts in hundredths
}

// ran is what one command came to.
type ran struct {
	code      int
	wall, cpu time.Duration
	peak      int // bytes in memory
	sockets   int // at a time; 0 where the system does not tell
	report    report
	printed   int // bytes
	wrote     int // bytes of the report
}

// report is what is looked at of a report.
type report struct {
	Calls struct {
		Reads, Writes, Throttled int
		Rate                     *struct{ Found, Share, Used float64 }
	}
	Summary struct{ Actions, Revoked, Targets, Settled, Unknown int }
	Verdict struct{ Name string }
}

// command runs the program to its end.
func command(env []string, args ...string) (r ran, err error) {
	c := exec.Command(binary, args...)
	c.Env = append(slices.DeleteFunc(os.Environ(), func(kv string) bool {
		return strings.HasPrefix(kv, "ALIBABA_CLOUD_") || strings.HasPrefix(kv, "ACKREVOKE_")
	}), env...)
	var said bytes.Buffer
	counted := &counter{}
	c.Stderr, c.Stdout = &said, counted
	began := time.Now()
	if err := c.Start(); err != nil {
		return r, err
	}
	over, most := make(chan struct{}), make(chan int)
	go func() { most <- watch(c.Process.Pid, over) }()
	err = c.Wait()
	r.wall = time.Since(began)
	close(over)
	r.sockets = <-most
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return r, err
	}
	r.code, r.cpu, r.printed = c.ProcessState.ExitCode(), c.ProcessState.UserTime()+c.ProcessState.SystemTime(), counted.n
	if usage, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.peak = int(usage.Maxrss)
		if runtime.GOOS == "linux" {
			r.peak *= 1024
		}
	}
	if r.code != 0 {
		return r, fmt.Errorf("%s: exit code %d: %s", strings.Join(args, " "), r.code, said.String())
	}
	return r, nil
}

type counter struct{ n int }

func (c *counter) Write(p []byte) (int, error) {
	c.n += len(p)
	return len(p), nil
}

// watch counts the sockets of a process until it is over, and returns the most.
func watch(pid int, over chan struct{}) (most int) {
	for {
		select {
		case <-over:
			return most
		case <-time.After(50 * time.Millisecond):
		}
		n := 0
		links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		for _, l := range links {
			if to, err := os.Readlink(l); err == nil && strings.HasPrefix(to, "socket:") {
				n++
			}
		}
		most = max(most, n)
	}
}

// fresh is a folder for the journal of a run that has no earlier ones.
func (b *bench) fresh() string {
	b.journals++
	return filepath.Join(b.folder, fmt.Sprintf("journal-%d", b.journals))
}

// run lets a policy take effect on the account, and reads the report.
func (b *bench) run(s *service, e estate, flags ...string) (ran, error) {
	path, err := b.policy(e)
	if err != nil {
		return ran{}, err
	}
	out := filepath.Join(b.folder, "report.json")
	r, err := command(s.env, append([]string{"run", "-p", path, "-o", out, "--journal", b.fresh(),
		"--cs-endpoint", s.address, "--ram-endpoint", s.address, "--sts-endpoint", s.address, "--log-level", "error"}, flags...)...)
	if err != nil {
		return r, err
	}
	return r, r.read(out)
}

// read takes from a report what is looked at, and keeps the rest out of memory: what a
// process has counts as the least that one it starts has had.
func (r *ran) read(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	d := json.NewDecoder(f)
	if _, err := d.Token(); err != nil {
		return err
	}
	wanted := map[string]any{"calls": &r.report.Calls, "summary": &r.report.Summary, "verdict": &r.report.Verdict}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		if into := wanted[name.(string)]; into != nil {
			err = d.Decode(into)
		} else {
			err = skip(d)
		}
		if err != nil {
			return err
		}
	}
	r.wrote = int(d.InputOffset())
	return nil
}

// skip reads over one value.
func skip(d *json.Decoder) error {
	for depth := 0; ; {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

func mb(bytes int) string { return fmt.Sprintf("%.0f MB", float64(bytes)/1e6) }

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
