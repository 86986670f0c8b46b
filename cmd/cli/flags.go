package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ackrevoke/ack"
	"ackrevoke/policy"
)

// options are the flags of run, as given.
type options struct {
	policy, report, simulate, journal string
	dryRun, check                     bool
	allow, maxPrincipals, maxRevoked  int
	expect                            string
	readQPS, writeQPS                 float64
	concurrency                       int
	timeout, callTimeout              time.Duration
	verifyTimeout                     time.Duration
	schedule                          string
	region                            string
	vpc                               bool
	cs, ram, sts                      string
	logFormat, logLevel               string
	only                              []string

	approval  policy.Approval // of the four flags above
	endpoints ack.Endpoints
	exchange  string // where tokens and roles are exchanged; "" where no flag says it
}

// defaultPolicy is the policy where none is named.
const defaultPolicy = "policy.yaml"

// fromEnvironment are the flags that a variable ACKREVOKE_<FLAG> may set. What
// decides whether and how much is revoked comes from the command line alone.
var fromEnvironment = []string{"policy", "report", "journal", "read-qps", "write-qps", "concurrency",
	"timeout", "call-timeout", "verify-timeout", "region", "vpc", "log-format", "log-level"}

func (o *options) define(f *pflag.FlagSet) {
	o.defineLooking(f)
	f.BoolVar(&o.dryRun, "dry-run", true, "plan only; --dry-run=false, on the command line alone, revokes")
	f.StringVarP(&o.report, "report", "o", "report.json", "where the report goes: a `FILE`, - for standard output")
	f.StringSliceVar(&o.only, "only", nil, "apply the policy to the entries of these `UID`s alone (comma separated)")
	f.BoolVar(&o.check, "check", false, "exit 3 when something is left to revoke")
	f.IntVar(&o.allow, "allow-revocations", 0, "let refused groups through when `N` is exactly the number of their actions")
	f.StringVar(&o.expect, "expect-plan", "", "refuse everything unless the plan has this `DIGEST` (sha256:...)")
	f.IntVar(&o.maxPrincipals, "max-principals", 0, "ceiling over the policy's guards.maxPrincipals")
	f.IntVar(&o.maxRevoked, "max-revocations", 0, "ceiling over the policy's guards.maxRevocations")
	f.StringVar(&o.journal, "journal", "", "`DIR` of the journal (default <report>.journal)")
	f.Float64Var(&o.writeQPS, "write-qps", 2, "writes per second")
	f.DurationVar(&o.verifyTimeout, "verify-timeout", 2*time.Minute, "of the proof of one principal, from its last write")
	f.StringVar(&o.schedule, "schedule", "",
		"stay resident and run by this `CRON` expression (five fields, 7 is Sunday too; @every, CRON_TZ=)")
}

// defineLooking defines the flags that only looking takes: which policy, which
// account, how, and how fast.
func (o *options) defineLooking(f *pflag.FlagSet) {
	f.StringVarP(&o.policy, "policy", "p", defaultPolicy, "the policy `FILE`, - for standard input")
	f.StringVar(&o.simulate, "simulate", "", "run against the embedded simulated account of this estate `FILE`")
	f.Float64Var(&o.readQPS, "read-qps", 10, "reads per second")
	f.IntVar(&o.concurrency, "concurrency", 4, "principals at a time")
	f.DurationVar(&o.timeout, "timeout", 30*time.Minute, "of the whole run; then nothing new is started")
	f.DurationVar(&o.callTimeout, "call-timeout", 30*time.Second, "of one attempt of a call; of the first call in total")
	f.StringVar(&o.region, "region", "", "use the CS and STS endpoints of this region `ID`")
	f.BoolVar(&o.vpc, "vpc", false, "use the endpoints inside a VPC; needs --region")
	f.StringVar(&o.cs, "cs-endpoint", "", "CS endpoint: host, host:port or `URL` (http:// for loopback only)")
	f.StringVar(&o.ram, "ram-endpoint", "", "RAM endpoint, likewise")
	f.StringVar(&o.sts, "sts-endpoint", "", "STS endpoint, likewise")
	f.StringVar(&o.logFormat, "log-format", "auto", "auto, console or json; auto is console on a terminal")
	f.StringVar(&o.logLevel, "log-level", "info", "trace, debug, info, warn or error")
}

