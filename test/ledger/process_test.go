package ledger

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/ledger"
	"github.com/tidegate/tidegate/test/launch"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

const (
	rounds = 24
	// programs upload at once, each to names of its own: curl over FTP, lftp, curl
	// over SFTP, lftp.
	programs = 4
	// smallFile is the most that is one block of the server for sure, block
	// what it makes of the least memory.
	smallFile, block = 300 << 10, 2 << 20
)

// strike is what is killed in a round.
type strike uint8

const (
	killClients  strike = iota // SIGKILL
	killServer                 // SIGKILL
	stopServer                 // SIGTERM, with time for transfers
	stopServerAt               // SIGTERM, without
)

func (s strike) String() string {
	return [...]string{"SIGKILL of clients", "SIGKILL of the server", "SIGTERM with grace", "SIGTERM without grace"}[s]
}

// TestKilledProcesses lets curl and lftp upload to tidegate, over FTP and SFTP, and
// kills either of them.
func TestKilledProcesses(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the built program, curl and lftp")
	}
	for _, name := range []string{"curl", "lftp"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed; make test installs it", name)
		}
	}
	hash := launch.Hash(t, password)
	f := &fleet{t: t, seed: newSeed(t), store: newStore(t, azstub.Options{}), l: ledger.New(), sum: newSummary()}
	var users []string
	for i := range programs {
		users = append(users, fmt.Sprintf("c%d", i))
	}
	f.patient = configuration(t, f.store, hash, patience.Limit().String(), users)
	f.hasty = configuration(t, f.store, hash, "1ms", users)
	// Without TLS nothing shows that a client was killed but the end of its control
	// connection. Its system is this machine, which may do something else in between for
	// longer than the gateway waits for by default (docs/ftp.md).
	f.clear = &launch.FTP{CommitDelay: "250ms"}

	r := &reader{t: t, gateway: &gateway{t: t, store: f.store}, l: f.l, stop: make(chan struct{})}
	var reading sync.WaitGroup
	reading.Go(func() { r.direct(100 * time.Millisecond) })
	begin := time.Now()
	for n := range rounds {
		f.round(n)
	}
	close(r.stop)
	reading.Wait()
	if f.server != nil {
		f.server.Stop()
	}
	if got, want := f.store.Names(container), f.l.Existing(); !slices.Equal(got, want) {
		t.Errorf("names in the store: %q, want %q", got, want)
	}
	t.Logf("seed %d, %v, %d reads of the store\n%v", f.seed, time.Since(begin).Round(time.Second), r.looked.Load(), f.sum)
	if total := f.sum.of("total"); total.receipts == 0 || total.kept == 0 || total.violations > 0 {
		t.Errorf("%+v", total)
	}
}

// fleet is the programs and the server.
type fleet struct {
	t              *testing.T
	seed           uint64
	store          *store
	l              *ledger.Ledger
	sum            *summary
	patient, hasty launch.Config
	// clear is the frontend for clients without TLS.
	clear  *launch.FTP
	server *launch.Process
	// serverFor is the grace of the server and whether its clients use TLS.
	serverFor string
	// ftp and sftp are the server's addresses.
	ftp, sftp string
}

// upload is one run of a program.
type upload struct {
	round, worker int
	user, name    string
	content       []byte
	// sent is how much of it the program gets before it is killed; all and the
	// end with it when it is not.
	sent int
	// end: it gets the end of the file too. kill: it is killed then.
	end, kill bool
	tls, lftp bool
	ssh       bool // curl over SFTP
	strike    strike
	// struck: the server is, while it does what this upload asked for.
	struck bool
	// from is the client's address; one for all where it is nil.
	from    net.IP
	p       *launch.Process
	feeding sync.WaitGroup
}

func (u *upload) String() string {
	client := "curl"
	switch {
	case u.lftp:
		client = "lftp"
	case u.ssh:
		client = "curl over SFTP"
	}
	return fmt.Sprintf("round %d, %s, %s to %s (TLS: %t): %d of %d bytes, then the end: %t, then killed: %t; %v",
		u.round, u.user, client, u.name, u.tls, u.sent, len(u.content), u.end, u.kill, u.strike)
}

// round lets every program upload once.
func (f *fleet) round(n int) {
	r := rand.New(rand.NewPCG(f.seed, uint64(n)))
	s := []strike{killClients, killServer, killClients, stopServer, killClients, killServer, killClients, stopServerAt}[n%8]
	// A server of these clients serves two rounds at most.
	tls := rand.New(rand.NewPCG(f.seed, 1<<32+uint64(n/2))).IntN(2) == 0
	f.prepare(s, tls)
	var uploads []*upload
	for i := range programs {
		u := &upload{
			round: n, worker: i, user: fmt.Sprintf("c%d", i), name: fmt.Sprintf("%d-%d", i, r.IntN(2)),
			tls: tls, lftp: i%2 == 1, ssh: i%4 == 2, strike: s, end: true,
		}
		if a := loopback(100, i); a != nil {
			u.from = a.IP
		}
		size := 1 + r.IntN(smallFile)
		if r.IntN(2) == 0 {
			size = block + 1 + r.IntN(block)
		}
		var seed [32]byte
		binary.LittleEndian.PutUint64(seed[:], f.seed)
		binary.LittleEndian.PutUint64(seed[8:], uint64(n*programs+i))
		u.content = make([]byte, size)
		_, _ = rand.NewChaCha8(seed).Read(u.content)
		u.sent = size
		if s == killClients && r.IntN(8) > 0 {
			u.kill = true
			switch r.IntN(5) {
			case 0:
				u.sent, u.end = 0, false
				if u.lftp {
					u.sent = 1
				}
			case 1, 2:
				u.sent, u.end = r.IntN(size), false
			case 3:
				u.end = false
			}
		}
		uploads = append(uploads, u)
	}
	// One of the uploads is held at the store when the server is struck.
	held, release := make(chan struct{}), func() {}
	if s != killClients {
		victim := uploads[r.IntN(programs)]
		victim.struck = true
		kinds := []azstub.Kind{azstub.PutBlob}
		if len(victim.content) > smallFile {
			kinds = []azstub.Kind{[]azstub.Kind{azstub.PutBlock, azstub.PutBlockList}[r.IntN(2)]}
		}
		held, release = f.hold(victim.name, kinds)
	}
	var olds []ledger.Content
	for _, u := range uploads {
		olds = append(olds, f.l.Begin(u.name, ledger.Of(u.content), u.end)[0])
		f.begin(u)
	}
	if s != killClients {
		f.strike(s, held, release)
	}
	for i, u := range uploads {
		f.settle(u, olds[i])
	}
}

