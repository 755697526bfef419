package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"text/tabwriter"
	"time"

	"github.com/tidegate/tidegate/frontends/status"
)

const operateDetails = `It asks a running process over its frontend "status": a unix socket, or an
address with a token.

  tidegate status -at unix:/run/tidegate/status.sock
  tidegate status -at https://10.0.0.4:9443 -token-file status.token -ca-file ca.pem

Exit status:
  0  the process did what was asked for
  1  it could not be asked, or refused
  2  the command line is wrong`

// operator has the commands that ask a running process.
type operator struct{ *program }

// operate returns a command that asks a running process.
func operate(do func(p operator, ctx context.Context, args []string) error) func(*program, context.Context, []string) error {
	return func(p *program, ctx context.Context, args []string) error { return do(operator{p}, ctx, args) }
}

// operateFlags are the flags of a command that asks a running process.
type operateFlags struct {
	set               *flag.FlagSet
	at, token, caFile string
	json              bool
}

func newOperateFlags(name string) *operateFlags {
	f := &operateFlags{set: newFlags(name)}
	f.set.StringVar(&f.at, "at", defaultAt, "the `ADDRESS` of the process: unix:PATH, http://HOST:PORT or https://HOST:PORT")
	f.set.StringVar(&f.token, "token-file", "", "the `FILE` with the token")
	f.set.StringVar(&f.caFile, "ca-file", "", "the PEM `FILE` with the authorities of the certificate")
	f.set.BoolVar(&f.json, "json", false, "print the answer of the process as JSON")
	return f
}

// ask sends one request and returns the answer.
func (f *operateFlags) ask(ctx context.Context, method, path string) ([]byte, error) {
	c, err := newStatusClient(f)
	if err != nil {
		return nil, err
	}
	defer c.http.CloseIdleConnections()
	return c.ask(ctx, method, path)
}

// show asks and prints the answer, as JSON or by human.
func (p operator) show(ctx context.Context, f *operateFlags, method, path string, human func(w io.Writer, answer []byte) error) error {
	answer, err := f.ask(ctx, method, path)
	if err != nil {
		return err
	}
	if f.json {
		_, err := p.stdout.Write(answer)
		return err
	}
	return human(p.stdout, answer)
}

// table prints rows of cells.
func table(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				_, _ = io.WriteString(t, "\t") // Flush returns the error
			}
			_, _ = io.WriteString(t, printable(cell))
		}
		_, _ = io.WriteString(t, "\n")
	}
	return t.Flush()
}

// status prints what a process does.
func (p operator) status(ctx context.Context, args []string) error {
	f := newOperateFlags("status")
	watch := f.set.Bool("watch", false, "print it every two seconds, until interrupted")
	health := f.set.Bool("health", false, "ask only whether the process answers, for the health check of a container")
	ready := f.set.Bool("ready", false, "ask only whether the node should get new connections")
	if _, err := p.parse(f.set, args, 0, 0); err != nil {
		return err
	}
	switch {
	case *health && *ready, *watch && (*health || *ready):
		return usageError{"status: -health, -ready and -watch exclude each other", f.set.Name()}
	case *health:
		return p.show(ctx, f, http.MethodGet, "/healthz", printAnswer)
	case *ready:
		return p.show(ctx, f, http.MethodGet, "/readyz", printAnswer)
	}
	once := func() error { return p.show(ctx, f, http.MethodGet, "/status.json", printReport) }
	if !*watch {
		return once()
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	ticker := time.NewTicker(2 * time.Second)
	defer ticker.Stop()
	for {
		if !f.json {
			_, _ = io.WriteString(p.stdout, "\x1b[H\x1b[2J") // the next write reports an error
		}
		if err := once(); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// sessions lists the live sessions.
func (p operator) sessions(ctx context.Context, args []string) error {
	f := newOperateFlags("sessions")
	if _, err := p.parse(f.set, args, 0, 0); err != nil {
		return err
	}
	return p.show(ctx, f, http.MethodGet, "/sessions", printSessions)
}

// kick ends a session.
func (p operator) kick(ctx context.Context, args []string) error {
	f := newOperateFlags("kick")
	rest, err := p.parse(f.set, args, 1, 1)
	if err != nil {
		return err
	}
	if rest[0] == "" {
		return usageError{"kick: the session is empty; tidegate sessions lists them", f.set.Name()}
	}
	return p.show(ctx, f, http.MethodPost, "/sessions/"+url.PathEscape(rest[0])+"/kick", func(w io.Writer, answer []byte) error {
		var a status.Kicked
		if err := json.Unmarshal(answer, &a); err != nil {
			return err
		}
		text := "session " + a.ID
		if a.User != "" {
			text += " of " + a.User
		}
		if a.Ended {
			text += " has ended"
		} else {
			text += " is ending"
		}
		if a.Committed > 0 {
			text += fmt.Sprintf("; uploads that were complete and are stored: %d", a.Committed)
		}
		_, err := fmt.Fprintln(w, printable(text))
		return err
	})
}

// drain stops a process when its transfers have ended.
func (p operator) drain(ctx context.Context, args []string) error {
	f := newOperateFlags("drain")
	if _, err := p.parse(f.set, args, 0, 0); err != nil {
		return err
	}
	return p.show(ctx, f, http.MethodPost, "/drain", func(w io.Writer, answer []byte) error {
		var a struct{ Sessions int }
		if err := json.Unmarshal(answer, &a); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w, "draining; sessions: %d\n", a.Sessions)
		return err
	})
}

// reload has a process read its configuration again.
func (p operator) reload(ctx context.Context, args []string) error {
	f := newOperateFlags("reload")
	if _, err := p.parse(f.set, args, 0, 0); err != nil {
		return err
	}
	return p.show(ctx, f, http.MethodPost, "/reload", func(w io.Writer, answer []byte) error {
		var a struct{ Changed string }
		if err := json.Unmarshal(answer, &a); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w, "reloaded; changed: %s\n", printable(a.Changed))
		return err
	})
}

// errNoProcess is the error when nothing serves at a socket.
var errNoProcess = errors.New("no process serves there; -at names another address")