// looking are the options of a command that only looks; the flags that it does
// not have stand as a dry run has them by default.
func looking(f *pflag.FlagSet) *options {
	var o options
	o.define(pflag.NewFlagSet("", pflag.ContinueOnError)) // sets the defaults
	o.defineLooking(f)
	return &o
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
func applyEnvironment(c *cobra.Command, env []string) error {
	given := variables(env)
	var wrong error
	c.Flags().VisitAll(func(f *pflag.Flag) {
		name := variable(f.Name)
		value, set := given[name]
		switch {
		case !set || wrong != nil:
		case !slices.Contains(fromEnvironment, f.Name):
			wrong = hinted(usage("the environment has %s: --%s is taken from the command line only", name, f.Name),
				fmt.Sprintf("unset %s and give --%s on the command line", name, f.Name))
		case strings.ContainsAny(value, "\r\n\v\f\u0085\u2028\u2029"):
			wrong = hinted(usage("%s=%q has a line end in it", name, value),
				"set it again without: printf %s instead of echo, and no line end at the end of a file that it is read from")
		case !f.Changed:
			if err := f.Value.Set(value); err != nil {
				wrong = usage("%s=%q: %v", name, value, err)
			}
		}
	})
	return wrong
}

var (
	digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	regionForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

// check finds what is wrong with the flags before anything is read or called.
func (o *options) validate(c *cobra.Command) error {
	given := c.Flags().Changed
	for _, rule := range []struct {
		wrong bool
		what  string
		hint  string
	}{
		{slices.Contains([]string{"json", "yaml", "table"}, o.report), "--report " + o.report + ": this flag names a file", "the report is always JSON: give a file such as report.json, or - for standard output"},
		{o.report == "", "--report is empty", "give a file name, or - for standard output"},
		{o.policy == "", "--policy is empty", "give a file name, or - for standard input"},
		{o.report == o.policy && o.report != "-", "--report would overwrite the policy", "give another file"},
		{o.report == "-" && !o.dryRun && o.journal == "", "-o - with --dry-run=false needs --journal DIR", "the journal holds what was taken away: name a folder that lasts"},
		{given("expect-plan") && !digestForm.MatchString(o.expect), fmt.Sprintf("--expect-plan %q is no digest", o.expect), "copy plan.digest of the reviewed report: sha256: and 64 hexadecimal digits"},
		{given("allow-revocations") && o.allow < 0, "--allow-revocations is negative", "give exactly the number of refused actions"},
		{given("max-principals") && o.maxPrincipals < 0, "--max-principals is negative", "0 allows nothing"},
		{given("max-revocations") && o.maxRevoked < 0, "--max-revocations is negative", "0 allows nothing"},
		{!(o.readQPS > 0) || o.readQPS > 1e6, "--read-qps must be greater than 0", "the default is 10"},
		{!(o.writeQPS > 0) || o.writeQPS > 1e6, "--write-qps must be greater than 0", "the default is 2"},
		{o.concurrency < 1 || o.concurrency > 256, "--concurrency must be from 1 to 256", "the default is 4"},
		{o.timeout <= 0 || o.callTimeout <= 0 || o.verifyTimeout <= 0, "--timeout, --call-timeout and --verify-timeout must be greater than 0", "for example 30m, 30s and 2m"},
		{o.vpc && o.region == "", "--vpc needs --region", "for example --region cn-hangzhou --vpc"},
		{o.region != "" && !regionForm.MatchString(o.region), fmt.Sprintf("--region %q is no region id", o.region), "for example cn-hangzhou"},
		{!slices.Contains([]string{"auto", "console", "json"}, o.logFormat), fmt.Sprintf("--log-format %q is none of auto, console, json", o.logFormat), ""},
		{!slices.Contains([]string{"trace", "debug", "info", "warn", "error"}, o.logLevel), fmt.Sprintf("--log-level %q is none of trace, debug, info, warn, error", o.logLevel), ""},
		{o.simulate != "" && o.cs+o.ram+o.sts+o.region != "", "--simulate goes without --region and endpoints", "the simulated account has endpoints of its own"},
		{o.schedule != "" && (o.policy == "-" || o.report == "-"), "--schedule reads the policy and writes the report again and again: - cannot be either", "give files"},
		{given("schedule") && o.schedule == "", "--schedule is empty", "for example --schedule '0 6 * * *'"},
		{o.schedule != "" && given("allow-revocations"), "--allow-revocations approves one plan and --schedule makes many", "run once with --allow-revocations"},
	} {
		if rule.wrong {
			return hinted(usage("%s", rule.what), rule.hint)
		}
	}
	if err := o.choose(given("only")); err != nil {
		return err
	}
	if given("allow-revocations") {
		o.approval.Allow = &o.allow
	}
	if given("max-principals") {
		o.approval.MaxPrincipals = &o.maxPrincipals
	}
	if given("max-revocations") {
		o.approval.MaxRevocations = &o.maxRevoked
	}
	o.approval.Expect = o.expect
	return o.resolveEndpoints()
}

func (o *options) resolveEndpoints() error {
	o.endpoints = ack.DefaultEndpoints(o.region, o.vpc)
	for _, e := range []struct {
		flag  string
		given string
		to    *string
	}{{"cs-endpoint", o.cs, &o.endpoints.CS}, {"ram-endpoint", o.ram, &o.endpoints.RAM}, {"sts-endpoint", o.sts, &o.endpoints.STS}} {
		if e.given == "" {
			continue
		}
		if _, err := ack.ParseEndpoint(e.given); err != nil {
			return usage("--%s: %w", e.flag, err)
		}
		*e.to = e.given
	}
	if o.region != "" || o.sts != "" {
		o.exchange = o.endpoints.STS
	}
	return nil
}

// journalNamed is the folder of the journal as a report names it; "" where the
// run has none.
func (o *options) journalNamed() string {
	if o.journal == "" && o.report == "-" {
		return ""
	}
	return o.journalDir()
}

// journalDir is where the journal lies.
func (o *options) journalDir() string {
	if o.journal == "" {
		return o.report + ".journal"
	}
	return o.journal
}
