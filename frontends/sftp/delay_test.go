package sftp

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Each wrong password is answered later than the one before. A server that stops
// waits for no client.
func TestWrongPasswordsAreAnsweredLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, now := &Server{draining: make(chan struct{})}, &settings{}
		now.setDefaults()
		ctx, cancel := context.WithCancel(t.Context())
		c := &conn{srv: srv, settings: now, ctx: ctx}
		took := func() time.Duration {
			start := time.Now()
			c.holdBack(start, nil)
			return time.Since(start)
		}
		for _, want := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second} {
			if got := took(); got != want {
				t.Errorf("wrong password %d took %v, want %v", c.wrongPasswords, got, want)
			}
		}
		begun := time.Now()
		time.Sleep(300 * time.Millisecond)
		c.wrongPasswords = 0
		c.holdBack(begun, nil)
		if got := time.Since(begun); got != 500*time.Millisecond {
			t.Errorf("after a hash of 300ms the answer comes after %v", got)
		}
		cancel()
		if got := took(); got != 0 {
			t.Errorf("a connection that is over waits %v", got)
		}
		c.ctx = t.Context()
		close(srv.draining)
		if got := took(); got != 0 {
			t.Errorf("a server that stops waits %v", got)
		}
	})
}
