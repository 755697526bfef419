package requests

import (
	"context"
	"crypto/ed25519"
	"crypto/md5"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
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
	container = "files"
	mib       = 1 << 20
	user      = "u"
	password  = "p"
)

// operation is what is counted, by a client of type C that is logged in to the
// home directory "/home".
type operation[C any] struct {
	name string
	do   func(C) error
	want string
	// trips are the requests that wait for each other, 0 where it is not looked
	// at; together are those that must be sent side by side for that.
	trips    int
	together []azstub.Kind
}

// count carries each operation out on the same files.
func count[C any](t *testing.T, dial func(*testing.T, *azstub.Server) C, operations []operation[C]) {
	t.Helper()
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			s := azstub.Start(t, azstub.Options{Discard: strings.Contains(op.name, "64 MiB")})
			s.CreateContainer(container)
			place(t, s)
			c := dial(t, s)
			before, seq := s.Counts(), s.Seq()
			if op.together != nil {
				s.Together(t.Context(), op.together...)
			}
			if err := op.do(c); err != nil {
				t.Fatal(err)
			}
			if got := s.Counts().Since(before).String(); got != op.want {
				t.Errorf("%s costs %s, want %s", op.name, got, op.want)
			}
			if got := azstub.Trips(s.Requests(seq)); op.trips > 0 && got != op.trips {
				t.Errorf("%s takes %d trips, want %d", op.name, got, op.trips)
			}
		})
	}
}

// place fills the container: every operation starts from the same files.
func place(t *testing.T, s *azstub.Server) {
	t.Helper()
	sum := md5.Sum([]byte("content"))
	for name, blob := range map[string]azstub.Blob{
		"small":     {Content: []byte("content"), Headers: azstub.Headers{ContentMD5: sum[:]}},
		"empty":     {Content: []byte{}},
		"log":       {Content: []byte("line\n"), Blocks: []azstub.Block{{ID: "AAAAAAAAAAAAAAAAAAAAAA==", Size: 5}}},
		"made":      {Content: []byte{}, Metadata: map[string]string{"hdi_isfolder": "true"}},
		"implied/a": {Content: []byte("a")},
	} {
		if s.DFSURL() != "" && blob.Metadata != nil {
			blob = azstub.Blob{Directory: true}
		}
		if err := s.Place(container, "tenant/"+name, blob); err != nil {
			t.Fatal(err)
		}
	}
}

// users returns the one user that may log in; its files are in the stub.
func users(t *testing.T, s *azstub.Server, m store.Markers) *auth.Authenticator {
	t.Helper()
	key, err := azblob.NewSharedKeyCredential(azstub.DevAccount, azstub.DevKey)
	if err != nil {
		t.Fatal(err)
	}
	b, err := store.New(store.Options{
		ContainerURL: s.URL() + "/" + container, SharedKey: key, Chunks: chunk.New(256 * mib), Markers: m,
		DFSEndpoint: s.DFSURL(), Hierarchical: store.HierarchicalOptions{ShowAccess: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	if s.DFSURL() != "" {
		if err := b.Probe(t.Context(), store.NamespaceHierarchical); err != nil {
			t.Fatal(err)
		}
	}
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

// dialFTP starts FTP over the stub and logs in.
func dialFTP(t *testing.T, s *azstub.Server) *ftpclient.Conn {
	t.Helper()
	return dialFTPWith(t, s, store.MarkersHDI)
}

// dialSlash is dialFTP with directory_markers = "slash".
func dialSlash(t *testing.T, s *azstub.Server) *ftpclient.Conn {
	t.Helper()
	return dialFTPWith(t, s, store.MarkersSlash)
}

func dialFTPWith(t *testing.T, s *azstub.Server, m store.Markers) *ftpclient.Conn {
	t.Helper()
	server, err := ftp.New(t.Context(), ftp.Options{
		Listen: "127.0.0.1:0", Passive: ftp.PassiveOptions{Listen: "127.0.0.1:0"}, Auth: users(t, s, m),
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

// dialSFTP starts SFTP over the stub and logs in.
func dialSFTP(t *testing.T, s *azstub.Server) session {
	t.Helper()
	host, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	server, err := sftp.New(t.Context(), sftp.Options{
		Listen: "127.0.0.1:0", HostKeys: []ssh.Signer{host}, Auth: users(t, s, store.MarkersHDI), Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
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
