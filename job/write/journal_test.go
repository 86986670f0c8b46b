package write

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ackrevoke/job/report"
	"ackrevoke/policy"
)

func intent(run, action string) Line {
	return Line{Type: "intent", Run: run, At: time.Unix(0, 0).UTC(), Account: "1234567890123456", Action: action, Operation: policy.Clean,
		UID: "1"}
}

func TestJournalIsLockedWhileHeld(t *testing.T) {
	dir := t.TempDir()
	first, err := OpenJournal(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenJournal(dir); err == nil || !strings.Contains(err.Error(), "another run holds") {
		t.Errorf("the second run: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := OpenJournal(dir)
	if err != nil {
		t.Fatalf("after the lock is free: %v", err)
	}
	again.Close()
}

func TestJournalOfADeadRunIsReported(t *testing.T) {
	dir := t.TempDir()
	dead, _ := OpenJournal(dir)
	for _, l := range []Line{intent("run-0", "c1/1"), {Type: "outcome", Run: "run-0", Action: "c1/1", Status: "accepted"},
		intent("run-0", "c2/1")} {
		if err := dead.Append(l); err != nil {
			t.Fatal(err)
		}
	}
	dead.file.WriteString(`{"type":"intent","run":"run-0","action":"c3`) // torn
	dead.Close()

	peeked, err := PeekJournal(dir)
	if err != nil || len(peeked) != 2 {
		t.Errorf("a dry run sees %d lines, %v", len(peeked), err)
	}
	next, err := OpenJournal(dir)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(next.Unfinished); n != 2 {
		t.Fatalf("%d unfinished, want 2", n)
	}
	if err := next.Append(intent("run-1", "c4/1")); err != nil {
		t.Fatal(err)
	}
	if err := next.Append(Line{Type: "outcome", Run: "run-1", Action: "c4/1", Status: "revoked"}); err != nil {
		t.Fatal(err)
	}
	if err := next.Finish("run-1"); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "run-1.done.jsonl"))
	if err != nil || len(ReadLines(data)) != 5 {
		t.Errorf("a line after a torn one must survive: %d lines, %v\n%s", len(ReadLines(data)), err, data)
	}
	if _, err := os.Stat(filepath.Join(dir, journalName)); !os.IsNotExist(err) {
		t.Errorf("the journal is still there: %v", err)
	}
}

// unsafeLine appends a line while the null device, opened as said, stands for the disk.
func unsafeLine(t *testing.T, j *Journal, flag int, action string) {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, flag, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	disk, flush := j.file, j.flush
	j.file, j.flush = null, null.Sync
	if err := j.Append(intent("run-1", action)); err == nil {
		t.Error("a line that is not on disk was taken for one that is")
	}
	j.file, j.flush = disk, flush
}

// A full disk takes half a line; when there is room again, the next line is
// whole, for a write is made on its strength.
func TestJournalLineAfterOneThatFailed(t *testing.T) {
	dir := t.TempDir()
	j := must(OpenJournal(dir))
	unsafeLine(t, j, os.O_RDONLY, "c1/1") // takes no line
	if _, err := j.file.WriteString(`{"type":"intent","run":"run-1","action":"c1`); err != nil {
		t.Fatal(err)
	}
	if err := j.Append(intent("run-1", "c2/1")); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if lines, err := PeekJournal(dir); err != nil || len(lines) != 1 || lines[0].Action != "c2/1" {
		t.Errorf("%v, %v", lines, err)
	}
}

// A disk that lost something tells it to one who asks. Nobody is told after it that a
// line is safe, and the journal is not put away over it.
func TestJournalOnADiskThatLostSomething(t *testing.T) {
	dir := t.TempDir()
	j := must(OpenJournal(dir))
	for _, l := range []Line{intent("run-1", "c1/1"), {Type: "outcome", Run: "run-1", Action: "c1/1", Status: "accepted"}} {
		if err := j.Append(l); err != nil {
			t.Fatal(err)
		}
	}
	unsafeLine(t, j, os.O_WRONLY, "c2/1") // takes a line and cannot sync it
	for _, l := range []Line{intent("run-1", "c3/1"), {Type: "outcome", Run: "run-1", Action: "c1/1", Status: "revoked"}} {
		if err := j.Append(l); err == nil {
			t.Errorf("after a loss the %s of %s was called safe", l.Type, l.Action)
		}
	}
	if err := j.Finish("run-1"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, journalName)); err != nil {
		t.Errorf("put away: %v", err)
	}
}

