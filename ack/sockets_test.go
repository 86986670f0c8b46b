package ack

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// counted is a connection that is counted while it is open.
type counted struct {
	net.Conn
	open *atomic.Int32
	once sync.Once
}

func (c *counted) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}

// There are never more connections than calls may be under way, also where dialling
// takes longer than a call: a call that gets one which came free meanwhile leaves a
// dial behind. And none is closed and dialled anew while there is work for it.
func TestSockets(t *testing.T) {
	for _, workers := range []int{1, 2, 8, 64} {
		synctest.Test(t, func(t *testing.T) {
			var open, most, dials atomic.Int32
			p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
			l := newLab(t, Options{Concurrency: workers, ReadQPS: 1e6, DialContext: func(ctx context.Context, n, a string) (net.Conn, error) {
				dials.Add(1)
				most.Store(max(most.Load(), open.Add(1)))
				time.Sleep(100 * time.Millisecond)
				c, err := p.dial(ctx, n, a)
				return &counted{Conn: c, open: &open}, err
			}}, nil)
			server := &http.Server{Handler: says(200, `{"IsTruncated":false,"Users":{"User":[]}}`)}
			go server.Serve(p)
			var wg sync.WaitGroup
			for range 2 * workers {
				wg.Go(func() {
					for i := range 20 {
						time.Sleep(time.Duration(i) * time.Millisecond)
						if _, err := l.Users(l.ctx, nil); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			if int(most.Load()) > workers || int(dials.Load()) > workers {
				t.Errorf("%d calls at a time: %d connections at a time, %d in all", workers, most.Load(), dials.Load())
			}
			l.Close()
			server.Close()
		})
	}
}
