package metrics

import (
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// collector hands the samples of a set to the library.
type collector struct {
	set   *Set
	label bool   // all accounts, told apart by a label; else one, without
	only  string // that one
}

// gatherer collects from c alone, and checks what it gets: every sample has the
// labels of its family, and there are no two with the same.
func gatherer(c *collector) prometheus.Gatherer {
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(c) // fails only where two families have one name: a test has seen them all
	return r
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range c.descriptions() {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	descriptions := c.descriptions()
	for _, one := range c.shown() {
		for _, x := range one.samples {
			labels := x.labels
			if c.label {
				labels = append([]string{one.id}, labels...)
			}
			to <- x.metric(descriptions[x.name], labels)
		}
	}
}

// descriptions are the families by their short name.
func (c *collector) descriptions() map[string]*prometheus.Desc {
	all := make(map[string]*prometheus.Desc, len(families))
	for _, f := range families {
		var labels []string
		if c.label {
			labels = append(labels, "account")
		}
		if f.label != "" {
			labels = append(labels, f.labels()...)
		}
		all[f.name] = prometheus.NewDesc(prefix+f.name, f.help, labels, nil)
	}
	return all
}

// shown are the accounts that are told about: those that were tried, and of
// those that are only remembered when that was.
type shown struct {
	id      string
	samples []sample
}

func (c *collector) shown() []shown {
	c.set.mu.Lock()
	defer c.set.mu.Unlock()
	var all []shown
	for _, id := range slices.Sorted(maps.Keys(c.set.moments())) {
		if !c.label && id != c.only {
			continue
		}
		if a := c.set.accounts[id]; a != nil {
			all = append(all, shown{id, a.samples})
		} else if c.label {
			past := c.set.past[id]
			all = append(all, shown{id, slices.Concat(moment(lastAttempt, past.Attempt), moment(lastSuccess, past.Success))})
		}
	}
	return all
}

// moment is the sample of a time, or none where there was none.
func moment(name string, t time.Time) []sample {
	if t.IsZero() {
		return nil
	}
	return []sample{{name: name, value: float64(t.Unix())}}
}
