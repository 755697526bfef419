package clients

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/test/launch"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// TestDev does the first steps after a clone of the repository: it runs
// `tidegate dev` and copies the commands that this prints.
func TestDev(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the built program and curl")
	}
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed; make test installs it")
	}
	served := t.TempDir()
	// The default ports are fixed; tests take free ones.
	dev := launch.Start(t, launch.Command(t, "dev", "-listen", "127.0.0.1:0", "-passive", "127.0.0.1:0",
		"-sftp", "127.0.0.1:0", "-host-key", filepath.Join(t.TempDir(), "key"), served))
	t.Cleanup(dev.Stop)
	dir := t.TempDir()
	want := []byte("from the first minute\n")
	if err := os.WriteFile(filepath.Join(dir, "FILE"), want, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, way := range []string{"FTP", "FTP + TLS"} {
		line := dev.Find("how to connect by "+way, func(line string) bool {
			return strings.HasPrefix(strings.TrimSpace(line), way+"  ")
		})
		_, command, found := strings.Cut(line, "curl ")
		if !found {
			t.Fatalf("%q names no command", line)
		}
		t.Run(way, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience.Limit())
			defer cancel()
			cmd := exec.CommandContext(ctx, "sh", "-c", "curl "+command)
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("curl %s: %v\n%s", command, err, out)
			}
			if got, err := os.ReadFile(filepath.Join(served, "FILE")); err != nil || string(got) != string(want) {
				t.Errorf("the directory holds %q, %v; want %q", got, err, want)
			}
			if err := os.Remove(filepath.Join(served, "FILE")); err != nil {
				t.Error(err)
			}
		})
	}
}
