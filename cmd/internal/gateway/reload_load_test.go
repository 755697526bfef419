package gateway

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sftplib "github.com/pkg/sftp"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/testing/freeport"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

var reloadFlag = flag.Duration("reload.for", 10*time.Second, "how long TestReloadUnderLoad reloads")

const reloadEvery = 100 * time.Millisecond

// versions are configurations that differ in several settings, each of which a client can
// see. Version N has N in the greeting, the answer to a login, and in the stores a and b;
// its certificate and host key are new. Users begin in /b when N is odd.
type versions struct {
	*replaceable
	hash string
	// next is the number of the next version.
	next int

	mu sync.Mutex
	// keys has the version of each certificate and of each host key.
	keys map[string]int
	// reloading is closed when the next reload begins, or when there is none.
	reloading chan struct{}
	over      bool
}

// load returns the next version.
func (v *versions) load() *config.Config {
	v.Helper()
	dir := v.TempDir()
	certificate, hostKey := filepath.Join(dir, "tls.pem"), filepath.Join(dir, "host.key")
	der := newCertificate(v.T, certificate)
	if err := sftp.EnsureHostKey(hostKey); err != nil {
		v.Fatal(err)
	}
	private, err := os.ReadFile(hostKey)
	if err != nil {
		v.Fatal(err)
	}
	signer, err := ssh.ParsePrivateKey(private)
	if err != nil {
		v.Fatal(err)
	}
	n := v.next
	v.next++
	v.mu.Lock()
	v.keys[string(der)], v.keys[string(signer.PublicKey().Marshal())] = n, n
	v.mu.Unlock()
	return v.parse(fmt.Sprintf(`
		transfers { grace = "1m" }
		frontend "ftp" "public" {
		  listen        = "127.0.0.1:0"
		  banner        = "version %[1]d"
		  login_message = "version %[1]d"
		  passive { listen = "127.0.0.1:0" }
		  tls {
		    mode      = "required"
		    cert_file = %[2]q
		    key_file  = %[2]q
		  }
		}
		frontend "sftp" "public" {
		  listen         = "127.0.0.1:0"
		  host_key_files = [%[3]q]
		}
		backend "counted" "a" { version = %[1]d }
		backend "counted" "b" { version = %[1]d }
		tenant "acme" {
		  mount "/" { backend = backend.counted.a }
		  mount "/b" { backend = backend.counted.b }
		  user "u" {
		    password_hash = %[4]q
		    home          = %[5]q
		    on_change     = "keep"
		  }
		  user "of-version-%[1]d" {
		    password_hash = %[4]q
		    on_change     = "keep"
		  }
		}
	`, n, certificate, hostKey, v.hash, home(n)))
}

// home is the directory in which users of a version begin.
func home(version int) string { return [...]string{"/", "/b"}[version%2] }

// begin lets those that wait for a reload continue.
func (v *versions) begin(last bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	close(v.reloading)
	v.reloading, v.over = make(chan struct{}), last
	if last {
		close(v.reloading)
	}
}

// wait waits for the beginning of the next reload. It returns false when there is none.
func (v *versions) wait() bool {
	v.mu.Lock()
	reloading := v.reloading
	v.mu.Unlock()
	<-reloading
	v.mu.Lock()
	defer v.mu.Unlock()
	return !v.over
}

// versionOf returns the version of a certificate or of a host key.
func (v *versions) versionOf(key []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	n, ok := v.keys[string(key)]
	if !ok {
		return 0, errors.New("a certificate or host key of no version")
	}
	return n, nil
}

