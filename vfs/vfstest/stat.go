package vfstest

import (
	"errors"
	"fmt"

	"github.com/tidegate/tidegate/vfs"
)

func statTests() []suiteTest {
	return []suiteTest{
		{"G1/stat-root", testStatRoot},
		{"G7/stat-missing", testStatMissing},
		{"G7/stat-other-type", testStatOtherType},
	}
}

// foundIn returns what the error says that there was instead, or nil.
func foundIn(err error) *vfs.Info {
	if e, ok := errors.AsType[*vfs.Error](err); ok {
		return e.Found
	}
	return nil
}

func testStatRoot(e *env) {
	for range 2 {
		for _, want := range []vfs.Type{vfs.TypeDir, vfs.TypeAny} {
			info, err := e.b.Stat(e.ctx, vfs.Path{}, want)
			e.ok(err, "Stat of the root, %v", want)
			if info.Name != "" || !info.IsDir() || info.Size != 0 {
				e.Fatalf("Stat of the root = %+v, want a directory without a name", info)
			}
		}
		_, err := e.b.Stat(e.ctx, vfs.Path{}, vfs.TypeFile)
		e.wantKind(err, "Stat of the root as a file", vfs.KindIsDir, vfs.KindNotExist)
		e.put("/dir/file", nil)
	}
}

func testStatMissing(e *env) {
	e.put("/dir/file", nil)
	e.wantMissing("/missing")
	e.wantMissing("/dir/missing")
	e.wantMissing("/di")
	e.wantMissing("/dir/fil")
	e.wantMissing("/dir2")
	e.wantMissing("/dir/file2")
	e.wantMissing("/no/such/directory")
	for _, want := range []vfs.Type{vfs.TypeAny, vfs.TypeFile, vfs.TypeDir} {
		_, err := e.b.Stat(e.ctx, path("/dir/file/below"), want)
		e.wantKind(err, fmt.Sprintf("Stat below a file, %v", want), vfs.KindNotExist)
	}
}

func testStatOtherType(e *env) {
	e.put("/implied/file", []byte("x"))
	e.mkdir("/made")
	_, err := e.b.Stat(e.ctx, path("/implied/file"), vfs.TypeDir)
	e.wantKind(err, "Stat of a file as a directory", vfs.KindNotDir)
	for _, name := range []string{"/implied", "/made"} {
		_, err := e.b.Stat(e.ctx, path(name), vfs.TypeFile)
		e.wantKind(err, "Stat of "+name+" as a file", vfs.KindIsDir, vfs.KindNotExist)
	}
}
