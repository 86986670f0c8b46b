package report

import (
	"cmp"
	"io"
	"strconv"
	"strings"

	"ackrevoke/policy"
)

// HistoryTable writes the runs of a history, and then what happened, in order of
// time. It writes nothing where there is nothing to tell.
func HistoryTable(w io.Writer, h *History, look Look) error {
	if len(h.Runs) == 0 {
		return nil
	}
	runs := table{heads: []string{"RUN", "STARTED", "WHAT", "ACCOUNT", "CALLER", "POLICY", "VERDICT"}}
	events := table{heads: []string{"TIME", "RUN", "PRINCIPAL", "CLUSTER", "WHAT", "RESULT"}}
	for _, r := range h.Runs {
		runs.rows = append(runs.rows, runRow(r))
		for _, x := range r.Writes {
			events.rows = append(events.rows, writeRow(r, x))
		}
		for _, p := range r.Proofs {
			cluster := Cluster{ID: p.Cluster.ID, Name: p.Cluster.Name}
			events.rows = append(events.rows, []cell{{text: p.At.String()}, {text: Plain(r.ID)}, {text: orDash(Plain(p.UID))},
				{text: orDash(clusterText(cluster))}, {text: "proof of a leaked file"}, {text: string(p.Verdict) + ": " + Plain(p.Why)}})
		}
	}
	if err := runs.write(w, look); err != nil || len(events.rows) == 0 {
		return err
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	return events.write(w, look)
}

func runRow(r PastRun) []cell {
	what := string(r.Kind)
	if r.Simulated {
		what += ", simulated"
	}
	caller, digest, verdict := "-", "-", "not known"
	if r.Caller != nil {
		caller = Plain(cmp.Or(r.Caller.ARN, r.Caller.UID))
	}
	if r.Policy != nil {
		digest = Plain(r.Policy.Path) + " " + Plain(r.Policy.SHA256[:min(12, len(r.Policy.SHA256))])
	}
	if r.ExitCode != nil {
		verdict = Plain(r.Verdict) + " (exit " + strconv.Itoa(*r.ExitCode) + ")"
	}
	return []cell{{text: Plain(r.ID)}, {text: r.StartedAt.String()}, {text: what}, {text: orDash(Plain(r.Account))}, {text: orDash(caller)},
		{text: digest}, {text: verdict}}
}

func writeRow(r PastRun, x PastWrite) []cell {
	who := principalText(x.Kind, x.Name, x.UID, "")
	cluster := x.Cluster
	if cluster.ID == "" {
		cluster = Cluster{}
	}
	result, tone := cmp.Or(Plain(x.Status), "no word"), TonePlain
	if x.Unfinished {
		result += "; no run has told of it"
	}
	if e := x.Resurrected; e != nil {
		tone = ToneRefused
		result += "; resurrected: proven gone by " + Plain(e.Run) + " on " + e.At.String()
	}
	if e := x.GivenBack; e != nil {
		result += "; had been given back by " + Plain(e.Run)
	}
	return []cell{{text: x.At.String()}, {text: Plain(r.ID)}, {text: who}, {text: clusterText(cluster)}, {text: didText(x)}, {result, tone}}
}

// didText says what a write was about.
func didText(x PastWrite) string {
	switch x.Operation {
	case policy.Clean, policy.RevokeGrant:
		what := takenText(Action{Before: x.Before})
		switch {
		case x.Status == string(WasSkipped):
			return "not sent: " + what
		case x.Proven:
			return "took " + what
		}
		return "was to take " + what
	}
	var rows []string
	for _, g := range x.Rows {
		rows = append(rows, Plain(g.Role))
	}
	text := Plain(string(x.Operation))
	if len(rows) > 0 {
		text += " " + strings.TrimSpace(First(mostRoles, rows))
	}
	return text
}
