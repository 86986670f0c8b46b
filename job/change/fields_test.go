package change

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ackrevoke/policy"
)

// passedOver are the fields that say nothing about what a policy asks for. Any
// other field that somebody adds is one that Compare must see.
var passedOver = map[string]string{
	"Policy.Path":    "how the user named it",
	"Policy.SHA256":  "of the bytes, comments and all",
	"Policy.LeftOut": "of a run with --only; never of a file",
	"Policy.Others":  "likewise",
	"Accepted.Line":  "order and layout",
	"Principal.Line": "likewise",
	"Pin.Line":       "likewise",
}

// meant writes what a policy asks for, field by field by reflection: two that
// ask for the same are the same text. Lists are sets, for no list of the format
// has an order that means something.
func meant(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano)
	case *time.Location:
		if x == nil {
			return "UTC"
		}
		return x.String()
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return "none"
		}
		return meant(v.Elem())
	case reflect.Slice:
		var all []string
		for i := range v.Len() {
			all = append(all, meant(v.Index(i)))
		}
		slices.Sort(all)
		return fmt.Sprintf("%q", slices.Compact(all))
	case reflect.Struct:
		var s strings.Builder
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if passedOver[v.Type().Name()+"."+f.Name] == "" {
				fmt.Fprintf(&s, "%s=%s;", f.Name, meant(v.Field(i)))
			}
		}
		return s.String()
	}
	return fmt.Sprintf("%q", fmt.Sprint(v.Interface()))
}

func same(a, b *policy.Policy) bool { return meant(reflect.ValueOf(*a)) == meant(reflect.ValueOf(*b)) }

func diffOf(a, b *policy.Policy) *Diff {
	return Compare(Version{"old.yaml", a}, Version{"new.yaml", b})
}

// full is a policy in which nothing is left out.
func full() *policy.Policy {
	n := func(n int) *int { return &n }
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	return &policy.Policy{
		Account: "1234567890123456", AssumeRole: "acs:ram::1234567890123456:role/r", ExternalID: "x1", Location: time.UTC,
		Scope: policy.Scope{Regions: []string{"cn-hangzhou"}, Include: []string{"prod-*"}, Exclude: []string{"sandbox-*"}, MinClusters: n(3)},
		Guards: policy.Guards{Protect: []policy.Protect{{Name: "ci-*"}, {UID: "200000000000000014"}}, MaxPrincipals: 10, MaxRevocations: 200,
			MaxCompromised: 5, Raise: &policy.Raise{MaxPrincipals: n(60), MaxRevocations: n(400), MaxCompromised: n(9), Until: day}},
		Accepted: []policy.Accepted{{UID: "200000000000000003", Cluster: "c1", Region: "r", What: policy.LeftOwner, Until: day,
			Why: "creator", Line: 9}},
		Principals: []policy.Principal{{UID: "200000000000000001", Kind: policy.User, Name: "alice", CreatedAt: day.AddDate(-2, 0, 0),
			Reason: policy.Compromised, Effective: day, Until: day.AddDate(1, 0, 0), Clusters: []string{"prod-*"},
			Pins: []policy.Pin{{Cluster: "c1", Expires: day.AddDate(2, 0, 0), Line: 4}}, Force: true, Ticket: "HR-1", Note: "left", Line: 3}},
	}
}

// Every field of every part of a policy is compared: whoever adds one and
// forgets it here is told by its name.
func TestEveryFieldIsCompared(t *testing.T) {
	t.Parallel()
	tried := 0
	var walk func(path string, at func(*policy.Policy) reflect.Value)
	try := func(path string, at func(*policy.Policy) reflect.Value) {
		p := full()
		alter(t, path, at(p))
		tried++
		if d := diffOf(full(), p); len(d.Changes) == 0 {
			t.Errorf("%s was changed, and there is no change", path)
		}
		if same(full(), p) {
			t.Errorf("%s was changed, and the oracle does not see it", path)
		}
	}
	walk = func(path string, at func(*policy.Policy) reflect.Value) {
		v := at(full())
		switch {
		case v.Type() == reflect.TypeFor[time.Time](), v.Type() == reflect.TypeFor[*time.Location]():
			try(path, at)
		case v.Kind() == reflect.Pointer:
			try(path, at)
			none := func(p *policy.Policy) reflect.Value { return at(p) }
			p := full()
			none(p).SetZero()
			if d := diffOf(full(), p); len(d.Changes) == 0 {
				t.Errorf("%s was taken out, and there is no change", path)
			}
			if v.Elem().Kind() == reflect.Struct {
				walk(path, func(p *policy.Policy) reflect.Value { return at(p).Elem() })
			}
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				name := v.Type().Name() + "." + v.Type().Field(i).Name
				if passedOver[name] == "" {
					walk(name, func(p *policy.Policy) reflect.Value { return at(p).Field(i) })
				}
			}
		case v.Kind() == reflect.Slice:
			if v.Len() == 0 {
				t.Fatalf("%s is empty in the policy that this test begins with: put one into it", path)
			}
			try(path, at)
			if v.Type().Elem().Kind() == reflect.Struct {
				walk(path, func(p *policy.Policy) reflect.Value { return at(p).Index(0) })
			}
		default:
			try(path, at)
		}
	}
	walk("", func(p *policy.Policy) reflect.Value { return reflect.ValueOf(p).Elem() })
	if tried < 40 {
		t.Errorf("only %d fields were tried", tried)
	}
	for name := range passedOver {
		typ, field, _ := strings.Cut(name, ".")
		known := map[string]reflect.Type{"Policy": reflect.TypeFor[policy.Policy](), "Accepted": reflect.TypeFor[policy.Accepted](),
			"Principal": reflect.TypeFor[policy.Principal](), "Pin": reflect.TypeFor[policy.Pin]()}[typ]
		if _, there := known.FieldByName(field); !there {
			t.Errorf("%s is passed over, and is not there", name)
		}
	}
}

