package ack

import "maps"

// Counts are attempts, not calls: what the service and its quotas saw.
type Counts struct {
	Reads, Writes int
	Retries       int // attempts after the first of their call
	Throttled     int // answers that asked for fewer calls
	ByOperation   map[string]int
}

// Calls returns the counts so far.
func (c *Client) Calls() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.counts
	n.ByOperation = maps.Clone(c.counts.ByOperation)
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

func (c *Client) countThrottle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts.Throttled++
}
