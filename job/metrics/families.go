package metrics

import (
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

const prefix = "ackrevoke_"

// Names of families that a later run reads again, without and with the prefix.
const (
	lastAttempt = "last_attempt_timestamp_seconds"
	lastSuccess = "last_success_timestamp_seconds"
	policyGone  = "policy_gone"

	Prefix      = prefix
	LastAttempt = prefix + lastAttempt
	LastSuccess = prefix + lastSuccess
)

// family is all samples of one name. label are the labels beside account.
type family struct {
	name, label, help string
	of                func(Attempt) []sample
}

func (f family) labels() []string { return strings.Fields(f.label) }

// families is everything that is said, in three parts: what every run can say,
// what takes a policy that could be read, and what takes a plan. Where that is
// missing the family has no sample. docs/operate.md has the same table; a test
// holds both together.
var families = []family{
	{lastAttempt, "", "When the last run ended, whatever became of it.",
		func(a Attempt) []sample { return moment(lastAttempt, a.Report.Run.FinishedAt.Time) }},
	{lastSuccess, "", "When the last run with exit code 0 ended; absent until there is one that is known.",
		func(a Attempt) []sample { return moment(lastSuccess, a.success) }},
	{"run_duration_seconds", "", "How long the last run took.", one(duration)},
	{"run_exit_code", "", "The exit code of the last run.", one(func(a Attempt) float64 { return float64(a.Report.Verdict.ExitCode) })},
	{"run_verdict", "verdict", "1 for the verdict of the last run, 0 for all others.", verdicts},
	{"run_info", "mode version simulated", "1; what the last run was, in its labels.", info},
	{"calls", "operation result", "Attempts of calls in the last run, by operation and what came of them.", calls},
	{"retries", "", "Attempts in the last run after the first of their call.",
		one(func(a Attempt) float64 { return float64(a.Report.Calls.Retries) })},
	{"throttled_calls", "", "Answers in the last run that asked for fewer calls.",
		one(func(a Attempt) float64 { return float64(a.Report.Calls.Throttled) })},
	{"rate_calls_per_second", "what", "The rate that the service was found to allow, and what of it was used; absent where nothing was found.",
		rates},
	{"unfinished_writes", "", "Writes of earlier runs that ended without a report.",
		one(func(a Attempt) float64 { return float64(len(a.Report.Unfinished)) })},
	{policyGone, "", "1 where no policy file of the folder is about the account any more, and one was, else 0.",
		one(func(Attempt) float64 { return 0 })},

	{"entries", "state", "Entries of the policy by state.", listed(entries)},
	{"overdue_entries", "", "Entries whose effective date has come, or that have none, and that are not out.",
		listed(one(func(a Attempt) float64 { n, _ := overdue(a); return float64(n) }))},
	{"overdue_oldest_age_seconds", "", "From the oldest effective date of an overdue entry to the last run; 0 for entries without a date.",
		listed(one(func(a Attempt) float64 { _, age := overdue(a); return age.Seconds() }))},
	{"accepted_nearest_end_timestamp_seconds", "", "When the next row of accepted lapses; +Inf where none is in force.",
		listed(one(nearestEnd))},
	{"list_emptied", "", "1 where the policy lists nobody and the last one had entries (guard emptied), else 0.", listed(emptied)},
	{"list_empty", "", "1 where nobody is listed, or the time of all who are is over, and the policy does not say that this is meant; else 0.",
		listed(one(nobody))},

	{"outcomes", "status", "Outcomes of the last run by status.", planned(outcomes)},
	{"targets", "state", "Targets of entries in effect, by what the last run knows of them.", planned(targets)},
	{"unknown", "why", "Rows of the last run about which no proof could be had, accepted ones included.", planned(unknown)},
	{"unknown_unaccepted", "", "Of the unknown rows, those that the policy does not accept.",
		planned(one(func(a Attempt) float64 { return float64(unaccepted(a)) }))},
	{"residual_unaccepted", "", "Known access that no run can end, and that the policy does not accept.",
		planned(one(func(a Attempt) float64 { return float64(residual(a)) }))},
	{"left_to_revoke", "", "Planned actions that are not revoked or absent.",
		planned(one(func(a Attempt) float64 { return float64(left(a)) }))},
	{"resurrected", "", "Targets that an earlier run proved gone, and that held something again in the last run.",
		planned(one(func(a Attempt) float64 { return float64(a.Report.Summary.Resurrected) }))},
	{"accepted", "", "Unknown and residual rows that the policy accepts.",
		planned(one(func(a Attempt) float64 { return float64(a.Report.Summary.Accepted) }))},
	{"time_to_proof_seconds", "", "From the effective date of an entry to the proof that its principal is out, of what the last run took.",
		planned(timeToProof)},
}

// sample is one number of a family, or a distribution.
type sample struct {
	name   string
	value  float64
	labels []string // as the family names them, without account

	seconds []float64 // of a histogram; nil for a number
}

// samples are all that can be said of a run.
func samples(a Attempt) []sample {
	var all []sample
	for _, f := range families {
		for _, x := range f.of(a) {
			x.name = f.name
			all = append(all, x)
		}
	}
	return all
}

// metric is the sample as the library has it.
func (x sample) metric(of *prometheus.Desc, labels []string) prometheus.Metric {
	if x.seconds != nil {
		return histogram(of, x.seconds, labels)
	}
	m, err := prometheus.NewConstMetric(of, prometheus.GaugeValue, x.value, labels...)
	if err != nil {
		return prometheus.NewInvalidMetric(of, err)
	}
	return m
}

// listed says nothing where the policy could not be read.
func listed(of func(Attempt) []sample) func(Attempt) []sample {
	return func(a Attempt) []sample {
		if a.Policy == nil {
			return nil
		}
		return of(a)
	}
}

// planned says nothing where no plan came about.
func planned(of func(Attempt) []sample) func(Attempt) []sample {
	return func(a Attempt) []sample {
		if a.Report.Plan.Digest == "" {
			return nil
		}
		return of(a)
	}
}

// one is a family of one number.
func one(of func(Attempt) float64) func(Attempt) []sample {
	return func(a Attempt) []sample { return []sample{{value: of(a)}} }
}

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func info(a Attempt) []sample {
	mode := known(modes, string(a.Report.Run.Mode))
	return []sample{{value: 1, labels: []string{mode, a.Report.Run.Version, strconv.FormatBool(a.Report.Run.Simulated)}}}
}
