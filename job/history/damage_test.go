package history

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ackrevoke/job/report"
	"ackrevoke/job/write"
	"ackrevoke/policy"
)

// A journal that cannot be believed is named, stops nothing, and does not hide
// what the others say.
func TestDamagedJournals(t *testing.T) {
	whole := func(path string) []byte {
		data, err := os.ReadFile(path)
		if err != nil {
			panic(err)
		}
		return data
	}
	put := func(path string, data []byte) error { return os.WriteFile(path, data, 0o600) }
	for name, tc := range map[string]struct {
		spoil func(path string) error
		says  string
	}{
		"empty":          {func(path string) error { return put(path, nil) }, "is empty"},
		"cut off":        {func(path string) error { d := whole(path); return put(path, d[:len(d)-9]) }, "in the middle of a line"},
		"zeros":          {func(path string) error { return put(path, make([]byte, 4096)) }, "line 1 is none"},
		"something else": {func(path string) error { return put(path, []byte("[]\n")) }, "line 1 is none"},
		"no time": {func(path string) error {
			return put(path, []byte(`{"type":"intent","run":"r","action":"c1/1"}`+"\n"))
		}, "no time"},
		"behind good lines": {func(path string) error { return put(path, append(whole(path), "}{\n"...)) }, "line 4 is none"},
		"too long":          {func(path string) error { return put(path, []byte(strings.Repeat("x", 17<<20)+"\n")) }, "longer than"},
		"a link":            {func(path string) error { return errors.Join(os.Remove(path), os.Symlink("/dev/null", path)) }, "symbolic link"},
		"a pipe":            {func(path string) error { return errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)) }, "no regular file"},
		"a folder":          {func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) }, "is a folder"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			lay(t, dir, "good"+write.DoneSuffix, revoked("r1", 3))
			bad := lay(t, dir, "spoilt"+write.DoneSuffix, said{"r2", 2, "c2/" + alice, policy.Clean, nil, []string{"accepted", "revoked"}})
			if err := tc.spoil(bad); err != nil {
				t.Fatal(err)
			}
			plan := report.Plan{Actions: []report.Action{holding(expires)}}
			Read(dir, asked).Mark(&plan)
			if len(plan.Warnings) != 1 || !strings.Contains(plan.Warnings[0], "spoilt.done.jsonl") || !strings.Contains(plan.Warnings[0], tc.says) {
				t.Errorf("warned %q, want the name of the journal and %q", plan.Warnings, tc.says)
			}
			if plan.Actions[0].Resurrected == nil {
				t.Error("the good journal says nothing any more")
			}
		})
	}
}

// What a run leaves that dies is no damage: half a line with the next one behind it,
// and the end of a journal that nobody has put away.
func TestTornLinesAreNoDamage(t *testing.T) {
	dir := t.TempDir()
	path := lay(t, dir, "r1"+write.DoneSuffix, revoked("r1", 3))
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, rest, _ := strings.Cut(string(good), "\n")
	for cut := 1; cut < len(first); cut++ {
		if err := os.WriteFile(path, []byte(first[:cut]+"\n"+first+"\n"+rest), 0o600); err != nil {
			t.Fatal(err)
		}
		plan := report.Plan{Actions: []report.Action{holding(expires)}}
		if Read(dir, asked).Mark(&plan); len(plan.Warnings) > 0 || plan.Actions[0].Resurrected == nil {
			t.Fatalf("cut after %q: %+v", first[:cut], plan)
		}
	}
	left := filepath.Join(dir, "ackrevoke.journal")
	if err := errors.Join(os.Remove(path), os.WriteFile(left, good[:len(good)-5], 0o600)); err != nil {
		t.Fatal(err)
	}
	plan := report.Plan{}
	if Read(dir, asked).Mark(&plan); len(plan.Warnings) > 0 {
		t.Errorf("%q", plan.Warnings)
	}
}

// A folder that is not there knows nothing; one that cannot be read says so.
func TestFolders(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	file := lay(t, dir, "file")
	for folder, warned := range map[string]bool{filepath.Join(dir, "none"): false, dir: false, link: true, file: true} {
		plan := report.Plan{Actions: []report.Action{holding(expires)}}
		if Read(folder, asked).Mark(&plan); (len(plan.Warnings) > 0) != warned || plan.Actions[0].Resurrected != nil {
			t.Errorf("%s: %q", folder, plan.Warnings)
		}
	}
}

