package liar

import (
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ackrevoke/ack/sim"
	"ackrevoke/cmd/test/stage"
	"ackrevoke/job/end"
	"ackrevoke/job/report"
)

const auditWorlds = 500

// In the made-up accounts of the liar test an audit finds all that its oracle
// foretells and nothing else: precision and recall are 1. Then the same worlds
// with their faults: what is found is still true, and nothing that was missed is
// passed over in silence.
func TestAuditInMadeUpWorlds(t *testing.T) {
	stage.Keys(t, stage.Account)
	first, n := uint64(0), auditWorlds
	if s := os.Getenv("LIAR_SEED"); s != "" {
		first, n = stage.Must(strconv.ParseUint(s, 10, 64)), 1
	}
	var next atomic.Int64
	tally := &tallied{kinds: map[string]int{}, exits: map[int]int{}}
	t.Run("worlds", func(t *testing.T) {
		for shard := range 2 * runtime.GOMAXPROCS(0) {
			t.Run(strconv.Itoa(shard), func(t *testing.T) {
				t.Parallel()
				for {
					i := int(next.Add(1) - 1)
					if i >= n || t.Failed() {
						return
					}
					auditWorld(t, first+uint64(i), tally)
				}
			})
		}
	})
	t.Logf("%d worlds; true %d, false %d, missed %d; %d of deleted principals that the service's lists do not show; exits %v", n,
		tally.hits, tally.wrong, tally.missed, tally.unshown, tally.exits)
	t.Logf("%v", tally.kinds)
	t.Logf("with faults: %d audits, %d incomplete or without anything, %d complete", tally.faulted, tally.incomplete,
		tally.faulted-tally.incomplete)
	if n == auditWorlds {
		for _, k := range strings.Split(stage.EveryKind, ",") {
			if tally.kinds[k] == 0 {
				t.Errorf("no world had a finding of kind %s", k)
			}
		}
		for _, code := range []int{0, 1, 3, 6} {
			if tally.exits[code] == 0 {
				t.Errorf("no audit ended with exit code %d", code)
			}
		}
		if tally.incomplete == 0 || tally.faulted == tally.incomplete {
			t.Errorf("the faults say nothing")
		}
	}
}

// tallied is the count of what was tried.
type tallied struct {
	mu                           sync.Mutex
	hits, wrong, missed, unshown int
	faulted, incomplete          int
	kinds                        map[string]int
	exits                        map[int]int
}

func auditWorld(t *testing.T, seed uint64, tally *tallied) {
	f := drawAudited(seed)
	policy := f.writePolicy(t)
	if f.wild {
		auditWild(t, f, policy)
		return
	}
	all := stage.Full(policy, "--fail-on", stage.EveryKind)
	stage.Bubble(t, f.estate(), stage.Noon, func(w *stage.World) {
		for _, wide := range []bool{false, true} {
			args := []string{"--format", "json"}
			if wide {
				args = all
			}
			a, want := w.Audit(args...), foresee(f, wide)
			tally.note(a, want)
			if diff := cmp.Diff(sortedKeys(want.claims), stage.Claims(a.Audit)); diff != "" {
				t.Errorf("LIAR_SEED=%d wide %t: findings (-want +got)\n%s", seed, wide, diff)
			}
			if want.stop || want.other {
				if code := want.exit(wide); a.Code != code {
					t.Errorf("LIAR_SEED=%d wide %t: exit %d, want %d", seed, wide, a.Code, code)
				}
				continue
			}
			if diff := cmp.Diff(sortedKeys(want.unknown), stage.Unknowns(a.Audit)); diff != "" {
				t.Errorf("LIAR_SEED=%d wide %t: unknown (-want +got)\n%s", seed, wide, diff)
			}
			if diff := cmp.Diff(sortedKeys(want.services),
				stage.Lines(a.Audit.ServiceRoles, func(s report.ServiceRole) string { return s.UID })); diff != "" {
				t.Errorf("LIAR_SEED=%d wide %t: services (-want +got)\n%s", seed, wide, diff)
			}
			if diff := cmp.Diff(sortedKeys(want.retirable),
				stage.Lines(a.Audit.Retirable, func(r report.RetirableRow) string { return r.UID })); diff != "" {
				t.Errorf("LIAR_SEED=%d wide %t: retirable (-want +got)\n%s", seed, wide, diff)
			}
			if code := want.exit(wide); a.Code != code || len(a.Audit.Notes) > 0 {
				t.Errorf("LIAR_SEED=%d wide %t: exit %d, want %d; notes %v", seed, wide, a.Code, code, a.Audit.Notes)
			}
		}
	})
	script := f.script()
	if script == nil {
		return
	}
	stage.BubbleWith(t, f.estate(), stage.Must(sim.LoadFaults("faults.yaml", script)), stage.Noon, func(w *stage.World) {
		a, want := w.Audit(all...), foresee(f, true)
		if problem := dishonest(a, sortedKeys(want.claims)); problem != "" {
			t.Errorf("LIAR_SEED=%d with %v: %s", seed, f.faults, problem)
		}
		tally.fault(a)
	})
}

