package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"

	"github.com/tidegate/tidegate/frontends/status"
)

// maxTraceLine is the longest line of a trace.
const maxTraceLine = 1 << 20

// errTraceEnded is the error when the process ends a trace.
var errTraceEnded = errors.New("the process has ended the trace")

// trace prints the dialogue with clients as it happens, until it is interrupted.
func (p operator) trace(ctx context.Context, args []string) error {
	f := newOperateFlags("trace")
	rest, err := p.parse(f.set, args, 1, 1)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	c, err := newStatusClient(f)
	if err != nil {
		return err
	}
	defer c.http.CloseIdleConnections()
	c.http.Timeout = 0
	resp, err := c.send(ctx, http.MethodGet, "/trace?client="+url.QueryEscape(rest[0]))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := fmt.Fprintf(p.stderr, "following %s; Ctrl-C ends this\n", printable(rest[0])); err != nil {
		return err
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, maxTraceLine)
	for lines.Scan() {
		if len(lines.Bytes()) == 0 {
			continue
		}
		if err := p.printTrace(f.json, lines.Bytes()); err != nil {
			return err
		}
	}
	switch {
	case ctx.Err() != nil:
		return nil // interrupted
	case lines.Err() != nil:
		return lines.Err()
	}
	return errTraceEnded
}

// printTrace prints one line, as JSON or for people.
func (p operator) printTrace(asJSON bool, line []byte) error {
	if asJSON {
		_, err := p.stdout.Write(append(line, '\n'))
		return err
	}
	var l status.TraceLine
	if err := json.Unmarshal(line, &l); err != nil {
		return err
	}
	if l.Dropped > 0 {
		if _, err := fmt.Fprintf(p.stdout, "(%d lines are missing)\n", l.Dropped); err != nil {
			return err
		}
	}
	who := l.Remote
	if l.User != "" {
		who += " " + l.User
	}
	arrow := "<"
	if l.Direction == "received" {
		arrow = ">"
	}
	_, err := io.WriteString(p.stdout, printable(fmt.Sprintf("%s %s %s %s %s", l.At.Local().Format("15:04:05.000"), l.Session, who, arrow, l.Text))+"\n")
	return err
}
