package ack

import (
	"net/http"
	"time"
)

// clock is our clock beside the service's, as the quickest answer shows it.
type clock struct {
	known bool
	ahead time.Duration // of ours
	took  time.Duration
}

// Ahead returns by how much the clock that signs our calls is ahead of the
// service's (negative: behind), to the second, and whether any answer told. It
// is known also where the service refuses all calls for just that reason.
func (c *Client) Ahead() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.clock.ahead, c.clock.known
}

// noteClock reads the Date of an answer against the middle of its attempt. The
// quicker the answer, the less room for doubt, so the quickest one counts. What
// is no JSON may come from a proxy, which has a clock of its own.
func (c *Client) noteClock(k *capture) {
	date, err := http.ParseTime(k.header.Get("Date"))
	if _, isJSON := hear(k.answer); err != nil || !isJSON {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.clock.known || k.after < c.clock.took {
		// Date has whole seconds and is cut off, not rounded: so is this.
		c.clock = clock{true, k.sent.Add(k.after / 2).Sub(date).Truncate(time.Second), k.after}
	}
}
