package replace

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const units = "../../deploy/systemd"

// systemd accepts the units without a remark. It prints remarks about unknown settings, and
// still succeeds.
func TestUnits(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	dir := t.TempDir()
	var files []string
	for _, name := range []string{"tidegate.service", "tidegate.socket"} {
		text, err := os.ReadFile(filepath.Join(units, name))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name)
		files = append(files, file)
		// A program that is not there would be remarked.
		if err := os.WriteFile(file, bytes.ReplaceAll(text, []byte("/usr/bin/tidegate"), []byte("/bin/true")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{append([]string{"verify"}, files...), {"security", "--offline=true", "--threshold=20", "--no-pager", files[0]}} {
		out, err := exec.Command("systemd-analyze", args...).CombinedOutput()
		if err != nil || args[0] == "verify" && len(out) > 0 {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, out)
		}
	}
}