// during loads every reloadEvery another version, while clients log in over both
// protocols, upload and download. It goes on until there were two sessions for each client.
// Then it waits for the end of all earlier versions, and returns how many reloads and sessions
// there were.
func (v *versions) during(length time.Duration) (reloads, sessions int) {
	v.mu.Lock()
	v.reloading, v.over = make(chan struct{}), false
	v.mu.Unlock()
	var clients sync.WaitGroup
	const number = 6
	var done atomic.Int64
	for i := range number {
		visit := []func(during int) error{v.visitFTP, v.visitSFTP}[i%2]
		clients.Go(func() {
			for again := true; again; again = v.wait() {
				if err := visit(i / 2); err != nil {
					v.Errorf("client %d: %v", i, err)
				}
				done.Add(1)
			}
		})
	}
	tick := time.NewTicker(reloadEvery)
	defer tick.Stop()
	for ; reloads < int(length/reloadEvery) || done.Load() < 2*number && !v.Failed(); reloads++ {
		next := v.load()
		<-tick.C
		v.begin(false)
		changes, err := v.Reload(v.Context(), next)
		if err != nil {
			v.Error(err)
			break
		}
		if got := changes.String(); got != "users +1 -1 ~1, backends +0 -0 ~2, frontends +0 -0 ~2, certificates and host keys 2" {
			v.Errorf("a reload changed: %s", got)
		}
	}
	v.begin(true)
	clients.Wait()
	sessions = int(done.Load())
	for _, g := range v.inForce.open() {
		if g != v.Generation() {
			<-g.Closed()
		}
	}
	return reloads, sessions
}

// files are what a session can do with files.
type files interface {
	read(name string) (string, error)
	// write calls during in the middle.
	write(name, text string, during func()) error
	home() (string, error)
}

// check returns the version that a session sees in everything that its login has given it.
func check(s files) (int, error) {
	a, errA := s.read("/version")
	b, errB := s.read("/b/version")
	at, errHome := s.home()
	if err := errors.Join(errA, errB, errHome); err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(a)
	if err != nil || b != a || at != home(n) {
		return 0, fmt.Errorf("half of two versions: store a is of %s, store b of %s, the user begins in %s", a, b, at)
	}
	return n, nil
}

// work uploads and downloads over some reloads. The session must see one version all the
// time, which is that of its connection, connected, or a later one.
func (v *versions) work(s files, connected, during int) error {
	first, err := check(s)
	if err != nil {
		return err
	}
	if first < connected {
		return fmt.Errorf("a connection of version %d gets users of version %d", connected, first)
	}
	name := "/b/" + rand.Text()
	text := fmt.Sprintf("%s of version %d", name, first)
	if err := s.write(name, text, func() {
		for range during {
			v.wait()
		}
	}); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	if got, err := s.read(name); err != nil || got != text {
		return fmt.Errorf("an upload is lost: %q, %w", got, err)
	}
	switch second, err := check(s); {
	case err != nil:
		return err
	case second != first:
		return fmt.Errorf("a session of version %d sees version %d", first, second)
	}
	return nil
}

type overFTP struct{ *ftpclient.Conn }

func (s overFTP) read(name string) (string, error) {
	var text bytes.Buffer
	_, err := s.Get(name, 0, &text)
	return text.String(), err
}

func (s overFTP) write(name, text string, during func()) error {
	t, err := s.Transfer("STOR "+name, 0)
	if err != nil {
		return err
	}
	_, errFirst := t.Write([]byte(text[:2]))
	during()
	_, errSecond := t.Write([]byte(text[2:]))
	return errors.Join(errFirst, errSecond, t.Finish())
}

func (s overFTP) home() (string, error) { return s.Pwd() }

