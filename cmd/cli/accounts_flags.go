package cli

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ackrevoke/job/report"
)

// The variables by which an Indexed Job tells a pod which shard it is. Kubernetes
// sets the first one itself. How many completions the Job has it does not say: the
// manifest sets the second to the same number as spec.completions.
const (
	envIndex       = "JOB_COMPLETION_INDEX"
	envCompletions = "JOB_COMPLETIONS"
)

// defaultFolder is where the reports of --policy-dir go.
const defaultFolder = "reports"

// nameFolder gives --report another default where it names a folder.
func (o *options) nameFolder(c *cobra.Command, env []string) {
	if o.policyDir != "" && !c.Flags().Changed("report") && variables(env)[variable("report")] == "" {
		o.report = defaultFolder
	}
}

// folderRules are what does not go with many files, and what goes with nothing else.
func (o *options) folderRules(given func(string) bool) []rule {
	const hint = "take one of the two out; a single account is run with --policy"
	many := o.policyDir != ""
	rules := []rule{
		{given("policy-dir") && !many, "--policy-dir is empty", "name the folder of the policy files"},
		{many && given("policy"), "--policy is one file and --policy-dir is many", "give one of the two"},
		{many && o.report == "-", "--report - does not go with --policy-dir: there is a report for each account", "name a folder with --report"},
		{many && o.html != "", "--html does not go with --policy-dir: there is a report for each account",
			"run without it, and then: ackrevoke report " + filepath.Join(o.report, "summary.json") + " --format html"},
		{many && o.simulate != "", "--simulate is one account and --policy-dir is many",
			"serve them with ackrevoke simulate --estate A --estate B, and give its endpoints"},
		{o.atATime < 1 || o.atATime > 256, "--accounts-concurrency must be from 1 to 256", "the default is 16"},
		{given("shard") && o.shard == "", "--shard is empty", "give auto, or I/N such as 0/3"},
	}
	for _, flag := range []string{"only", "expect-plan", "allow-revocations"} {
		rules = append(rules, rule{many && given(flag), "--" + flag + " is about one plan and --policy-dir makes many", hint})
	}
	for _, id := range o.forget {
		rules = append(rules, rule{!uidForm.MatchString(id), fmt.Sprintf("--forget %q is no account id", id),
			"give the id that the line about it names, for example --forget 1234567890123456"})
	}
	for _, flag := range []string{"shard", "accounts-concurrency", "forget"} {
		rules = append(rules, rule{!many && given(flag), "--" + flag + " is about the files of --policy-dir",
			"give --policy-dir DIR, or take it out"})
	}
	return rules
}

// shardOf is the part of the files that this process is about.
func shardOf(text string, env []string) (report.Shard, error) {
	switch text {
	case "":
		return report.Shard{Count: 1}, nil
	case "auto":
		return ofAJob(variables(env))
	}
	index, count, ok := strings.Cut(text, "/")
	s := report.Shard{Index: whole(index), Count: whole(count)}
	if !ok || s.Index < 0 || s.Count < 0 {
		return s, hinted(usage("--shard %q is neither auto nor I/N", text), "for example --shard 0/3, 1/3 and 2/3 on three machines")
	}
	return s, possible(s, "--shard "+text)
}

func ofAJob(vars map[string]string) (report.Shard, error) {
	for _, v := range []struct{ name, hint string }{
		{envIndex, "it is set in the pods of a Job with completionMode: Indexed; elsewhere give --shard I/N"},
		{envCompletions, "set it in the pod's env to the number of spec.completions; elsewhere give --shard I/N"},
	} {
		switch text := vars[v.name]; {
		case text == "":
			return report.Shard{}, hinted(usage("--shard auto: the environment has no %s", v.name), v.hint)
		case whole(text) < 0:
			return report.Shard{}, hinted(usage("--shard auto: %s=%q is no whole number from 0 on", v.name, text), v.hint)
		}
	}
	s := report.Shard{Index: whole(vars[envIndex]), Count: whole(vars[envCompletions])}
	return s, possible(s, fmt.Sprintf("--shard auto (%s=%d, %s=%d)", envIndex, s.Index, envCompletions, s.Count))
}

func possible(s report.Shard, what string) error {
	if s.Possible() {
		return nil
	}
	hint := fmt.Sprintf("there are from 1 to %d shards", report.MostShards)
	if s.Count >= 1 && s.Count <= report.MostShards {
		hint = fmt.Sprintf("shards count from 0: the last one of %d is %d", s.Count, s.Count-1)
	}
	return hinted(usage("%s: there is no shard %d of %d", what, s.Index, s.Count), hint)
}

// whole is a number in plain digits, -1 for anything else.
func whole(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || strings.Trim(text, "0123456789") != "" {
		return -1
	}
	return n
}

// words are the flags of the command line that each of many runs has as well, so
// that the command to go on with is one about that account alone.
func (o *options) words(c *cobra.Command) []string {
	var words []string
	c.Flags().Visit(func(f *pflag.Flag) {
		switch f.Name {
		case "policy-dir", "shard", "accounts-concurrency", "forget", "schedule", "report", "journal": // of the whole, and not of one
		case "metrics-file", "push", "push-source", "metrics-listen": // likewise
		default:
			words = append(words, "--"+f.Name+"="+f.Value.String())
		}
	})
	return words
}
