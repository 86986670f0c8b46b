package plane

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Patience is how long anything is waited for: far longer than it takes on a
// slow machine that others use as well. Nothing is ever expected to be faster.
const Patience = 5 * time.Minute

// Component is a process that a test started: it ends with Stop, with the test,
// or with the process of the test, whichever comes first: when its standard
// input does.
type Component struct {
	Name string
	Stop func()
	Gone <-chan struct{} // closed when it has ended
	log  string
}

// Launch starts one of the servers of the binary; what it says goes to a file in dir.
func Launch(t *testing.T, dir, name string, args ...string) *Component {
	t.Helper()
	return start(t, dir, name, exec.Command(serverBinary, append([]string{name}, args...)...))
}

// Start starts any other program. It knows nothing of the end of its standard
// input, so a shell waits for that and asks it to go.
func Start(t *testing.T, dir, name string, env []string, program ...string) *Component {
	t.Helper()
	const keeper = `exec 3<&0; "$@" </dev/null 3<&- & child=$!; (read -r _ <&3; kill $child 2>/dev/null) & exec 3<&-; wait $child`
	p := exec.Command("sh", append([]string{"-c", keeper, "sh"}, program...)...)
	p.Env = env
	return start(t, dir, name, p)
}

func start(t *testing.T, dir, name string, p *exec.Cmd) *Component {
	t.Helper()
	c := &Component{Name: name, log: filepath.Join(dir, name+".log")}
	said, err := os.OpenFile(c.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	Must(t, err)
	p.Stdout, p.Stderr = said, said
	if p.Env == nil {
		p.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	}
	stdin, err := p.StdinPipe()
	Must(t, err)
	Must(t, p.Start())
	gone := make(chan struct{})
	go func() { defer close(gone); _ = p.Wait(); _ = said.Close() }()
	c.Gone, c.Stop = gone, func() {
		_ = stdin.Close()
		select {
		case <-gone:
		case <-time.After(Patience):
			_ = p.Process.Kill()
			<-gone
		}
	}
	t.Cleanup(c.Stop)
	return c
}

// Tail is the end of what it said, for a test that fails.
func (c *Component) Tail() string {
	said, _ := os.ReadFile(c.log)
	return fmt.Sprintf("the end of what %s said:\n%s", c.Name, said[max(0, len(said)-4000):])
}

// Await asks until the answer is yes, and ends the test when it never is: why
// says what was seen instead.
func Await(t *testing.T, what string, ask func() (yes bool, why string)) {
	t.Helper()
	if why, ok := await(nil, ask); !ok {
		t.Fatalf("waited %s for %s: %s", Patience, what, why)
	}
}

// await gives up after Patience, or when gone is closed.
func await(gone <-chan struct{}, ask func() (bool, string)) (why string, ok bool) {
	deadline := time.After(Patience)
	for {
		yes, why := ask()
		if yes {
			return "", true
		}
		select {
		case <-gone:
			return why + " (it has ended)", false
		case <-deadline:
			return why, false
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// FreePorts are ports of loopback that nobody uses now.
func FreePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Must(t, err)
		defer func() { _ = l.Close() }() // not before all are chosen
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}
