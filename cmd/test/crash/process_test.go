package crash

import (
	"bytes"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"ackrevoke/cmd/test/stage"
)

// process is one run of the real program.
type process struct {
	cmd    *exec.Cmd
	stderr transcript
	died   chan struct{}
}

// transcript is what a process has said so far.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed when there is more
}

func (t *transcript) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.more != nil {
		close(t.more)
		t.more = nil
	}
	return t.text.Write(b)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// says waits until the process has said something, or is dead.
func (p *process) says(words string) bool {
	for {
		p.stderr.mu.Lock()
		if p.stderr.more == nil {
			p.stderr.more = make(chan struct{})
		}
		said, more := strings.Contains(p.stderr.text.String(), words), p.stderr.more
		p.stderr.mu.Unlock()
		if said {
			return true
		}
		select {
		case <-more:
		case <-p.died:
			return strings.Contains(p.stderr.String(), words)
		}
	}
}

// command is a run that has not begun yet.
func (s *station) command(args ...string) *process {
	return s.program(append([]string{"run", "-p", s.policy}, args...)...)
}

// program is a process of any command.
func (s *station) program(args ...string) *process {
	args = append(args, "--cs-endpoint", s.url, "--ram-endpoint", s.url, "--sts-endpoint", s.url, "--read-qps", "1000000", "--write-qps",
		"1000000")
	id, secret := s.account.Keys()
	p := &process{cmd: exec.CommandContext(s.t.Context(), stage.Binary(s.t), args...), died: make(chan struct{})}
	p.cmd.Dir, p.cmd.Stderr = s.dir, &p.stderr
	p.cmd.Env = []string{"GORACE=atexit_sleep_ms=0", // else the race detector holds up each end by a second
		"HOME=" + s.dir, "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true",
		"ALIBABA_CLOUD_ACCESS_KEY_ID=" + id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + secret}
	return p
}

func (p *process) start(t *testing.T) {
	t.Helper()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { defer close(p.died); _ = p.cmd.Wait() }()
}

// kill ends the process as the kernel or the machine would, and comes back
// when it is dead.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.died
}

// end waits for the process and returns its exit code, -1 if it was killed.
func (p *process) end() int {
	<-p.died
	return p.cmd.ProcessState.ExitCode()
}