// Of a folder with more than is read, the oldest are left out, and their number is said.
func TestTheNewestAreRead(t *testing.T) {
	var all []write.Kept
	for range mostJournals + 7 {
		all = append(all, write.Kept{})
	}
	if read, left := bounded(all); len(read) != mostJournals || left != 7 {
		t.Errorf("%d read, %d left out", len(read), left)
	}
	for i := range all {
		all[i].Size = mostBytes / 4
	}
	if read, left := bounded(all); len(read) != 4 || left != len(all)-4 {
		t.Errorf("%d read, %d left out", len(read), left)
	}
	if read, _ := bounded([]write.Kept{{Size: 2 * mostBytes}}); len(read) != 1 {
		t.Error("one journal is read, however long it is")
	}
	dir := t.TempDir()
	for _, name := range []string{"20250101T000000Z-1", "20270101T000000Z-1", "20260101T000000Z-1"} {
		lay(t, dir, name+write.DoneSuffix, revoked(name, 1))
	}
	lay(t, dir, "ackrevoke.journal", revoked("now", 0))
	lay(t, dir, "last-list.json")
	kept, err := write.KeptJournals(dir)
	var names []string
	for _, k := range kept {
		names = append(names, strings.TrimSuffix(filepath.Base(k.Path), write.DoneSuffix))
	}
	if got := strings.Join(names, " "); got != "ackrevoke.journal 20270101T000000Z-1 20260101T000000Z-1 20250101T000000Z-1" || err != nil {
		t.Errorf("%s, %v", got, err)
	}
}

// FuzzRead: whatever lies there, nothing panics, and all can be told; no target is
// called back without a word that proves it; and a good journal beside it is heard.
func FuzzRead(f *testing.F) {
	for _, kind := range kinds {
		dir := f.TempDir()
		data, err := os.ReadFile(lay(f, dir, "seed", kind.before...))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("{"))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		lay(t, dir, "good"+write.DoneSuffix, said{"good", 1, "c7/" + alice, policy.Clean, nil, []string{"accepted", "revoked"}})
		if err := os.WriteFile(filepath.Join(dir, "other"+write.DoneSuffix), data, 0o600); err != nil {
			t.Fatal(err)
		}
		a := holding(expires)
		b := a
		b.ID = "c7/" + alice
		plan := report.Plan{Actions: []report.Action{a, b}}
		Read(dir, asked).Mark(&plan)
		if e := plan.Actions[0].Resurrected; e != nil && (e.At.After(noon) || !strings.Contains(string(data), "revoked") &&
			!strings.Contains(string(data), "absent") && !strings.Contains(string(data), "collateral") && !strings.Contains(string(data), `\u`)) {
			t.Errorf("%+v out of nothing", e)
		}
		if !strings.Contains(string(data), "c7") && !strings.Contains(string(data), `\u`) && plan.Actions[1].Resurrected == nil {
			t.Error("the good journal is not heard")
		}
		h, err := Tell(dir, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Encode(); err != nil {
			t.Errorf("what was read cannot be written: %v", err)
		}
	})
}

// BenchmarkRead is what a run pays for 5,000 nights on each of which 20 principals
// lost something: 100,000 writes, of 40 targets.
func BenchmarkRead(b *testing.B) {
	dir := b.TempDir()
	var size int64
	for night := range 5000 {
		run := fmt.Sprintf("%s-%08x", noon.AddDate(0, 0, -night).Format("20060102T150405Z"), night)
		var all []said
		for i := range 20 {
			all = append(all, said{run, night, fmt.Sprintf("c%d/%s", (night+i)%40, alice), policy.Clean, nil, []string{"accepted", "revoked"}})
		}
		info, err := os.Stat(lay(b, dir, run+write.DoneSuffix, all...))
		if err != nil {
			b.Fatal(err)
		}
		size += info.Size()
	}
	b.SetBytes(size)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		if k := Read(dir, asked); len(k.targets) != 40 || len(k.wrong) > 0 {
			b.Fatalf("%d targets, %q", len(k.targets), k.wrong)
		}
	}
}
