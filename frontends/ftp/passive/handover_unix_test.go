//go:build unix

package passive

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/frontends/listen"
)

// Two processes have one port. The connection for a reservation of the first one reaches it,
// and the second one reserves nothing before.
func TestHandOver(t *testing.T) {
	sockets, err := listen.Inherit(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sockets.Close)
	o := short()
	o.Sockets, o.Patience = sockets, 10*time.Second
	before := serve(t, o)
	first := reserve(t, before)
	first.Claim(KeepNot)

	next, err := sockets.Successor()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(next.Close)
	var files []*os.File
	for i, f := range next.Files {
		fd, err := syscall.Dup(int(f.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, os.NewFile(uintptr(fd), next.Names[i]))
	}
	next.Started()
	inherited, ready, err := listen.Succeed(files)
	if err != nil {
		t.Fatal(err)
	}
	defer ready.Close()
	t.Cleanup(inherited.Close)
	o.Sockets = inherited
	after := serve(t, o)
	if after.Ports()[0] != before.Ports()[0] {
		t.Fatalf("the ports are %v and %v", before.Ports(), after.Ports())
	}
	next.HandOver()

	early, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := after.Reserve(early, netip.MustParseAddr("127.0.0.1"), owner(), false); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a reservation while the other process has one: %v", err)
	}
	c := dial(t, first.Port())
	got, err := first.Accept(t.Context())
	if err != nil || got.RemoteAddr().String() != c.LocalAddr().String() {
		t.Fatalf("the first process got %v, %v; want %v", got, err, c.LocalAddr())
	}
	defer got.Close()
	second := reserve(t, after)
	defer second.Release()
	c = dial(t, second.Port())
	got, err = second.Accept(t.Context())
	if err != nil || got.RemoteAddr().String() != c.LocalAddr().String() {
		t.Fatalf("the second process got %v, %v; want %v", got, err, c.LocalAddr())
	}
	defer got.Close()
	if _, err := before.Reserve(t.Context(), netip.MustParseAddr("127.0.0.1"), owner(), false); !errors.Is(err, ErrClosed) {
		t.Errorf("a reservation of the first process: %v", err)
	}
}

// A reservation whose client does not connect delays the next process by no more than
// Patience, even if nobody else waits for the port.
func TestHandOverWithoutConnection(t *testing.T) {
	sockets, err := listen.Inherit(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sockets.Close)
	o := short()
	o.Sockets = sockets
	p := serve(t, o)
	r := reserve(t, p)
	r.Claim(KeepNot)
	next, err := sockets.Successor()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(next.Close)
	next.HandOver()
	// Lifetime, for which it could wait otherwise, is 10 seconds.
	limit, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	select {
	case <-p.vacant:
	case <-limit.Done():
		t.Error("the ports are not handed over")
	}
	if _, err := r.Accept(limit); !errors.Is(err, ErrNotTaken) {
		t.Errorf("the reservation ends with %v, want %v", err, ErrNotTaken)
	}
}
