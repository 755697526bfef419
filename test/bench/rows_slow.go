package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	// sip is what a slow client sends at once, and sipPause how long it waits
	// after it.
	sip      = 1 * kib
	sipPause = time.Second
	// fastStreams is how many uploads run as fast as they can.
	fastStreams = 2
)

// besideSlow is the table of fast uploads beside many slow ones.
func (b *bench) besideSlow() table {
	t := table{
		title: "Fast clients beside slow ones",
		note: fmt.Sprintf("%d FTP uploads of %s as fast as they can, alone and beside slow ones that send %s each second. The store has no latency.",
			fastStreams, bytesText(b.scale.part), bytesText(sip)),
		columns: []string{"work", "alone", "beside", "ratio", "target", "", "peak memory"},
	}
	if n := b.scale.slow; n > 0 {
		t.rows = append(t.rows, row{fmt.Sprintf("%d slow FTP uploads", n), func(ctx context.Context) (cells []string, err error) {
			err = b.onHash(ctx, fast(), cheapHash, func(s *site) error {
				cells, err = s.beside(ctx, n)
				return err
			})
			return cells, err
		}})
	}
	return t
}

// beside measures fast uploads, alone and beside n slow ones.
func (s *site) beside(ctx context.Context, n int) ([]string, error) {
	measure := func() (float64, error) {
		var rates []float64
		for range max(s.b.scale.repeats, 1) {
			m, err := streams(ctx, s.gateway, plainFTP(), put, fastStreams, s.b.scale.part)
			if err != nil {
				return 0, err
			}
			rates = append(rates, m.rate())
		}
		return median(rates), nil
	}
	if _, err := measure(); err != nil { // a new process pays for its first memory
		return nil, err
	}
	alone, err := measure()
	if err != nil {
		return nil, err
	}
	clients, err := open(ctx, plainFTP(), s.gateway, n, addresses)
	if err != nil {
		return nil, err
	}
	defer closeAll(clients)
	slow := newSips(n)
	ended := make(chan error, 1)
	go func() {
		ended <- together(clients, func(i int, c client) error {
			content := slow.source()
			defer content.begin() // one that fails lets the others go on
			return c.put(fmt.Sprintf("slow-%d", i), content)
		})
	}()
	slow.begun.Wait()
	beside, err := measure()
	close(slow.over)
	if slowErr := <-ended; err == nil {
		err = slowErr
	}
	if err != nil {
		return nil, err
	}
	u, err := s.gateway.usage()
	ratio := beside / alone
	return []string{
		fmt.Sprintf("%.0f MiB/s", alone), fmt.Sprintf("%.0f MiB/s", beside), fmt.Sprintf("%.2f", ratio),
		"≥ 0.7", atLeast(ratio, 0.7), bytesText(u.peak),
	}, err
}

// sips are what slow clients send until it is over.
type sips struct {
	begun sync.WaitGroup
	over  chan struct{}
}

func newSips(n int) *sips {
	s := &sips{over: make(chan struct{})}
	s.begun.Add(n)
	return s
}

func (s *sips) source() *sipping { return &sipping{sips: s, begin: sync.OnceFunc(s.begun.Done)} }

// sipping is one slow client's content. It has begun when its first piece is
// taken.
type sipping struct {
	*sips
	begin func()
	again bool
}

func (s *sipping) Read(p []byte) (int, error) {
	if s.again {
		s.begin()
		pause := time.NewTimer(sipPause)
		defer pause.Stop()
		select {
		case <-s.over:
			return 0, io.EOF
		case <-pause.C:
		}
	}
	s.again = true
	return copy(p[:min(len(p), sip)], pattern), nil
}
