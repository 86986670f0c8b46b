package cli

import (
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"time"

	"ackrevoke/cmd/cli/voice"
	"ackrevoke/job/metrics"
	"ackrevoke/job/report"
	"ackrevoke/policy"
)

// meter makes metrics of the runs of this process, and leaves them where that
// was asked for:
//
//	begin    what earlier runs left is read, before anything is called
//	add      a run has ended, in whatever way
//	publish  what was added is written, pushed, and shown to whoever scrapes
//
// A nil one has nowhere to leave them, and does nothing.
type meter struct {
	file    string   // "" for none
	gateway *gateway // nil for none

	// together says that runs over many accounts are published as one set, by
	// whoever began, and not each by itself.
	together bool

	mu    sync.Mutex
	unfit error             // why the file cannot be written
	past  metrics.Past      // what is known of earlier runs
	set   *metrics.Set      // of what is under way; nil for nothing
	since time.Time         // when that began, or came on: see at
	files map[int]time.Time // of many accounts: those under way, and when each began
	begun int               // how many there were, for a key of each
	shown *metrics.Set      // of what ended last; nil before that
}

func (o *options) meterRules(given func(string) bool) []rule {
	const partly = "--only applies a part of the policy, and metrics are about the whole"
	port := func(address string) bool {
		_, text, err := net.SplitHostPort(address)
		n, wrong := strconv.ParseUint(text, 10, 16)
		return err == nil && wrong == nil && n < 1<<16
	}
	same := func(a, b string) bool {
		x, wrong := filepath.Abs(a)
		y, too := filepath.Abs(b)
		return wrong == nil && too == nil && x == y
	}
	return []rule{
		{given("metrics-file") && o.metricsFile == "", "--metrics-file is empty", "give a file such as ackrevoke.prom"},
		{o.metricsFile == "-", "--metrics-file is a file, and not standard output", "give a file such as ackrevoke.prom"},
		{o.metricsFile != "" && (same(o.metricsFile, o.report) || same(o.metricsFile, o.policy)),
			"--metrics-file would overwrite the report or the policy", "give another file"},
		{o.metricsFile != "" && o.policyDir != "" && same(filepath.Dir(o.metricsFile), o.report) && filepath.Ext(o.metricsFile) == ".json",
			"--metrics-file has a name that a report of this folder can have", "give another file, such as ackrevoke.prom"},
		{given("push") && o.push == "", "--push is empty", exampleGateway},
		{given("push-source") && o.push == "", "--push-source is about --push", "give --push URL as well, or take it out"},
		{(given("push-source") || o.pushSource != "") && !sourceForm.MatchString(o.pushSource),
			fmt.Sprintf("--push-source %q is no name", o.pushSource), "up to 120 letters, digits, dots, - and _, such as prod.ackrevoke"},
		{o.metricsFile != "" && o.shard != "", "--metrics-file is one file, and every shard would overwrite that of the others",
			"take --push in its place, where each account has its own group; also where the environment gives it"},
		{given("metrics-listen") && o.metricsListen == "", "--metrics-listen is empty", "for example --metrics-listen :9464"},
		{o.metricsListen != "" && o.schedule == "", "--metrics-listen is for a process that stays",
			"give --schedule as well; a single run leaves its metrics with --metrics-file or --push"},
		{o.metricsListen != "" && !port(o.metricsListen), fmt.Sprintf("--metrics-listen %q is no address with a port", o.metricsListen),
			"for example --metrics-listen :9464, or 127.0.0.1:9464"},
		{given("only") && o.metricsFile+o.push != "", partly,
			"run with --only and without --metrics-file and --push, also where the environment gives them"},
	}
}

// measure makes the meter that the flags ask for.
func (o *options) measure() error {
	if o.metricsFile+o.push+o.metricsListen == "" {
		return nil
	}
	m := &meter{file: o.metricsFile}
	if o.push != "" {
		g, err := parseGateway(o.push)
		if err != nil {
			return hinted(usage("--push: %w", err), exampleGateway)
		}
		g.source = o.source()
		m.gateway = g
	}
	o.meter = m
	return nil
}

// begin opens a new set, unless one is open already. What is wrong with the file
// is kept for fit.
func (m *meter) begin(now time.Time) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.set != nil {
		return
	}
	past := metrics.Past{}
	if m.file != "" {
		past, m.unfit = remembered(m.file)
	}
	maps.Copy(past, m.past) // this process knows better
	m.past, m.set, m.since = past, metrics.New(past), now
}

// at notes that the run of one of many files begins: --timeout is of each of them,
// and not of the round over all. The result is called when it has ended.
func (m *meter) at(now func() time.Time) (ended func()) {
	if m == nil {
		return func() {}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files == nil {
		m.files = map[int]time.Time{}
	}
	m.begun++
	key := m.begun
	m.files[key] = now()
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.files, key)
		m.since = now() // the round has come on
	}
}

// gone tells of accounts without a policy, and of those that are meant to have none.
func (m *meter) gone(missing []report.Gone, meant []string) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, g := range missing {
		m.set.Gone(g.Account)
	}
	for _, id := range meant {
		m.set.Forget(id)
	}
}

// fit says why the file could not be written later: a run whose metrics were
// asked for and cannot be left does not begin.
func (m *meter) fit() error {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.unfit
}

// add takes a run into the set; pol is nil where it could not be read. Where the
// account is not known by then, it is the one that the file was about, if that
// was one.
func (m *meter) add(account string, pol *policy.Policy, r *report.Report) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if account == "" && !m.together && len(m.past) == 1 {
		for id := range m.past {
			account = id
		}
	}
	m.set.Add(metrics.Attempt{Account: account, Policy: pol, Report: r})
}

// measured makes metrics of a run that ended. What cannot be left is a warning:
// the run is what its report says.
func (p Program) measured(o *options, v *voice.Voice, pol *policy.Policy, r *report.Report) {
	if o.meter == nil {
		return
	}
	o.meter.begin(p.Now()) // where a defect came after the run had been published
	o.meter.add(p.accountOf(o, pol), pol, r)
	if !o.meter.together {
		p.publish(o.meter, v)
	}
}

var accountLine = regexp.MustCompile(`(?m)^account:[ \t]*["']?([0-9]{1,32})["']?[ \t]*(?:#.*)?\r?$`)

// accountOf is the account of a policy. Where that is not valid, what it says in
// the line of the account counts all the same, for whoever is paged about it has
// to know whose it is.
func (p Program) accountOf(o *options, pol *policy.Policy) string {
	if pol != nil {
		return pol.Account
	}
	if o.policy == "-" {
		return "" // it has been read, and is gone
	}
	text, err := p.read(o.policy)
	if err != nil {
		return ""
	}
	if m := accountLine.FindSubmatch(text); m != nil {
		return string(m[1])
	}
	return ""
}

// publish leaves the set where it was asked for, and ends it.
func (p Program) publish(m *meter, v *voice.Voice) {
	m.mu.Lock()
	set, unfit := m.set, m.unfit
	m.mu.Unlock()
	if m.file != "" && unfit == nil {
		if err := leave(m.file, set); err != nil {
			v.Unmetered(fmt.Errorf("the metrics could not be written: %w", err),
				"what is in that place is of an earlier run; free it: the next run writes them again")
		}
	}
	if m.gateway != nil {
		if err := m.gateway.push(p.Dial, set); err != nil {
			v.Unmetered(err, err.hint)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.past, m.shown, m.set, m.since = set.Past(), set, nil, time.Time{}
}
