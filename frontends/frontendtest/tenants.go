package frontendtest

import (
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

func tenantTests() []suiteTest {
	return []suiteTest{
		{"tenant/never meet", testTenants},
		{"tenant/home", testHome},
		{"tenant/root", testRoot},
		{"tenant/mounts", testMounts},
	}
}

// testTenants proves that two users on one store reach their own part only,
// also where one's prefix is the beginning of the other's.
func testTenants(t *testing.T, target Target) {
	s := serve(t, target, setup{users: func(b vfs.Backend) []user {
		mount := func(root string) []vfs.Mount { return []vfs.Mount{{Backend: b, Root: vfs.MustParse(root)}} }
		return []user{{name: "a", mounts: mount("/a")}, {name: "ab", mounts: mount("/ab")}}
	}})
	s.StoreFile("/secret", content(1, 10), noTime())
	s.StoreFile("/a/own", content(2, 10), noTime())
	s.StoreFile("/ab/secret", content(3, 10), noTime())
	c := s.loginAs("a")
	s.wantNames(c, "/", "own")
	s.wantNames(c, "/..", "own")
	s.wantNames(c, "/../..", "own")
	foreign := []string{
		"/secret", "../secret", "/../secret", "/../ab/secret", "../ab/secret", "/ab/secret", "/b/secret", "b/secret",
		"/own/../../secret", "/a/../../ab/secret", `..\secret`, "/%2e%2e/secret", "/..%2fsecret", "/.../secret", "//../secret",
	}
	for _, name := range foreign {
		t.Run(name, func(t *testing.T) {
			inner := s.in(t)
			// A store that cannot hold the name may say so.
			no := []vfs.Kind{notExist, vfs.KindInvalid}
			_, err := get(c, name, 0)
			inner.wantKind(err, OpOpen, no...)
			_, err = c.Stat(name)
			inner.wantKind(err, OpStat, no...)
			inner.wantKind(c.Delete(name), OpDelete, no...)
			inner.wantKind(c.Rename(name, "/taken"), OpRename, no...)
		})
	}
	for _, dir := range []string{"/ab", "../ab", "/../ab"} {
		_, err := c.List(dir)
		s.wantKind(err, OpList, notExist)
	}
	// What a user writes lands in the user's own part, whatever its name.
	s.put(c, "/../ab/secret", content(4, 10))
	s.WantStored("/a/ab/secret", content(4, 10))
	s.ok(c.Rename("/own", "/../../secret"), "rename")
	s.WantStored("/a/secret", content(2, 10))
	s.WantStored("/secret", content(1, 10))
	s.WantStored("/ab/secret", content(3, 10))
	s.WantStoredNames("/", "a", "ab", "secret")
	s.wantNames(s.loginAs("ab"), "/", "secret")
}

// testHome proves that the home of a user need not exist in the store: it can be listed, and
// an upload into it succeeds.
func testHome(t *testing.T, target Target) {
	s := serve(t, target, setup{users: func(vfs.Backend) []user { return []user{{home: "/in/box"}} }})
	c := s.login()
	if w, ok := c.(WorkingDir); ok {
		s.wantPwd(w, "/in/box")
	}
	s.wantNames(c, "")
	s.wantNames(c, "/in/box")
	s.wantNames(c, "/in", "box")
	if w, ok := c.(WorkingDir); ok {
		s.ok(w.Cd("/"), "cd")
		s.ok(w.Cd("/in/box"), "cd to the home")
	}
	s.wantKind(c.Rmdir("/in/box"), OpRmdir, vfs.KindPermission)
	s.put(c, "file", content(1, 10))
	s.WantStored("/in/box/file", content(1, 10))
	s.wantNames(c, "", "file")
	s.put(c, "/outside", content(2, 10))
	s.wantNames(c, "/", "in", "outside")
}

// testMounts proves that mount points stand in the tree, and that an inner
// mount hides what the outer store has there.
func testMounts(t *testing.T, target Target) {
	s := serve(t, target, setup{users: func(b vfs.Backend) []user {
		return []user{{mounts: []vfs.Mount{
			{Backend: b, At: vfs.MustParse("/data"), Root: vfs.MustParse("/one")},
			{Backend: b, At: vfs.MustParse("/data/inner/deep"), Root: vfs.MustParse("/two")},
		}}}
	}})
	s.StoreFile("/one/file", content(1, 10), noTime())
	s.StoreFile("/one/inner/deep/hidden", content(2, 10), noTime())
	s.StoreFile("/two/file", content(3, 10), noTime())
	c := s.login()
	s.wantNames(c, "/", "data")
	s.wantNames(c, "/data", "file", "inner")
	s.wantNames(c, "/data/inner", "deep")
	s.wantNames(c, "/data/inner/deep", "file")
	s.wantGet(c, "/data/inner/deep/file", content(3, 10))
	_, err := get(c, "/data/inner/deep/hidden", 0)
	s.wantKind(err, OpOpen, notExist)
	// Where no mount is, nothing can be.
	s.wantKind(put(c, "/file", nil, CreateOptions{}), OpCreate, vfs.KindPermission)
	s.wantKind(c.Mkdir("/dir"), OpMkdir, vfs.KindPermission)
	_, err = c.Stat("/file")
	s.wantKind(err, OpStat, notExist)
}
