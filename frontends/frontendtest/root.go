package frontendtest

import (
	"errors"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

// testRoot proves that a user's root is "/" for that user, and that nothing leads out of it.
func testRoot(t *testing.T, target Target) {
	s := serve(t, target, setup{users: func(b vfs.Backend) []user {
		return []user{{
			mounts: []vfs.Mount{
				{Backend: b, Root: vfs.MustParse("/t")},
				{Backend: b, At: vfs.MustParse("/customers/a/shared"), Root: vfs.MustParse("/shared"), ReadOnly: true},
			},
			home: "/in",
			tree: func(o *vfs.ViewOptions) { o.Root = vfs.MustParse("/customers/a") },
		}}
	}})
	s.StoreFile("/t/secret", content(1, 10), noTime())
	s.StoreFile("/t/customers/a/own", content(2, 10), noTime())
	s.StoreFile("/t/customers/ab/secret", content(3, 10), noTime())
	s.StoreFile("/shared/file", content(4, 10), noTime())
	c := s.login()
	s.wantNames(c, "/", "in", "own", "shared")
	s.wantNames(c, "/../..", "in", "own", "shared")
	s.wantNames(c, "/shared", "file")
	if w, ok := c.(WorkingDir); ok {
		s.wantPwd(w, "/in")
		for range 2 {
			s.ok(w.Cd(".."), "cd ..")
			s.wantPwd(w, "/")
		}
		s.wantKind(w.Cd("/customers"), OpCd, notExist)
		s.ok(w.Cd("/in"), "cd")
	}
	for _, name := range []string{"/secret", "../../secret", "/../ab/secret", "../../ab/secret", "/customers/a/own", "/customers/ab/secret", "b/secret", "/t/secret"} {
		for what, err := range map[Op]error{
			OpOpen:   second(get(c, name, 0)),
			OpStat:   second(c.Stat(name)),
			OpDelete: c.Delete(name),
			OpRename: c.Rename(name, "/taken"),
		} {
			s.wantKind(err, what, notExist)
			if refusal, ok := errors.AsType[*Error](err); ok && strings.Contains(refusal.Text, "customers") && !strings.Contains(name, "customers") {
				s.Errorf("%s %s: the root is in %q", what, name, refusal.Text)
			}
		}
	}
	s.wantKind(c.Rmdir("/"), OpRmdir, vfs.KindPermission)
	s.wantKind(c.Mkdir("/"), OpMkdir, vfs.KindExist)
	s.wantKind(put(c, "/shared/new", nil, CreateOptions{}), OpCreate, vfs.KindPermission)
	s.put(c, "/../../ab/secret", content(5, 10))
	s.WantStored("/t/customers/a/ab/secret", content(5, 10))
	s.ok(c.Rename("/own", "/../../secret"), "rename")
	s.WantStored("/t/customers/a/secret", content(2, 10))
	s.WantStored("/t/secret", content(1, 10))
	s.WantStored("/t/customers/ab/secret", content(3, 10))
	s.WantStoredNames("/", "shared", "t")
	s.WantStoredNames("/t", "customers", "secret")
	s.WantStoredNames("/t/customers", "a", "ab")
}

// second returns the second of two values.
func second[T any](_ T, err error) error { return err }

// testRightsByPath proves that the rights at a path are those of the nearest rule, at both
// ends of a rename.
func testRightsByPath(t *testing.T, target Target) {
	at := func(path string, allow vfs.Permission) vfs.PathRule {
		return vfs.PathRule{At: vfs.MustParse(path), Allow: allow}
	}
	s := serve(t, target, setup{users: func(vfs.Backend) []user {
		return []user{{tree: func(o *vfs.ViewOptions) {
			o.Paths = []vfs.PathRule{
				at("/out", vfs.PermList|vfs.PermRead), at("/out/mine", vfs.PermAll),
				at("/in", vfs.PermWrite|vfs.PermRename|vfs.PermMkdir), at("/dir/sub/kept", vfs.PermList),
			}
		}}}
	}})
	for _, name := range []string{"/out/file", "/out/mine/file", "/in/file", "/dir/sub/kept/file", "/file", "/output"} {
		s.StoreFile(name, content(1, 10), noTime())
	}
	c := s.login()
	no := vfs.KindPermission
	before := s.tree()
	s.wantNames(c, "/", "dir", "file", "in", "out", "output")
	s.wantNames(c, "/out", "file", "mine")
	s.wantGet(c, "/out/file", content(1, 10))
	s.wantKind(put(c, "/out/new", []byte("x"), CreateOptions{}), OpCreate, no)
	s.wantKind(put(c, "/out/file", []byte("x"), CreateOptions{}), OpCreate, no)
	s.wantKind(c.Delete("/out/file"), OpDelete, no)
	s.wantKind(c.Mkdir("/out/new"), OpMkdir, no)
	s.wantKind(c.SetModTime("/out/file", aTime), OpSetModTime, no)
	for _, names := range [][2]string{
		{"/out/file", "/taken"},
		{"/file", "/out/file2"},
		{"/out", "/renamed"},
		{"/out/file", "/out/mine/file2"},
		{"/in/file", "/taken"},
		{"/in/file", "/out/mine/file2"},
		{"/dir", "/renamed"},
		{"/dir/sub", "/renamed"},
		{"/in", "/renamed"},
	} {
		s.wantKind(c.Rename(names[0], names[1]), OpRename, no)
	}
	s.wantKind(second(c.List("/in")), OpList, no)
	s.wantKind(second(get(c, "/in/file", 0)), OpOpen, no)
	s.wantKind(put(c, "/in/file", []byte("x"), CreateOptions{}), OpCreate, vfs.KindExist)
	s.wantTree(before, "all refusals")
	s.ok(c.Delete("/file"), "delete")
	s.put(c, "/out/mine/new/file", content(2, 10))
	// The drop box, as uploaders use it that give the name at the end.
	s.put(c, "/in/file2.part", content(3, 10))
	s.ok(c.Rename("/in/file2.part", "/in/file2"), "rename in the drop box")
	s.WantStored("/in/file2", content(3, 10))
	s.wantKind(c.Rename("/in/file2", "/in/file"), OpRename, vfs.KindExist)
	s.ok(c.Rename("/output", "/in/moved"), "rename to fewer rights")
	s.WantStored("/in/moved", content(1, 10))
}

// testNameRules proves that neither an upload nor a rename gives a name that the rules
// refuse.
func testNameRules(t *testing.T, target Target) {
	s := serve(t, target, setup{users: func(vfs.Backend) []user {
		return []user{
			{name: "deny", tree: func(o *vfs.ViewOptions) { o.Names = vfs.NameRules{Deny: []string{"*.exe", ".*"}} }},
			{name: "allow", tree: func(o *vfs.ViewOptions) { o.Names = vfs.NameRules{Allow: []string{"*.csv", "*.csv.part"}} }},
		}
	}})
	s.StoreFile("/old.exe", content(1, 10), noTime())
	s.StoreFile("/file", content(2, 10), noTime())
	s.storeDir("/dir")
	no := vfs.KindPermission
	before := s.tree()
	for name, refused := range map[string][]string{
		"deny":  {"/a.exe", "/A.EXE", "/dir/.hidden", "/.exe", "/old.exe", "/none/a.eXe"},
		"allow": {"/a.csv.exe", "/csv", "/dir/a", "/old.exe", "/none/a"},
	} {
		c := s.loginAs(name)
		for _, file := range refused {
			s.wantKind(put(c, file, []byte("x"), CreateOptions{}), OpCreate, no)
			s.wantKind(put(c, file, []byte("x"), CreateOptions{Append: true}), OpCreate, no)
			s.wantKind(c.Rename("/file", file), OpRename, no)
		}
	}
	deny, allow := s.loginAs("deny"), s.loginAs("allow")
	s.wantKind(deny.Mkdir("/.git"), OpMkdir, no)
	s.wantKind(put(deny, "/old.exe", []byte("x"), CreateOptions{Offset: 10}), OpCreate, no)
	if s.store.Caps().RenameDir {
		s.wantKind(deny.Rename("/dir", "/dir.exe"), OpRename, no)
	}
	s.wantTree(before, "all refusals")
	s.wantGet(deny, "/old.exe", content(1, 10))
	s.put(deny, "/new", content(3, 10))
	s.ok(deny.Rename("/old.exe", "/old"), "rename to a name that is allowed")
	s.put(allow, "/data.CSV.part", content(4, 10))
	s.ok(allow.Rename("/data.CSV.part", "/data.CSV"), "rename to the final name")
	s.ok(allow.Mkdir("/any"), "mkdir")
	if s.store.Caps().RenameDir {
		s.ok(allow.Rename("/any", "/other"), "rename of a directory")
	}
}
