package frontendtest

import (
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

func permissionTests() []suiteTest {
	return []suiteTest{
		{"permission/each right", testRights},
		{"permission/drop box", testDropBox},
		{"permission/read-only mount", testReadOnlyMount},
		{"permission/by path", testRightsByPath},
		{"permission/names", testNameRules},
		{"permission/parents", testParents},
	}
}

// testRights proves for each right: without it, the operations that need it are refused
// and change nothing, and all other operations succeed.
func testRights(t *testing.T, target Target) {
	tests := []struct {
		name    string
		without vfs.Permission
		refused map[Op]vfs.Kind
	}{
		{"list", vfs.PermList, map[Op]vfs.Kind{OpList: vfs.KindPermission}},
		{"read", vfs.PermRead, map[Op]vfs.Kind{OpOpen: vfs.KindPermission}},
		{"write", vfs.PermWrite, map[Op]vfs.Kind{
			OpCreate: vfs.KindPermission, opReplace: vfs.KindPermission, OpSetModTime: vfs.KindPermission,
		}},
		{"overwrite", vfs.PermOverwrite, map[Op]vfs.Kind{opReplace: vfs.KindExist, OpSetModTime: vfs.KindPermission}},
		{"delete", vfs.PermDelete, map[Op]vfs.Kind{OpDelete: vfs.KindPermission, OpRmdir: vfs.KindPermission}},
		{"rename", vfs.PermRename, map[Op]vfs.Kind{OpRename: vfs.KindPermission}},
		{"mkdir", vfs.PermMkdir, map[Op]vfs.Kind{OpMkdir: vfs.KindPermission}},
	}
	for _, test := range tests {
		t.Run("without "+test.name, func(t *testing.T) {
			s := serve(t, target, setup{users: func(vfs.Backend) []user {
				return []user{{allow: vfs.PermAll &^ test.without}}
			}})
			s.StoreFile("/file", content(1, 10), aTime)
			s.StoreFile("/doomed", content(1, 10), aTime)
			s.StoreFile("/old", content(1, 10), aTime)
			s.storeDir("/dir")
			s.eachRight(s.login(), test.refused)
		})
	}
}

// opReplace is OpCreate where something is there.
const opReplace Op = "replace"

// eachRight does one of each, and wants those in refused to be refused.
func (s *Server) eachRight(c Client, refused map[Op]vfs.Kind) {
	s.Helper()
	steps := []struct {
		op Op
		do func() error
	}{
		{OpList, func() error { _, err := c.List("/"); return err }},
		{OpOpen, func() error { _, err := get(c, "/file", 0); return err }},
		{opReplace, func() error { return put(c, "/file", []byte("new"), CreateOptions{}) }},
		{OpCreate, func() error { return put(c, "/new", []byte("new"), CreateOptions{}) }},
		{OpSetModTime, func() error { return c.SetModTime("/old", aTime.AddDate(1, 0, 0)) }},
		{OpDelete, func() error { return c.Delete("/doomed") }},
		{OpRmdir, func() error { return c.Rmdir("/dir") }},
		{OpMkdir, func() error { return c.Mkdir("/made") }},
		{OpRename, func() error { return c.Rename("/old", "/renamed") }},
	}
	for _, step := range steps {
		err := step.do()
		kind, no := refused[step.op]
		op := step.op
		if op == opReplace {
			op = OpCreate
		}
		switch {
		case no:
			s.wantKind(err, op, kind)
		case err != nil:
			s.Errorf("%s: %v", step.op, err)
		}
	}
	// Each step leaves its trace unless it was refused.
	names := []string{"file"}
	trace := func(op Op, done, not string) {
		name := done
		if _, no := refused[op]; no {
			name = not
		}
		if name != "" {
			names = append(names, name)
		}
	}
	trace(OpCreate, "new", "")
	trace(OpDelete, "", "doomed")
	trace(OpRmdir, "", "dir")
	trace(OpMkdir, "made", "")
	trace(OpRename, "renamed", "old")
	s.WantStoredNames("/", names...)
	want := []byte("new")
	if _, no := refused[opReplace]; no {
		want = content(1, 10)
	}
	s.WantStored("/file", want)
}

// testDropBox proves that a user with only the right to write can make new files, and nothing
// else.
func testDropBox(t *testing.T, target Target) {
	s := serve(t, target, setup{users: func(vfs.Backend) []user { return []user{{allow: vfs.PermWrite}} }})
	old := content(1, 10)
	s.StoreFile("/file", old, aTime)
	s.storeDir("/dir")
	c := s.login()
	s.put(c, "/new", content(2, 10))
	s.WantStored("/new", content(2, 10))
	s.wantKind(put(c, "/new", []byte("x"), CreateOptions{}), OpCreate, vfs.KindExist)
	s.wantKind(put(c, "/file", []byte("x"), CreateOptions{}), OpCreate, vfs.KindExist)
	s.wantKind(put(c, "/file", []byte("x"), CreateOptions{Append: true}), OpCreate, vfs.KindExist)
	s.wantKind(put(c, "/file", []byte("x"), CreateOptions{Offset: 10}), OpCreate, vfs.KindPermission)
	for _, name := range []string{"/file", "/new"} {
		s.wantKind(c.SetModTime(name, aTime.AddDate(1, 0, 0)), OpSetModTime, vfs.KindPermission)
	}
	if info, err := s.store.Backend.Backend.Stat(s.Context(), vfs.MustParse("/file"), vfs.TypeFile); err != nil || s.store.Caps().SetModTime && !info.ModTime.Equal(aTime) {
		s.Errorf("the time of the file is %v, %v; want %v", info.ModTime, err, aTime)
	}
	_, err := c.List("/")
	s.wantKind(err, OpList, vfs.KindPermission)
	_, err = get(c, "/new", 0)
	s.wantKind(err, OpOpen, vfs.KindPermission)
	_, err = c.Stat("/file")
	s.wantKind(err, OpStat, vfs.KindPermission)
	s.wantKind(c.Delete("/new"), OpDelete, vfs.KindPermission)
	s.wantKind(c.Rename("/new", "/other"), OpRename, vfs.KindPermission)
	s.wantKind(c.Mkdir("/made"), OpMkdir, vfs.KindPermission)
	if w, ok := c.(WorkingDir); ok {
		s.ok(w.Cd("/dir"), "cd")
		s.put(c, "inside", content(3, 10))
		s.WantStored("/dir/inside", content(3, 10))
	}
	s.WantStored("/file", old)
	s.WantStored("/new", content(2, 10))
	s.WantStoredNames("/", "dir", "file", "new")
}

// testParents proves that an upload or a rename makes no parent directories without the right
// to make directories, or on a mount that requires parents.
func testParents(t *testing.T, target Target) {
	for name, u := range map[string]func(b vfs.Backend) user{
		"without mkdir":           func(vfs.Backend) user { return user{allow: vfs.PermAll &^ vfs.PermMkdir} },
		"where they are required": func(b vfs.Backend) user { return user{mounts: []vfs.Mount{{Backend: b, RequireParents: true}}} },
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, target, setup{users: func(b vfs.Backend) []user { return []user{u(b)} }})
			s.StoreFile("/file", content(1, 10), noTime())
			s.StoreFile("/dir/file", content(2, 10), noTime())
			c := s.login()
			before := s.tree()
			s.wantKind(put(c, "/none/x", []byte("x"), CreateOptions{}), OpCreate, notExist)
			if s.store.Caps().Append {
				s.wantKind(put(c, "/none/x", []byte("x"), CreateOptions{Append: true}), OpCreate, notExist)
			}
			s.wantKind(put(c, "/dir/none/x", nil, CreateOptions{}), OpCreate, notExist)
			s.wantKind(c.Rename("/file", "/none/x"), OpRename, notExist)
			if s.store.Caps().RenameDir {
				s.wantKind(c.Rename("/dir", "/none/x"), OpRename, notExist)
			}
			if err := c.Mkdir("/none/x"); !isRefusal(err) {
				t.Errorf("mkdir: %v, want a refusal", err)
			}
			s.wantTree(before, "all refusals")
			s.put(c, "/dir/x", []byte("x"))
			s.ok(c.Rename("/file", "/dir/moved"), "rename")
			s.wantNames(c, "/dir", "file", "moved", "x")
		})
	}
}

func testReadOnlyMount(t *testing.T, target Target) {
	s := serve(t, target, setup{users: func(b vfs.Backend) []user {
		return []user{{mounts: []vfs.Mount{
			{Backend: b, ReadOnly: true},
			{Backend: b, At: vfs.MustParse("/in"), Root: vfs.MustParse("/incoming")},
		}}}
	}})
	s.StoreFile("/file", content(1, 10), aTime)
	s.StoreFile("/doomed", content(1, 10), aTime)
	s.StoreFile("/old", content(1, 10), aTime)
	s.storeDir("/dir")
	c := s.login()
	no := vfs.KindPermission
	s.eachRight(c, map[Op]vfs.Kind{
		OpCreate: no, opReplace: no, OpSetModTime: no, OpDelete: no, OpRmdir: no, OpMkdir: no, OpRename: no,
	})
	s.put(c, "/in/file", content(2, 10))
	s.WantStored("/incoming/file", content(2, 10))
}
