package ack

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"ackrevoke/policy"
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

// explain adds to a refusal of the clock how far off it is. A nonce that the
// service knows already is one as well, once another was tried: it keeps them
// by their time.
func (c *Client) explain(f *policy.Fault, attempts int) {
	if f == nil || !strings.HasPrefix(f.Code, "InvalidTimeStamp") && !(nonceUsed(f) && attempts > 1) {
		return
	}
	f.Hint = "set the clock of this machine right (NTP): the service refuses every call whose time is 15 minutes off"
	f.Message = c.apart() + "; the service says: " + f.Message // what a service says may be long, and is cut off at the end
}

func nonceUsed(f *policy.Fault) bool { return strings.HasPrefix(f.Code, "SignatureNonceUsed") }

// apart says how far our clock is from the service's.
func (c *Client) apart() string {
	ahead, known := c.Ahead()
	switch {
	case !known:
		return "the clock of this machine may be wrong; by how much, no answer said"
	case ahead.Abs() < time.Second:
		return "by the date of its answers the service's clock and that of this machine agree to the second"
	case ahead < 0:
		return fmt.Sprintf("the clock of this machine is %s behind the service's", ahead.Abs())
	}
	return fmt.Sprintf("the clock of this machine is %s ahead of the service's", ahead)
}
