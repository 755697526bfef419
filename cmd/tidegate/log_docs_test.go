package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const logPage = "../../docs/log.md"

// logged returns the messages in the program's code, with a place of each.
func logged(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	fset := token.NewFileSet()
	for _, dir := range []string{"backends", "cmd", "config", "frontends", "internal", "vfs"} {
		err := filepath.WalkDir(filepath.Join("../..", dir), func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && slices.Contains([]string{"frontendtest", "vfstest", "azstub", "azurite", "testdata"}, d.Name()):
				return fs.SkipDir
			case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			file, err := parser.ParseFile(fset, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					if arg := message(call); arg != nil {
						place := fset.Position(arg.Pos()).String()
						if text, ok := constant(arg); ok {
							all[text] = place
						} else if _, ok := arg.(*ast.Ident); !ok {
							t.Errorf("%s: the message of a line is no literal, which nobody can look up", place)
						}
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// message returns the argument that is the message, of a call of a logger's method.
func message(call *ast.CallExpr) ast.Expr {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	at := map[string]int{
		"Debug": 0, "Info": 0, "Warn": 0, "Error": 0, "LogAttrs": 2, "notify": 2, "line": 2,
		"DebugContext": 1, "InfoContext": 1, "WarnContext": 1, "ErrorContext": 1,
	}
	i, ok := at[method.Sel.Name]
	if !ok || len(call.Args) <= i {
		return nil
	}
	// Arguments of a method such as notify are checked at its calls.
	if _, ok := call.Args[i].(*ast.Ident); ok || slices.Contains([]string{"notify", "line"}, method.Sel.Name) {
		return call.Args[i]
	}
	// A logger: log, s.log, o.Log, newLog(…), and a With of one of them.
	switch x := method.X.(type) {
	case *ast.Ident:
		if !strings.Contains(strings.ToLower(x.Name), "log") {
			return nil
		}
	case *ast.SelectorExpr:
		if !strings.Contains(strings.ToLower(x.Sel.Name), "log") {
			return nil
		}
	}
	return call.Args[i]
}

func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		left, ok := constant(e.X)
		right, also := constant(e.Y)
		return left + right, ok && also
	}
	return "", false
}

// docs/log.md lists every message of the program, and no other.
func TestLogPage(t *testing.T) {
	page, err := os.ReadFile(logPage)
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| (?:DEBUG|INFO|WARN|ERROR)[A-Z, ]* \\| `([^`]*)` \\|").FindAllStringSubmatch(string(page), -1) {
		described[m[1]] = true
	}
	all := logged(t)
	if len(all) < 30 {
		t.Fatalf("the code writes %d messages: this test does not find them", len(all))
	}
	for text, place := range all {
		if !described[text] {
			t.Errorf("%s: %q does not stand in docs/log.md: add a row with its level, attributes, cause and action", place, text)
		}
	}
	for text := range described {
		if all[text] == "" {
			t.Errorf("docs/log.md describes %q, which nothing writes", text)
		}
	}
}
