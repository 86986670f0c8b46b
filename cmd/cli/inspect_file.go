package cli

import (
	"slices"
	"time"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/report"
	"ackrevoke/policy/kubeconfig"
)

// newInspection is what the file says by itself.
func newInspection(version, name string, o *kubeconfig.Opened, now time.Time) *report.Inspect {
	i := &report.Inspect{Schema: report.InspectSchema, Version: version, File: name, Form: string(o.Form),
		InspectedAt: report.At(now)}
	for _, f := range o.Found {
		for _, c := range slices.Concat(f.Contexts, f.Loose) {
			row := newContext(c, now)
			row.Content, row.FoundIn = string(f.Content), f.Key
			i.Contexts = append(i.Contexts, row)
		}
		for _, p := range f.Problems {
			if o.Form == kubeconfig.Secret {
				p = f.Key + ": " + p
			}
			i.Problems = append(i.Problems, p)
		}
	}
	i.Problems = append(i.Problems, o.Problems...)
	return i
}

func newContext(c kubeconfig.Context, now time.Time) report.InspectedContext {
	row := report.InspectedContext{
		Context: clip(c.Name), Current: c.Current, Cluster: clip(c.Cluster), Server: clip(c.Server), User: clip(c.User), Key: string(c.Key),
		NotFollowed: c.NotFollowed, Problems: c.Problems, LooksLike: c.ClusterIDs(),
	}
	if c.Certificate == nil {
		return row
	}
	x := c.Certificate
	row.Certificate = &report.InspectedCert{
		UID: x.UID, Suffix: clip(x.Suffix), CommonName: clip(x.CommonName), Masters: x.Masters, Issuer: clip(x.Issuer), Serial: clip(x.Serial),
		PublicKey: x.PublicKey, IssuedAt: moment(x.NotBefore), ExpiresAt: moment(x.NotAfter), Validity: string(x.At(now)),
		DaysLeft: x.DaysLeft(now), Others: x.Others,
	}
	for n, o := range x.Organisations {
		if n == mostGroups {
			row.Problems = append(row.Problems, voice.Count(len(x.Organisations)-n, "organisation", "organisations")+" more, not shown")
			break
		}
		row.Certificate.Organisations = append(row.Certificate.Organisations, clip(o))
	}
	return row
}

// mostGroups bounds what one certificate can put on the screen.
const mostGroups = 32
