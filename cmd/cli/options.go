package cli

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"ackrevoke/ack"
	"ackrevoke/policy"
)

// options are the values of the flags in the table.
type options struct {
	policy, report, simulate, journal string
	dryRun, check, noBulk             bool
	allow, maxPrincipals, maxRevoked  int
	expect                            string
	readQPS, writeQPS, maxShare       float64
	concurrency                       int
	timeout, callTimeout              time.Duration
	verifyTimeout                     time.Duration
	schedule                          string
	region                            string
	vpc                               bool
	cs, ram, sts                      string
	logFormat, logLevel               string
	wide                              bool
	only                              []string
	policyDir, shard, html            string
	forget                            []string // accounts without a policy file, which is meant
	metricsFile, push, metricsListen  string
	pushSource                        string
	atATime                           int // policy files of policyDir

	ofAccount string // the folder of the journal of one of many accounts, where --journal names none
	stated    string // the SHA-256 that the policy must have, where it is one of many files; "": it is alone

	approval  policy.Approval // of allow, expect and the two ceilings
	endpoints ack.Endpoints
	exchange  string // where tokens and roles are exchanged; "" where no flag says it
	meter     *meter // of the three flags of metrics; nil where none is given
}

// rule is what would be wrong with a command line, in words.
type rule struct {
	wrong      bool
	what, hint string
}

// obey returns the first rule that is broken.
func obey(rules ...rule) error {
	for _, r := range rules {
		if r.wrong {
			return hinted(usage("%s", r.what), r.hint)
		}
	}
	return nil
}

var (
	digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	regionForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	uidForm    = regexp.MustCompile(`^[0-9]{1,32}$`)
)

// validate finds what is wrong with the flags before anything is read or called.
func (o *options) validate(c *cobra.Command) error {
	given := c.Flags().Changed
	rules := slices.Concat(o.fileRules(), o.folderRules(given), o.approvalRules(given), o.callRules(), o.scheduleRules(given),
		o.meterRules(given))
	if err := obey(rules...); err != nil {
		return err
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
	if err := o.measure(); err != nil {
		return err
	}
	return o.resolveEndpoints()
}

func (o *options) fileRules() []rule {
	return []rule{
		{slices.Contains([]string{"json", "yaml", "table"}, o.report), "--report " + o.report + ": this flag names a file",
			"the report is always JSON: give a file such as report.json, or - for standard output"},
		{o.report == "", "--report is empty", "give a file name, or - for standard output"},
		{o.policy == "", "--policy is empty", "give a file name, or - for standard input"},
		{o.report == o.policy && o.report != "-", "--report would overwrite the policy", "give another file"},
		{o.html == "-", "--html - : standard output is for the report", "give a file, or: ackrevoke run -o - | ackrevoke report - --format html"},
		{o.html != "" && (sameFile(o.html, o.report) || sameFile(o.html, o.policy)), "--html would overwrite " + o.html,
			"give another file: neither the policy nor the report"},
		{o.report == "-" && !o.dryRun && o.journal == "", "-o - with --dry-run=false needs --journal DIR",
			"the journal holds what was taken away: name a folder that lasts"},
	}
}

func (o *options) approvalRules(given func(string) bool) []rule {
	return []rule{
		{given("expect-plan") && !digestForm.MatchString(o.expect), fmt.Sprintf("--expect-plan %q is no digest", o.expect),
			"copy plan.digest of the reviewed report: sha256: and 64 hexadecimal digits"},
		{given("allow-revocations") && o.allow < 0, "--allow-revocations is negative", "give exactly the number of refused actions"},
		{given("max-principals") && o.maxPrincipals < 0, "--max-principals is negative", "0 allows nothing"},
		{given("max-revocations") && o.maxRevoked < 0, "--max-revocations is negative", "0 allows nothing"},
	}
}

func (o *options) callRules() []rule {
	return []rule{
		{!(o.readQPS > 0) || o.readQPS > 1e6, "--read-qps must be greater than 0, and at most 1000000", "the default is 10"},
		{!(o.writeQPS > 0) || o.writeQPS > 1e6, "--write-qps must be greater than 0, and at most 1000000", "the default is 2"},
		{!(o.maxShare > 0) || o.maxShare > 1, "--max-share must be greater than 0, and at most 1", "the default is 0.5"},
		{o.concurrency < 1 || o.concurrency > 256, "--concurrency must be from 1 to 256", "the default is 4"},
		{o.timeout <= 0 || o.callTimeout <= 0 || o.verifyTimeout <= 0,
			"--timeout, --call-timeout and --verify-timeout must be greater than 0", "for example 30m, 30s and 2m"},
		{o.vpc && o.region == "", "--vpc needs --region", "for example --region cn-hangzhou --vpc"},
		{o.region != "" && !regionForm.MatchString(o.region), fmt.Sprintf("--region %q is no region id", o.region), "for example cn-hangzhou"},
		{!slices.Contains([]string{"auto", "console", "json"}, o.logFormat),
			fmt.Sprintf("--log-format %q is none of auto, console, json", o.logFormat), ""},
		{!slices.Contains([]string{"trace", "debug", "info", "warn", "error"}, o.logLevel),
			fmt.Sprintf("--log-level %q is none of trace, debug, info, warn, error", o.logLevel), ""},
		{o.simulate != "" && o.cs+o.ram+o.sts+o.region != "", "--simulate goes without --region and endpoints",
			"the simulated account has endpoints of its own"},
	}
}

func (o *options) scheduleRules(given func(string) bool) []rule {
	return []rule{
		{o.schedule != "" && (o.policy == "-" || o.report == "-"),
			"--schedule reads the policy and writes the report again and again: - cannot be either", "give files"},
		{given("schedule") && o.schedule == "", "--schedule is empty", "for example --schedule '0 6 * * *'"},
		{o.schedule != "" && given("allow-revocations"), "--allow-revocations approves one plan and --schedule makes many",
			"run once with --allow-revocations"},
	}
}

// choose checks the uids of --only and puts them in order. A schedule does not
// go with it: a resident process that passes over entries day after day is how
// somebody who left is forgotten.
func (o *options) choose(given bool) error {
	if !given {
		return nil
	}
	if len(o.only) == 0 {
		return hinted(usage("--only is empty"), "name the uid of an entry, or leave the flag out to apply the whole policy")
	}
	for _, uid := range o.only {
		if !uidForm.MatchString(uid) {
			return hinted(usage("--only %q is no uid", uid), "give the uid as the policy has it, like --only 200000000000000001")
		}
	}
	if o.schedule != "" {
		return hinted(usage("--only is for a single run, and --schedule makes many"), "run once with --only; a schedule applies the whole policy")
	}
	slices.Sort(o.only)
	o.only = slices.Compact(o.only)
	return nil
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
	if o.journal == "" && o.ofAccount != "" {
		return o.ofAccount
	}
	if o.journal == "" {
		return o.report + ".journal"
	}
	return o.journal
}
