package frontendtest

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

func nameTests() []suiteTest {
	return []suiteTest{
		{"name/kept", testNames},
		{"name/paths", testPaths},
		{"name/refused", testNamesRefused},
	}
}

// testNames proves that a name comes back as it was sent.
func testNames(t *testing.T, target Target) {
	names := []string{
		"a b", "a  b", " leading", "trailing ", "\u00a0nbsp", "Grüße", "日本語", "ф", "😀", "e\u0301", "\u00e9",
		"#%?&=+", "%2e%2e", "%2f", "a;b=c", "type=file; x", "-la", "--", "-", "*", "?", "[x]", "{a,b}", "a'b", `a"b`, `""`, "a|b",
		"a:b", "a<b>", "~", "~root", "$HOME", "`id`", `a\b`, `..\x`, "..a", "a..", "...", ".hidden", "a.", "CON", "nul.txt",
		"\u05d0\u05d1", "\u2028", "\ufeffbom", strings.Repeat("n", 200), strings.Repeat("ü", 100),
	}
	s := serve(t, target, setup{})
	c := s.login()
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			inner := s.in(t)
			inner.roundTrip(c, name)
		})
	}
}

func (s *Server) roundTrip(c Client, name string) {
	s.Helper()
	data := content(1, 100)
	err := put(c, "/names/"+name, data, CreateOptions{})
	if s.target.Refuses(name) {
		s.wantKind(err, OpCreate, vfs.KindInvalid)
		s.WantStored("/names/"+name, nil)
		return
	}
	s.ok(err, "upload")
	s.WantStored("/names/"+name, data)
	s.wantNames(c, "/names", name)
	s.wantGet(c, "/names/"+name, data)
	if _, err := c.Stat("/names/" + name); err != nil {
		s.Errorf("stat: %v", err)
	}
	s.ok(c.Rename("/names/"+name, "/names/plain"), "rename from")
	s.ok(c.Rename("/names/plain", "/names/"+name), "rename to")
	s.ok(c.Delete("/names/"+name), "delete")
	s.ok(c.Mkdir("/names/"+name), "mkdir")
	s.wantNames(c, "/names", name)
	s.wantNames(c, "/names/"+name)
	if w, ok := c.(WorkingDir); ok {
		s.ok(w.Cd("/names/"+name), "cd")
		s.wantPwd(w, "/names/"+name)
		s.ok(w.Cd("/"), "cd")
	}
	s.ok(c.Rmdir("/names/"+name), "rmdir")
}

// testPaths proves that all spellings of a path are one, for every operation.
func testPaths(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	c := s.login()
	spellings := []string{
		"/dir/file", "dir/file", "//dir//file", "/./dir/././file", "./dir/file", "/dir/../dir/file", "/../../dir/file",
		"../../dir/file", "/none/../dir/file", "/dir/sub/../../dir//./file", "/../dir/../../dir/file",
	}
	for _, path := range spellings {
		t.Run(path, func(t *testing.T) {
			inner := s.in(t)
			data := content(1, 100)
			inner.put(c, path, data)
			inner.WantStored("/dir/file", data)
			inner.WantStoredNames("/", "dir")
			inner.WantStoredNames("/dir", "file")
			inner.wantGet(c, path, data)
			if e, err := c.Stat(path); err != nil || e.Size != 100 {
				t.Errorf("stat: %+v, %v; want 100 bytes", e, err)
			}
			inner.wantNames(c, strings.TrimSuffix(path, "/file"), "file")
			inner.wantNames(c, strings.TrimSuffix(path, "file"), "file")
			inner.ok(c.Delete(path), "delete")
			inner.ok(c.Mkdir(path), "mkdir")
			inner.WantStoredNames("/dir", "file")
			inner.ok(c.Rmdir(path+"/"), "rmdir")
			inner.ok(c.Mkdir(path+"//"), "mkdir")
			inner.ok(c.Rmdir(path), "rmdir")
			inner.put(c, path, data)
			inner.ok(c.Rename(path, path+"2"), "rename")
			inner.WantStoredNames("/dir", "file2")
			inner.ok(c.Delete(path+"2"), "delete")
		})
	}
}

// testNamesRefused proves that what is no name reaches no store, and that the
// session continues.
func testNamesRefused(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	s.StoreFile("/file", content(1, 10), noTime())
	c := s.login()
	names := []string{
		"a\x01b", "\x1b[2J", "a\tb", "a\x7f", "\u0080", "a\u0085b", "\u009b2J", "a\u202egpj.exe", "\u2066", "a\u2069b", "a\u200eb", "\u200f", "\u061c", "a\xffb", "\xff\xff", "\xc3", "\xed\xa0\x80", "a\xc0\xafb", "\xc0\xae\xc0\xae/x",
		"a\x00b", "\x00", "a\nb", "a\rb", "a\r\nDELE /file", "/dir\x00/../file",
		strings.Repeat("x/", 2100) + "x",
	}
	for _, name := range names {
		if strings.ContainsAny(name, target.Unsayable) {
			continue
		}
		t.Run(name[:min(len(name), 20)], func(t *testing.T) {
			inner := s.in(t)
			tests := []struct {
				what string
				do   func() error
			}{
				{"upload", func() error { return put(c, "/"+name, []byte("x"), CreateOptions{}) }},
				{"mkdir", func() error { return c.Mkdir("/" + name) }},
				{"rename", func() error { return c.Rename("/file", "/"+name) }},
				{"download", func() error { _, err := get(c, "/"+name, 0); return err }},
				{"stat", func() error { _, err := c.Stat("/" + name); return err }},
				{"list", func() error { _, err := c.List("/" + name); return err }},
				{"delete", func() error { return c.Delete("/" + name) }},
				{"rmdir", func() error { return c.Rmdir("/" + name) }},
			}
			for _, test := range tests {
				if err := test.do(); !isRefusal(err) {
					t.Errorf("%s: %v, want a refusal", test.what, err)
				}
			}
			inner.WantStoredNames("/", "file")
			inner.wantGet(c, "/file", content(1, 10))
		})
	}
}
