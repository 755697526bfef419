package rules

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNoMutableGlobals allows package-level variables only for values that Go has no
// constants for: errors, tables, compiled expressions, assertions that a type implements
// an interface. They must have an initial value, nothing may be assigned to them, and no
// code may take their address.
func TestNoMutableGlobals(t *testing.T) {
	fset, files := parse(t)
	byDir := map[string][]*file{}
	for _, f := range files {
		if !f.test {
			byDir[f.dir] = append(byDir[f.dir], f)
		}
	}
	for _, files := range byDir {
		for _, p := range mutableGlobals(fset, files) {
			if allowed[files[0].dir+"."+p.name] {
				continue
			}
			t.Errorf("%s: package-level variable %s %s", fset.Position(p.at), p.name, p.why)
		}
	}
}

// allowed lists the exceptions.
var allowed = map[string]bool{
	// rclone's state is the process's, so what sets it up once is too.
	"backends/rclone.processOnce": true,
}

type global struct {
	name string
	at   token.Pos
	why  string
}

// mutableGlobals returns what is wrong with the variables of one package.
func mutableGlobals(fset *token.FileSet, files []*file) []global {
	var syntax []*ast.File
	for _, f := range files {
		syntax = append(syntax, f.syntax)
	}
	// Only names are of interest, which need no imported packages.
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: nothing{}, Error: func(error) {}}
	pkg, _ := conf.Check(files[0].dir, fset, syntax, info)

	var wrong []global
	for _, f := range syntax {
		for _, d := range f.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.VAR || embedded(decl) {
				continue
			}
			for _, s := range decl.Specs {
				spec := s.(*ast.ValueSpec)
				for i, name := range spec.Names {
					var value ast.Expr
					if i < len(spec.Values) {
						value = spec.Values[i]
					}
					if name.Name == "_" || isSentinel(name.Name) && value != nil {
						continue
					}
					if why := mutableValue(value); why != "" {
						wrong = append(wrong, global{name.Name, name.Pos(), why})
					}
				}
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			for _, target := range changed(n) {
				if id := rootOf(target); id != nil {
					if v, ok := info.Uses[id].(*types.Var); ok && v.Parent() == pkg.Scope() {
						wrong = append(wrong, global{id.Name, id.Pos(), "is changed"})
					}
				}
			}
			return true
		})
	}
	return wrong
}

// isSentinel reports whether a variable is an error to compare with, by the
// convention for their names.
func isSentinel(name string) bool {
	return strings.HasPrefix(name, "err") || strings.HasPrefix(name, "Err")
}

// mutableValue says why a variable with this first value can be expected to
// change, "" when it cannot.
func mutableValue(value ast.Expr) string {
	switch v := value.(type) {
	case nil:
		return "has no value: it is there to be changed"
	case *ast.UnaryExpr:
		if v.Op == token.AND {
			return "points to something that can be changed"
		}
	case *ast.CallExpr:
		if name, ok := v.Fun.(*ast.Ident); ok && (name.Name == "make" || name.Name == "new") {
			return "is empty: it is there to be filled"
		}
	case *ast.CompositeLit:
		if sel, ok := v.Type.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && (x.Name == "sync" || x.Name == "atomic") {
				return "is shared state"
			}
		}
	}
	return ""
}

// changed returns the expressions that a statement or expression changes, or
// lets others change.
func changed(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			return []ast.Expr{n.X}
		}
	case *ast.CallExpr:
		if name, ok := n.Fun.(*ast.Ident); ok && slices.Contains([]string{"delete", "clear", "copy"}, name.Name) {
			return n.Args[:1]
		}
	}
	return nil
}

// rootOf returns x for x, x.f, x[i], *x.
func rootOf(e ast.Expr) *ast.Ident {
	for {
		switch v := e.(type) {
		case *ast.Ident:
			return v
		case *ast.SelectorExpr:
			e = v.X
		case *ast.IndexExpr:
			e = v.X
		case *ast.StarExpr:
			e = v.X
		case *ast.ParenExpr:
			e = v.X
		default:
			return nil
		}
	}
}

// embedded reports whether the variable is filled by //go:embed.
func embedded(decl *ast.GenDecl) bool {
	return decl.Doc != nil && slices.ContainsFunc(decl.Doc.List, func(c *ast.Comment) bool {
		return strings.HasPrefix(c.Text, "//go:embed ")
	})
}

// nothing imports nothing.
type nothing struct{}

func (nothing) Import(string) (*types.Package, error) {
	return nil, errors.New("not needed")
}

// TestMutableGlobals shows that the rule finds mutable variables.
func TestMutableGlobals(t *testing.T) {
	const source = `package p

import ("errors"; "regexp"; "sync")

var (
	ErrA    = errors.New("a")
	errB    = &T{}
	table   = map[string]int{"a": 1}
	expr    = regexp.MustCompile("a")
	_       = T{}
	version = "dev"
	shadow  = 1

	zero    int
	mu      sync.Mutex
	cache   = make(map[string]int)
	filled  = map[string]int{}
	counter = 1
	pointer = &T{}
	lent    = 1
	pool    = sync.Pool{}
)

type T struct{ f int }

func f() *int {
	shadow := 2
	shadow = 3
	filled["a"] = shadow
	counter++
	return &lent
}
`
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, "p.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range mutableGlobals(fset, []*file{{dir: "p", syntax: syntax}}) {
		got = append(got, g.name)
	}
	want := []string{"zero", "mu", "cache", "pointer", "pool", "filled", "counter", "lent"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mutable globals (-want +got):\n%s", diff)
	}
}
