package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

const (
	// neighbour is the user of another tenant than everybody else.
	neighbour = "neighbour"
	// firstLogins is how many users log in once, alone and as many beside a flood: a
	// password that was right is recognized without a hash.
	firstLogins = 15
	// leastShare is the part of an equal share that a tenant gets at least, and mostDelay
	// how much longer a first login takes at most beside a flood of guesses.
	leastShare, mostDelay = 0.5, 3
)

// newcomer is a user that has not logged in yet.
func newcomer(i int) string { return fmt.Sprintf("newcomer-%d", i) }

// fairness is the table of what one client takes from others.
func (b *bench) fairness() table {
	return table{
		title: "One client beside many of another",
		note: fmt.Sprintf("A slow store takes %s/s in one request, so that uploads wait for connections to it; the next one %s/s, so that they wait for memory; "+
			"the last one has no limit, so that they wait for processors, which the clients of the many and the store have too. "+
			"The one client is a process of its own. It begins when the others have stored a block each. "+
			"An equal share is half of what both tenants move, or what the one moves alone if that is less. "+
			"Guesses come from one address for each connection, each for another user; first logins compute an argon2id hash, the median of %d counts.", bytesText(slowStore), bytesText(mediumStore), firstLogins),
		columns: []string{"work", "alone", "beside", "ratio", "target", ""},
		rows: []row{
			b.besideMany("FTP put beside %d uploads of another tenant, slow store", slowStore, b.scale.part/4),
			b.besideMany("FTP put beside %d uploads of another tenant, little memory", mediumStore, b.scale.part),
			b.besideMany("FTP put beside %d uploads of another tenant, busy processors", unlimited, 4*b.scale.part),
			{fmt.Sprintf("first FTP login beside %d connections that guess", b.scale.many), func(ctx context.Context) (cells []string, err error) {
				err = b.onHash(ctx, fast(), argonHash, func(s *site) error {
					cells, err = s.besideGuesses(ctx, b.scale.many)
					return err
				})
				return cells, err
			}},
		},
	}
}

// How many bytes per second the store accepts in one request. Uploads wait for the slow store;
// with the medium store they wait for memory; the last one is not limited.
const (
	slowStore   = 1 * mib
	mediumStore = 8 * mib
	unlimited   = 0
)

// besideMany is a row about an upload of size bytes of one tenant beside many of another.
func (b *bench) besideMany(name string, rate, size int64) row {
	return row{fmt.Sprintf(name, b.scale.many), func(ctx context.Context) (cells []string, err error) {
		o := fast()
		o.Shape = azstub.Shape{Upload: rate}
		err = b.onHash(ctx, o, cheapHash, func(s *site) error {
			cells, err = s.besideMany(ctx, b.scale.many, size)
			return err
		})
		return cells, err
	}}
}

// besideMany measures an upload of a tenant, alone and beside n of another one.
func (s *site) besideMany(ctx context.Context, n int, size int64) (cells []string, err error) {
	c, err := startNeighbour(ctx, s.gateway.addresses[ftpFrontend])
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	// measure returns the rate of the upload, and that of others meanwhile, in MiB/s.
	measure := func(others *atomic.Int64) (own, other float64, err error) {
		before := others.Load()
		took, err := c.put(size)
		return float64(size) / mib / took.Seconds(), float64(others.Load()-before) / mib / took.Seconds(), err
	}
	if _, _, err := measure(&atomic.Int64{}); err != nil { // a new process pays for its first memory
		return nil, err
	}
	alone, _, err := measure(&atomic.Int64{})
	if err != nil {
		return nil, err
	}
	many, err := open(ctx, plainFTP(), s.gateway, n, addresses)
	if err != nil {
		return nil, err
	}
	defer closeAll(many)
	f, before := newFlow(n), s.store.Counts()
	ended := make(chan error, 1)
	go func() {
		ended <- together(many, func(i int, c client) error {
			content := f.source()
			defer content.begin() // one that fails lets the others go on
			return c.put(streamName(i), content)
		})
	}()
	f.begun.Wait()
	// The first blocks are larger, and come at once, as all memory is free.
	err = s.store.Wait(ctx, func(c azstub.Counts) bool { return c.Since(before).Of(azstub.PutBlock) >= int64(n) })
	var own, other float64
	if err == nil {
		own, other, err = measure(&f.moved)
	}
	close(f.over)
	if err := errors.Join(err, <-ended); err != nil {
		return nil, err
	}
	ratio := own / min(alone, (own+other)/2)
	return []string{
		fmt.Sprintf("%.0f MiB/s", alone), fmt.Sprintf("%.0f of %.0f MiB/s", own, own+other), fmt.Sprintf("%.2f of an equal share", ratio),
		fmt.Sprintf("≥ %.1f", leastShare), atLeast(ratio, leastShare),
	}, nil
}

// flow is what many clients send as fast as they can, until it is over.
type flow struct {
	begun sync.WaitGroup
	over  chan struct{}
	moved atomic.Int64
}

func newFlow(n int) *flow {
	f := &flow{over: make(chan struct{})}
	f.begun.Add(n)
	return f
}

func (f *flow) source() *flowing { return &flowing{flow: f, begin: sync.OnceFunc(f.begun.Done)} }

// flowing is one client's content.
type flowing struct {
	*flow
	begin func()
	again bool
}

func (f *flowing) Read(p []byte) (int, error) {
	if f.again {
		f.begin()
	}
	f.again = true
	select {
	case <-f.over:
		return 0, io.EOF
	default:
	}
	n := copy(p, pattern)
	f.moved.Add(int64(n))
	return n, nil
}

// besideGuesses measures first logins, alone and beside n connections that try passwords.
func (s *site) besideGuesses(ctx context.Context, n int) ([]string, error) {
	measure := func(from int) (time.Duration, error) {
		var l latencies
		for i := range firstLogins {
			err := l.time(func() error {
				c, err := ftpAs(newcomer(from+i)).open(ctx, s.gateway, nil)
				if err == nil {
					c.close()
				}
				return err
			})
			if err != nil {
				return 0, err
			}
		}
		return l.p50(), nil
	}
	alone, err := measure(0)
	if err != nil {
		return nil, err
	}
	guessing, stop := context.WithCancel(ctx)
	defer stop()
	var flood, begun sync.WaitGroup
	begun.Add(n)
	for i := range n {
		flood.Go(func() { s.guess(guessing, i, sync.OnceFunc(begun.Done)) })
	}
	begun.Wait()
	beside, err := measure(firstLogins)
	stop()
	flood.Wait()
	if err != nil {
		return nil, err
	}
	ratio := beside.Seconds() / alone.Seconds()
	return []string{
		millis(alone), millis(beside), fmt.Sprintf("%.1f", ratio), fmt.Sprintf("≤ %d", mostDelay), atMost(ratio, mostDelay),
	}, nil
}

// guess tries passwords from one address, three on each connection, until ctx ends. begun is
// called after the first one.
func (s *site) guess(ctx context.Context, who int, begun func()) {
	defer begun()
	from := net.IPv4(127, 0, 2, byte(1+who))
	for try := 0; ctx.Err() == nil; {
		c, err := ftpclient.Dial(ctx, s.gateway.addresses[ftpFrontend], ftpclient.Options{Dialer: dialer(from), Timeout: time.Minute})
		if err != nil {
			continue
		}
		stop := context.AfterFunc(ctx, c.Close)
		for range 3 {
			try++
			_ = c.Login(fmt.Sprintf("guess-%d", who), fmt.Sprint("wrong", try)) // it is refused
			begun()
		}
		stop()
		c.Close()
	}
}
