package vfs_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

func TestParsePath(t *testing.T) {
	long := strings.Repeat("n", 4000)
	tests := []struct {
		name, cwd, raw, want string
	}{
		{"root", "/home", "/", "/"},
		{"nothing is the working directory", "/home", "", "/home"},
		{"dot is the working directory", "/home", ".", "/home"},
		{"relative", "/home", "a/b", "/home/a/b"},
		{"absolute", "/home", "/a/b", "/a/b"},
		{"many slashes are one", "/home", "//a///b//", "/a/b"},
		{"two slashes are the root", "/home", "//", "/"},
		{"trailing slash", "/home", "a/", "/home/a"},
		{"dots between", "/home", "/a/./b/.", "/a/b"},
		{"parent", "/home/x", "..", "/home"},
		{"parent of the parent", "/home/x", "../..", "/"},
		{"parent of the root is the root", "/", "../../..", "/"},
		{"no way out", "/home", "/a/../../../b", "/b"},
		{"parent and down", "/home/x", "../y", "/home/y"},
		{"three dots are a name", "/", "...", "/..."},
		{"dots in names", "/", "..a/b../.c", "/..a/b../.c"},
		{"spaces", "/", " a / b ", "/ a / b "},
		{"backslash is a character", "/", `a\..\b`, `/a\..\b`},
		{"percent is a character", "/", "%2e%2e/%2F", "/%2e%2e/%2F"},
		{"composed and decomposed differ", "/", "caf\u00e9/cafe\u0301", "/caf\u00e9/cafe\u0301"},
		{"emoji", "/", "\U0001f600", "/\U0001f600"},
		{"non-characters are valid UTF-8", "/", "\ufffe\uffff", "/\ufffe\uffff"},
		{"long", "/", long, "/" + long},
		{"long way around", "/", strings.Repeat("a/../", 800) + "b", "/b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := vfs.ParsePath(vfs.MustParse(tt.cwd), tt.raw)
			if err != nil || got.String() != tt.want {
				t.Errorf("ParsePath(%q, %q) = %q, %v, want %q", tt.cwd, tt.raw, got, err, tt.want)
			}
			if got.Place() != vfs.MustParse(tt.want) {
				t.Errorf("the place of %q is not that of %q", tt.raw, tt.want)
			}
		})
	}
}

func TestParsePathRefuses(t *testing.T) {
	tests := []struct {
		name, cwd, raw string
	}{
		{"NUL", "/", "a\x00b"},
		{"line feed", "/", "a\nb"},
		{"carriage return", "/", "a\rb"},
		{"tab", "/", "a\tb"},
		{"escape", "/", "a\x1bb"},
		{"delete", "/", "a\x7fb"},
		{"next line (C1)", "/", "a\u0085b"},
		{"control sequence introducer (C1)", "/", "\u009b2J"},
		{"last of C1", "/", "\u009f"},
		{"right-to-left override", "/", "a\u202egpj.exe"},
		{"left-to-right embedding", "/", "a\u202ab"},
		{"isolate", "/", "a\u2066b"},
		{"end of isolate", "/", "a\u2069b"},
		{"left-to-right mark", "/", "a\u200eb"},
		{"right-to-left mark", "/", "a\u200fb"},
		{"Arabic letter mark", "/", "a\u061cb"},
		{"control character in a part that goes again", "/", "a\x00b/.."},
		{"Latin-1", "/", "caf\xe9"},
		{"overlong slash", "/", "a\xc0\xafb"},
		{"surrogate", "/", "\xed\xa0\x80"},
		{"too long", "/", strings.Repeat("n", 4097)},
		{"too long with the working directory", "/" + strings.Repeat("n", 4000), strings.Repeat("n", 100)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := vfs.ParsePath(vfs.MustParse(tt.cwd), tt.raw)
			if vfs.KindOf(err) != vfs.KindInvalid || got != (vfs.Path{}) {
				t.Errorf("ParsePath(%q, %q) = %q, %v, want an error of kind invalid", tt.cwd, tt.raw, got, err)
			}
		})
	}
}

