package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// group is a set of flags that commands take together.
type group string

const (
	ofPolicy  group = "policy"  // who is listed
	ofCloud   group = "cloud"   // which account, and how it is called
	ofTime    group = "time"    // how long anything may take
	ofWorkers group = "workers" // how much goes on at a time
	ofLog     group = "log"     // how it is told
	ofTables  group = "tables"  // how tables look
	ofWrites  group = "writes"  // whether and how anything is written to the account
	ofRun     group = "run"     // what is a run's alone
)

// flag is one flag. What decides whether and how much is revoked comes from the
// command line alone, so only some have a variable: ACKREVOKE_ and the name.
type flag struct {
	name, short string
	group       group
	variable    bool
	at          any // a pointer to where the value goes
	preset      any // the value where nobody gives one; nil for none
	help        string
}

const (
	fromEnvironment = true
	fromCommandLine = false
	variableMark    = "variable" // the annotation of a flag that has one
	defaultPolicy   = "policy.yaml"
	cronExpression  = "stay resident and run by this `CRON` expression (five fields, 7 is Sunday too; @every, CRON_TZ=)"
)

// table is every flag that more than one command has, and those of run. A flag
// that one other command has alone stands in the file of that command.
func (o *options) table() []flag {
	return []flag{
		{"policy", "p", ofPolicy, fromEnvironment, &o.policy, defaultPolicy, "the policy `FILE`, - for standard input"},

		{"simulate", "", ofCloud, fromCommandLine, &o.simulate, nil, "run against the embedded simulated account of this estate `FILE`"},
		{"read-qps", "", ofCloud, fromEnvironment, &o.readQPS, 10.0, "reads per second"},
		{"max-share", "", ofCloud, fromEnvironment, &o.maxShare, 0.5, "of the rate that the service is found to allow, where it throttles"},
		{"region", "", ofCloud, fromEnvironment, &o.region, nil, "use the CS and STS endpoints of this region `ID`"},
		{"vpc", "", ofCloud, fromEnvironment, &o.vpc, nil, "use the endpoints inside a VPC; needs --region"},
		{"cs-endpoint", "", ofCloud, fromCommandLine, &o.cs, nil, "CS endpoint: host, host:port or `URL` (http:// for loopback only)"},
		{"ram-endpoint", "", ofCloud, fromCommandLine, &o.ram, nil, "RAM endpoint, likewise"},
		{"sts-endpoint", "", ofCloud, fromCommandLine, &o.sts, nil, "STS endpoint, likewise"},

		{"timeout", "", ofTime, fromEnvironment, &o.timeout, 30 * time.Minute, "of the whole run; then nothing new is started"},
		{"call-timeout", "", ofTime, fromEnvironment, &o.callTimeout, 30 * time.Second, "of one attempt of a call; of the first call in total"},
		{"concurrency", "", ofWorkers, fromEnvironment, &o.concurrency, 4, "principals at a time"},

		{"log-format", "", ofLog, fromEnvironment, &o.logFormat, "auto", "auto, console or json; auto is console on a terminal"},
		{"log-level", "", ofLog, fromEnvironment, &o.logLevel, "info", "trace, debug, info, warn or error"},

		{"wide", "", ofTables, fromEnvironment, &o.wide, nil, "tables as wide as they need to be, with cluster ids in full"},

		{"dry-run", "", ofWrites, fromCommandLine, &o.dryRun, true, "plan only; --dry-run=false, on the command line alone, revokes"},
		{"journal", "", ofWrites, fromEnvironment, &o.journal, nil, "`DIR` of the journal (default <report>.journal)"},
		{"write-qps", "", ofWrites, fromEnvironment, &o.writeQPS, 2.0, "writes per second"},
		{"verify-timeout", "", ofWrites, fromEnvironment, &o.verifyTimeout, 2 * time.Minute,
			"of the proof of one principal, from its last write"},

		{"report", "o", ofRun, fromEnvironment, &o.report, "report.json", "where the report goes: a `FILE`, - for standard output"},
		{"html", "", ofRun, fromEnvironment, &o.html, nil, "also write the report as one HTML page to this `FILE`"},
		{"policy-dir", "", ofRun, fromCommandLine, &o.policyDir, nil,
			"run every *.yaml and *.yml of this `DIR`, one account each; --report is then a folder (default reports)"},
		{"shard", "", ofRun, fromCommandLine, &o.shard, nil, "of --policy-dir only this part: auto (in an Indexed Job), or `I/N`, from 0 on"},
		{"accounts-concurrency", "", ofRun, fromEnvironment, &o.atATime, 16, "policy files of --policy-dir at a time"},
		{"forget", "", ofRun, fromCommandLine, &o.forget, nil,
			"of --policy-dir: that these `ACCOUNT`s have no policy file any more is meant (comma separated); once is enough"},
		{"only", "", ofRun, fromCommandLine, &o.only, nil, "apply the policy to the entries of these `UID`s alone (comma separated)"},
		{"no-bulk", "", ofRun, fromEnvironment, &o.noBulk, nil, "never ask for several clusters of somebody departed in one call"},
		{"check", "", ofRun, fromCommandLine, &o.check, nil, "exit 3 when something is left to revoke"},
		{"allow-revocations", "", ofRun, fromCommandLine, &o.allow, nil,
			"let refused groups through when `N` is exactly the number of their actions"},
		{"expect-plan", "", ofRun, fromCommandLine, &o.expect, nil, "refuse everything unless the plan has this `DIGEST` (sha256:...)"},
		{"max-principals", "", ofRun, fromCommandLine, &o.maxPrincipals, nil, "ceiling over the policy's guards.maxPrincipals"},
		{"max-revocations", "", ofRun, fromCommandLine, &o.maxRevoked, nil, "ceiling over the policy's guards.maxRevocations"},
		{"schedule", "", ofRun, fromCommandLine, &o.schedule, nil, cronExpression},
		{"metrics-file", "", ofRun, fromEnvironment, &o.metricsFile, nil, "also leave metrics in this `FILE`, for a textfile collector"},
		{"push", "", ofRun, fromEnvironment, &o.push, nil, "also push metrics to the Pushgateway at this `URL`"},
		{"push-source", "", ofRun, fromEnvironment, &o.pushSource, nil,
			"`NAME` at the Pushgateway of runs whose account nobody knows (default of this machine and policy)"},
		{"metrics-listen", "", ofRun, fromCommandLine, &o.metricsListen, nil,
			"with --schedule: serve /metrics and /healthz at this `ADDRESS`"},
	}
}

