package ftp_test

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// unlimited has no time-out for a port.
var unlimited = ftp.PassiveOptions{
	Listen: "127.0.0.1:0", MaxHold: time.Hour, Patience: time.Hour, Lifetime: time.Hour, Quarantine: time.Hour,
}

// announced hands on that a message was logged.
type announced struct {
	slog.Handler
	message string
	seen    chan struct{}
}

func (a announced) Enabled(context.Context, slog.Level) bool { return true }

func (a announced) WithAttrs(attrs []slog.Attr) slog.Handler {
	a.Handler = a.Handler.WithAttrs(attrs)
	return a
}

func (a announced) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == a.message {
		a.seen <- struct{}{}
	}
	return a.Handler.Handle(ctx, r)
}

// A session that waits for its turn holds up no stop.
func TestStopWhileWaitingForThePort(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), func(o *ftp.Options) { o.Passive, o.Grace = unlimited, time.Hour })
	holder, waiting := g.login(ftpclient.Options{}), g.login(ftpclient.Options{})
	g.say(holder, "EPSV", 229)
	if err := waiting.Send("EPSV"); err != nil {
		t.Fatal(err)
	}
	if err := g.stop(); err != nil {
		t.Fatal(err)
	}
	for {
		got, err := waiting.Receive()
		if err != nil {
			t.Fatalf("the session ended without 421: %v", err)
		}
		if got.Code == 421 {
			break
		}
	}
}

// A client that leaves while its session waits for a port takes no turn.
func TestLeavingWhileWaitingForThePort(t *testing.T) {
	t.Parallel()
	ended := announced{slog.NewTextHandler(t.Output(), nil), "session ended", make(chan struct{}, 10)}
	g := start(t, memory.New(), func(o *ftp.Options) { o.Passive, o.Log = unlimited, slog.New(ended) })
	holder, waiting, next := g.login(ftpclient.Options{}), g.login(ftpclient.Options{}), g.login(ftpclient.Options{})
	addr, err := holder.ExtendedPassive()
	if err != nil {
		t.Fatal(err)
	}
	if err := waiting.Send("EPSV"); err != nil {
		t.Fatal(err)
	}
	waiting.Close()
	<-ended.seen
	data, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	g.say(holder, "NLST", 150)
	_ = data.Close()
	g.expect(holder, 226)
	g.say(next, "EPSV", 229)
}