// As in POSIX, a path that ends in a slash, "." or ".." names a directory; so does the
// empty path.
func TestOnlyDir(t *testing.T) {
	tests := map[string]bool{
		"a/": true, "a//": true, "/a/b/": true, "a/.": true, "a/b/..": true, ".": true, "": true, "./": true, "a/./": true,
		"a": false, "/a": false, "a/./b": false, "a/../b": false, "...": false, "a.": false, "/a..": false, ".a": false, "a/ ": false,
		"/": false, "..": false, "//": false, "a/../..": false, // the root is always a directory
	}
	for raw, want := range tests {
		p, err := vfs.ParsePath(vfs.MustParse("/home"), raw)
		if err != nil || p.OnlyDir() != want {
			t.Errorf("ParsePath(%q) = %q, %v; OnlyDir is %v", raw, p, err, p.OnlyDir())
		}
		if p.Place().OnlyDir() || p.Dir().OnlyDir() || vfs.MustParse("/"+raw).OnlyDir() {
			t.Errorf("%q: the word stays", raw)
		}
		if again, err := vfs.ParsePath(p, "x"); err != nil || again.OnlyDir() {
			t.Errorf("%q as the working directory makes %q, %v", raw, again, err)
		}
	}
}

func TestMustParsePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("MustParse of an invalid path returned")
		}
	}()
	vfs.MustParse("a\x00b")
}