// Whoever appends while the disk is at work waits for its next turn, and no longer.
func TestJournalSideBySide(t *testing.T) {
	dir := t.TempDir()
	j, err := OpenJournal(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	const runs, each = 16, 8
	var all sync.WaitGroup
	for n := range runs {
		all.Go(func() {
			for i := range each {
				action := fmt.Sprintf("c%d/%d", i, n)
				if err := j.Append(intent("run-1", action), Line{Type: "outcome", Run: "run-1", Action: action, Status: "revoked"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	data, err := os.ReadFile(filepath.Join(dir, journalName))
	if err != nil {
		t.Fatal(err)
	}
	lines := ReadLines(data)
	for i := 0; i+1 < len(lines); i += 2 {
		if a, b := lines[i], lines[i+1]; a.Action != b.Action || a.Type != "intent" || b.Type != "outcome" {
			t.Errorf("%s of %s, then %s of %s: what is appended together is not together", a.Type, a.Action, b.Type, b.Action)
		}
	}
	if len(lines) != 2*runs*each || j.synced != runs*each || len(j.open) > 0 {
		t.Errorf("%d lines, %d appends safe, open %v", len(lines), j.synced, j.open)
	}
}

// What is written while the disk is at work is not safe when it is done, but after its
// next turn, which all share who wait by then.
func TestJournalWhileTheDiskIsAtWork(t *testing.T) {
	j := must(OpenJournal(t.TempDir()))
	defer j.Close()
	began, ended, safe := make(chan bool), make(chan bool), make(chan bool, 8)
	j.flush = func() error {
		began <- true
		<-ended
		return nil
	}
	add := func(n, all int) {
		for range n {
			go func() {
				if err := j.Append(intent("run-1", "c1/1")); err != nil {
					t.Error(err)
				}
				safe <- true
			}()
		}
		written := func() int {
			j.mu.Lock()
			defer j.mu.Unlock()
			return j.written
		}
		for written() < all {
			runtime.Gosched()
		}
	}
	add(1, 1)
	<-began
	add(4, 5)
	ended <- true
	<-safe
	select {
	case <-began:
	case <-safe:
		t.Fatal("a line that was written while the disk was at work was called safe when that was done")
	}
	add(3, 8)
	ended <- true
	turns := 2
	for done := 1; done < 8; {
		select {
		case <-safe:
			done++
		case <-began:
			turns++
			ended <- true
		}
	}
	if turns != 3 {
		t.Errorf("the disk had %d turns for those who waited, not 3", turns)
	}
}

func TestJournalWithAnOpenIntentStays(t *testing.T) {
	dir := t.TempDir()
	j, _ := OpenJournal(dir)
	if err := j.Append(intent("run-1", "c1/1")); err != nil {
		t.Fatal(err)
	}
	if err := j.Finish("run-1"); err != nil {
		t.Fatal(err)
	}
	if lines, err := PeekJournal(dir); err != nil || len(lines) != 1 {
		t.Errorf("%d lines left, %v", len(lines), err)
	}
}

func TestJournalFilesAreTheOwnersOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	j, err := OpenJournal(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, journalName): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, journalName), 0o666); err != nil {
		t.Fatal(err)
	}
	j.Close()
	if j, err = OpenJournal(dir); err != nil {
		t.Fatal(err)
	}
	if info, err := j.file.Stat(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a journal that was open to all stays %v, %v", info.Mode(), err)
	}
}

// Neither opening nor looking follows a link or waits for a pipe.
func TestJournalIsARegularFile(t *testing.T) {
	for name, tc := range map[string]struct {
		make func(path string) error
		says string
	}{
		"link to a device": {func(path string) error { return os.Symlink("/dev/null", path) }, "symbolic link"},
		"dangling link":    {func(path string) error { return os.Symlink("nowhere", path) }, "symbolic link"},
		"named pipe":       {func(path string) error { return syscall.Mkfifo(path, 0o600) }, "no regular file"},
		"folder":           {func(path string) error { return os.Mkdir(path, 0o700) }, "is a folder"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := tc.make(filepath.Join(dir, journalName)); err != nil {
				t.Fatal(err)
			}
			if _, err := OpenJournal(dir); err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("opened: %v, want %q", err, tc.says)
			}
			if _, err := PeekJournal(dir); err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("looked at: %v, want %q", err, tc.says)
			}
		})
	}
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{link, link + "/"} {
		if _, err := OpenJournal(folder); err == nil || !strings.Contains(err.Error(), "name the folder itself") {
			t.Errorf("%s: %v", folder, err)
		}
	}
}

// What a long line says may be lost, what stands behind it is not; and what is
// written is harmless to look at.
func TestJournalLines(t *testing.T) {
	long := `{"type":"intent","action":"` + strings.Repeat("x", 17<<20)
	if lines := ReadLines([]byte(long + "\n" + `{"type":"intent","action":"c1/1"}`)); len(lines) != 1 || lines[0].Action != "c1/1" {
		t.Errorf("%d lines behind a long one", len(lines))
	}
	dir := t.TempDir()
	j, err := OpenJournal(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	l := intent("run-1", "c1/1")
	l.Name = "\x1b[2J\x7f\u009b\u202e\u200b\u2028\U000e0041"
	if err := j.Append(l); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, journalName))
	if err != nil || strings.IndexFunc(string(data), func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }) >= 0 {
		t.Errorf("%q, %v", data, err)
	}
	if lines := ReadLines(data); len(lines) != 1 || lines[0].Name != l.Name {
		t.Errorf("%+v", lines)
	}
}

