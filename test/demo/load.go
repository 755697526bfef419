package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/internal/testing/ledger"
)

const (
	// A file is sent in pieces, with pauses, so that it can be watched.
	pieceBytes = 16 << 10
	pieces     = 6
	piecePause = 150 * time.Millisecond
	// keptFiles is how many names a device uses, one after the other and again.
	keptFiles = 20
	// sessionFiles is how many files a device uploads in one session.
	sessionFiles = 5
	// retryPause is how long a device waits before it tries again.
	retryPause = 300 * time.Millisecond
	// ioTime bounds each read and write of a device.
	ioTime = 15 * time.Second
	// checkPause paces the reader of what is stored.
	checkPause = 200 * time.Millisecond
)

// counts are what the devices have seen.
type counts struct {
	// confirmed uploads have a 226. Broken ones had begun and have none: the device sends the
	// file again. Refused ones had not begun.
	confirmed, broken, refused int
	bytes                      int64
	// byNode counts the confirmed ones.
	byNode map[int]int
	// checked counts files that were read from the store, wrong those that were not as they
	// were confirmed.
	checked, wrong int
}

// load is the devices. Its methods may be called concurrently.
type load struct {
	s       *site
	v       *view
	devices int
	ledger  *ledger.Ledger

	mu sync.Mutex
	counts
}

func newLoad(s *site, devices int, v *view) (*load, error) {
	l := &load{s: s, v: v, devices: devices, ledger: ledger.New()}
	l.byNode = map[int]int{}
	c, err := ftpclient.Dial(context.Background(), s.public(), ftpclient.Options{Timeout: ioTime})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := c.Login(user, password); err != nil {
		return nil, err
	}
	for i := range devices {
		if _, err := c.Mkdir(deviceDir(i)); err != nil {
			return nil, err
		}
	}
	return l, c.Quit()
}

func deviceDir(i int) string { return fmt.Sprintf("device-%02d", i+1) }

// start starts the devices. The function that it returns lets each finish its upload, and
// waits for them.
func (l *load) start(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	for i := range l.devices {
		running.Go(func() { (&device{load: l, index: i}).run(ctx) })
	}
	running.Go(func() { l.check(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

// now returns what the devices have seen so far.
func (l *load) now() counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.counts
	c.byNode = maps.Clone(c.byNode)
	return c
}

// note changes the counts.
func (l *load) note(change func(c *counts)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.counts)
}

// check reads files from the store, also such as are being uploaded.
func (l *load) check(ctx context.Context) {
	for pause(ctx, checkPause) {
		if names := l.ledger.Names(); len(names) > 0 {
			l.audit(names[rand.IntN(len(names))], func(name string) (ledger.Content, error) {
				c, err := l.s.read(ctx, name)
				if err != nil {
					err = errors.Join(err, ledger.ErrUnseen) // the demo ends, or the store is slow
				}
				return c, err
			})
		}
	}
}

// audit compares a file in the store with what was confirmed.
func (l *load) audit(name string, read func(name string) (ledger.Content, error)) {
	err := l.ledger.Audit(name, func() (ledger.Content, error) { return read(name) })
	l.note(func(c *counts) {
		c.checked++
		if err != nil {
			c.wrong++
		}
	})
	if err != nil {
		l.v.event("%s is not as it was confirmed: %v", name, err)
	}
}

// pause waits, and reports whether ctx goes on.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// device uploads one file after the other. A file that is not confirmed is sent again.
type device struct {
	*load
	index int
	files int

	c    *ftpclient.Conn
	node int
	left int // files of this session
}

func (d *device) run(ctx context.Context) {
	defer d.hangUp()
	for ctx.Err() == nil {
		name, content := d.next()
		for !d.put(name, content) {
			d.hangUp()
			if !pause(ctx, retryPause) {
				return
			}
		}
	}
}

// next names a file and makes its content, which is never made again.
func (d *device) next() (name string, content []byte) {
	d.files++
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], uint64(d.index)<<32|uint64(d.files))
	content = make([]byte, pieceBytes*pieces-rand.IntN(pieceBytes))
	_, _ = rand.NewChaCha8(seed).Read(content) // never fails
	return fmt.Sprintf("%s/%02d.jpg", deviceDir(d.index), d.files%keptFiles), content
}

// put uploads a file, and reports whether it was confirmed. An upload that has begun goes on
// also when the demo ends.
func (d *device) put(name string, content []byte) bool {
	sum := ledger.Of(content)
	d.ledger.Begin(name, sum, true)
	begun, err := d.send(name, content)
	if err != nil {
		d.ledger.Leave(name, sum)
	} else {
		d.ledger.Acknowledge(name, sum)
	}
	d.note(func(c *counts) {
		switch {
		case err == nil:
			c.confirmed++
			c.bytes += int64(len(content))
			c.byNode[d.node]++
		case begun:
			c.broken++
		default:
			c.refused++
		}
	})
	if begun && err != nil {
		d.v.event("node %d broke the upload of %s: it is sent again", d.node, name)
	}
	return err == nil
}

// send uploads a file in pieces. begun is true when the node has accepted it.
func (d *device) send(name string, content []byte) (begun bool, err error) {
	if d.left == 0 {
		d.hangUp()
	}
	if d.c == nil {
		if err := d.call(); err != nil {
			return false, err
		}
	}
	d.left--
	t, err := d.c.Transfer("STOR "+name, 0)
	if err != nil {
		return false, err
	}
	defer t.Close()
	for len(content) > 0 {
		n := min(pieceBytes, len(content))
		if _, err := t.Write(content[:n]); err != nil {
			// The reply has the reason, and the connection its end.
			return true, errors.Join(err, t.Finish())
		}
		content = content[n:]
		pause(context.Background(), piecePause)
	}
	return true, t.Finish()
}

// call opens a session.
func (d *device) call() error {
	c, err := ftpclient.Dial(context.Background(), d.s.public(), ftpclient.Options{Timeout: ioTime})
	if err != nil {
		return err
	}
	if err := c.Login(user, password); err != nil {
		c.Close()
		return err
	}
	index, err := strconv.Atoi(strings.TrimPrefix(c.Greeting().Text(), "node "))
	if err != nil {
		c.Close()
		return fmt.Errorf("the greeting names no node: %w", err)
	}
	d.c, d.node, d.left = c, index+1, sessionFiles
	return nil
}

// hangUp ends the session.
func (d *device) hangUp() {
	if d.c != nil {
		_ = d.c.Quit() // the node may be gone
		d.c.Close()
		d.c = nil
	}
}
