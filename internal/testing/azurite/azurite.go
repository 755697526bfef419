package azurite

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// The account that every Azurite has, published in its documentation.
const (
	account = "devstoreaccount1"
	key     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

const (
	// extentMemoryMiB limits what Azurite holds. It frees deleted content
	// only every ten minutes, so this is about all that a test binary writes.
	extentMemoryMiB = "3072"
)

// errNotInstalled is why a test is skipped.
var errNotInstalled = errors.New("not installed: run `make test`, or `npm ci` in test/azurite")

// Server is a running Azurite with one storage account. It may be used by any
// number of tests at once.
type Server struct {
	// Endpoint is the URL of the service with the account in its path:
	// "http://127.0.0.1:43837/devstoreaccount1".
	Endpoint string
	// Account and Key are the account's name and its shared key in base64.
	Account string
	Key     string

	containers atomic.Int64
	output     *tail
	stop       func() error
}

// Start runs an Azurite of its own for one test and ends it with the test. It
// skips the test when Azurite is not installed. Most tests want Shared.
func Start(t testing.TB) *Server {
	t.Helper()
	return startFor(t, blobService)
}

// StartQueues is Start for Azurite's service of queues.
func StartQueues(t testing.TB) *Server {
	t.Helper()
	return startFor(t, queueService)
}

func startFor(t testing.TB, s service) *Server {
	t.Helper()
	server, err := start(s)
	use(t, err)
	t.Cleanup(func() {
		if err := server.stop(); err != nil {
			t.Errorf("stopping azurite: %v\n%s", err, server.output)
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

var shared = sync.OnceValues(func() (*Server, error) { return start(blobService) })

// service is one of the services of Azurite.
type service string

const (
	blobService  service = "blob"
	queueService service = "queue"
)

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
func start(s service) (*Server, error) {
	dir, err := installed()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("node", "run.js",
		"--"+string(s)+"Host", "127.0.0.1", "--"+string(s)+"Port", "0",
		"--inMemoryPersistence", "--extentMemoryLimit", extentMemoryMiB,
		"--loose", "--skipApiVersionCheck", "--disableTelemetry", "--silent")
	cmd.Dir = dir
	// This overrides accounts of the environment.
	cmd.Env = append(cmd.Environ(), "AZURITE_ACCOUNTS="+account+":"+key, "AZURITE_SERVICE="+string(s))

	// run.js ends when this pipe does: with stop, or with this process.
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	out := &tail{}
	cmd.Stderr = out
	if err := cmd.Start(); err != nil {
		return nil, err
	}

	// One goroutine reads what Azurite prints for as long as it runs, and
	// waits for its end.
	listening := make(chan string, 1)
	exited := make(chan error, 1)
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			fmt.Fprintln(out, lines.Text())
			if _, url, ok := strings.Cut(lines.Text(), "successfully listens on "); ok {
				listening <- strings.TrimSpace(url)
				break
			}
		}
		_, _ = io.Copy(out, stdout)
		exited <- cmd.Wait()
	}()
	stop := func() error {
		_ = stdin.Close()
		select {
		case err := <-exited:
			return err
		case <-time.After(patience.Limit()):
			return errors.Join(errors.New("it does not end by itself, killed"), cmd.Process.Kill(), <-exited)
		}
	}

	select {
	case url := <-listening:
		return &Server{Endpoint: url + "/" + account, Account: account, Key: key, output: out, stop: stop}, nil
	case err := <-exited:
		return nil, fmt.Errorf("it ended instead of listening: %w\n%s", err, out)
	case <-time.After(patience.Limit()):
		return nil, errors.Join(fmt.Errorf("it does not listen in time\n%s", out), stop())
	}
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
	dir := filepath.Join(root, "test", "azurite")
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "azurite", "package.json")); err != nil {
		return "", errNotInstalled
	}
	if _, err := exec.LookPath("node"); err != nil {
		return "", fmt.Errorf("%w, and Node 18 or 20", errNotInstalled)
	}
	return dir, nil
}

// tail keeps the last few kilobytes written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func (l *tail) Write(p []byte) (int, error) {
	const keep = 8 << 10
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf = append(l.buf, p...)
	if over := len(l.buf) - keep; over > 0 {
		l.buf = bytes.Clone(l.buf[over:])
	}
	return len(p), nil
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.buf)
}
