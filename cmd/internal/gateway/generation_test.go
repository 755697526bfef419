package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/hcl/v2"
	sftplib "github.com/pkg/sftp"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/hostmemory"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/leak"
)

// countedConfig is the body of a backend block whose stores are counted.
type countedConfig struct {
	open *atomic.Int64 // the number of open stores
	Fail bool          `hcl:"fail,optional"`
	// Version tells blocks apart that say nothing else. The store's file "version" has it.
	Version int `hcl:"version,optional"`
}

func (*countedConfig) Validate() hcl.Diagnostics { return nil }

func (c *countedConfig) Open(ctx context.Context, _ backends.Env) (vfs.Backend, error) {
	if c.Fail {
		return nil, errors.New("no such container")
	}
	store := memory.New()
	if err := writeVersion(ctx, store, c.Version); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	c.open.Add(1)
	return &countedStore{store, c.open}, nil
}

// writeVersion writes the file "version".
func writeVersion(ctx context.Context, store vfs.Backend, version int) error {
	path, err := vfs.ParsePath(vfs.Path{}, "/version")
	if err != nil {
		return err
	}
	w, err := store.Create(ctx, path, vfs.CreateOptions{})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(w, version); err != nil {
		w.Abort()
		return err
	}
	_, err = w.Commit(ctx, vfs.CommitOptions{})
	return err
}

type countedStore struct {
	vfs.Backend
	open *atomic.Int64
}

func (s *countedStore) Close() error {
	s.open.Add(-1)
	return s.Backend.Close()
}

// replaceable is a running gateway with configurations from the test.
type replaceable struct {
	*testing.T
	*Gateway
	open    atomic.Int64 // the number of open stores
	hostKey string
	end     context.CancelFunc
	served  chan error
}

func startReplaceable(t *testing.T, users ...string) *replaceable {
	t.Helper()
	return startWith(t, func(r *replaceable) *config.Config { return r.config("", users...) })
}

// startWith starts a gateway with the configuration that first returns.
func startWith(t *testing.T, first func(r *replaceable) *config.Config) *replaceable {
	leak.Check(t)
	r := &replaceable{T: t, hostKey: filepath.Join(t.TempDir(), "key"), served: make(chan error, 1)}
	if err := sftp.EnsureHostKey(r.hostKey); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	var err error
	if r.Gateway, err = Open(t.Context(), first(r), log, nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	r.end = cancel
	t.Cleanup(cancel)
	go func() { r.served <- r.Serve(ctx) }()
	return r
}

// config returns a configuration of two stores and these users, whose passwords are their
// names. Their sessions stay when the users are removed.
func (r *replaceable) config(argument string, users ...string) *config.Config {
	r.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, `
		transfers { grace = "1m" }
		frontend "ftp" "public" {
		  listen = "127.0.0.1:0"
		  passive { listen = "127.0.0.1:0" }
		}
		frontend "sftp" "public" {
		  listen         = "127.0.0.1:0"
		  host_key_files = [%[1]q]
		}
		backend "counted" "a" {
		  %[2]s
		}
		backend "counted" "b" {
		  %[2]s
		}
		tenant "acme" {
		  mount "/" { backend = backend.counted.a }
		  mount "/b" { backend = backend.counted.b }
	`, r.hostKey, argument)
	for _, user := range users {
		hash, err := bcrypt.GenerateFromPassword([]byte(user), bcrypt.MinCost)
		if err != nil {
			r.Fatal(err)
		}
		fmt.Fprintf(&text, "user %q {\npassword_hash = %q\non_change = \"keep\"\n}\n", user, hash)
	}
	text.WriteString("}\n")
	return r.parse(text.String())
}

// parse returns the configuration of a text, which may have counted stores.
func (r *replaceable) parse(text string) *config.Config {
	r.Helper()
	known := Registry()
	known.Backends = append(known.Backends, backends.TypeOf("counted", func() countedConfig { return countedConfig{open: &r.open} }))
	c, diags := config.Load([]config.Source{{Name: "test.hcl", Bytes: []byte(text)}}, known, hostmemory.Limit{})
	if diags.HasErrors() {
		r.Fatal(diags)
	}
	return c
}

func (r *replaceable) overFTP(user string) (*ftpclient.Conn, error) {
	r.Helper()
	c, err := ftpclient.Dial(r.Context(), r.Servers()[0].Addr().String(), ftpclient.Options{})
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(c.Close)
	return c, c.Login(user, user)
}

func (r *replaceable) overSFTP(user string) (*sftplib.Client, *ssh.Client) {
	r.Helper()
	c, err := ssh.Dial("tcp", r.Servers()[1].Addr().String(), &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.Password(user)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), //nolint:gosec // the server is ours
	})
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { _ = c.Close() })
	s, err := sftplib.NewClient(c)
	if err != nil {
		r.Fatal(err)
	}
	return s, c
}