func TestChild(t *testing.T) {
	for _, name := range []string{"", ".", "..", "a/b", "/", "a\x00", "\n", "\x7f", "\xff", "\u0080", "\u202e", "\u061c"} {
		if p, err := vfs.MustParse("/dir").Child(name); vfs.KindOf(err) != vfs.KindInvalid || !p.IsRoot() {
			t.Errorf("Child(%q) = %q, %v, want an error of kind invalid", name, p, err)
		}
	}
	for _, name := range []string{"a", "...", " ", "%2F", `\`, "\u00e9", "\u00a0", "\u05d0\u0627", "\u200d", "\u2065"} {
		if p, err := vfs.MustParse("/dir").Child(name); err != nil || p.String() != "/dir/"+name || p.Base() != name {
			t.Errorf("Child(%q) = %q, %v", name, p, err)
		}
	}
}

func TestPathParts(t *testing.T) {
	tests := []struct {
		path, rel, base, dir string
		depth                int
	}{
		{"/", "", "", "/", 0},
		{"/a", "a", "a", "/", 1},
		{"/a/b", "a/b", "b", "/a", 2},
		{"/a/b/c.txt", "a/b/c.txt", "c.txt", "/a/b", 3},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			p := vfs.MustParse(tt.path)
			if p.String() != tt.path || p.Rel() != tt.rel || p.Base() != tt.base || p.Dir().String() != tt.dir || p.Depth() != tt.depth {
				t.Errorf("got %q, %q, %q, %q, %d, want %+v", p, p.Rel(), p.Base(), p.Dir(), p.Depth(), tt)
			}
			if p.IsRoot() != (tt.path == "/") {
				t.Errorf("IsRoot() = %v", p.IsRoot())
			}
		})
	}
	if (vfs.Path{}) != vfs.MustParse("/") {
		t.Error("the zero Path is not the root")
	}
}

func TestCut(t *testing.T) {
	tests := []struct {
		path, dir, want string
		ok              bool
	}{
		{"/a/b", "/a", "/b", true},
		{"/a", "/a", "/", true},
		{"/a/b", "/", "/a/b", true},
		{"/", "/", "/", true},
		{"/ab", "/a", "/", false},
		{"/ab/c", "/a", "/", false},
		{"/a", "/a/b", "/", false},
		{"/", "/a", "/", false},
		{"/b/a", "/a", "/", false},
	}
	for _, tt := range tests {
		t.Run(tt.path+" in "+tt.dir, func(t *testing.T) {
			p, dir := vfs.MustParse(tt.path), vfs.MustParse(tt.dir)
			got, ok := p.Cut(dir)
			if got.String() != tt.want || ok != tt.ok {
				t.Errorf("Cut = %q, %v, want %q, %v", got, ok, tt.want, tt.ok)
			}
			if ok && dir.Join(got) != p {
				t.Errorf("Join(%q) = %q, want the path again", got, dir.Join(got))
			}
		})
	}
}

// FuzzParsePath states the properties of every Path, for all inputs.
func FuzzParsePath(f *testing.F) {
	for _, raw := range []string{
		"", "/", "//", ".", "..", "/..", "../..", "a", "/a/b/", "a//b", "a/./b/../c", "...", "a\x00b", "\xff", "%2e%2e/",
		`a\b`, "caf\u00e9", "\U0001f600/..", " ", strings.Repeat("../", 100), strings.Repeat("n", 5000),
	} {
		f.Add("/home/user", raw)
		f.Add("", raw)
	}
	f.Fuzz(func(t *testing.T, cwdRaw, raw string) {
		cwd, err := vfs.ParsePath(vfs.Path{}, cwdRaw)
		if err != nil {
			cwd = vfs.Path{}
		}
		p, err := vfs.ParsePath(cwd, raw)
		if err != nil {
			if vfs.KindOf(err) != vfs.KindInvalid || p != (vfs.Path{}) {
				t.Fatalf("ParsePath(%q, %q) = %q, %v", cwd, raw, p, err)
			}
			return
		}
		if p.OnlyDir() != (vfs.NamesDir(raw) && !p.IsRoot()) {
			t.Fatalf("%q is only a directory: %v", raw, p.OnlyDir())
		}
		p = p.Place()
		text := p.String()
		if again, err := vfs.ParsePath(cwd, text); err != nil || again != p {
			t.Fatalf("%q does not parse to itself: %q, %v", text, again, err)
		}
		names := strings.Split(text, "/")[1:]
		for _, name := range names {
			if !p.IsRoot() && (name == "" || name == "." || name == "..") {
				t.Fatalf("%q has the element %q", text, name)
			}
			if strings.ContainsFunc(name, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
				t.Fatalf("%q holds a control character", text)
			}
		}
		if !p.IsRoot() && (p.Depth() != len(names) || p.Base() != names[len(names)-1] || p.Rel() != strings.Join(names, "/")) {
			t.Fatalf("%q has depth %d, base %q, rel %q", text, p.Depth(), p.Base(), p.Rel())
		}
		if !p.IsRoot() {
			if child, err := p.Dir().Child(p.Base()); err != nil || child != p {
				t.Fatalf("Dir and Base of %q make %q, %v", text, child, err)
			}
		}
		// Every parent can be cut off and joined again.
		for dir := p; ; dir = dir.Dir() {
			rest, ok := p.Cut(dir)
			if !ok || dir.Join(rest) != p || dir.Depth()+rest.Depth() != p.Depth() {
				t.Fatalf("%q cut at %q is %q, %v", text, dir, rest, ok)
			}
			if dir.IsRoot() {
				break
			}
		}
		if !slices.Contains([]int{0, p.Depth() - 1}, p.Dir().Depth()) {
			t.Fatalf("Dir of %q is %q", text, p.Dir())
		}
	})
}

// rmdir(2) and rename(2) distinguish "dir/." from "dir/".
func TestEndsInDots(t *testing.T) {
	for raw, want := range map[string]bool{
		"/dir": false, "/dir/": false, "/dir//": false, "/dir/.": true, "/dir/./": true, "/dir/x/..": true, "/dir/x/..//": true,
		".": true, "./": true, "dir/.": true, "/": false, "/.": false, "/..": false, "": false, "/dir.": false, "/dir..": false,
	} {
		p, err := vfs.ParsePath(vfs.MustParse("/cwd"), raw)
		if err != nil || p.EndsInDots() != want {
			t.Errorf("ParsePath(%q): %v, %v, want %v", raw, p.EndsInDots(), err, want)
		}
		cleaned, err := vfs.ParsePath(vfs.Path{}, p.String()+vfs.Ending(raw))
		if err != nil || cleaned != p {
			t.Errorf("with the ending of %q: %#v, %v, want %#v", raw, cleaned, err, p)
		}
		if p.Place() != vfs.MustParse(p.String()) {
			t.Errorf("Place of %q keeps more than the place", raw)
		}
	}
}
