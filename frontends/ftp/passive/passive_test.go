package passive

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
)

// short are times that make a test wait no longer than it must.
func short() Options {
	return Options{
		Listen: "127.0.0.1:0", MaxHold: 10 * time.Second, Patience: 20 * time.Millisecond,
		Lifetime: 10 * time.Second, Quarantine: 20 * time.Millisecond, MinAge: 1,
	}
}

// owner is on whose account the tests reserve ports.
func owner() fairshare.Holder {
	return fairshare.Holder{Tenant: "t", User: "u", Connection: rand.Text()}
}

func serve(t *testing.T, o Options) *Plane {
	t.Helper()
	p, err := Listen(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { p.Serve(ctx) })
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
	return p
}

func reserve(t *testing.T, p *Plane) *Reservation {
	t.Helper()
	o, err := p.Reserve(t.Context(), netip.MustParseAddr("127.0.0.1"), owner(), false)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func dial(t *testing.T, port int) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// accepted returns the address that the reservation's connection comes from.
func accepted(t *testing.T, o *Reservation) string {
	t.Helper()
	c, err := o.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c.RemoteAddr().String()
}

func TestParseListen(t *testing.T) {
	for in, want := range map[string][2]int{"127.0.0.1:5": {5, 5}, ":0": {0, 0}, "[::]:50000-50007": {50000, 50007}} {
		_, first, last, err := ParseListen(in)
		if err != nil || first != want[0] || last != want[1] {
			t.Errorf("ParseListen(%q) = %d, %d, %v, want %v", in, first, last, err, want)
		}
	}
	for _, in := range []string{"", "127.0.0.1", ":x", ":5-4", ":0-3", ":1-70000", ":-5", ":5-"} {
		if _, _, _, err := ParseListen(in); err == nil {
			t.Errorf("ParseListen(%q) succeeds", in)
		}
	}
}

func TestListenBindsAllOrNothing(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	port := taken.Addr().(*net.TCPAddr).Port
	if _, err := Listen(t.Context(), Options{Listen: taken.Addr().String()}); err == nil {
		t.Fatalf("bound port %d, which is taken", port)
	}
}

func TestConnectionGoesToItsReservation(t *testing.T) {
	p := serve(t, short())
	o := reserve(t, p)
	c := dial(t, o.Port())
	if got, want := accepted(t, o), c.LocalAddr().String(); got != want {
		t.Errorf("accepted %s, want %s", got, want)
	}
}

// Sessions of one address on one port take turns: each gets its own connection
// and nobody is refused.
func TestOnePortServesManySessions(t *testing.T) {
	patient := short()
	patient.Patience, patient.MaxHold = time.Minute, time.Minute
	p := serve(t, patient)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			o, err := p.Reserve(t.Context(), netip.MustParseAddr("127.0.0.1"), owner(), false)
			if err != nil {
				t.Error(err)
				return
			}
			c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port())))
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = c.Close() }()
			s, err := o.Accept(t.Context())
			o.Claim(KeepNot)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = s.Close() }()
			if got, want := s.RemoteAddr().String(), c.LocalAddr().String(); got != want {
				t.Errorf("got the connection of %s, want %s", got, want)
			}
		})
	}
	wg.Wait()
}

func TestBusyAfterMaxHold(t *testing.T) {
	o := short()
	o.MaxHold, o.Patience = 10*time.Millisecond, time.Minute
	p := serve(t, o)
	first := reserve(t, p)
	if _, err := p.Reserve(t.Context(), netip.MustParseAddr("127.0.0.1"), owner(), false); !errors.Is(err, ErrBusy) {
		t.Fatalf("second reservation: %v, want %v", err, ErrBusy)
	}
	c := dial(t, first.Port())
	if got, want := accepted(t, first), c.LocalAddr().String(); got != want {
		t.Errorf("the first reservation got %s, want %s", got, want)
	}
}

// Another address is not held by the first one's reservation.
func TestAddressesDoNotWaitForEachOther(t *testing.T) {
	p := serve(t, short())
	reserve(t, p)
	o, err := p.Reserve(t.Context(), netip.MustParseAddr("127.0.0.2"), owner(), false)
	if err != nil {
		t.Fatal(err)
	}
	c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port())))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if got := accepted(t, o); !strings.HasPrefix(got, "127.0.0.2:") {
		t.Errorf("accepted %s, want the second address", got)
	}
}

