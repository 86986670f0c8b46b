package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"ackrevoke/job/report"
	"ackrevoke/policy"
	"ackrevoke/policy/kubeconfig"
)

// giveLeaked is what to do without a leaked file.
const giveLeaked = "give the leaked kubeconfig, or - for standard input; nothing was called"

// readLeaked reads a leaked file, and no more of it than a kubeconfig can have.
func (p Program) readLeaked(path string) ([]byte, error) {
	from := p.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, notRead("the file", path, err, giveLeaked)
		}
		defer f.Close()
		from = f
	}
	data, err := io.ReadAll(io.LimitReader(from, kubeconfig.MaxBytes+1))
	if err != nil {
		return nil, notRead("the file", path, err, giveLeaked)
	}
	return data, nil
}

// leakedContext is the context of the file that is to be proven.
func leakedContext(path string, data []byte, name string) (*kubeconfig.Context, error) {
	file, err := kubeconfig.Read(displayName(path), data)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, k := range file.Contexts {
		names = append(names, k.Name)
	}
	among := "; it has " + strings.Join(names, ", ")
	k := file.Current()
	switch {
	case len(names) == 0:
		return nil, errors.New("the file has no contexts")
	case name != "":
		k = file.Context(name)
		if k == nil {
			return nil, fmt.Errorf("the file has no context %q%s", name, among)
		}
	case k == nil:
		return nil, fmt.Errorf("the file has no current context: name one with --context%s", among)
	}
	return k, nil
}

// uidOf is the principal of a context's certificate, "" where it names none.
func uidOf(k *kubeconfig.Context) string {
	if k.Certificate == nil {
		return ""
	}
	return k.Certificate.UID
}

// accountServer is the URL that the account has for the server that a file names.
func accountServer(clusters []policy.Cluster, named string) string {
	for _, c := range clusters {
		for _, at := range []string{c.Server, c.Intranet} {
			if kubeconfig.SameServer(at, named) {
				return at
			}
		}
	}
	return ""
}

// namespaceForm is a name that a namespace can have.
var namespaceForm = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

// clip cuts a text of the file where no name is that long, so that an answer
// stays in the order of its question.
func clip(s string) string {
	const most = 512
	if len(s) <= most {
		return s
	}
	end := most
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// moment leaves out a year that has no form in RFC 3339.
func moment(t time.Time) report.Time {
	if t.Year() < 1 || t.Year() > 9999 {
		return report.Time{}
	}
	return report.At(t)
}
