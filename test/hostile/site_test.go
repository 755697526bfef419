package hostile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	gateway "github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/internal/testing/planted"
	"github.com/tidegate/tidegate/test/launch"
)

const (
	password = planted.Password
	// memory is the budget of transfers.
	memory = "32MiB"
	// honestBytes is the size of a file of the honest user, honestFiles how many it moves
	// in a turn, and turns how often its turn comes at each gateway.
	honestBytes = 64 << 10
	honestFiles = 4
	turns       = 7
	// entries are more than one page of a listing has, and with their names more than a
	// connection takes that nobody reads from.
	entries   = 9000
	largeSize = 64 << 20
	// latency and downloadRate are those of the store.
	latency      = 20 * time.Millisecond
	downloadRate = 16 << 20
)

// longName is a part of the names of entries.
var longName = strings.Repeat("long", 125)

func TestMain(m *testing.M) {
	prioritize()
	os.Exit(launch.Main(m))
}

// site is a running gateway.
type site struct {
	t       *testing.T
	process *launch.Process
	stub    *azstub.Server
	// honest is a turn of the honest user, over one of the protocols.
	honest func() (time.Duration, error)
	// bob is the honest user's connection, nil before its first turn over SFTP.
	bob *sftp.Client
	// bobFTP is that over FTP.
	bobFTP *ftpclient.Conn
}

func newSite(t *testing.T) *site {
	stub, err := azstub.New(azstub.Options{SkipChecksums: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := stub.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stub.Close() })
	stub.CreateContainer("files")
	for i := range entries {
		for _, user := range []string{"mallory", "bob"} {
			place(t, stub, fmt.Sprintf("%s/dir/%05d-%s", user, i, longName), nil)
		}
	}
	place(t, stub, "mallory/large", make([]byte, largeSize))
	stub.SetShape(azstub.Shape{Latency: latency, Download: downloadRate})
	hash := launch.Hash(t, password)
	tenant := func(name, user string) launch.Tenant {
		return launch.Tenant{Name: name, Path: user, Users: []launch.User{{Name: user, Hash: hash}}}
	}
	hostKey := filepath.Join(t.TempDir(), "host_key")
	if err := gateway.EnsureHostKey(hostKey); err != nil {
		t.Fatal(err)
	}
	process := launch.Serve(t, launch.Config{
		Store: launch.Stub(stub.URL(), "files"), FTP: &launch.FTP{}, SFTP: &launch.SFTP{HostKeyFiles: []string{hostKey}}, LogLevel: "info", Memory: memory,
		Tenants: []launch.Tenant{tenant("acme", "mallory"), tenant("beta", "bob")},
	})
	s := &site{t: t, process: process, stub: stub}
	s.honest = s.overSFTP
	return s
}

func place(t *testing.T, stub *azstub.Server, name string, content []byte) {
	t.Helper()
	if err := stub.Place("files", name, azstub.Blob{Content: content}); err != nil {
		t.Fatal(err)
	}
}

// rss returns the resident memory of the gateway in MiB.
func (s *site) rss() int {
	s.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.PID()))
	if err != nil {
		s.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		s.t.Fatal(err)
	}
	return kib >> 10
}

