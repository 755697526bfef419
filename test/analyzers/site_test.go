package analyzers

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/test/launch"
)

func TestMain(m *testing.M) { os.Exit(launch.Main(m)) }

// site is a gateway with every kind of access log.
type site struct {
	*testing.T
	dir     string // of the logs
	store   *azstub.Server
	gateway *launch.Process
	urls    map[string]string // by protocol
}

func newSite(t *testing.T) *site {
	s := &site{T: t, dir: t.TempDir(), store: azstub.Start(t, azstub.Options{})}
	s.store.CreateContainer("files")
	key := filepath.Join(t.TempDir(), "host_key")
	if err := sftp.EnsureHostKey(key); err != nil {
		t.Fatal(err)
	}
	var blocks strings.Builder
	for _, format := range []string{"w3c", "xferlog", "json"} {
		fmt.Fprintf(&blocks, "access_log %q {\n format = %q\n file = %s\n}\n", format, format, config.Quote(s.file(format)))
	}
	fmt.Fprintf(&blocks, "audit \"main\" {\n file = %s\n}\n", config.Quote(s.file("audit")))
	s.gateway = launch.Serve(t, launch.Config{
		Store: launch.Stub(s.store.URL(), "files"),
		FTP:   &launch.FTP{}, SFTP: &launch.SFTP{HostKeyFiles: []string{key}},
		Tenants: []launch.Tenant{{Name: "contoso", Users: []launch.User{{Name: "camera 02", Hash: launch.Hash(t, "right")}}}},
		Grace:   "1s", More: blocks.String(),
	})
	s.urls = map[string]string{"ftp": "ftp://" + s.gateway.Addr("ftp.public") + "/", "sftp": "sftp://" + s.gateway.Addr("sftp.public") + "/"}
	return s
}

// file is the path of a log.
func (s *site) file(name string) string { return filepath.Join(s.dir, name+".log") }

// curl runs curl and returns its exit status.
func (s *site) curl(args ...string) int {
	s.Helper()
	cmd := exec.CommandContext(s.Context(), "curl", append([]string{"-sS", "-k", "-u", "camera 02:right"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr, cmd.Stdout = strings.NewReader("content"), &stderr, nil
	err := cmd.Run()
	if cmd.ProcessState == nil {
		s.Fatalf("curl: %v", err)
	}
	s.Logf("curl %q: %v %s", args, cmd.ProcessState, stderr.String())
	return cmd.ProcessState.ExitCode()
}

// succeeds runs curl, which must succeed.
func (s *site) succeeds(args ...string) {
	s.Helper()
	if status := s.curl(args...); status != 0 {
		s.Errorf("curl %q: exit status %d", args, status)
	}
}

// text returns a log.
func (s *site) text(name string) string {
	s.Helper()
	text, err := os.ReadFile(s.file(name))
	if err != nil {
		s.Fatal(err)
	}
	return string(text)
}