// dishonest says what an audit under faults may not do: find what is not so, or
// miss something and not say so.
func dishonest(a stage.Audited, truth []string) string {
	got := stage.Claims(a.Audit)
	for _, c := range got {
		if !slices.Contains(truth, c) {
			return "found what is not so: " + c
		}
	}
	if a.Code != 1 && a.Code != 6 && !slices.Equal(got, truth) {
		return "exit " + strconv.Itoa(a.Code) + " and not all was found:\n" + cmp.Diff(truth, got)
	}
	if strings.Contains(a.Stdout, `"none-found"`) && len(truth) > 0 {
		return "a missed read is presented as none found"
	}
	return ""
}

func sortedKeys(m map[string]bool) []string {
	if len(m) == 0 {
		return []string{}
	}
	return slices.Sorted(maps.Keys(m))
}

func (n *tallied) note(a stage.Audited, want *foretold) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.exits[a.Code]++
	n.unshown += want.unshown
	got := stage.Claims(a.Audit)
	for _, c := range got {
		kind, _, _ := strings.Cut(c, " ")
		n.kinds[kind]++
		if want.claims[c] {
			n.hits++
		} else {
			n.wrong++
		}
	}
	for c := range want.claims {
		if !slices.Contains(got, c) {
			n.missed++
		}
	}
}

func (n *tallied) fault(a stage.Audited) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faulted++
	if a.Code == end.CodeError || a.Code == end.CodeIncomplete {
		n.incomplete++
	}
}

// Under every fault of every read an audit ends by itself, finds nothing that is
// not so, and calls nothing complete that is not.
func TestAuditUnderEveryFault(t *testing.T) {
	stage.Keys(t, stage.Account)
	policy := stage.PolicyFile(t, []string{`{uid: "200000000000000003", reason: departed}`,
		`{uid: "200000000000000008", reason: departed, deleted: true}`})
	args := stage.Full(policy)
	var truth []string
	stage.Bubble(t, []byte(stage.Findable), stage.Noon, func(w *stage.World) { truth = stage.Claims(w.Audit(args...).Audit) })
	missed := 0
	for _, op := range []string{"GetCallerIdentity", "ListUsers", "ListRoles", "GetLoginProfile", "ListAccessKeys",
		"DescribeClustersForRegion", "DescribeUserPermission",
		"ListClusterKubeconfigStates", "read", "any"} {
		for _, do := range append(slices.Clone(faultKinds), "error, code: ErrorClusterNotFound, status: 404",
			"error, code: EntityNotExist.User, status: 404") {
			for _, when := range []string{"times: 0", "times: 1", "from: 2, times: 1", "from: 3, times: 0"} {
				rule := "{on: " + op + ", " + when + ", do: " + do + "}"
				if slices.Contains([]string{"certificateOnly", "grantsOnly", "takesTooMuch", "takesAllClusters"}, do) {
					continue // of a clean: with a read they would change what is true
				}
				if strings.HasPrefix(do, "error, code: EntityNotExist") && op != "ListClusterKubeconfigStates" {
					continue // believed of the one who is named: the service's own lie
				}
				t.Run(rule, func(t *testing.T) {
					stage.BubbleWith(t, []byte(stage.Findable), stage.Must(sim.LoadFaults("faults.yaml", []byte("faults: ["+rule+"]"))), stage.Noon,
						func(w *stage.World) {
							a := w.Audit(args...)
							if problem := dishonest(a, truth); problem != "" {
								t.Error(problem, "\n", a.Stderr)
							}
							if a.Code == end.CodeError || a.Code == end.CodeIncomplete {
								missed++
								if len(a.Audit.Unknown)+len(a.Audit.Errors) == 0 {
									t.Error("incomplete, and no word of why")
								}
							}
						})
				})
			}
		}
	}
	t.Logf("%d audits were incomplete", missed)
}
