package look

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ackrevoke/job/end"
	"ackrevoke/job/report"
	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// A clock that is off by so much is worth a warning; the service refuses calls
// whose time is off by three times as much.
const clockOff = 5 * time.Minute

const (
	couldNot = end.CodeError // exit codes of findings
	unclear  = end.CodeIncomplete
	warning  = end.CodeClean
)

// diagnose says what is in the way, in the order in which to deal with it. What
// would make a dry run end with another code than 0 is always among it.
func (x *doctor) diagnose(cause error) []report.Finding {
	found := []report.Finding{}
	add := func(about report.About, code int, hint, format string, a ...any) {
		found = append(found, report.Finding{About: about, ExitCode: code, Message: fmt.Sprintf(format, a...), Hint: hint})
	}
	if x.unwell != nil {
		e := report.Defect(x.unwell.Error())
		add(report.AboutRun, couldNot, e.Hint, "%s", e.Message)
	}
	switch {
	case x.signal != nil:
		add(report.AboutRun, couldNot, "start it again", "%s: what was not read is not judged", x.signal)
	case cause != nil:
		add(report.AboutRun, unclear, "start it again with a longer --timeout", "%s: what was not read is not judged", cause)
	}
	if off := time.Duration(x.Clock.AheadSeconds) * time.Second; off.Abs() >= clockOff {
		way := "ahead of"
		if off < 0 {
			way = "behind"
		}
		add(report.AboutClock, warning, "set it right (NTP): the service refuses every call whose time is 15 minutes off, and dates of the "+
			"policy are judged by it",
			"the clock of this machine is %s %s the service's", off.Abs(), way)
	}
	if f := x.stopped; f != nil && cause == nil {
		add(report.AboutAccount, couldNot, report.NewError(f, "").Hint, "who the caller is cannot be told: %s", f.Error())
	}
	if x.Account.Match == report.OtherAccount {
		add(report.AboutAccount, couldNot, "use credentials of the policy's account, or correct account in the policy",
			"the credentials belong to account %s and the policy is for account %s: a run is refused, and nothing of this account was read",
			x.Account.ID, x.Account.Policy)
	}
	x.readings(add, cause)
	for _, g := range x.wrong {
		add(report.AboutListing, unclear, "correct this first: nothing is decided from a listing that cannot be believed", "%s", g.Message)
	}
	x.blindness(add)
	x.decisions(add)
	if x.given.Policy == nil {
		add(report.AboutRun, warning, "write one; README.md has an example, and ackrevoke schema policy prints the format",
			"no policy was read, so no entry was looked at")
	}
	return found
}

type adder func(about report.About, code int, hint, format string, a ...any)

// readings names all denied reads at once, with all that is missing, and each
// failed one.
func (x *doctor) readings(add adder, cause error) {
	x.denied(add)
	// One finding for each cause, however many reads it fails.
	type failure struct {
		operations    []string
		code          int
		message, hint string
	}
	var failures []*failure
	for _, r := range x.Reads {
		if r.Answer != report.Missed || r.Operation == "GetCallerIdentity" || cause != nil && r.Error.Kind == policy.Canceled {
			continue
		}
		i := slices.IndexFunc(failures, func(f *failure) bool { return f.message == r.Error.Message })
		if i < 0 {
			i = len(failures)
			failures = append(failures, &failure{code: warning, message: r.Error.Message, hint: r.Error.Hint})
		}
		if failures[i].code != couldNot {
			failures[i].code = max(failures[i].code, x.weight(r.Operation))
		}
		failures[i].operations = append(failures[i].operations, r.Operation)
		if slices.ContainsFunc(x.failed[:], func(f *policy.Fault) bool { return f != nil && f.Op == r.Operation && sight.NothingReadable(f) }) {
			failures[i].code = couldNot
		}
	}
	for _, f := range failures {
		add(report.AboutReads, f.code, f.hint, "%s failed: %s", strings.Join(f.operations, ", "), f.message)
	}
}

// denied tells which reads the caller may not make, and what is missing: what the
// service itself named, or else what its pages ask for. What a policy forbids
// explicitly is told apart: to allow it elsewhere does not override a Deny.
func (x *doctor) denied(add adder) {
	var forbidden []string
	var denied, actions []string
	code, explicit := warning, warning
	for _, r := range x.Reads {
		named := r.Missing
		if len(named) == 0 {
			named = r.Actions
		}
		switch {
		case r.Answer != report.Denied:
		case r.Explicit:
			forbidden, explicit = append(forbidden, named...), max(explicit, x.weight(r.Operation))
		default:
			denied, actions, code = append(denied, r.Operation), append(actions, named...), max(code, x.weight(r.Operation))
		}
	}
	if len(forbidden) > 0 {
		slices.Sort(forbidden)
		add(report.AboutReads, explicit, "find the Deny in the RAM policies of "+x.who()+", or of the account (a control policy), and take it "+
			"out: to allow it elsewhere does not help",
			"a RAM policy forbids the caller explicitly: %s", strings.Join(slices.Compact(forbidden), ", "))
	}
	if len(denied) == 0 {
		return
	}
	slices.Sort(actions)
	hint := fmt.Sprintf("attach deploy/ram/dry-run.json to %s: it has %s", x.who(), strings.Join(slices.Compact(actions), ", "))
	if slices.ContainsFunc(denied, func(op string) bool { return strings.HasSuffix(op, "States") }) {
		hint += "; if it has them already, attach AliyunCSFullAccess beside it, which the vendor's pages ask for"
	}
	add(report.AboutReads, code, hint, "the caller may not make these reads: %s", strings.Join(denied, ", "))
}