// Two generations at once: old sessions keep the old one, new logins get the new one,
// the ports stay, and the old stores close when the last old session has ended.
func TestReload(t *testing.T) {
	r := startReplaceable(t, "old", "both")
	addr, first := r.Servers()[0].Addr().String(), r.Generation()
	ftp, err := r.overFTP("old")
	if err != nil {
		t.Fatal(err)
	}
	if err := ftp.Put("f", strings.NewReader("of the old store")); err != nil {
		t.Fatal(err)
	}
	sshFiles, sshConn := r.overSFTP("old")
	mover, err := r.overFTP("old")
	if err != nil {
		t.Fatal(err)
	}

	changes, err := r.Reload(t.Context(), r.config("version = 2", "new", "both"))
	if err != nil {
		t.Fatal(err)
	}
	// The hash of "both" has another salt.
	if got := changes.String(); got != "users +1 -1 ~1, backends +0 -0 ~2" {
		t.Errorf("changed: %s", got)
	}
	if h := r.Health(); h.Generations != 2 || !h.Ready() || r.open.Load() != 4 || first.Holds() != 3 {
		t.Errorf("%+v, %d stores are open, %d sessions hold the old generation", h, r.open.Load(), first.Holds())
	}
	var got bytes.Buffer
	if _, err := ftp.Get("f", 0, &got); err != nil || got.String() != "of the old store" {
		t.Errorf("an old session over FTP reads %q, %v", got.String(), err)
	}
	if _, err := sshFiles.Stat("/f"); err != nil {
		t.Errorf("an old session over SFTP: %v", err)
	}
	if _, err := r.overFTP("old"); ftpclient.CodeOf(err) != 530 {
		t.Errorf("an old user logs in: %v", err)
	}
	if got := r.Servers()[0].Addr().String(); got != addr {
		t.Errorf("the port has moved from %s to %s", addr, got)
	}
	fresh, err := r.overFTP("new")
	if err != nil {
		t.Fatal(err)
	}
	if names, err := fresh.NLST(""); err != nil || slices.Contains(names, "f") {
		t.Errorf("a new session sees %q, %v", names, err)
	}

	// REIN and a new login get the new generation, beside the old one.
	if _, err := mover.Cmd("REIN"); err != nil {
		t.Fatal(err)
	}
	if err := mover.Login("both", "both"); err != nil {
		t.Fatal(err)
	}
	if names, err := mover.NLST(""); err != nil || slices.Contains(names, "f") {
		t.Errorf("after REIN the session sees %q, %v", names, err)
	}

	_ = sshConn.Close()
	if err := errors.Join(mover.Quit(), ftp.Delete("f")); err != nil {
		t.Errorf("while an old session is left: %v", err)
	}
	if err := ftp.Quit(); err != nil {
		t.Error(err)
	}
	<-first.Closed()
	if h := r.Health(); h.Generations != 1 || r.open.Load() != 2 {
		t.Errorf("after the last old session: %+v, %d stores are open", h, r.open.Load())
	}
	if err := fresh.Put("f", strings.NewReader("new")); err != nil {
		t.Errorf("a new session after the old ones: %v", err)
	}

	if err := fresh.Quit(); err != nil {
		t.Error(err)
	}
	r.end()
	if err := <-r.served; err != nil {
		t.Error(err)
	}
	if h := r.Health(); h.State != Stopped || h.Sessions != 0 || r.open.Load() != 0 || r.Generation().Holds() != 1 {
		t.Errorf("at the end: %+v, %d stores are open, %d hold the generation", h, r.open.Load(), r.Generation().Holds())
	}
	if _, err := r.Reload(t.Context(), r.config("", "late")); !errors.Is(err, errEnded) || r.open.Load() != 0 {
		t.Errorf("a configuration after the end: %v, %d stores are open", err, r.open.Load())
	}
}

// A configuration whose store does not open changes nothing.
func TestReloadFails(t *testing.T) {
	r := startReplaceable(t, "u")
	first := r.Generation()
	_, err := r.Reload(t.Context(), r.config("fail = true", "v"))
	if err == nil || !strings.Contains(err.Error(), "backend counted.b: no such container") {
		t.Errorf("got %v", err)
	}
	if h := r.Health(); h.Generations != 1 || r.open.Load() != 2 || r.Generation() != first {
		t.Errorf("%+v, %d stores are open", h, r.open.Load())
	}
	if _, err := r.overFTP("u"); err != nil {
		t.Error(err)
	}
	r.end()
	if err := <-r.served; err != nil {
		t.Error(err)
	}
}

// After a failed start, because of a store or of a port, nothing is open.
func TestOpenFails(t *testing.T) {
	r := startReplaceable(t, "u")
	log := slog.New(slog.DiscardHandler)
	if _, err := Open(t.Context(), r.config("fail = true", "u"), log, nil); err == nil || r.open.Load() != 2 {
		t.Errorf("a store that fails: %v, %d stores are open", err, r.open.Load())
	}
	c := r.config("", "u")
	if err := os.Remove(r.hostKey); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), c, log, nil); err == nil || r.open.Load() != 2 {
		t.Errorf("a frontend that fails: %v, %d stores are open", err, r.open.Load())
	}
	r.end()
	if err := <-r.served; err != nil {
		t.Error(err)
	}
}

// Each type of the registry opens a backend or a frontend.
func TestRegistry(t *testing.T) {
	for _, b := range Registry().Backends {
		if body, _ := b.Decode(hcl.EmptyBody(), nil); !isBackend(body) {
			t.Errorf("the backend %s decodes to a %T", b.Name(), body)
		}
	}
	for _, f := range Registry().Frontends {
		if body, _ := f.Decode(hcl.EmptyBody(), nil); !isFrontend(body) {
			t.Errorf("the frontend %s decodes to a %T", f.Name(), body)
		}
	}
}

func isBackend(body config.Body) bool {
	_, ok := body.(backends.Config)
	return ok
}

func isFrontend(body config.Body) bool {
	_, ok := body.(frontends.Config)
	return ok
}

func TestLifecycle(t *testing.T) {
	for _, test := range []struct {
		steps []step
		want  State
	}{
		{nil, Starting},
		{[]step{served}, Serving},
		{[]step{served, stop}, Draining},
		{[]step{served, stop, ended}, Stopped},
		{[]step{served, stop, gaveUp}, Hung},
		{[]step{ended}, Stopped},
	} {
		l := newLifecycle()
		for _, s := range test.steps {
			l.on(s)
		}
		if got, _ := l.now(); got != test.want {
			t.Errorf("%v lead to %v, want %v", test.steps, got, test.want)
		}
	}
}
