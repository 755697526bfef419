package ftp

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/vfs"
)

func TestFacts(t *testing.T) {
	t.Parallel()
	view := viewOf(t, vfs.ViewOptions{
		Mounts: []vfs.Mount{{}, {At: vfs.MustParse("/ro"), ReadOnly: true}, {At: vfs.MustParse("/m")}},
		Home:   vfs.MustParse("/home"), Allow: vfs.PermAll,
	})
	box := viewOf(t, vfs.ViewOptions{Allow: vfs.PermList | vfs.PermWrite})
	at := time.Date(2026, 1, 2, 3, 4, 5, 999, time.FixedZone("", 3600))
	file, dir := vfs.Info{Type: vfs.TypeFile, Size: 7, ModTime: at}, vfs.Info{Type: vfs.TypeDir}
	for _, tt := range []struct {
		name string
		on   []string
		view *vfs.View
		path string
		info vfs.Info
		want string
	}{
		{"file", usualFacts(), view, "/f", file, "type=file;size=7;modify=20260102020405;perm=adfrw;"},
		{"directory", usualFacts(), view, "/d", dir, "type=dir;perm=cdeflmp;"},
		{"mount point", usualFacts(), view, "/m", dir, "type=dir;perm=celmp;"},
		{"home", usualFacts(), view, "/home", dir, "type=dir;perm=celmp;"},
		{"file on a read-only mount", usualFacts(), view, "/ro/f", file, "type=file;size=7;modify=20260102020405;perm=r;"},
		{"directory on a read-only mount", usualFacts(), view, "/ro/d", dir, "type=dir;perm=el;"},
		{"file in a drop box", usualFacts(), box, "/f", file, "type=file;size=7;modify=20260102020405;perm=;"},
		{"drop box", usualFacts(), box, "/d", dir, "type=dir;perm=cel;"},
		{"chosen", []string{"size"}, view, "/f", file, "size=7;"},
		{"none", nil, view, "/f", file, ""},
	} {
		if got := facts(tt.on, tt.view, vfs.MustParse(tt.path), tt.info, "dir"); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	unique := func(path string, i vfs.Info) string {
		return facts([]string{"unique"}, view, vfs.MustParse(path), i, "dir")
	}
	if a, b := unique("/f", file), unique("/f", vfs.Info{Type: vfs.TypeFile, Size: 8}); a != b || a == unique("/g", file) || len(a) < 20 {
		t.Errorf("unique is %s for a file, %s for it later, %s for another", a, b, unique("/g", file))
	}
}

func TestChooseFacts(t *testing.T) {
	t.Parallel()
	for list, want := range map[string][]string{
		"": nil, "type;size;": {"type", "size"}, "UNIQUE;Type": {"type", "unique"}, "nonsense;;modify;": {"modify"}, ";": nil,
		"type size": nil,
	} {
		if diff := cmp.Diff(want, chooseFacts(list)); diff != "" {
			t.Errorf("chooseFacts(%q) (-want +got):\n%s", list, diff)
		}
	}
	if got, want := mlstFeature([]string{"size", "unique"}), "type;size*;modify;perm;unique*;"; got != want {
		t.Errorf("mlstFeature = %q, want %q", got, want)
	}
}

// However the facts are chosen, the line has one form: facts in lower case that
// end with ";", a space, and the name.
func FuzzFacts(f *testing.F) {
	view := viewOf(f, vfs.ViewOptions{Allow: vfs.PermAll})
	f.Add("type;size;", "a b", int64(5), true)
	f.Add("UNIQUE;perm", "x;y=z; ", int64(0), false)
	f.Fuzz(func(t *testing.T, list, name string, size int64, isDir bool) {
		p, err := vfs.Path{}.Child(name)
		if err != nil {
			t.Skip("no path can hold the name")
		}
		info := vfs.Info{Name: name, Type: vfs.TypeFile, Size: size, ModTime: time.Unix(size%(1<<40), 0)}
		if isDir {
			info.Type = vfs.TypeDir
		}
		got := facts(chooseFacts(list), view, p, info, "dir")
		if got != "" && !strings.HasSuffix(got, ";") {
			t.Errorf("facts %q do not end", got)
		}
		for fact := range strings.SplitSeq(strings.TrimSuffix(got, ";"), ";") {
			name, _, ok := strings.Cut(fact, "=")
			if got != "" && (!ok || !slices.Contains(strings.Split(strings.ToLower(list), ";"), name)) {
				t.Errorf("fact %q of %q was not asked for", fact, list)
			}
		}
		if strings.ContainsAny(got, " \r\n") {
			t.Errorf("facts %q hold a space or an end of line", got)
		}
	})
}