// FuzzReadLines: what is read says something and comes round, and neither a
// torn line before it nor one behind it changes what it says.
func FuzzReadLines(f *testing.F) {
	seeds, err := filepath.Glob("testdata/journals/*.jsonl")
	if err != nil || len(seeds) < 2 {
		f.Fatalf("the seeds are gone: %v (%v)", seeds, err)
	}
	for _, seed := range seeds {
		data, err := os.ReadFile(seed)
		if err != nil || len(ReadLines(data)) == 0 {
			f.Fatalf("%s says nothing (%v)", seed, err)
		}
		f.Add(data)
	}
	for _, seed := range []string{`{"type":"intent","run":"r","action":"c1/1"}`, `{"type":"outcome","action":"c1/1","status":"revoked"}` +
		"\n{", "", "\n\n", "null", "[]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := ReadLines(data)
		var again []byte
		for _, l := range lines {
			if l.Type != "intent" && l.Type != "outcome" || l.Action == "" {
				t.Errorf("a line that says nothing was taken for one: %+v", l)
			}
			if l.At.Year() < 0 || l.At.Year() > 9999 {
				return // no clock of a run says so, and JSON cannot
			}
			text, err := json.Marshal(l)
			if err != nil {
				t.Fatalf("%+v cannot be written: %v", l, err)
			}
			again = append(append(again, report.EscapeJSON(text)...), '\n')
		}
		same := func(what string, got []Line) {
			if one, two := must(json.Marshal(lines)), must(json.Marshal(got)); !bytes.Equal(one, two) {
				t.Errorf("%s:\n%s\nthen\n%s", what, one, two)
			}
		}
		same("read again", ReadLines(again))
		same("behind a torn line", ReadLines(append([]byte(`{"type":"intent","action":"to`+"\n"), again...)))
		same("before a torn line", ReadLines(append(again, `{"type":"intent","action":"to`...)))
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
