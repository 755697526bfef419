package rclone_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEnvironmentChangesNothing runs a part of this package's tests in a
// process whose environment and home tell rclone to do everything differently,
// and looks whether the home is as before: rclone reads the one and writes to
// the other when it is initialised, before any test could set a variable.
func TestEnvironmentChangesNothing(t *testing.T) {
	hostile := []string{
		"RCLONE_DISABLE=Move,DirMove,PutStream,Copy", // the features of every store
		"RCLONE_TRANSFERS=1",
		"RCLONE_LOG_LEVEL=DEBUG",
		"RCLONE_DEFAULT_TIME=1999-12-31T00:00:00Z",
		"RCLONE_LINKS=true",
		"RCLONE_COPY_LINKS=true",
		"RCLONE_LOCAL_LINKS=true",
		"RCLONE_LOCAL_COPY_LINKS=true",
		"RCLONE_LOCAL_NO_SET_MODTIME=true",
		"RCLONE_LOCAL_ENCODING=Slash,LtGt,Dot,Colon,Percent",
		"RCLONE_MEMORY_DISCARD=true",
		"RCLONE_CONFIG_LOCAL_NO_SET_MODTIME=true",
		"RCLONE_CONFIG_LOCAL_COPY_LINKS=true",
		"RCLONE_CONFIG_MEMORY_DISCARD=true",
	}
	file := "[local]\ntype = local\nno_set_modtime = true\ncopy_links = true\n\n[memory]\ntype = memory\ndiscard = true\n"
	tests := []struct {
		name string
		env  func(home string) []string
		home map[string]string
	}{
		{"variables", func(string) []string { return hostile }, nil},
		{"file in the home directory", func(string) []string { return nil }, map[string]string{".config/rclone/rclone.conf": file}},
		{"file of a variable", func(home string) []string { return []string{"RCLONE_CONFIG=" + home + "/my.conf"} }, map[string]string{"my.conf": file}},
		{"nothing", func(string) []string { return nil }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			home := t.TempDir()
			for name, content := range tt.home {
				path := filepath.Join(home, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			before := treeOf(t, home)
			run := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run",
				"^(TestBackendOverLocal|TestBackendOverMemory|TestLinks.*)$/^(G2|G4|outside)$")
			run.Dir = t.TempDir()
			run.Env = append(append([]string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()}, tt.env(home)...), "XDG_CONFIG_HOME=")
			output, err := run.CombinedOutput()
			if err != nil {
				t.Errorf("%v: %v\n%s", tt.env(home), err, output)
			}
			if passed := strings.Count(string(output), "--- PASS"); passed < 18 {
				t.Errorf("%d tests passed, want the suite:\n%s", passed, output)
			}
			if diff := cmp.Diff(before, treeOf(t, home)); diff != "" {
				t.Errorf("the home directory changed, before -, after +:\n%s", diff)
			}
		})
	}
}

// treeOf returns the names below dir and what the files hold.
func treeOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	tree := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			tree[path] = "directory"
			return err
		}
		content, err := os.ReadFile(path)
		tree[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}
