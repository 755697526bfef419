package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// addresses is how many client addresses thousands of sessions come from: those
// of one address wait for each other at the passive port.
const addresses = 32

const (
	// mostFTP is the most memory that hundreds of uploads over FTP may take.
	mostFTP = 320 * mib
	// mostSessions is the most that hundreds over SFTP, and thousands over FTP, may
	// take with their sessions.
	mostSessions = 400 * mib
)

// memory is the table of the gateway's resident memory.
func (b *bench) memory() table {
	t := table{
		title:   "Memory",
		note:    "Peak resident memory of a new process. The budget is the default, 256 MiB; the store takes 8 MiB/s in one request. Here `cpu` is those of the gateway, from the login of the last session on.",
		columns: []string{"work", "Tidegate", "target", ""},
	}
	limits := []struct {
		p    protocol
		most int64   // of many uploads
		idle float64 // of an idle session
	}{{plainFTP(), mostFTP, 80 * kib}, {sftpWith(b.keys), mostSessions, 0.15 * mib}}
	for _, l := range limits {
		for _, n := range b.scale.uploads {
			name := fmt.Sprintf("%d %s uploads of %s", n, l.p.name, bytesText(b.scale.uploadSize))
			t.rows = append(t.rows, row{name, func(ctx context.Context) ([]string, error) {
				return b.peak(ctx, l.p, n, l.most, func(i int, c client) error {
					return put.move(c, streamName(i), b.scale.uploadSize)
				})
			}})
		}
	}
	for _, n := range b.scale.uploads {
		name := fmt.Sprintf("%d SFTP uploads of %s, WRITEs in a random order", n, bytesText(b.scale.uploadSize))
		t.rows = append(t.rows, row{name, func(ctx context.Context) ([]string, error) {
			return b.peak(ctx, sftpWith(b.keys), n, mostSessions, func(i int, c client) error {
				return c.(sftp).putShuffled(streamName(i), b.scale.uploadSize, rand.New(rand.NewPCG(uint64(i), 1)))
			})
		}})
	}
	if n := b.scale.slow; n > 0 {
		name := fmt.Sprintf("%d FTP uploads, all of them half-way at once", n)
		t.rows = append(t.rows, row{name, func(ctx context.Context) ([]string, error) {
			var half sync.WaitGroup
			half.Add(n)
			return b.peak(ctx, plainFTP(), n, mostSessions, func(i int, c client) error {
				content := newHalves(&half)
				defer content.arrive() // one that fails lets the others go on
				return c.put(streamName(i), content)
			})
		}})
	}
	for _, l := range limits {
		n := b.scale.idle
		name := fmt.Sprintf("growth for each of %d idle %s sessions after one small upload", n, l.p.name)
		t.rows = append(t.rows, row{name, func(ctx context.Context) (cells []string, err error) {
			// The memory that computes an argon2id hash would hide the growth.
			err = b.onHash(ctx, fast(), cheapHash, func(s *site) error {
				cells, err = s.idle(ctx, l.p, n, l.idle)
				return err
			})
			return cells, err
		}})
	}
	return t
}

// halves yields two halves of 64 KiB, the second when all others have come to
// the end of their first.
type halves struct {
	first, second *source
	// arrive is called at the end of the first half, wait after it.
	arrive, wait func()
}

func newHalves(all *sync.WaitGroup) *halves {
	return &halves{newSource(smallFile), newSource(smallFile), sync.OnceFunc(all.Done), all.Wait}
}

func (h *halves) Read(p []byte) (int, error) {
	if h.first.left > 0 {
		return h.first.Read(p)
	}
	h.arrive()
	h.wait()
	return h.second.Read(p)
}

// peak lets n sessions work at once and returns the peak of the memory.
func (b *bench) peak(ctx context.Context, p protocol, n int, most int64, work func(i int, c client) error) (cells []string, err error) {
	o := fast()
	o.Shape = azstub.Shape{Upload: 8 * mib}
	err = b.on(ctx, o, func(s *site) error {
		clients, err := open(ctx, p, s.gateway, n, addresses)
		if err != nil {
			return err
		}
		defer closeAll(clients)
		before, err := s.gateway.usage()
		if err != nil {
			return err
		}
		begin := time.Now()
		if err := together(clients, work); err != nil {
			return err
		}
		took := time.Since(begin)
		u, err := s.gateway.usage()
		cells = []string{
			fmt.Sprintf("%s, in %.1f s, %.1f cpu", bytesText(u.peak), took.Seconds(), (u.cpu - before.cpu).Seconds()),
			"≤ " + bytesText(most), metOrMissed(u.peak <= most),
		}
		return err
	})
	return cells, err
}

// idle measures by how much the process has grown for each of n sessions.
func (s *site) idle(ctx context.Context, p protocol, n int, most float64) ([]string, error) {
	// The first sessions pay for what all share.
	const first = 16
	settled := func(n int) (int64, []client, error) {
		clients, err := open(ctx, p, s.gateway, n, 0)
		if err != nil {
			return 0, nil, err
		}
		for i, c := range clients {
			if err := put.move(c, streamName(i), smallFile); err != nil {
				closeAll(clients)
				return 0, nil, err
			}
		}
		u, err := s.quiet(ctx)
		return u.rss, clients, err
	}
	before, early, err := settled(first)
	if err != nil {
		return nil, err
	}
	defer closeAll(early)
	after, clients, err := settled(n)
	if err != nil {
		return nil, err
	}
	defer closeAll(clients)
	each := float64(after-before) / float64(n)
	return []string{
		fmt.Sprintf("%.0f KiB (%s in all)", each/kib, bytesText(after)),
		fmt.Sprintf("≤ %.0f KiB", most/kib), atMost(each, most),
	}, nil
}

// quiet waits until the process has not changed its memory for a while.
func (s *site) quiet(ctx context.Context) (usage, error) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	var last usage
	for same := 0; same < 4; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return last, context.Cause(ctx)
		}
		u, err := s.gateway.usage()
		if err != nil {
			return u, err
		}
		if u.rss == last.rss {
			same++
		} else {
			same = 0
		}
		last = u
	}
	return last, nil
}
