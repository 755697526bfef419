package ftp

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Clients with an 8-bit character set, or none, read our fixed texts. So those
// are ASCII: every literal of this package, and the reasons of errors wherever
// they are made.
func TestFixedTextsAreASCII(t *testing.T) {
	t.Parallel()
	checked := 0
	check := func(files *token.FileSet, n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			l, ok := n.(*ast.BasicLit)
			if !ok || l.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(l.Value)
			if err != nil {
				t.Fatal(err)
			}
			checked++
			for i := range len(text) {
				if text[i] >= 0x80 && text != "\xff" && text != "\xff\xff" {
					t.Errorf("%s: %s is not ASCII", files.Position(l.Pos()), l.Value)
					break
				}
			}
			return true
		})
	}
	for _, root := range []string{".", "../../vfs", "../../backends", "../../internal/auth"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files := token.NewFileSet()
			f, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			if root == "." {
				check(files, f)
				return nil
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if kv, ok := n.(*ast.KeyValueExpr); ok {
					if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "Reason" {
						check(files, kv.Value)
					}
				}
				if fn, ok := n.(*ast.FuncDecl); ok && fn.Name.Name == "Reason" {
					check(files, fn)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if checked < 500 {
		t.Errorf("only %d texts were found", checked)
	}
}