// What the check says counts as one client: it gets the connection, and shares
// the turns.
func TestPeerCheck(t *testing.T) {
	for _, tt := range []struct {
		check    PeerCheck
		from, at string
		same     bool
	}{
		{PeerStrict, "127.0.0.1", "127.0.0.1", true},
		{"", "127.0.0.1", "127.0.0.2", false},
		{PeerStrict, "::ffff:127.0.0.1", "127.0.0.1", true},
		{PeerSubnet, "127.0.0.1", "127.0.0.200", true},
		{PeerSubnet, "127.0.0.1", "127.0.1.1", false},
		{PeerSubnet, "2001:db8::1", "2001:db8::ffff:1", true},
		{PeerSubnet, "2001:db8::1", "2001:db8:0:1::1", false},
		{PeerOff, "127.0.0.1", "2001:db8::1", true},
	} {
		from, at := netip.MustParseAddr(tt.from), netip.MustParseAddr(tt.at)
		if got := tt.check.peerOf(from) == tt.check.peerOf(at); got != tt.same {
			t.Errorf("%q: %v and %v are one client: %v, want %v", tt.check, from, at, got, tt.same)
		}
	}
	o := short()
	o.PeerCheck = PeerSubnet
	p := serve(t, o)
	reserved := reserve(t, p)
	c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(reserved.Port())))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if got := accepted(t, reserved); got != c.LocalAddr().String() {
		t.Errorf("accepted %s, want %s", got, c.LocalAddr())
	}
}

// A silent client loses its reservation to one that waits, and its late connection
// reaches nobody: the port rests first.
func TestSilentReservationIsRevoked(t *testing.T) {
	p := serve(t, short())
	silent := reserve(t, p)
	waiting := reserve(t, p)
	if _, err := silent.Accept(t.Context()); !errors.Is(err, ErrNotTaken) {
		t.Errorf("the silent reservation ends with %v, want %v", err, ErrNotTaken)
	}
	c := dial(t, waiting.Port())
	if got, want := accepted(t, waiting), c.LocalAddr().String(); got != want {
		t.Errorf("the waiting reservation got %s, want %s", got, want)
	}
}

func TestRestingPortTakesNoConnection(t *testing.T) {
	o := short()
	o.Quarantine = time.Minute
	o.MaxHold = 10 * time.Millisecond
	p := serve(t, o)
	withdrawn := reserve(t, p)
	withdrawn.Release()
	c := dial(t, withdrawn.Port())
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "reset") {
		t.Errorf("a connection without a reservation reads %v, want its end", err)
	}
	if _, err := p.Reserve(t.Context(), netip.MustParseAddr("127.0.0.1"), owner(), false); !errors.Is(err, ErrBusy) {
		t.Errorf("reservation on a resting port: %v, want %v", err, ErrBusy)
	}
}

func TestRenewKeepsTheSlot(t *testing.T) {
	patient := short()
	patient.Patience = time.Minute
	p := serve(t, patient)
	o := reserve(t, p)
	if !o.Renew() {
		t.Fatal("an open reservation cannot be renewed")
	}
	dial(t, o.Port())
	accepted(t, o)
	if o.Renew() {
		t.Fatal("a reservation that has its connection can be renewed")
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	o := short()
	o.Patience = time.Minute
	p := serve(t, o)
	reserve(t, p)
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error, 1)
	go func() {
		_, err := p.Reserve(ctx, netip.MustParseAddr("127.0.0.1"), owner(), false)
		got <- err
	}()
	cancel()
	if err := <-got; !errors.Is(err, context.Canceled) {
		t.Fatalf("Reserve: %v, want %v", err, context.Canceled)
	}
}

func TestCloseEndsReservationsAndWaiters(t *testing.T) {
	o := short()
	o.Patience = time.Minute
	p, err := Listen(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	open := reserve(t, p)
	got := make(chan error, 1)
	go func() {
		_, err := p.Reserve(t.Context(), netip.MustParseAddr("127.0.0.1"), owner(), false)
		got <- err
	}()
	p.Close()
	if _, err := open.Accept(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("open reservation: %v, want %v", err, ErrClosed)
	}
	if err := <-got; !errors.Is(err, ErrClosed) {
		t.Errorf("waiting reservation: %v, want %v", err, ErrClosed)
	}
}

// Nothing is kept of an address that has gone.
func TestNothingStaysOfAPeer(t *testing.T) {
	patient := short()
	patient.Patience = time.Minute
	p := serve(t, patient)
	o := reserve(t, p)
	dial(t, o.Port())
	accepted(t, o)
	o.Release()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.peers) != 0 {
		t.Errorf("%d peers are kept", len(p.peers))
	}
}
