package crash

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/write"
)

// watch kills a process once a number of things have happened in its folders:
// a file made, written, closed, renamed or removed. It returns when the
// process is dead, however that came. Where exactly the process dies after the
// nth of them is not sure; what is asserted holds wherever it is.
func (s *station) watch(t *testing.T, n int) {
	t.Helper()
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	events := os.NewFile(uintptr(fd), "inotify")
	for _, dir := range []string{s.dir, s.path("report.json.journal")} {
		if _, err := syscall.InotifyAddWatch(fd, dir,
			syscall.IN_CREATE|syscall.IN_MODIFY|syscall.IN_CLOSE_WRITE|syscall.IN_MOVED_TO|syscall.IN_DELETE); err != nil {
			t.Fatal(err)
		}
	}
	p := s.start(nil, "--dry-run=false")
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		<-p.died
		_ = os.WriteFile(s.path("the end"), nil, 0o600) // wakes the reader
		_ = os.Remove(s.path("the end"))
	}()
	buffer := make([]byte, 64<<10)
	for seen := 0; ; {
		got, err := events.Read(buffer)
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < got; {
			e := (*syscall.InotifyEvent)(unsafe.Pointer(&buffer[at]))
			name := string(bytes.TrimRight(buffer[at+syscall.SizeofInotifyEvent:][:e.Len], "\x00"))
			at += syscall.SizeofInotifyEvent + int(e.Len)
			if name == "the end" {
				_ = events.Close()
				<-gone // the file that woke us, too
				return
			}
			if seen++; seen == n {
				p.kill()
			}
		}
	}
}

// TestCrashBetweenFiles kills the real process at everything that it does to
// its files: while it tries the folder, makes the journal, writes its lines,
// puts the report in its place, keeps a copy, remembers how long the list was, and
// puts the journal away.
func TestCrashBetweenFiles(t *testing.T) {
	policy := stage.PolicyFile(t, crashPolicy)
	whole := newStation(t, crashCity.Yaml(), policy)
	was := whole.account.Truth()
	if code, r := whole.apply(); code != 0 || r.Summary.Revoked != crashWrites {
		t.Fatalf("the run that nobody kills exits %d: %+v", code, r.Summary)
	}
	is, old := whole.account.Truth(), stage.Must(os.ReadFile(whole.path("report.json")))
	killed, ended := 0, 0
	for n := 1; ended < 3 && !t.Failed(); n++ { // until it comes to its end before the nth, and is not just quick once
		t.Run(fmt.Sprintf("%02d", n), func(t *testing.T) {
			st := newStation(t, crashCity.Yaml(), policy)
			if err := os.WriteFile(st.path("report.json"), old, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(st.path("report.json.journal"), 0o700); err != nil {
				t.Fatal(err)
			}
			st.watch(t, n)
			switch code := st.process.end(); code {
			case -1:
				killed++
			case 0:
				ended++
			default:
				t.Fatalf("exit %d\n%s", code, &st.process.stderr)
			}
			st.holds(was, is, "killed")
			kept := st.reports(t, old)
			if l, err := write.LastList(st.path("report.json.journal"), false); err != nil || l != nil && l.Entries != len(crashPolicy) {
				t.Errorf("the record of the last list is not whole: %+v, %v", l, err)
			}
			unfinished := intentsOf(st.path("report.json.journal/ackrevoke.journal"))
			for run := 1; run <= 2; run++ {
				code, r := st.apply()
				if code != 0 || run == 1 && len(r.Unfinished) != len(unfinished) || run == 2 && (len(r.Unfinished) > 0 || r.Summary.Actions > 0) {
					t.Errorf("run %d after it exits %d with %d actions, and finds %d writes unfinished; the journal had %d",
						run, code, r.Summary.Actions, len(r.Unfinished), len(unfinished))
				}
				st.holds(was, is, "the run after it")
			}
			for _, f := range kept {
				if _, err := os.Stat(st.path(f)); err != nil {
					t.Errorf("a kept report is gone: %v", err)
				}
			}
		})
	}
	if killed < 10 {
		t.Errorf("killed at %d things that happen to files, and there are more", killed)
	}
	t.Logf("killed %d times", killed)
}

// reports asserts that the report is the earlier one or a new one, whole, that
// copies are whole, and that nobody else can read what is left over. It
// returns the copies.
func (s *station) reports(t *testing.T, old []byte) (kept []string) {
	t.Helper()
	for _, f := range s.files() {
		info, err := os.Stat(s.path(f))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s can be read by others: %v", f, info.Mode())
		}
		if !strings.HasPrefix(f, "report") || strings.Contains(f, "/") {
			continue
		}
		if f != "report.json" {
			kept = append(kept, f)
		} else if bytes.Equal(stage.Must(os.ReadFile(s.path(f))), old) {
			continue
		}
		r, err := report.Read(s.path(f))
		if err == nil {
			err = report.Check(r)
		}
		if err != nil || r.Verdict.Name != end.Converged {
			t.Errorf("%s is not whole: %v", f, err)
		}
	}
	return kept
}
