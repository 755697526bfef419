package azurite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/tidegate/tidegate/internal/azurite"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// extentMemoryMiB limits what Azurite holds. It frees deleted content
// only every ten minutes, so this is about all that a test binary writes.
const extentMemoryMiB = 3072

// errNotInstalled is why a test is skipped.
var errNotInstalled = errors.New("not installed: run `make test`, or `npm ci` in test/azurite")

// Server is a running Azurite with one storage account. It may be used by any
// number of tests at once.
type Server struct {
	*azurite.Server
	// Account and Key are the account's name and its shared key in base64.
	Account string
	Key     string

	containers atomic.Int64
}

// Start runs an Azurite of its own for one test and ends it with the test. It
// skips the test when Azurite is not installed. Most tests want Shared.
func Start(t testing.TB) *Server {
	t.Helper()
	return startFor(t, azurite.Blob)
}

// StartQueues is Start for Azurite's service of queues.
func StartQueues(t testing.TB) *Server {
	t.Helper()
	return startFor(t, azurite.Queue)
}

func startFor(t testing.TB, s azurite.Service) *Server {
	t.Helper()
	server, err := start(s)
	use(t, err)
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Errorf("stopping azurite: %v\n%s", err, server.Output())
		}
	})
	return server
}

// Shared returns the one Azurite of this test binary, which is started by the
// first call and ends when the binary does. Tests that use containers of their
// own (Container) do not see each other.
func Shared(t testing.TB) *Server {
	t.Helper()
	s, err := shared()
	use(t, err)
	return s
}

var shared = sync.OnceValues(func() (*Server, error) { return start(azurite.Blob) })

func use(t testing.TB, err error) {
	t.Helper()
	switch {
	case errors.Is(err, errNotInstalled):
		t.Skipf("azurite: %v", err)
	case err != nil:
		t.Fatalf("azurite: %v", err)
	}
}

// ConnectionString returns what Azure's tools and the SDK take.
func (s *Server) ConnectionString() string {
	return fmt.Sprintf("DefaultEndpointsProtocol=http;AccountName=%s;AccountKey=%s;BlobEndpoint=%s;", s.Account, s.Key, s.Endpoint)
}

// Container creates an empty container and returns its name. It is deleted with
// the test, or with the process.
func (s *Server) Container(t testing.TB) string {
	t.Helper()
	client := s.client(t)
	name := fmt.Sprintf("test-%d", s.containers.Add(1))
	if _, err := client.CreateContainer(t.Context(), name, nil); err != nil {
		t.Fatalf("azurite: creating container %s: %v", name, err)
	}
	t.Cleanup(func() {
		// What stays ends with the process: on a loaded machine that is no failure.
		ctx, cancel := context.WithTimeout(context.Background(), patience.Limit())
		defer cancel()
		if _, err := client.DeleteContainer(ctx, name, nil); err != nil {
			t.Logf("azurite: deleting container %s: %v", name, err)
		}
	})
	return name
}

func (s *Server) client(t testing.TB) *azblob.Client {
	t.Helper()
	cred, err := azblob.NewSharedKeyCredential(s.Account, s.Key)
	if err != nil {
		t.Fatalf("azurite: %v", err)
	}
	client, err := azblob.NewClientWithSharedKeyCredential(s.Endpoint+"/", cred, nil)
	if err != nil {
		t.Fatalf("azurite: %v", err)
	}
	return client
}

// start runs a service of Azurite on a free port that it chooses, and returns once it
// listens.
func start(s azurite.Service) (*Server, error) {
	dir, err := installed()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience.Limit())
	defer cancel()
	running, err := azurite.Start(ctx, azurite.Options{Package: dir, Service: s, MemoryMiB: extentMemoryMiB})
	if err != nil {
		return nil, err
	}
	return &Server{Server: running, Account: azurite.Account, Key: azurite.Key}, nil
}

// installed returns the directory that holds Azurite.
func installed() (string, error) {
	root, err := os.Getwd() // go test runs in the directory of the package
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(root)
		if parent == root {
			return "", errors.New("no go.mod above the working directory")
		}
		root = parent
	}
	dir := filepath.Join(root, "test", "azurite", "node_modules", "azurite")
	if _, err := os.Stat(filepath.Join(dir, "package.json")); err != nil {
		return "", errNotInstalled
	}
	if _, err := exec.LookPath("node"); err != nil {
		return "", fmt.Errorf("%w, and Node 18 or 20", errNotInstalled)
	}
	return dir, nil
}
