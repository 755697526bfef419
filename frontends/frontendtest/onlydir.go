package frontendtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

func onlyDirTests() []suiteTest {
	return []suiteTest{
		{"only a directory/refused as a file", testOnlyDir},
		{"only a directory/renamed", testRenameOnlyDir},
	}
}

// onlyDirs are texts that can only name a directory, whatever is there: a
// directory that is empty or not, a file, nothing.
func onlyDirs() []string {
	all := []string{"/", "//", "/.", "/..", ".", "..", "./", "../", "./.", "../..", "/./", "/full/..", "full/../"}
	for _, name := range []string{"/empty", "/full", "/file", "/none", "none", "/full/none", "/none/deeper"} {
		for _, end := range []string{"/", "//", "/.", "/./", "/..", "/./..", "/x/..", "/x/../", "/../.", "///.//"} {
			all = append(all, name+end)
		}
	}
	return all
}

// testOnlyDir proves that such a text is refused by every operation on a file, and
// by those on a new file before the store is asked.
func testOnlyDir(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	s.storeDir("/empty")
	s.StoreFile("/full/inner", content(1, 10), noTime())
	s.StoreFile("/file", content(2, 10), noTime())
	c := s.login()
	before := s.tree()
	for _, text := range onlyDirs() {
		t.Run(fmt.Sprintf("%q", text), func(t *testing.T) {
			inner := s.in(t)
			isDir := []vfs.Kind{vfs.KindIsDir}
			asked := inner.countCalls(func() {
				inner.wantKind(put(c, text, []byte("new"), CreateOptions{}), OpCreate, isDir...)
				inner.wantKind(put(c, text, []byte("new"), CreateOptions{Append: true}), OpCreate, isDir...)
				inner.wantKind(put(c, text, []byte("new"), CreateOptions{Offset: 10}), OpCreate, isDir...)
				_, err := get(c, text, 0)
				inner.wantKind(err, OpOpen, isDir...)
				inner.wantKind(c.Delete(text), OpDelete, isDir...)
			})
			if asked > 0 {
				t.Errorf("the store was asked %d times", asked)
			}
			if err := c.Rename("/file", text); !isRefusal(err) {
				t.Errorf("rename of a file: %v, want a refusal", err)
			}
			if e, err := c.Stat(text); err == nil && !e.Dir {
				t.Errorf("stat finds a file: %+v", e)
			}
			inner.wantTree(before, text)
		})
	}
	// A file is not there under such a name, and its time cannot be set.
	for _, end := range []string{"/", "/.", "//"} {
		if err := c.SetModTime("/file"+end, aTime); !isRefusal(err) {
			t.Errorf("set the time of /file%s: %v, want a refusal", end, err)
		}
		if err := c.Rename("/file"+end, "/other"); !isRefusal(err) {
			t.Errorf("rename of /file%s: %v, want a refusal", end, err)
		}
		if _, err := c.Stat("/file" + end); !isRefusal(err) {
			t.Errorf("stat of /file%s: %v, want a refusal", end, err)
		}
		if _, err := c.List("/file" + end); !isRefusal(err) {
			t.Errorf("list of /file%s: %v, want a refusal", end, err)
		}
	}
	s.wantTree(before, "all refusals")
}

// testRenameOnlyDir proves that a directory can be renamed by names that can only name
// a directory.
func testRenameOnlyDir(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	if !s.store.Caps().RenameDir {
		return // refused altogether: rename/directory proves it
	}
	s.StoreFile("/dir/a", content(1, 10), noTime())
	c := s.login()
	s.ok(c.Rename("/dir", "/moved/"), "rename to a name with a slash")
	s.wantGet(c, "/moved/a", content(1, 10))
	s.ok(c.Rename("/moved/", "/dir"), "rename from a name with a slash")
	s.ok(c.Rename("/dir//", "/new//"), "rename with slashes at both")
	s.wantGet(c, "/new/a", content(1, 10))
	s.WantStoredNames("/", "new")
}

// countCalls returns how often the store was asked while f ran.
func (s *Server) countCalls(f func()) int64 {
	var calls atomic.Int64
	s.store.failWith(func(context.Context, Op, vfs.Path) error {
		calls.Add(1)
		return nil
	})
	defer s.store.failWith(nil)
	f()
	return calls.Load()
}

// tree is everything that a store holds, past the server: directories with a slash
// at their end, files with their content.
type tree map[string]string

// tree reads the whole store.
func (s *Server) tree() tree {
	s.Helper()
	ctx := context.WithoutCancel(s.Context())
	all := tree{}
	todo := []vfs.Path{{}}
	for len(todo) > 0 {
		dir := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for info, err := range s.store.Backend.Backend.List(ctx, dir) {
			s.ok(err, "store: list "+dir.String())
			p, err := dir.Child(info.Name)
			s.ok(err, "store: list "+dir.String())
			if info.IsDir() {
				all[p.String()+"/"] = ""
				todo = append(todo, p)
				continue
			}
			version := p.String() + "\x00" + info.Version
			data, known := s.read[version]
			if !known {
				content, err := loadFile(ctx, s.store.Backend.Backend, p)
				s.ok(err, "store: read "+p.String())
				data = string(content)
			}
			if info.Version != "" {
				s.read[version] = data
			}
			all[p.String()] = data
		}
	}
	return all
}

// wantTree fails the test unless the store is as it was.
func (s *Server) wantTree(want tree, after string) {
	s.Helper()
	if diff := want.differs(s.tree()); diff != "" {
		s.Errorf("after %q the store differs: %s", after, diff)
	}
}

// differs returns what got has differently, "" when that is nothing.
func (t tree) differs(got tree) string {
	var all []string
	for name, want := range t {
		switch found, there := got[name]; {
		case !there:
			all = append(all, fmt.Sprintf("%q is gone", name))
		case found != want:
			all = append(all, fmt.Sprintf("%q holds %.20q, want %.20q", name, found, want))
		}
	}
	for name := range got {
		if _, wanted := t[name]; !wanted {
			all = append(all, fmt.Sprintf("%q is there", name))
		}
	}
	slices.Sort(all)
	return strings.Join(all[:min(len(all), 5)], ", ")
}