// weight is the exit code of a read that failed. It is a warning where the policy
// accepts, or the scope leaves out, everything that depends on this read.
func (x *doctor) weight(op string) int {
	if x.plan == nil {
		return unclear
	}
	hangs, open := x.plan.HangsOn(op)
	listing := op == "DescribeRegions" || op == "DescribeClustersForRegion"
	if !open && (hangs || listing) {
		return warning
	}
	return unclear
}

// hintFor says what to do about a read that failed.
func hintFor(r report.Reading, f *policy.Fault) string {
	if f.Kind == policy.Denied && f.Denial == nil && f.Hint == "" && len(r.Actions) > 0 {
		return "give the caller " + strings.Join(r.Actions, ", ") + " in RAM"
	}
	return ""
}

// blindness is one finding with one grant, whatever it makes unknown.
func (x *doctor) blindness(add adder) {
	if len(x.Blind) == 0 {
		return
	}
	code := warning
	for _, u := range x.Entries.Unknown {
		if ofBlindness(u.Why) && !u.Accepted {
			code = unclear
		}
	}
	if x.acting == 0 && !x.accepted {
		code = unclear // there is no entry yet that it could be asked of
	}
	hint := "give the caller cs:GetUserPermissions in RAM, and look again"
	if x.Grant != nil {
		hint = x.Grant.How
	}
	add(report.AboutBlind, code, hint, "%d of %d clusters are blind: the service leaves out what others are granted there%s",
		len(x.Blind), x.Coverage.Clusters, map[bool]string{true: ", because the caller's own permissions could not be read"}[x.ownErr != nil])
}

func ofBlindness(why policy.Why) bool {
	return why == policy.GrantsNotVisible || why == policy.AllClustersNotVisible
}

// needed is the one grant that ends all blindness.
func needed(a report.Asker, kind policy.Kind) *report.Needed {
	n := &report.Needed{UID: a.UID, Kind: kind, Name: a.Name, Scope: policy.OnAllClusters, Role: "admin"}
	n.How = fmt.Sprintf("make %s RBAC administrator of all clusters: ACK console, Authorizations, this RAM %s, all clusters, administrator; "+
		`or UpdateUserPermissions of uid %s with mode=patch and [{"cluster": "", "role_type": "all-clusters", `+
		`"role_name": "admin", "is_ram_role": %t}]`,
		whoIs(a, kind), kind, a.UID, kind == policy.Role)
	return n
}

func (x *doctor) who() string { return whoIs(x.Account.Caller, x.caller.Kind()) }

func whoIs(a report.Asker, kind policy.Kind) string {
	switch {
	case kind == "":
		return "the caller"
	case a.Name == "":
		return fmt.Sprintf("the RAM %s %s", kind, a.UID)
	}
	return fmt.Sprintf("the RAM %s %s (%s)", kind, a.Name, a.UID)
}

// decisions says what of the policy cannot be decided, or would be refused.
func (x *doctor) decisions(add adder) {
	d := x.Entries
	counts := map[policy.Why]int{}
	for _, u := range d.Unknown {
		if u.Accepted || ofBlindness(u.Why) && len(x.Blind) > 0 {
			continue
		}
		if u.Why == policy.MatchesNothing && u.Error != nil { // each has words of its own
			whose := ""
			if u.UID != "" {
				whose = fmt.Sprintf("line %d, %s: ", u.Line, x.named(u.UID))
			}
			add(report.AboutEntries, unclear, u.Error.Hint, "%s%s", whose, u.Error.Message)
			continue
		}
		counts[u.Why]++
	}
	for _, why := range slices.Sorted(maps.Keys(counts)) {
		add(report.AboutEntries, unclear, report.Advice(why), "%d of the rows above cannot be decided: %s", counts[why], why)
	}
	for _, f := range d.Refused {
		add(report.AboutEntries, unclear, "correct the entry, or take it out", "line %d, %s is refused (%s): %s", f.Line, x.named(f.UID), f.Guard,
			f.Message)
	}
	for _, l := range d.Residual {
		if !l.Accepted {
			where := "all clusters"
			if l.Cluster != "" {
				where = x.named(l.Cluster)
			}
			add(report.AboutEntries, unclear, "end it by hand, or accept it in the policy until a date (accepted, what: "+string(l.What)+")",
				"%s keeps a grant on %s that no run can end (%s)", x.named(l.UID), where, l.What)
		}
	}
	for _, g := range d.Guards {
		add(report.AboutGuards, unclear, "review the plan of a dry run; what lets it through is named there", "%s: %s", g.Guard, g.Message)
	}
}

// named is an id with its name, where it has one.
func (x *doctor) named(id string) string {
	if x.names[id] == "" {
		return id
	}
	return x.names[id] + " (" + id + ")"
}
