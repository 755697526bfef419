package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/tidegate/tidegate"

// root is the repository, as seen from the directory of this package.
const root = "../.."

// file is one Go file of this module.
type file struct {
	// name is its path from the root, with slashes; dir the directory.
	name, dir string
	test      bool
	lines     int
	syntax    *ast.File
}

// imports calls f with every import path of the file.
func (f *file) imports(do func(path string, spec *ast.ImportSpec)) {
	for _, spec := range f.syntax.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			do(p, spec)
		}
	}
}

// calls calls do with "package.Name" of everything that the file uses of the
// packages that it imports.
func (f *file) uses(do func(name string, at token.Pos)) {
	names := map[string]string{} // local name to import path
	f.imports(func(p string, spec *ast.ImportSpec) {
		name := path.Base(p)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = p
	})
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && names[x.Name] != "" {
				do(names[x.Name]+"."+sel.Sel.Name, sel.Pos())
			}
		}
		return true
	})
}

// parse reads all Go files of the module.
func parse(t *testing.T) (*token.FileSet, []*file) {
	t.Helper()
	fset := token.NewFileSet()
	var files []*file
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if name != root && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "testdata" || base == "bin") {
				return fs.SkipDir
			}
			if _, err := os.Stat(filepath.Join(name, "go.mod")); name != root && err == nil {
				return fs.SkipDir // a module of its own
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") {
			return nil
		}
		syntax, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		files = append(files, &file{
			name:   rel,
			dir:    path.Dir(rel),
			test:   strings.HasSuffix(base, "_test.go"),
			lines:  fset.File(syntax.FileStart).LineCount(),
			syntax: syntax,
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("found %d Go files below %s: not the repository", len(files), root)
	}
	return fset, files
}

// within reports whether the package dir is one of dirs or below it.
func within(dir string, dirs ...string) bool {
	for _, d := range dirs {
		if dir == d || strings.HasPrefix(dir, d+"/") {
			return true
		}
	}
	return false
}