// take defines the flags of some groups. The others do not exist on the command line
// and keep their presets, so that a command that only looks is a dry run.
func (o *options) take(f *pflag.FlagSet, groups ...group) {
	unused := pflag.NewFlagSet("", pflag.ContinueOnError)
	for _, x := range o.table() {
		if slices.Contains(groups, x.group) {
			x.define(f)
		} else {
			x.define(unused)
		}
	}
}

// every are the flags of run: all of the table.
var every = []group{ofPolicy, ofCloud, ofTime, ofWorkers, ofLog, ofTables, ofWrites, ofRun}

// looking are the flags of a command that only looks and asks no policy.
var looking = []group{ofCloud, ofTime, ofWorkers, ofLog}

// writing are the flags of a command that may write to the account.
var writing = []group{ofCloud, ofTime, ofWorkers, ofLog, ofWrites}

// asGiven is a flag whose values are not split at commas.
type asGiven struct{ to *[]string }

// own defines the flags that one command has alone.
func own(f *pflag.FlagSet, flags ...flag) {
	for _, x := range flags {
		x.define(f)
	}
}

func (x flag) define(f *pflag.FlagSet) {
	switch at := x.at.(type) {
	case *string:
		f.StringVarP(at, x.name, x.short, preset[string](x), x.help)
	case *bool:
		f.BoolVarP(at, x.name, x.short, preset[bool](x), x.help)
	case *int:
		f.IntVarP(at, x.name, x.short, preset[int](x), x.help)
	case *float64:
		f.Float64VarP(at, x.name, x.short, preset[float64](x), x.help)
	case *time.Duration:
		f.DurationVarP(at, x.name, x.short, preset[time.Duration](x), x.help)
	case *[]string:
		f.StringSliceVarP(at, x.name, x.short, preset[[]string](x), x.help)
	case asGiven:
		f.StringArrayVarP(at.to, x.name, x.short, preset[[]string](x), x.help)
	}
	if x.variable {
		_ = f.SetAnnotation(x.name, variableMark, nil) // fails only where there is no such flag
	}
}

