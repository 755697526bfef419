package vfs_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/vfs"
)

func TestNames(t *testing.T) {
	deny := vfs.NameRules{Deny: []string{"*.exe", ".*", "[0-9]tmp?", `\*`, "Straße"}}
	allow := vfs.NameRules{Allow: []string{"*.csv", "[a-c]*.TXT"}}
	for name, tt := range map[string]struct {
		rules vfs.NameRules
		file  bool
		dir   bool
	}{
		"a.exe": {deny, false, false}, "A.EXE": {deny, false, false}, "a.ExE": {deny, false, false}, "a.exe.txt": {deny, true, true},
		"exe": {deny, true, true}, ".exe": {deny, false, false}, ".hidden": {deny, false, false},
		"a.exe.": {deny, false, false}, "a.exe ": {deny, false, false}, "a.exe. . ": {deny, false, false}, "a.exe\u00a0": {deny, true, true},
		"5tmp1": {deny, false, false}, "5TMPx": {deny, false, false}, "xtmp1": {deny, true, true}, "*": {deny, false, false}, "x": {deny, true, true},
		"STRAßE": {deny, false, false}, "\u017ftraße": {deny, false, false}, "Strasse": {deny, true, true}, "a.e\u0445e": {deny, true, true}, // a Cyrillic letter
		"a.csv": {allow, true, true}, "A.CSV": {allow, true, true}, "a.csv ": {allow, false, true}, "a.csv.exe": {allow, false, true},
		"b.txt": {allow, true, true}, "B.txt": {allow, true, true}, "d.txt": {allow, false, true}, "a.exe ok": {allow, false, true},
		"both.csv":  {vfs.NameRules{Allow: allow.Allow, Deny: []string{"both.*"}}, false, false},
		"other.csv": {vfs.NameRules{Allow: allow.Allow, Deny: []string{"both.*"}}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := memory.New()
			all := one(t, b)
			put(t, all, "/file", "content")
			put(t, all, "/dir/x.bin", "content")
			v := newView(t, vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: vfs.PermAll, Names: tt.rules})
			to := path("/sub/").Join(path("/" + name))
			for what, op := range map[string]struct {
				allowed bool
				do      func(ctx context.Context) error
			}{
				"create": {tt.file, func(ctx context.Context) error { return tryPut(ctx, v, to.String(), "x", vfs.CreateOptions{}) }},
				"append": {tt.file, func(ctx context.Context) error {
					return tryPut(ctx, v, to.String(), "x", vfs.CreateOptions{Mode: vfs.ModeAppend})
				}},
				"copy": {tt.file, func(ctx context.Context) error {
					_, err := v.Copy(ctx, path("/file"), to, vfs.CopyOptions{})
					return err
				}},
				"rename": {tt.file, func(ctx context.Context) error { return v.Rename(ctx, path("/file"), to, vfs.RenameOptions{}) }},
				"mkdir":  {tt.dir, func(ctx context.Context) error { return v.Mkdir(ctx, to) }},
				"rename of a directory": {tt.dir, func(ctx context.Context) error {
					return v.Rename(ctx, path("/dir"), to, vfs.RenameOptions{})
				}},
				"rename as a directory": {tt.dir, func(ctx context.Context) error {
					return v.Rename(ctx, path("/dir"), to, vfs.RenameOptions{WantDir: true})
				}},
			} {
				for _, p := range []string{"/sub", "/file", "/dir"} {
					restore(t, all, p, to)
				}
				err := op.do(t.Context())
				if op.allowed {
					if err != nil {
						t.Errorf("%s: %v", what, err)
					}
					continue
				}
				wantKind(t, what, err, vfs.KindPermission)
				if err != nil && !strings.Contains(err.Error(), "_names") || vfs.ReasonOf(err) != vfs.KindPermission.Reason() {
					t.Errorf("%s: %v, with the reason %q", what, err, vfs.ReasonOf(err))
				}
				if _, err := all.Stat(t.Context(), to, vfs.TypeAny); err == nil {
					t.Errorf("%s: it is there after the refusal", what)
				}
			}
			if got := v.MayName(to); got != tt.file {
				t.Errorf("MayName = %v", got)
			}
		})
	}
}

// restore puts /file and /dir back where an operation has moved them from to to.
func restore(t *testing.T, all *vfs.View, p string, to vfs.Path) {
	t.Helper()
	ctx := t.Context()
	switch p {
	case "/file":
		put(t, all, p, "content")
	case "/dir":
		put(t, all, "/dir/x.bin", "content")
	default:
		_ = all.Remove(ctx, to.Join(path("/x.bin")), vfs.TypeFile)
		_ = all.Remove(ctx, to, vfs.TypeDir)
		_ = all.Remove(ctx, to, vfs.TypeFile)
	}
}

// Existing files with such names can be read, removed and renamed to others, and files
// in directories with such names too.
func TestNamesThatAreThere(t *testing.T) {
	b := memory.New()
	put(t, one(t, b), "/.git/a.exe", "content")
	v := newView(t, vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: vfs.PermAll, Names: vfs.NameRules{Deny: []string{".*", "*.exe"}}})
	if got := get(t, v, "/.git/a.exe"); got != "content" {
		t.Errorf("content %q", got)
	}
	put(t, v, "/.git/b", "")
	wantKind(t, "replace", tryPut(t.Context(), v, "/.git/a.exe", "", vfs.CreateOptions{}), vfs.KindPermission)
	if err := v.Rename(t.Context(), path("/.git/a.exe"), path("/a"), vfs.RenameOptions{}); err != nil {
		t.Error(err)
	}
	if err := v.Rename(t.Context(), path("/.git"), path("/git"), vfs.RenameOptions{}); err != nil {
		t.Error(err)
	}
}

func TestNamePatternsAreChecked(t *testing.T) {
	for pattern, ok := range map[string]bool{
		"*.csv": true, "": false, "a/b": false, "[a": false, `x\`: false, "[]": false, "[a-]": false, "[^a]": true, `\[a`: true, "日本*": true,
	} {
		if err := vfs.CheckNamePattern(pattern); (err == nil) != ok {
			t.Errorf("%q: %v", pattern, err)
		}
		_, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: memory.New()}}, Names: vfs.NameRules{Allow: []string{pattern}}})
		if (err == nil) != ok {
			t.Errorf("NewView with %q: %v", pattern, err)
		}
	}
}