// dial opens a connection to the port of SFTP and sends nothing. The gateway may close it.
func (s *site) dial(ctx context.Context) {
	s.t.Helper()
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.process.Addr("sftp.public"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
}

// ssh connects a user. The connection ends with the test.
func (s *site) ssh(user string) *ssh.Client {
	s.t.Helper()
	c, err := ssh.Dial("tcp", s.process.Addr("sftp.public"), &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.Password(password)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	return c
}

// ftp connects a user.
func (s *site) ftp(user string) *ftpclient.Conn {
	s.t.Helper()
	c, err := ftpclient.Dial(s.t.Context(), s.process.Addr("ftp.public"), ftpclient.Options{})
	if err == nil {
		err = c.Login(user, password)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	return c
}

// processorTime returns the time of processors that the gateway has had, in seconds.
func (s *site) processorTime() float64 {
	s.t.Helper()
	const hertz = 100 // of the times that Linux tells
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.process.PID()))
	if err != nil {
		s.t.Fatal(err)
	}
	// The name of the program, in parentheses, is the second field of 52.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	sum := 0.0
	for _, field := range fields[11:13] { // utime and stime
		ticks, err := strconv.Atoi(field)
		if err != nil {
			s.t.Fatal(err)
		}
		sum += float64(ticks) / hertz
	}
	return sum
}

// comparison is how a gateway did beside a quiet one.
type comparison struct {
	// ratio is how fast the honest user was, 1 being as fast as at the quiet one.
	ratio float64
	// slowest is how long its slowest turn took.
	slowest time.Duration
	// rss is the most resident memory, in MiB.
	rss int
	// processors is how many processors the gateway had more than the quiet one.
	processors float64
}

// compare lets the honest user move files at both gateways in turns.
func compare(s, quiet *site, turns int) (c comparison, err error) {
	begun, had := time.Now(), s.processorTime()-quiet.processorTime()
	ratios := make([]float64, turns)
	for i := range ratios {
		there, err := quiet.honest()
		if err != nil {
			return c, err
		}
		here, err := s.honest()
		if err != nil {
			return c, err
		}
		ratios[i] = there.Seconds() / here.Seconds()
		c.slowest = max(c.slowest, here)
		c.rss = max(c.rss, s.rss())
	}
	slices.Sort(ratios)
	c.ratio = ratios[turns/2]
	c.processors = (s.processorTime() - quiet.processorTime() - had) / time.Since(begun).Seconds()
	return c, nil
}

func content() []byte { return bytes.Repeat([]byte("honest"), honestBytes/6) }

// overSFTP returns how long the honest user takes to upload and download its files.
func (s *site) overSFTP() (time.Duration, error) {
	s.t.Helper()
	if s.bob == nil {
		c, err := sftp.NewClient(s.ssh("bob"))
		if err != nil {
			return 0, err
		}
		s.bob = c
		s.t.Cleanup(func() { _ = c.Close() })
	}
	want := content()
	begun := time.Now()
	for range honestFiles {
		if err := roundTrip(s.bob, "file", want); err != nil {
			return 0, err
		}
	}
	return time.Since(begun), nil
}

// overFTP is overSFTP over FTP, with half as many files: each takes more requests.
func (s *site) overFTP() (time.Duration, error) {
	s.t.Helper()
	if s.bobFTP == nil {
		s.bobFTP = s.ftp("bob")
	}
	want := content()
	begun := time.Now()
	for range honestFiles / 2 {
		if err := s.bobFTP.Put("file", bytes.NewReader(want)); err != nil {
			return 0, err
		}
		var got bytes.Buffer
		if _, err := s.bobFTP.Get("file", 0, &got); err != nil {
			return 0, err
		}
		if !bytes.Equal(got.Bytes(), want) {
			return 0, errors.New("the file has changed")
		}
	}
	return time.Since(begun), nil
}

func roundTrip(c *sftp.Client, name string, want []byte) error {
	up, err := c.Create(name)
	if err != nil {
		return err
	}
	_, err = up.Write(want)
	if err = errors.Join(err, up.Close()); err != nil {
		return err
	}
	down, err := c.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = down.Close() }()
	got, err := io.ReadAll(down)
	if err == nil && !bytes.Equal(got, want) {
		err = errors.New("the file has changed")
	}
	return err
}

// channel speaks SFTP by hand: it sends requests and takes the answers.
type channel struct {
	in io.WriteCloser

	mu sync.Mutex
	// handles are those that were returned, answers counts all answers.
	handles []string
	answers int
	more    *sync.Cond
	ended   bool
}

// open opens a channel with the subsystem.
func open(t *testing.T, c *ssh.Client) *channel {
	t.Helper()
	session, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	in, err := session.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := session.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := session.RequestSubsystem("sftp"); err != nil {
		t.Fatal(err)
	}
	ch := &channel{in: in}
	ch.more = sync.NewCond(&ch.mu)
	go ch.receive(out)
	ch.send(wire.Begin(wire.TypeInit, 16).Uint32(3))
	return ch
}

func (c *channel) receive(r io.Reader) {
	for {
		kind, body, err := wire.ReadPacket(r)
		c.mu.Lock()
		f := wire.Fields{Rest: body}
		f.Uint32()
		if c.answers++; err == nil && kind == wire.TypeHandle {
			c.handles = append(c.handles, f.Text())
		}
		c.ended = err != nil
		c.more.Broadcast()
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (c *channel) send(p wire.Packet) { _, _ = c.in.Write(p.Framed()) }

// await waits for so many answers, the one to INIT included, or the end.
func (c *channel) await(ctx context.Context, n int) {
	defer context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.more.Broadcast()
	})()
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.answers < n && !c.ended && ctx.Err() == nil {
		c.more.Wait()
	}
}
