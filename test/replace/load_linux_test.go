package replace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// load is what clients do until stop is called: each connects, logs in, uploads one file and
// leaves, and the next follows.
type load struct {
	t    *testing.T
	root string
	// done counts the uploads that clients were told to be complete, repeated the attempts
	// that were not, which a client repeats.
	done, repeated atomic.Int64
	// more has an element when one was done.
	more chan struct{}
	stop func()
}

// content is what the clients upload as a file.
func content(name string) []byte { return bytes.Repeat([]byte(name+"\n"), 2000) }

// start starts a client: upload makes the command that uploads a file of a directory with a
// name.
func (l *load) start(ctx context.Context, clients *sync.WaitGroup, client string, upload func(file, name string) *exec.Cmd) {
	dir := l.t.TempDir()
	clients.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			name := fmt.Sprintf("%s-%d", client, i)
			file := filepath.Join(dir, name)
			if err := os.WriteFile(file, content(name), 0o600); err != nil {
				l.t.Error(err)
				return
			}
			for !l.try(upload(file, name), name) && ctx.Err() == nil {
				l.repeated.Add(1)
			}
		}
	})
}

// try runs one attempt. A client that cannot connect, or that waits in vain, fails the test.
func (l *load) try(cmd *exec.Cmd, name string) bool {
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		l.done.Add(1)
		select {
		case l.more <- struct{}{}:
		default:
		}
		if got, err := os.ReadFile(filepath.Join(l.root, name)); err != nil || !bytes.Equal(got, content(name)) {
			l.t.Errorf("%s was uploaded, and %d bytes are stored: %v", name, len(got), err)
		}
		return true
	case !errors.As(err, &exit):
		l.t.Error(err)
	case strings.Contains(string(out), "refused") || strings.Contains(string(out), "connect to") || strings.Contains(string(out), "timed out"):
		l.t.Errorf("%v: %v:\n%s", cmd.Args, err, out)
	default:
		l.t.Logf("%s again: %v: %s", name, err, bytes.TrimSpace(out))
	}
	return false
}

// awaitMore waits until so many uploads are done.
func (l *load) awaitMore(uploads int64) {
	l.t.Helper()
	late := time.After(patience.Limit())
	for l.done.Load() < uploads {
		select {
		case <-l.more:
		case <-late:
			l.t.Fatalf("%d uploads, want %d", l.done.Load(), uploads)
		}
	}
}

// startLoad starts curl over FTP and OpenSSH over SFTP.
func startLoad(t *testing.T, s *service) *load {
	t.Helper()
	for _, program := range []string{"curl", "sftp"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	l := &load{t: t, root: s.root, more: make(chan struct{}, 1)}
	var clients sync.WaitGroup
	l.stop = sync.OnceFunc(func() {
		cancel()
		clients.Wait()
	})
	t.Cleanup(l.stop)
	l.start(ctx, &clients, "curl", func(file, name string) *exec.Cmd {
		return exec.Command("curl", "-sS", "--max-time", "60", "-u", "ann:"+password, "-T", file, "ftp://"+s.ftp+"/"+name)
	})
	host, port, _ := strings.Cut(s.sftp, ":")
	l.start(ctx, &clients, "sftp", func(file, name string) *exec.Cmd {
		cmd := exec.Command("sftp", "-q", "-b", "-", "-i", s.key, "-o", "UserKnownHostsFile="+s.knownHosts, "-o", "IdentitiesOnly=yes", "-P", port, "ann@"+host)
		cmd.Stdin = strings.NewReader("put " + file + " " + name + "\n")
		return cmd
	})
	return l
}