// alter gives a value another one.
func alter(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	switch x := v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(x.Add(time.Hour)))
		return
	case *time.Location:
		v.Set(reflect.ValueOf(time.FixedZone("Asia/Shanghai", 8*3600)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "9")
	case reflect.Int:
		v.SetInt(v.Int() + 1)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Pointer:
		if v.Elem().Kind() == reflect.Int {
			n := int(v.Elem().Int()) + 1
			v.Set(reflect.ValueOf(&n))
			return
		}
		v.SetZero()
	case reflect.Slice:
		v.Set(v.Slice(0, v.Len()-1))
	default:
		t.Fatalf("%s: what is another %s?", path, v.Kind())
	}
}

func TestOfItselfThereIsNoChange(t *testing.T) {
	t.Parallel()
	a, b := full(), full()
	b.Path, b.SHA256, b.Principals[0].Line, b.Accepted[0].Line, b.Principals[0].Pins[0].Line = "elsewhere", "other", 99, 98, 97
	slices.Reverse(b.Guards.Protect)
	b.Guards.Protect = append(b.Guards.Protect, b.Guards.Protect[0])
	b.Principals[0].Until = b.Principals[0].Until.In(time.FixedZone("x", 3600))
	if d := diffOf(a, b); len(d.Changes) > 0 {
		t.Errorf("%+v", d.Changes)
	}
}

// drawn makes a policy of bytes, of so few values that two are often alike.
func drawn(data []byte) (*policy.Policy, []byte) {
	next := func(n int) int {
		if len(data) == 0 {
			return 0
		}
		b := int(data[0])
		data = data[1:]
		return b % n
	}
	var draw func(v reflect.Value, name string)
	draw = func(v reflect.Value, name string) {
		switch v.Interface().(type) {
		case time.Time:
			if n := next(3); n > 0 {
				v.Set(reflect.ValueOf(time.Unix(int64(n)*86400, 0).UTC()))
			}
			return
		case *time.Location:
			v.Set(reflect.ValueOf([]*time.Location{time.UTC, time.FixedZone("Z1", 3600)}[next(2)]))
			return
		}
		switch v.Kind() {
		case reflect.String:
			v.SetString([]string{"", "a", "b"}[next(3)])
		case reflect.Int:
			v.SetInt(int64(next(3)))
		case reflect.Bool:
			v.SetBool(next(2) == 1)
		case reflect.Pointer:
			if next(2) == 1 {
				v.Set(reflect.New(v.Type().Elem()))
				draw(v.Elem(), name)
			}
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), next(3), 3))
			for i := range v.Len() {
				draw(v.Index(i), name)
				if e := v.Index(i); e.Kind() == reflect.String && e.String() == "" {
					e.SetString("c") // no list has an empty text in it
				}
			}
		case reflect.Struct:
			for i := range v.NumField() {
				f := v.Type().Name() + "." + v.Type().Field(i).Name
				if !strings.HasPrefix(passedOver[f], "of a run") && passedOver[f] != "likewise" {
					draw(v.Field(i), f)
				}
			}
		}
	}
	p := &policy.Policy{}
	draw(reflect.ValueOf(p).Elem(), "")
	// what Load makes sure of: a uid stands once, a protect row has one key, and
	// only who is compromised has certificates
	seen := map[string]bool{}
	p.Principals = slices.DeleteFunc(p.Principals, func(e policy.Principal) bool {
		twice := seen[e.UID]
		seen[e.UID] = true
		return twice
	})
	for i := range p.Guards.Protect {
		if p.Guards.Protect[i].UID != "" {
			p.Guards.Protect[i].Name = ""
		}
	}
	return p, data
}

// A comparison says nothing exactly where the policies ask for the same; the
// other way round it says as much; and of itself there is never a change.
func FuzzCompare(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("a policy of these bytes, and another one of the rest of these bytes, which is long enough for two"))
	f.Add(binary.BigEndian.AppendUint64(slices.Repeat([]byte{1, 2}, 80), 7))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, rest := drawn(data)
		b, _ := drawn(rest)
		d, back := diffOf(a, b), diffOf(b, a)
		if (len(d.Changes) == 0) != same(a, b) {
			t.Errorf("same: %v, but the changes are %+v\n%s\n%s", same(a, b), d.Changes, meant(reflect.ValueOf(*a)), meant(reflect.ValueOf(*b)))
		}
		if len(d.Changes) != len(back.Changes) || d.Summary.Added != back.Summary.Removed || d.Summary.Removed != back.Summary.Added {
			t.Errorf("one way %+v, and back %+v", d.Changes, back.Changes)
		}
		if d := diffOf(a, a); len(d.Changes) > 0 {
			t.Errorf("of itself: %+v", d.Changes)
		}
		sound(t, d)
	})
}

// sound is what holds of every comparison.
func sound(t *testing.T, d *Diff) {
	t.Helper()
	sum := 0
	for _, c := range Classes {
		sum += d.Summary.Of(c)
	}
	if sum != len(d.Changes) {
		t.Errorf("%+v counts %d of %d changes", d.Summary, sum, len(d.Changes))
	}
	for _, x := range d.Changes {
		if x.Says == "" || x.Key == "" || x.Effects == nil || x.Old == x.New && x.Key != "principals" {
			t.Errorf("says too little: %+v", x)
		}
		if strings.ContainsAny(x.Says, "`*_<>[]|@#&$") {
			t.Errorf("%q is not fit for Markdown as it is", x.Says)
		}
	}
}
