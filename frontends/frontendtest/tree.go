package frontendtest

import (
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

const notExist = vfs.KindNotExist

func directoryTests() []suiteTest {
	return []suiteTest{
		{"directory/make and remove", testMkdir},
		{"directory/working directory", testWorkingDir},
		{"directory/delete file", testDelete},
	}
}

func renameTests() []suiteTest {
	return []suiteTest{
		{"rename/file", testRename},
		{"rename/replaces", testRenameReplaces},
		{"rename/directory", testRenameDir},
	}
}

func refusalTests() []suiteTest {
	return []suiteTest{{"refusal/each", testRefusals}}
}

func testMkdir(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	c := s.login()
	s.ok(c.Mkdir("/dir"), "mkdir")
	s.ok(c.Mkdir("/dir/sub"), "mkdir below")
	e, err := c.Stat("/dir/sub")
	if err != nil || !e.Dir {
		t.Errorf("stat of a new directory: %+v, %v", e, err)
	}
	s.wantNames(c, "/", "dir")
	s.wantNames(c, "/dir", "sub")
	s.wantNames(c, "/dir/sub")
	s.ok(c.Rmdir("/dir/sub"), "rmdir")
	s.wantNames(c, "/dir")
	s.ok(c.Rmdir("/dir"), "rmdir")
	s.wantNames(c, "/")
}

func testDelete(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	c := s.login()
	s.ok(c.Mkdir("/dir"), "mkdir")
	s.put(c, "/dir/a", content(1, 10))
	s.put(c, "/dir/b", content(2, 10))
	s.ok(c.Delete("/dir/a"), "delete")
	s.wantNames(c, "/dir", "b")
	s.WantStored("/dir/a", nil)
	_, err := get(c, "/dir/a", 0)
	s.wantKind(err, OpOpen, notExist)
	s.ok(c.Delete("/dir/b"), "delete")
	s.wantNames(c, "/dir")
}

func testWorkingDir(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	c := s.login()
	w, ok := c.(WorkingDir)
	if !ok {
		return // the protocol has none
	}
	s.wantPwd(w, "/")
	s.storeDir("/dir/sub")
	s.StoreFile("/file", content(1, 10), noTime())
	steps := []struct{ cd, want string }{
		{"dir", "/dir"},
		{"sub", "/dir/sub"},
		{"..", "/dir"},
		{"./sub/", "/dir/sub"},
		{"../../dir//sub", "/dir/sub"},
		{"/", "/"},
		{"../..", "/"},
		{"/dir", "/dir"},
	}
	for _, step := range steps {
		s.ok(w.Cd(step.cd), "cd "+step.cd)
		s.wantPwd(w, step.want)
	}
	// What fails changes nothing.
	s.wantKind(w.Cd("missing"), OpCd, notExist)
	s.wantKind(w.Cd("/file"), OpCd, vfs.KindNotDir)
	s.wantKind(w.Cd("/file/below"), OpCd, notExist)
	s.wantPwd(w, "/dir")
	// As rmdir(2) has it.
	s.storeDir("/dir/empty")
	s.ok(w.Cd("empty"), "cd")
	for _, text := range []string{".", "./", "../empty/.", "x/.."} {
		s.wantKind(c.Rmdir(text), OpRmdir, vfs.KindInvalid)
		s.wantKind(c.Rename(text, "/moved"), OpRename, vfs.KindInvalid)
	}
	s.ok(w.Cd("/dir"), "cd")
	s.ok(c.Rmdir("empty/"), "rmdir with a slash")
	// Names are relative to it.
	s.put(c, "here", content(1, 10))
	s.WantStored("/dir/here", content(1, 10))
	s.wantGet(c, "../file", content(1, 10))
	s.wantNames(c, "", "here", "sub")
	// A quote in a name is not the end of the name.
	s.ok(c.Mkdir(`q"uote`), "mkdir")
	s.ok(w.Cd(`q"uote`), "cd")
	s.wantPwd(w, `/dir/q"uote`)
}

func (s *Server) wantPwd(w WorkingDir, want string) {
	s.Helper()
	if got, err := w.Pwd(); err != nil || got != want {
		s.Errorf("pwd: %q, %v; want %q", got, err, want)
	}
}

func testRename(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	c := s.login()
	s.storeDir("/dir")
	s.StoreFile("/a", content(1, 1000), noTime())
	s.ok(c.Rename("/a", "/b"), "rename")
	s.wantNames(c, "/", "b", "dir")
	s.ok(c.Rename("/b", "/dir/c"), "rename into a directory")
	s.wantNames(c, "/", "dir")
	s.wantGet(c, "/dir/c", content(1, 1000))
	s.ok(c.Rename("/dir/c", "/new/sub/d"), "rename into a directory that is not there")
	s.wantGet(c, "/new/sub/d", content(1, 1000))
}

// testRenameReplaces is how uploaders publish: a temporary name, then the right
// one.
func testRenameReplaces(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	c := s.login()
	s.StoreFile("/file", content(1, 1000), noTime())
	s.put(c, "/file.tmp", content(2, 2000))
	s.ok(c.Rename("/file.tmp", "/file"), "rename onto a file")
	s.wantNames(c, "/", "file")
	s.wantGet(c, "/file", content(2, 2000))
	s.ok(c.Rename("/file", "/file"), "rename onto itself")
	s.wantGet(c, "/file", content(2, 2000))
}

func testRenameDir(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	c := s.login()
	s.storeDir("/dir/empty")
	s.StoreFile("/dir/a", content(1, 10), noTime())
	s.StoreFile("/dir/sub/b", content(2, 10), noTime())
	err := c.Rename("/dir", "/moved")
	if !s.store.Caps().RenameDir {
		s.wantKind(err, OpRename, vfs.KindUnsupported)
		return
	}
	s.ok(err, "rename of a directory")
	s.wantNames(c, "/", "moved")
	s.wantNames(c, "/moved", "a", "empty", "sub")
	s.wantGet(c, "/moved/sub/b", content(2, 10))
}

// testRefusals proves for each operation that what cannot be done is refused
// with the right code, and changes nothing.
func testRefusals(t *testing.T, target Target) {
	s := serve(t, target, setup{users: func(b vfs.Backend) []user {
		return []user{{mounts: []vfs.Mount{
			{Backend: b},
			{Backend: b, At: vfs.MustParse("/mount"), Root: vfs.MustParse("/other")},
		}}}
	}})
	s.storeDir("/empty")
	s.storeDir("/full/sub")
	s.StoreFile("/full/file", content(1, 10), noTime())
	s.StoreFile("/file", content(2, 10), noTime())
	s.StoreFile("/other/file", content(3, 10), noTime())
	c := s.login()

	one := func(k ...vfs.Kind) []vfs.Kind { return k }
	tests := []struct {
		name string
		op   Op
		do   func() error
		want []vfs.Kind
	}{
		{"get nothing", OpOpen, func() error { _, err := get(c, "/none", 0); return err }, one(notExist)},
		{"get below nothing", OpOpen, func() error { _, err := get(c, "/none/x", 0); return err }, one(notExist)},
		{"get a directory", OpOpen, func() error { _, err := get(c, "/full", 0); return err }, one(vfs.KindIsDir, notExist)},
		{"get the root", OpOpen, func() error { _, err := get(c, "/", 0); return err }, one(vfs.KindIsDir)},
		{"put on the root", OpCreate, func() error { return put(c, "/", nil, CreateOptions{}) }, one(vfs.KindIsDir)},
		{"put on a mount", OpCreate, func() error { return put(c, "/mount", nil, CreateOptions{}) }, one(vfs.KindIsDir)},
		{"stat nothing", OpStat, func() error { _, err := c.Stat("/none"); return err }, one(notExist)},
		{"stat below a file", OpStat, func() error { _, err := c.Stat("/file/x"); return err }, one(notExist)},
		{"stat far below a file", OpStat, func() error { _, err := c.Stat("/file/x/y"); return err }, one(notExist)},
		{"list nothing", OpList, func() error { _, err := c.List("/none"); return err }, one(notExist)},
		{"list a file", OpList, func() error { _, err := c.List("/file"); return err }, one(vfs.KindNotDir)},
		{"delete nothing", OpDelete, func() error { return c.Delete("/none") }, one(notExist)},
		{"delete a directory", OpDelete, func() error { return c.Delete("/empty") }, one(vfs.KindIsDir)},
		{"delete the root", OpDelete, func() error { return c.Delete("/") }, one(vfs.KindIsDir)},
		{"mkdir a directory", OpMkdir, func() error { return c.Mkdir("/empty") }, one(vfs.KindExist)},
		{"mkdir a file", OpMkdir, func() error { return c.Mkdir("/file") }, one(vfs.KindExist)},
		{"mkdir the root", OpMkdir, func() error { return c.Mkdir("/") }, one(vfs.KindExist)},
		{"mkdir a mount", OpMkdir, func() error { return c.Mkdir("/mount") }, one(vfs.KindExist)},
		{"rmdir nothing", OpRmdir, func() error { return c.Rmdir("/none") }, one(notExist)},
		{"rmdir full", OpRmdir, func() error { return c.Rmdir("/full") }, one(vfs.KindNotEmpty)},
		{"rmdir a file", OpRmdir, func() error { return c.Rmdir("/file") }, one(vfs.KindNotDir)},
		{"rmdir the root", OpRmdir, func() error { return c.Rmdir("/") }, one(vfs.KindPermission)},
		{"rmdir a mount", OpRmdir, func() error { return c.Rmdir("/mount") }, one(vfs.KindPermission)},
		{"rename nothing", OpRename, func() error { return c.Rename("/none", "/x") }, one(notExist)},
		{"rename onto a directory", OpRename, func() error { return c.Rename("/empty", "/full") }, one(vfs.KindExist)},
		{"rename below itself", OpRename, func() error { return c.Rename("/full", "/full/sub/x") }, one(vfs.KindInvalid)},
		{"rename to another mount", OpRename, func() error { return c.Rename("/file", "/mount/x") }, one(vfs.KindCrossMount)},
		{"rename from another mount", OpRename, func() error { return c.Rename("/mount/file", "/x") }, one(vfs.KindCrossMount)},
		{"rename a mount", OpRename, func() error { return c.Rename("/mount", "/x") }, one(vfs.KindPermission)},
		{"rmdir .", OpRmdir, func() error { return c.Rmdir("/empty/.") }, one(vfs.KindInvalid)},
		{"rmdir ..", OpRmdir, func() error { return c.Rmdir("/empty/x/..") }, one(vfs.KindInvalid)},
		{"stat below a file", OpStat, func() error { _, err := c.Stat("/file/below"); return err }, one(notExist)},
		{"list below a file", OpList, func() error { _, err := c.List("/file/below"); return err }, one(notExist)},
		{"get below a file", OpOpen, func() error { _, err := get(c, "/file/below", 0); return err }, one(notExist)},
		{"put below a file", OpCreate, func() error { return put(c, "/file/below", nil, CreateOptions{}) }, one(notExist)},
		{"mkdir below a file", OpMkdir, func() error { return c.Mkdir("/file/below") }, one(notExist)},
		{"delete below a file", OpDelete, func() error { return c.Delete("/file/below") }, one(notExist)},
		{"rmdir below a file", OpRmdir, func() error { return c.Rmdir("/file/below") }, one(notExist)},
		{"rename below a file", OpRename, func() error { return c.Rename("/full", "/file/below") }, one(notExist)},
		{"rename from below a file", OpRename, func() error { return c.Rename("/file/below", "/x") }, one(notExist)},
		{"set the time below a file", OpSetModTime, func() error { return c.SetModTime("/file/below", aTime) }, one(notExist)},
		{"set the time of nothing", OpSetModTime, func() error { return c.SetModTime("/none", aTime) }, one(notExist)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inner := s.in(t)
			inner.wantKind(test.do(), test.op, test.want...)
		})
	}
	s.WantStoredNames("/", "empty", "file", "full", "other")
	s.WantStoredNames("/full", "file", "sub")
	s.WantStoredNames("/other", "file")
	s.wantNames(c, "/", "empty", "file", "full", "mount", "other")
}