// visitFTP is one session over FTPS.
func (v *versions) visitFTP(during int) error {
	c, err := ftpclient.Dial(v.Context(), v.Servers()[0].Addr().String(), ftpclient.Options{
		Security: ftpclient.Explicit,
		TLS:      &tls.Config{InsecureSkipVerify: true, ServerName: "localhost", ClientSessionCache: tls.NewLRUClientSessionCache(1)}, //nolint:gosec // the server is ours
	})
	if err != nil {
		return err
	}
	defer c.Close()
	state, _ := c.TLSState()
	certificate, err := v.versionOf(state.PeerCertificates[0].Raw)
	if err != nil {
		return err
	}
	var welcome ftpclient.Reply
	_, errUser := c.Do("USER u", 331)
	welcome, errPassword := c.Do("PASS pw", 230)
	_, errType := c.Do("TYPE I", 200)
	if err := errors.Join(errUser, errPassword, errType); err != nil {
		return err
	}
	want := fmt.Sprintf("version %d", certificate)
	for _, reply := range []ftpclient.Reply{c.Greeting(), welcome} {
		if !strings.HasSuffix(strings.TrimSpace(reply.Text()), want) {
			return fmt.Errorf("half of two versions: the certificate is of %s, and the server says %q", want, reply.Text())
		}
	}
	return errors.Join(v.work(overFTP{c}, certificate, during), c.Quit())
}

type overSFTP struct{ *sftplib.Client }

func (s overSFTP) read(name string) (string, error) {
	f, err := s.Open(name)
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	_, err = f.WriteTo(&text)
	return text.String(), errors.Join(err, f.Close())
}

func (s overSFTP) write(name, text string, during func()) error {
	f, err := s.Create(name)
	if err != nil {
		return err
	}
	_, errFirst := f.Write([]byte(text[:2]))
	during()
	_, errSecond := f.Write([]byte(text[2:]))
	return errors.Join(errFirst, errSecond, f.Close())
}

func (s overSFTP) home() (string, error) { return s.Getwd() }

// visitSFTP is one session over SFTP.
func (v *versions) visitSFTP(during int) error {
	var hostKey []byte
	conn, err := ssh.Dial("tcp", v.Servers()[1].Addr().String(), &ssh.ClientConfig{
		User: "u", Auth: []ssh.AuthMethod{ssh.Password("pw")},
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			hostKey = key.Marshal()
			return nil
		},
	})
	if err != nil {
		return err
	}
	defer conn.Close()
	version, err := v.versionOf(hostKey)
	if err != nil {
		return err
	}
	c, err := sftplib.NewClient(conn)
	if err != nil {
		return err
	}
	return errors.Join(v.work(overSFTP{c}, version, during), c.Close())
}

// liveObjects returns how many objects are on the heap.
func liveObjects() int64 {
	runtime.GC()
	runtime.GC() // what finalizers have kept is free after the second one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapObjects)
}

// descriptors returns how many files the process has open.
func descriptors(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// Reloads follow each other while clients log in and transfer over both protocols. No
// transfer is lost, no session sees half of two versions, and nothing of an earlier version
// stays: no goroutine, file descriptor or store, nor its certificates, users and settings,
// which would be objects on the heap.
func TestReloadUnderLoad(t *testing.T) {
	freeport.Addr(t) // the first socket of a process opens descriptors that stay
	before := descriptors(t)
	hash, err := bcrypt.GenerateFromPassword([]byte("pw"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	v := &versions{hash: string(hash), keys: map[string]int{}}
	v.replaceable = startWith(t, func(r *replaceable) *config.Config {
		v.replaceable = r
		return v.load()
	})
	v.during(10 * reloadEvery)
	objects := liveObjects()
	reloads, sessions := v.during(*reloadFlag)
	perReload := float64(liveObjects()-objects) / float64(reloads)
	t.Logf("%d sessions during %d reloads, %.1f objects stay of each", sessions, reloads, perReload)
	if perReload > 20 {
		t.Errorf("%.1f objects stay of each reload", perReload)
	}
	v.end()
	if err := <-v.served; err != nil {
		t.Error(err)
	}
	if open := v.open.Load(); open != 0 || v.Generation().Holds() != 1 {
		t.Errorf("%d stores are open at the end, %d hold the last generation", open, v.Generation().Holds())
	}
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors are open at the end, %d were before", after, before)
	}
}