func preset[T any](x flag) (value T) {
	if x.preset != nil {
		value = x.preset.(T)
	}
	return value
}

// reword gives flags of the table the words that fit a command: pairs of name
// and help.
func reword(f *pflag.FlagSet, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		f.Lookup(pairs[i]).Usage = pairs[i+1]
	}
}

// changed is the last flag of a group that the command line gives, "" for none.
func changed(c *cobra.Command, groups ...group) (name string) {
	for _, x := range new(options).table() {
		if slices.Contains(groups, x.group) && c.Flags().Changed(x.name) {
			name = x.name
		}
	}
	return name
}

// given are the flags of the command line that say how to reach the account,
// so that a command to go on with reaches the same one.
func given(c *cobra.Command) []string {
	reaching := map[string]bool{}
	for _, x := range new(options).table() {
		reaching[x.name] = slices.Contains([]group{ofPolicy, ofCloud, ofTime, ofWorkers}, x.group)
	}
	var words []string
	c.Flags().Visit(func(f *pflag.Flag) {
		if f.Changed && reaching[f.Name] {
			words = append(words, "--"+f.Name+"="+f.Value.String())
		}
	})
	return words
}

// variable is the name of the variable that stands for a flag.
func variable(flag string) string {
	return "ACKREVOKE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// variables are those of an environment that say something: an empty one is as
// good as none, for it cannot be taken out of a manifest that others wrote.
func variables(env []string) map[string]string {
	given := map[string]string{}
	for _, kv := range env {
		k, v, ok := strings.Cut(kv, "=")
		switch {
		case ok && v != "":
			given[k] = v
		case ok:
			delete(given, k) // the last one counts
		}
	}
	return given
}

// applyEnvironment sets the flags that the environment names and the command
// line does not. A variable that stands for a flag which only the command line
// may set is an error, for it would otherwise be ignored in silence; names
// that stand for no flag are left alone: Kubernetes injects some for Services.
func applyEnvironment(flags *pflag.FlagSet, env []string) error {
	given := variables(env)
	var wrong error
	flags.VisitAll(func(f *pflag.Flag) {
		name := variable(f.Name)
		value, set := given[name]
		_, allowed := f.Annotations[variableMark]
		switch {
		case !set || wrong != nil:
		case !allowed:
			wrong = hinted(usage("the environment has %s: --%s is taken from the command line only", name, f.Name),
				fmt.Sprintf("unset %s and give --%s on the command line", name, f.Name))
		case strings.ContainsAny(value, "\r\n\v\f\u0085\u2028\u2029"):
			wrong = hinted(usage("%s=%s has a line end in it", name, withheld(value)),
				"set it again without: printf %s instead of echo, and no line end at the end of a file that it is read from")
		case !f.Changed:
			if err := f.Value.Set(value); err != nil {
				wrong = usage("%s=%q: %v", name, value, err)
				if not, example := takes(f, name+"="); not != "" {
					wrong = hinted(usage("%s=%q is %s", name, value, not), example)
				}
			}
		}
	})
	return wrong
}

// withheld is a value between quotation marks, but not one that may hold a
// password.
func withheld(value string) string {
	if strings.Contains(value, "@") {
		return "..."
	}
	return strconv.Quote(value)
}

// environment applies the variables of a command that looks. What a run would
// refuse in the environment is refused here as well: a variable that somebody
// believes to decide about revoking is never passed over in silence.
func (p Program) environment(c *cobra.Command) error {
	ofARun := pflag.NewFlagSet("", pflag.ContinueOnError)
	new(options).take(ofARun, every...)
	if err := applyEnvironment(ofARun, p.Env); err != nil {
		return err
	}
	return applyEnvironment(c.Flags(), p.Env)
}
