package ftp

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/internal/tenant"
)

// early is a client in a bubble of time.
type early struct {
	*testing.T
	net.Conn
	r *bufio.Reader
}

// inTime runs client against a session of its own, in a time that passes when
// nobody has anything to do. The test ends when the session has.
func inTime(t *testing.T, client func(c *early)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := fuzzServer(t, tenant.Dialect{})
		near, far := net.Pipe()
		var wg sync.WaitGroup
		wg.Go(func() { newSession(ofNobody(s), s, far).run() })
		c := &early{t, near, bufio.NewReader(near)}
		c.expect("220")
		client(c)
		wg.Wait()
		_ = near.Close()
	})
}

func (c *early) expect(code string) {
	c.Helper()
	for {
		text, err := c.r.ReadString('\n')
		if err != nil {
			c.Fatalf("%v, want %s", err, code)
		}
		if len(text) > 3 && text[3] == '-' || text[0] == ' ' {
			continue
		}
		if !strings.HasPrefix(text, code) {
			c.Fatalf("%q, want %s", text, code)
		}
		return
	}
}

func (c *early) say(script ...string) {
	c.Helper()
	for i := 0; i < len(script); i += 2 {
		if _, err := io.WriteString(c, script[i]+"\r\n"); err != nil {
			c.Fatalf("%s: %v", script[i], err)
		}
		c.expect(script[i+1])
	}
}

// LoginTimeout runs from the begin of the connection, whatever is said meanwhile.
func TestLoginIsDue(t *testing.T) {
	t.Parallel()
	for name, line := range map[string][]string{
		"NOOP": {"NOOP", "200"}, "nothing known": {"", "500"}, "user": {"USER u", "331"}, "REIN": {"REIN", "220"}, "FEAT": {"FEAT", "211"},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(c *early) {
				begun := time.Now()
				for time.Since(begun) < 55*time.Second {
					time.Sleep(11 * time.Second)
					c.say(line...)
				}
				c.expect("421")
				if took := time.Since(begun).Round(time.Second); took != time.Minute {
					t.Errorf("the connection ends after %v, want a minute", took)
				}
			})
		})
	}
}

// A client that reads nothing does not hold the connection longer.
func TestLoginIsDueFromWhoReadsNothing(t *testing.T) {
	t.Parallel()
	inTime(t, func(c *early) {
		begun := time.Now()
		for {
			if _, err := io.WriteString(c, "HELP\r\n"); err != nil {
				break
			}
			time.Sleep(10 * time.Second)
		}
		if took := time.Since(begun); took > 75*time.Second {
			t.Errorf("the connection ends after %v", took)
		}
	})
}

// After the login the time is that of idle sessions, and REIN begins anew.
func TestLoginIsDueAgainAfterREIN(t *testing.T) {
	t.Parallel()
	inTime(t, func(c *early) {
		time.Sleep(50 * time.Second)
		c.say("USER u", "331", "PASS p", "230")
		time.Sleep(4 * time.Minute)
		c.say("NOOP", "200", "REIN", "220")
		time.Sleep(50 * time.Second)
		c.say("USER u", "331", "PASS p", "230", "REIN", "220")
		begun := time.Now()
		time.Sleep(30 * time.Second)
		c.say("REIN", "220")
		c.expect("421")
		if took := time.Since(begun).Round(time.Second); took != time.Minute {
			t.Errorf("the connection ends after %v, want a minute", took)
		}
	})
}

// What is answered before the login is bounded; after it, a client may have any
// keep-alive.
func TestCommandsBeforeTheLogin(t *testing.T) {
	t.Parallel()
	inTime(t, func(c *early) {
		for range maxEarlyCommands {
			c.say("HELP", "214")
		}
		c.expect("421")
	})
	inTime(t, func(c *early) {
		for range maxBadCommands {
			c.say("XYZZY", "500")
		}
		c.expect("421")
	})
	inTime(t, func(c *early) {
		for range maxBadCommands - 1 {
			c.say("XYZZY", "500")
		}
		c.say("USER u", "331", "PASS p", "230")
		for range 3 * maxEarlyCommands {
			c.say("XYZZY", "500", "NOOP", "200", "KEEPALIVE "+strings.Repeat("x", control.MaxLine), "500")
		}
		c.say("REIN", "220", "XYZZY", "500", "QUIT", "221")
	})
}
