package ack

import (
	"maps"

	"ackrevoke/policy"
)

// Counts are attempts, not calls: what the service and its quotas saw.
type Counts struct {
	Reads, Writes int
	Retries       int // attempts after the first of their call
	Throttled     int // answers that asked for fewer calls
	ByOperation   map[string]int
	ByResult      map[string]Results // the same attempts, by what came of them
	Rate          *Rate              // nil: the service's rate was not found, mostly because nothing was throttled
}

// Rate is what was found of the rate that the service allows to the account.
type Rate struct {
	Found float64 // calls per second, as last measured
	Share float64 // of these, that were to be used
	Used  float64 // calls per second that came of it: 2 % are left free in any case
}

// Results are the attempts of one operation by what came of them. One that is
// still under way is in none of them.
type Results struct {
	OK        int // a good answer
	Throttled int // one that asked for fewer calls
	Failed    int // any other answer, or none
}

// Calls returns the counts so far.
func (c *Client) Calls() Counts {
	found := c.limit.found()
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.counts
	n.Rate = found
	n.ByOperation, n.ByResult = maps.Clone(c.counts.ByOperation), maps.Clone(c.counts.ByResult)
	return n
}

// count notes one attempt, before it is made.
func (c *Client) count(op operation, again bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if op.write {
		c.counts.Writes++
	} else {
		c.counts.Reads++
	}
	if again {
		c.counts.Retries++
	}
	c.counts.ByOperation[op.name]++
}

// countResult notes what came of an attempt, once that is known; nil is a good
// answer.
func (c *Client) countResult(op operation, f *policy.Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.counts.ByResult[op.name]
	switch {
	case f == nil:
		n.OK++
	case f.Kind == policy.Throttled:
		n.Throttled++
		c.counts.Throttled++
	default:
		n.Failed++
	}
	c.counts.ByResult[op.name] = n
}
