package stage

import (
	"context"
	"path/filepath"
)

func (w *World) Self(ctx context.Context, args ...string) Ran {
	w.T.Helper()
	return w.Command(ctx, nil, append([]string{"self", "--journal", filepath.Join(w.Dir, "journal"), "--log-format", "json"}, args...)...)
}

// Leaked reports whether a certificate that was there at the start is in force.
func (w *World) Leaked(uid, cluster string) bool {
	for _, c := range w.Account.Truth().Certificates {
		if c.UID == uid && c.Cluster == cluster && c.State == "Unexpired" && c.Expires.Year() == 2028 {
			return true
		}
	}
	return false
}
