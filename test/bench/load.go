package main

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// open opens n sessions with a server, 16 at a time. Sessions from one address wait
// for each other at the passive port, so addresses is the number of addresses that the
// sessions come from; 0 means the usual address of loopback.
func open(ctx context.Context, p protocol, server *process, n, addresses int) ([]client, error) {
	all := make([]client, n)
	group, dialing := errgroup.WithContext(ctx)
	group.SetLimit(16)
	for i := range all {
		group.Go(func() error {
			if dialing.Err() != nil {
				return nil // another one failed and says why
			}
			var from net.IP
			if addresses > 0 {
				from = net.IPv4(127, 0, 1, byte(1+i%addresses))
			}
			// Sessions outlive the opening.
			var err error
			all[i], err = p.open(ctx, server, from)
			return err
		})
	}
	err := group.Wait()
	if err != nil {
		closeAll(all)
	}
	return all, err
}

func closeAll(clients []client) {
	for _, c := range clients {
		if c != nil {
			c.close()
		}
	}
}

// together lets all clients work at once and returns the first error.
func together[C any](clients []C, work func(i int, c C) error) error {
	var group errgroup.Group
	for i, c := range clients {
		group.Go(func() error { return work(i, c) })
	}
	return group.Wait()
}

// with opens sessions, lets them work together, and closes them.
func with(ctx context.Context, p protocol, server *process, n int, work func(i int, c client) error) error {
	clients, err := open(ctx, p, server, n, 0)
	if err != nil {
		return err
	}
	defer closeAll(clients)
	return together(clients, work)
}

// direction is whether files go to the store or come from it.
type direction uint8

const (
	put direction = iota
	get
)

func (d direction) String() string { return [...]string{"put", "get"}[d] }

// move moves one file.
func (d direction) move(c client, name string, size int64) error {
	if d == put {
		return c.put(name, newSource(size))
	}
	s := sink{size: size}
	if err := c.get(name, &s); err != nil {
		return err
	}
	return s.full()
}

// streams measures n files of a size at once. Sessions are opened before.
func streams(ctx context.Context, s *process, p protocol, d direction, n int, size int64) (moved, error) {
	clients, err := open(ctx, p, s, n, 0)
	if err != nil {
		return moved{}, err
	}
	defer closeAll(clients)
	return s.moving(int64(n)*size, func() error {
		return together(clients, func(i int, c client) error { return d.move(c, streamName(i), size) })
	})
}

// moving measures what the process takes while so many bytes are moved.
func (p *process) moving(size int64, move func() error) (moved, error) {
	before, err := p.usage()
	if err != nil {
		return moved{}, err
	}
	begin := time.Now()
	if err := move(); err != nil {
		return moved{}, err
	}
	elapsed := time.Since(begin)
	after, err := p.usage()
	return moved{size, elapsed, after.cpu - before.cpu}, err
}

func streamName(i int) string { return fmt.Sprintf("stream-%d", i) }

// latencies collects how long things took.
type latencies struct {
	mu  sync.Mutex
	all []time.Duration
}

// time calls do and notes how long it took.
func (l *latencies) time(do func() error) error {
	begin := time.Now()
	err := do()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, time.Since(begin))
	return err
}

func (l *latencies) p50() time.Duration { return percentile(l.all, 0.5) }
func (l *latencies) p95() time.Duration { return percentile(l.all, 0.95) }
