package main

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"time"
)

const (
	program = "ackrevoke"
	// The relative defaults of the flags (report.json and its journal) land here,
	// on the volume that is mounted over it.
	workdir = "var/lib/ackrevoke"
)

// layer is all that is in the image: the program, which nobody may change, and
// the one folder that it may write into.
func (r release) layer(binary []byte) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range []tar.Header{
		{Name: program, Mode: 0o755, Size: int64(len(binary))},
		{Name: "var/", Mode: 0o755},
		{Name: "var/lib/", Mode: 0o755},
		{Name: workdir + "/", Mode: 0o755, Uid: user, Gid: user},
	} {
		if err := put(w, h, r.created, binary); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), w.Close()
}

// put adds a folder, or a file with this content, to an archive.
func put(w *tar.Writer, h tar.Header, at time.Time, content []byte) error {
	h.ModTime, h.Format, h.Typeflag = at, tar.FormatPAX, tar.TypeReg
	if h.Name[len(h.Name)-1] == '/' {
		h.Typeflag, content = tar.TypeDir, nil
	}
	if err := w.WriteHeader(&h); err != nil {
		return err
	}
	_, err := w.Write(content)
	return err
}

// static is an error where a file is no program for this architecture that runs
// in an image with nothing else in it.
func static(binary []byte, arch string) error {
	f, err := elf.NewFile(bytes.NewReader(binary))
	if err != nil {
		return fmt.Errorf("no program for linux (%w): make image builds it anew", err)
	}
	if want := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[arch]; f.Machine != want {
		return fmt.Errorf("a program for %s, not for %s: make image builds it anew", f.Machine, want)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return errors.New("it asks for the C library, which the image does not have: build it with CGO_ENABLED=0")
		}
	}
	return nil
}
