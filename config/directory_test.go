package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/internal/hostmemory"
)

// put writes a file, or makes a symbolic link for a text that begins with "-> ".
func put(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, isLink := strings.CutPrefix(text, "-> "); isLink {
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, []byte(text), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A directory is read with those below it, each file once, by its first name.
func TestReadDirectory(t *testing.T) {
	for _, test := range []struct {
		name  string
		files map[string]string
		want  []string // the names and the texts
		wrong string
	}{
		{"in order", map[string]string{"b.hcl": "1", "a/z.hcl": "2", "c/a/x.hcl": "3", "a.hcl": "4", "a/notes.txt": "5"}, []string{"a/z.hcl 2", "a.hcl 4", "b.hcl 1", "c/a/x.hcl 3"}, ""},
		{"hidden", map[string]string{".a.hcl": "1", ".git/b.hcl": "2", "x/.c/d.hcl": "3", "lost+found/e.hcl": "4", "f.hcl": "5"}, []string{"f.hcl 5"}, ""},
		{"a mounted volume", map[string]string{
			"..2026_11_28/a.hcl": "old", "..2026_11_29/a.hcl": "1", "..2026_11_29/sub/b.hcl": "2", "..data": "-> ..2026_11_29",
			"a.hcl": "-> ..data/a.hcl", "sub": "-> ..data/sub",
		}, []string{"a.hcl 1", "sub/b.hcl 2"}, ""},
		{"two names of a file", map[string]string{"a.hcl": "-> z.hcl", "z.hcl": "1", "y/b.hcl": "-> ../z.hcl"}, []string{"a.hcl 1"}, ""},
		{"two names of a directory", map[string]string{"a": "-> z", "z/x.hcl": "1"}, []string{"a/x.hcl 1"}, ""},
		{"a circle", map[string]string{"a/b": "-> ..", "a/x.hcl": "1", "self": "-> ."}, []string{"a/x.hcl 1"}, ""},
		{"a link to nothing", map[string]string{"a.hcl": "-> nowhere", "b": "-> nowhere", "c.hcl": "1"}, []string{"c.hcl 1"}, "no such file"},
		{"a directory with the name of a file", map[string]string{"a.hcl/b.hcl": "1"}, []string{"a.hcl/b.hcl 1"}, ""},
		{"nothing", map[string]string{"a/b.txt": "1"}, nil, "holds no *.hcl file"},
		{"deep", map[string]string{strings.Repeat("d/", maxDepth+1) + "a.hcl": "1"}, nil, "directories deep"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, test.files)
			sources, diags := Read(dir)
			var got []string
			for _, s := range sources {
				name, err := filepath.Rel(dir, s.Name)
				if err != nil || s.Dir != dir {
					t.Errorf("%v, relative paths begin in %q", err, s.Dir)
				}
				got = append(got, name+" "+string(s.Bytes))
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if (test.wrong == "") != (len(diags) == 0) || !strings.Contains(fmt.Sprint(diags), test.wrong) {
				t.Errorf("problems %v, want %q", diags, test.wrong)
			}
		})
	}
}

func TestReadWhileAVolumeChanges(t *testing.T) {
	for _, test := range []struct{ changes, want int }{{0, 1}, {1, 2}, {2, 3}, {100, 4}} {
		dir, reads := t.TempDir(), 0
		link := filepath.Join(dir, "..data")
		untilUnchanged(link, func() {
			if reads++; reads > test.changes {
				return
			}
			_ = os.Remove(link)
			put(t, dir, map[string]string{"..data": fmt.Sprintf("-> version-%d", reads)})
		})
		if reads != test.want {
			t.Errorf("with %d changes there are %d reads, want %d", test.changes, reads, test.want)
		}
	}
}

func TestReadTooManyFiles(t *testing.T) {
	tree := tree{seen: map[string]bool{}, names: make([]string, maxFiles)}
	dir := t.TempDir()
	put(t, dir, map[string]string{"a.hcl": "", "b/c.hcl": "", "d.hcl": ""})
	tree.walk(dir, 0)
	if len(tree.diags) != 1 || len(tree.names) != maxFiles {
		t.Errorf("%d names, %v", len(tree.names), tree.diags)
	}
}

// A tenant in several files is one tenant. What only one of them may say is a problem with
// both places.
func TestTenantInSeveralFiles(t *testing.T) {
	const hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	for _, test := range []struct{ name, one, two, want string }{
		{"an argument twice", `revoked_keys = []`, `revoked_keys = []`, "b.hcl:2:1: Duplicate argument: revoked_keys is already set at a.hcl:2:1."},
		{"a mount twice", `mount "/" {}`, `mount "/" {}`, "b.hcl:2:7: Duplicate mount: \"/\" is already mounted at a.hcl:2:7."},
		{"a user twice", fmt.Sprintf("user \"u\" { password_hash = %q }", hash), fmt.Sprintf("user \"U\" { password_hash = %q }", hash), "b.hcl:2:6: Ambiguous login: \"U\" would also be user \"u\" of tenant \"t\", defined at a.hcl:2:6."},
		{"defaults twice", `defaults {}`, `defaults {}`, "b.hcl:2:1: Duplicate defaults block: Only one defaults block is allowed. Another was defined at a.hcl:2:1."},
		{"an unknown name", `revoked_keys = []`, `revoked = []`, "b.hcl:2:1: Unsupported argument"},
	} {
		t.Run(test.name, func(t *testing.T) {
			sources := []Source{
				{Name: "a.hcl", Bytes: []byte("tenant \"t\" {\n" + test.one + "\n}")},
				{Name: "b.hcl", Bytes: []byte("tenant \"t\" {\n" + test.two + "\n}")},
			}
			_, diags := Load(sources, Registry{}, hostmemory.Limit{})
			var all []string
			for _, d := range diags {
				all = append(all, fmt.Sprintf("%s: %s: %s", place(*d.Subject), d.Summary, d.Detail))
			}
			if text := strings.Join(all, "\n"); !strings.Contains(text, test.want) {
				t.Errorf("no %q in:\n%s", test.want, text)
			}
		})
	}
}
