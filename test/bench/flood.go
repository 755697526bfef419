package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// floodCommand makes this program one that connects as often as it can, refuserCommand one that
// refuses every connection.
const (
	floodCommand   = "flood"
	refuserCommand = "refuser"
)

const (
	// flooders connect at once.
	flooders = 64
	// floodAddresses are what the connections come from: one address has too few ports, which
	// stay in use for a minute.
	floodAddresses = 250
	// floodTurn is how often the next connections are due.
	floodTurn = 10 * time.Millisecond
)

// besideFlood is what was measured while a flood ran.
type besideFlood struct {
	uploads float64 // MiB/s
	rate    float64 // connections a second
	seconds float64
}

// flood measures uploads beside a flood.
func (b *bench) flood(ctx context.Context, address string, uploads func() (float64, error)) (m besideFlood, err error) {
	self, err := os.Executable()
	if err != nil {
		return m, err
	}
	cmd := exec.CommandContext(ctx, self, floodCommand, address, strconv.Itoa(b.scale.flood))
	cmd.Stderr = os.Stderr
	in, errIn := cmd.StdinPipe()
	out, errOut := cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut); err != nil {
		return m, err
	}
	if err := cmd.Start(); err != nil {
		return m, err
	}
	var began string
	_, err = fmt.Fscanln(out, &began)
	if err == nil {
		m.uploads, err = uploads()
	}
	err = errors.Join(err, in.Close())
	var refused int64
	var took time.Duration
	if err == nil {
		_, err = fmt.Fscanln(out, &refused, &took)
	}
	m.seconds = took.Seconds()
	m.rate = float64(refused) / m.seconds
	return m, errors.Join(err, cmd.Wait())
}

// serveFlood is the main function of the flood: args are an address and the most connections a
// second. It connects until in ends, and writes how many were refused in which time.
func serveFlood(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) != 2 {
		return errors.New("flood: an address or a rate is missing")
	}
	rate, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	due, n := make(chan struct{}, flooders), atomic.Int64{}
	var workers sync.WaitGroup
	for i := range flooders {
		workers.Go(func() {
			for k := 0; ; k++ {
				if _, ok := <-due; !ok {
					return
				}
				if refusedBy(ctx, args[0], i*7919+k) {
					n.Add(1)
				}
			}
		})
	}
	begin := time.Now()
	workers.Go(func() {
		defer close(due)
		turn := time.NewTicker(floodTurn)
		defer turn.Stop()
		sent := 0
		for {
			select {
			case <-turn.C:
			case <-ctx.Done():
				return
			}
			for ; sent < int(time.Since(begin).Seconds()*float64(rate)); sent++ {
				select {
				case due <- struct{}{}:
				case <-ctx.Done():
					return
				}
			}
		}
	})
	_, errBegun := fmt.Fprintln(out, "begun")
	_, _ = io.Copy(io.Discard, in)
	took := time.Since(begin)
	refused := n.Load()
	cancel()
	workers.Wait()
	_, err = fmt.Fprintln(out, refused, took.Nanoseconds())
	return errors.Join(errBegun, err)
}

// refusedBy connects, and reports whether the other side has refused it.
func refusedBy(ctx context.Context, address string, k int) bool {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 3, byte(1+k%floodAddresses))}, Timeout: time.Second}
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Second))
	_, err = io.Copy(io.Discard, c)
	return err == nil
}

// serveRefuser is the main function of a program that only refuses.
func serveRefuser(ctx context.Context, stderr io.Writer) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	slog.New(slog.NewJSONHandler(stderr, nil)).InfoContext(ctx, "listening", "frontend", refuserCommand, "addr", l.Addr().String())
	for {
		c, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		_, _ = io.WriteString(c, "421 Too many sessions\r\n")
		_ = c.Close()
	}
}
