package requests

import (
	"context"
	"crypto/ed25519"
	"crypto/md5"
	"log/slog"
	"strings"
	"sync"
	"testing"

	sftplib "github.com/pkg/sftp"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/ssh"

	store "github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs"
)

const (
	mib      = 1 << 20
	user     = "u"
	password = "p"
)

// operation is what is counted, by a client of type C that is logged in to the
// home directory "/home".
type operation[C any] struct {
	name string
	do   func(C) error
	want string
	// hns is what is wanted in an account with a hierarchical namespace, "" for the same.
	hns string
	// trips is the number of requests that wait for each other, 0 if it is not checked.
	// together are the requests that must be sent side by side for that.
	trips    int
	together []azstub.Kind
}

// count carries each operation out on the same files.
func count[C any](t *testing.T, a Account, dial func(*testing.T, Container) C, operations []operation[C]) {
	t.Helper()
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			files := a.Container(t, strings.Contains(op.name, "64 MiB"))
			place(t, files)
			c := dial(t, files)
			before := files.Counts()
			stub, _ := files.(*stubContainer)
			var seq int64
			if stub != nil {
				if seq = stub.Seq(); op.together != nil && !a.HNS() {
					stub.Together(t.Context(), op.together...)
				}
			}
			if err := op.do(c); err != nil {
				t.Fatal(err)
			}
			want := op.want
			if a.HNS() && op.hns != "" {
				want = op.hns
			}
			if got := files.Counts().Since(before).String(); got != want {
				a.Differs(t, op.name+" costs", want, got)
			}
			if stub == nil || a.HNS() || op.trips == 0 {
				return
			}
			if got := azstub.Trips(stub.Requests(seq)); got != op.trips {
				t.Errorf("%s takes %d trips, want %d", op.name, got, op.trips)
			}
		})
	}
}

// place fills the container: every operation starts from the same files.
func place(t *testing.T, files Container) {
	t.Helper()
	sum := md5.Sum([]byte("content"))
	for name, blob := range map[string]azstub.Blob{
		"small":     {Content: []byte("content"), Headers: azstub.Headers{ContentMD5: sum[:]}},
		"empty":     {Content: []byte{}},
		"log":       {Content: []byte("line\n"), Blocks: []azstub.Block{{ID: "AAAAAAAAAAAAAAAAAAAAAA==", Size: 5}}},
		"made":      {Content: []byte{}, Metadata: map[string]string{"hdi_isfolder": "true"}},
		"implied/a": {Content: []byte("a")},
	} {
		files.Place(t, "tenant/"+name, blob)
	}
}

// users returns the one user that may log in; its files are in the container.
func users(t *testing.T, files Container, m store.Markers) *auth.Authenticator {
	t.Helper()
	b := files.Open(t, store.Options{
		Chunks: chunk.New(256 * mib), Markers: m, Hierarchical: store.HierarchicalOptions{ShowAccess: true},
	})
	view, err := vfs.NewView(vfs.ViewOptions{
		Mounts: []vfs.Mount{{Backend: b, Root: vfs.MustParse("/tenant")}}, Home: vfs.MustParse("/home"), Allow: vfs.PermAll,
	})
	if err != nil {
		t.Fatal(err)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	users, err := auth.New([]auth.Account{{Tenant: "t", Name: user, PasswordHash: string(hash), User: &tenant.User{View: view}}})
	if err != nil {
		t.Fatal(err)
	}
	return users
}

// run serves until the end of the test.
func run(t *testing.T, server frontends.Server) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := server.Serve(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
}

// dialFTP starts FTP over the container and logs in.
func dialFTP(t *testing.T, files Container) *ftpclient.Conn {
	t.Helper()
	return dialFTPWith(t, files, store.MarkersHDI)
}

// dialSlash is dialFTP with directory_markers = "slash".
func dialSlash(t *testing.T, files Container) *ftpclient.Conn {
	t.Helper()
	return dialFTPWith(t, files, store.MarkersSlash)
}

func dialFTPWith(t *testing.T, files Container, m store.Markers) *ftpclient.Conn {
	t.Helper()
	server, err := ftp.New(t.Context(), ftp.Options{
		Listen: "127.0.0.1:0", Passive: ftp.PassiveOptions{Listen: "127.0.0.1:0"}, Auth: users(t, files, m),
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	run(t, server)
	c, err := ftpclient.Dial(t.Context(), server.Addr().String(), ftpclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Login(user, password); err != nil {
		t.Fatal(err)
	}
	return c
}

// session is a session of SFTP, and the connection below it.
type session struct {
	*sftplib.Client
	ssh *ssh.Client
}

// dialSFTP starts SFTP over the container and logs in.
func dialSFTP(t *testing.T, files Container) session {
	t.Helper()
	host, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	server, err := sftp.New(t.Context(), sftp.Options{
		Listen: "127.0.0.1:0", HostKeys: []ssh.Signer{host}, Auth: users(t, files, store.MarkersHDI), Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	run(t, server)
	c, err := ssh.Dial("tcp", server.Addr().String(), &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.Password(password)}, HostKeyCallback: ssh.FixedHostKey(host.PublicKey()),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Close()
		_ = c.Wait()
	})
	// FSTAT knows the size as well as STAT, which asks the store again.
	client, err := sftplib.NewClient(c, sftplib.UseConcurrentWrites(true), sftplib.UseFstat(true))
	if err != nil {
		t.Fatal(err)
	}
	return session{client, c}
}