// prepare makes sure that a server runs that will be stopped as s says.
func (f *fleet) prepare(s strike, tls bool) {
	config := f.patient
	if s == stopServerAt {
		config = f.hasty
	}
	if !tls {
		config.FTP = f.clear
	}
	serverFor := fmt.Sprint(config.Grace, tls)
	if f.server != nil && f.serverFor != serverFor {
		f.server.Stop()
		f.store.settle(f.t)
		f.server = nil
	}
	if f.server == nil {
		f.server = launch.Serve(f.t, config)
		f.ftp, f.sftp = f.server.Addr("ftp"), f.server.Addr("sftp")
		f.serverFor = serverFor
	}
}

// hold stops the first request of these kinds for a blob, and reports when it has
// come.
func (f *fleet) hold(name string, kinds []azstub.Kind) (held chan struct{}, release func()) {
	held = make(chan struct{})
	until := make(chan struct{})
	come := sync.OnceFunc(func() { close(held) })
	remove := f.store.AddRule(azstub.Rule{
		Kinds: kinds, Blob: name, Fault: azstub.Hold(until),
		Match: func(*azstub.Request) bool { come(); return true },
	})
	return held, func() {
		close(until)
		remove()
	}
}

// strike ends the server when the held request has come.
func (f *fleet) strike(s strike, held <-chan struct{}, release func()) {
	select {
	case <-held:
	case <-time.After(patience.Limit()):
		f.t.Errorf("no request came that was to be held: %v", f.server)
	}
	if s == stopServer {
		// The store answers only when the stop has begun.
		f.server.Terminate()
		release()
		if err := f.server.Wait(); err != nil {
			f.t.Errorf("after SIGTERM: %v\n%v", err, f.server)
		}
	} else {
		if s == killServer {
			f.server.Kill()
		} else {
			f.server.Stop()
		}
		release()
	}
	f.server = nil
	f.store.settle(f.t)
}

// begin starts the program and feeds it; where it is to be killed, it is.
func (f *fleet) begin(u *upload) {
	ctx := f.t.Context()
	cmd := f.command(ctx, u)
	in, err := cmd.StdinPipe()
	if err != nil {
		f.t.Fatal(err)
	}
	u.p = launch.Start(f.t, cmd)
	u.feeding.Go(func() {
		defer in.Close()
		rest := u.content[:u.sent]
		if u.kill {
			// lftp connects when it has read something.
			first := min(len(rest), 1)
			_, _ = in.Write(rest[:first])
			rest = rest[first:]
			defer u.p.Kill()
			if !u.p.Await("the beginning", func(lines []string) bool { return slices.ContainsFunc(lines, u.begins) }) {
				return
			}
		}
		// It fails when the program ends before.
		_, _ = in.Write(rest)
		if u.end {
			_ = in.Close()
		}
	})
}

// settle waits until nothing more can come of an upload, and compares.
func (f *fleet) settle(u *upload, old ledger.Content) {
	if f.server == nil {
		// When its server ends in the middle of the handshake of a data connection, lftp has
		// no connection left and waits for its time-out, which is the limit of the test.
		late := time.AfterFunc(patience.Limit()/16, u.p.Kill)
		defer late.Stop()
	}
	err := u.p.Wait()
	u.feeding.Wait()
	if f.server != nil {
		idle(f.server, u.user)
	}
	next, got := ledger.Of(u.content), f.store.read(u.name)
	v := u.result(err)
	violation := ""
	switch {
	case v.receipt && !u.end:
		violation = "a receipt for a part"
	case v.receipt && got != next:
		violation = "a receipt"
	case !v.receipt && got != old && (!u.end || got != next):
		violation = "no receipt"
	case !v.receipt && (u.strike == killClients && !u.kill || u.strike == stopServer && u.begun()):
		violation = "refused without a reason"
	}
	if violation != "" {
		f.t.Errorf("%v: %s (%v); the store holds %v; before: %v, sent: %v\n%v\n%v", u, violation, err, got, old, next, u.p, f.about(u))
	}
	p := &plan{ending: ending{name: fmt.Sprintf("%v, SFTP: %t, killed: %t, end of data: %t", u.strike, u.ssh, u.kill, u.end)}}
	f.sum.note(p, v, violation != "", got == next)
	f.l.Settle(u.name, next, got)
}

// about is what the server logged of a client.
func (f *fleet) about(u *upload) string {
	if f.server == nil {
		return ""
	}
	lines := f.server.Lines(func(line string) bool { return strings.Contains(line, `"t/`+u.user+`"`) })
	return strings.Join(lines, "\n")
}
