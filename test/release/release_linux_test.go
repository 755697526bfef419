package release

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// makeRelease makes a release of the repository in from, of the programs for Linux on amd64.
func makeRelease(t *testing.T, from, to string, flags ...string) {
	t.Helper()
	from, err := filepath.Abs(from)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"go", "run", "-C", filepath.Join(from, "deploy", "release"), ".", "-root", from, "-o", to, "-platforms", "linux/amd64"}
	command(t, append(args, flags...)...)
}

// Two releases of one commit, made in different directories, are equal byte for byte, and
// Debian's tools have nothing to say about the packages.
func TestRelease(t *testing.T) {
	find(t, "git")
	here, there := filepath.Join(t.TempDir(), "here"), filepath.Join(t.TempDir(), "there")
	clones := t.TempDir()
	var sums [2]string
	for i, to := range []string{here, there} {
		clone := filepath.Join(clones, strings.Repeat("x", 1+10*i))
		command(t, "git", "clone", "--quiet", "--no-checkout", ".", clone)
		command(t, "git", "-C", clone, "checkout", "--quiet", "--detach", strings.TrimSpace(command(t, "git", "rev-parse", "HEAD")))
		makeRelease(t, clone, to)
		text, err := os.ReadFile(filepath.Join(to, "SHA256SUMS"))
		if err != nil {
			t.Fatal(err)
		}
		sums[i] = string(text)
	}
	if sums[0] != sums[1] || strings.Count(sums[0], "\n") != 6 {
		t.Errorf("two releases of one commit:\n%s\n%s", sums[0], sums[1])
	}
	t.Run("lintian", func(t *testing.T) {
		find(t, "lintian")
		if text := command(t, "lintian", "--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0", one(t, here, "*.deb")); strings.TrimSpace(text) != "" {
			t.Error(text)
		}
	})
	t.Run("rpm", func(t *testing.T) {
		find(t, "rpm")
		text := command(t, "rpm", "--query", "--package", "--info", "--list", "--scripts", one(t, here, "*.rpm"))
		for _, want := range []string{"Name        : tidegate", "/usr/bin/tidegate", "/usr/lib/systemd/system/tidegate.service", "systemd-sysusers"} {
			if !strings.Contains(text, want) {
				t.Errorf("there is no %q in\n%s", want, text)
			}
		}
	})
	t.Run("image", func(t *testing.T) { testImage(t, here) })
}

// one returns the file that matches.
func one(t *testing.T, dir, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(files) != 1 {
		t.Fatalf("%s: %q, %v", pattern, files, err)
	}
	return files[0]
}
