package ftp

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/frontends/ftp/engine"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/observe"
)

// A password waits for its turn no longer than the client may take for its login, and not for a
// client that has left.
func TestLoginContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &session{ctx: t.Context(), control: wire{Conn: control.New(t.Context(), &oneAddr{}, slog.New(slog.DiscardHandler), nil)}}
		ends := func(when string, after time.Duration) {
			t.Helper()
			ctx, cancel := loginContext(s)
			defer cancel()
			begun := time.Now()
			<-ctx.Done()
			if d := time.Since(begun); d != after {
				t.Errorf("%s the context ends after %v, want %v", when, d, after)
			}
		}
		s.login.due = time.Now().Add(time.Minute)
		ends("at the end of the time", time.Minute)
		s.login.due = time.Now().Add(time.Minute)
		s.control.Leave()
		ends("after the client", goneTime)
	})
}

// Each wrong password is answered later than the one before. A client that
// leaves, and a server that stops, do not wait.
func TestWrongPasswordsAreAnsweredLater(t *testing.T) {
	t.Parallel()
	users, err := auth.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		o := Options{Auth: users}
		o.setDefaults()
		reporter := observe.New(observe.Options{Protocol: "ftp", Log: slog.New(slog.DiscardHandler)})
		defer reporter.Close()
		s := &session{
			srv: &Server{o: o, draining: t.Context(), observe: reporter}, settings: &settings{Options: o},
			ctx: t.Context(), client: reporter.NewSession(netip.AddrPort{}),
			log: slog.New(slog.DiscardHandler), control: wire{Conn: control.New(t.Context(), &oneAddr{}, slog.New(slog.DiscardHandler), nil), answering: &answering{}},
		}
		for _, want := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second} {
			start := time.Now()
			// The empty password is refused without a hash.
			_, err := s.Login("u", "")
			if err == nil {
				t.Error("the login succeeds")
			}
			if got := time.Since(start); got != want {
				t.Errorf("wrong password %d took %v, want %v", s.login.failures, got, want)
			}
			if retry := errors.Is(err, engine.ErrRetry); retry != (s.login.failures < maxTries) {
				t.Errorf("after %d wrong passwords another may be tried: %v", s.login.failures, retry)
			}
		}
		// The time of the hash counts in: it would distinguish accounts.
		begun := time.Now()
		time.Sleep(300 * time.Millisecond)
		s.login.failures = 1
		s.delay(begun, nil)
		if got := time.Since(begun); got != 500*time.Millisecond {
			t.Errorf("after a hash of 300ms the answer comes after %v", got)
		}
		s.control.Leave()
		start := time.Now()
		s.delay(start, nil)
		if got := time.Since(start); got != 0 {
			t.Errorf("a client that is gone was waited for, %v", got)
		}
	})
}

// oneAddr is a connection that only has an address.
type oneAddr struct{ net.Conn }

func (oneAddr) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 1} }
