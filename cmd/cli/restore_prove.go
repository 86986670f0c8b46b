package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ackrevoke/ack/apiserver"
	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/report"
	"ackrevoke/job/restore"
	"ackrevoke/policy"
)

// leakedFile opens the file of --prove-with, nil for none. A proof by another
// file says nothing: it must be the very principal's, and its server that of
// the cluster.
func (p Program) leakedFile(o *restoreFlags, s *restore.Source, v *voice.Voice) (restore.OpenLeaked, error) {
	if o.leaked == "" {
		return nil, nil
	}
	bad := func(err error) error {
		return hinted(usage("--prove-with %s: %w", o.leaked, err), "nothing was called; ackrevoke inspect says what is in the file")
	}
	data, err := p.readLeaked(o.leaked)
	if err != nil {
		return nil, unreadable(err, "")
	}
	k, err := leakedContext(o.leaked, data, "")
	if err != nil {
		return nil, bad(err)
	}
	if k.Certificate == nil || k.Certificate.UID != s.UID {
		return nil, bad(fmt.Errorf("its certificate is not one of %s, so it proves nothing", s.UID))
	}
	if was := s.Certificate.Expires; !was.IsZero() && k.Certificate.NotAfter.Sub(was).Abs() > 10*time.Minute {
		v.Warn().Time("file", k.Certificate.NotAfter.UTC()).Time("revoked", was.UTC()).
			Say("the file's certificate has another expiry than the one that was revoked: is it the leaked file?")
	}
	ask := apiserver.Options{Server: o.server, Namespaces: namespacesOf(s), Timeout: min(o.callTimeout, 10*time.Second),
		Now: p.Now, DialContext: p.Dial}
	if _, err := apiserver.Open(data, "", ask); err != nil {
		return nil, bad(err)
	}
	return func(clusters []policy.Cluster) (restore.Prover, error) {
		if ask.Server == "" {
			if ask.Server = accountServer(clusters, k.Server); ask.Server == "" {
				return nil, fmt.Errorf("the server %s of the leaked file is not that of the cluster; where you know that it is, name it with --server",
					voice.Name(k.Server))
			}
		}
		l, err := apiserver.Open(data, "", ask)
		if err != nil {
			return nil, errors.New("the leaked file cannot be tried: " + err.Error())
		}
		v.Proving(l.Server())
		return prover{l}, nil
	}, nil
}

// namespacesOf are those in which the rows would give power.
func namespacesOf(s *restore.Source) []string {
	var names []string
	for _, g := range s.Grants {
		if namespaceForm.MatchString(g.Namespace) {
			names = append(names, g.Namespace)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// prover is a leaked file whose cluster can be asked.
type prover struct{ file *apiserver.Leaked }

// Prove asks once; no connection is kept until the next time.
func (l prover) Prove(ctx context.Context) restore.Proof {
	defer l.file.Close()
	p := l.file.Prove(ctx)
	power, known := map[apiserver.Verdict]restore.Power{
		apiserver.Dead: restore.Dead, apiserver.Powerless: restore.Powerless, apiserver.Alive: restore.Alive}[p.Verdict]
	if !known {
		power = restore.Unreachable
	}
	return restore.Proof{Power: power, Message: report.Harmless(p.Why)}
}
