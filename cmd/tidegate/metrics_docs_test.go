package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const metricsPage = "../../docs/metrics.md"

// described is a metrics.Desc in the code.
type described struct {
	name, unit, help string
	labels           []string
	place            string
}

// Every metric has one name, one description and one row in docs/metrics.md, follows
// Prometheus' conventions, and has only labels with few values.
func TestMetricsPage(t *testing.T) {
	all := metricsOf(t)
	if len(all) < 10 {
		t.Fatalf("the code describes %d metrics: this test does not find them", len(all))
	}
	page, err := os.ReadFile(metricsPage)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| .*$").FindAllStringSubmatch(string(page), -1) {
		rows[m[1]] = m[0]
	}
	names := map[string]string{}
	for _, d := range all {
		if at := names[d.name]; at != "" {
			t.Errorf("%s: %s is described at %s already", d.place, d.name, at)
		}
		names[d.name] = d.place
		if !regexp.MustCompile(`^tidegate(_[a-z]+)+$`).MatchString(d.name) ||
			!strings.HasSuffix(strings.TrimSuffix(d.name, "_total"), d.unit) {
			t.Errorf("%s: the name %q does not keep to the conventions", d.place, d.name)
		}
		if !strings.HasSuffix(d.help, ".") {
			t.Errorf("%s: the help %q is no sentence", d.place, d.help)
		}
		labels := "none"
		if len(d.labels) > 0 {
			labels = "`" + strings.Join(d.labels, "`, `") + "`"
		}
		if want := fmt.Sprintf("| `%s` | %s | %s |", d.name, labels, d.help); rows[d.name] != want {
			t.Errorf("%s: docs/metrics.md must have the row\n%s", d.place, want)
		}
		for _, l := range d.labels {
			if !slices.Contains([]string{
				"frontend", "protocol", "backend", "tenant", "limit", "operation", "direction", "sink", "endpoint", "part", "resource", "name",
				"version", "goversion", "revision", "result", "reason", "request", "what", "of",
			}, l) {
				t.Errorf("%s: the label %s of %s may have many values", d.place, l, d.name)
			}
		}
	}
	for name := range rows {
		if names[name] == "" {
			t.Errorf("docs/metrics.md has a row for %s, which nothing counts", name)
		}
	}
}

// metricsOf returns every metrics.Desc of the program. Labels that are a variable of the
// package are looked up in it.
func metricsOf(t *testing.T) []described {
	t.Helper()
	var all []described
	for _, dir := range []string{"backends", "cmd", "config", "frontends", "internal"} {
		err := filepath.WalkDir(filepath.Join("../..", dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, path, nil, 0)
			if err != nil {
				return err
			}
			lists := map[string]ast.Expr{}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.ValueSpec:
					if len(n.Names) == 1 && len(n.Values) == 1 {
						lists[n.Names[0].Name] = n.Values[0]
					}
				case *ast.CompositeLit:
					if sel, ok := n.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "Desc" {
						all = append(all, describedBy(n, lists, fset.Position(n.Pos()).String()))
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

func describedBy(lit *ast.CompositeLit, lists map[string]ast.Expr, place string) described {
	d := described{place: place}
	for _, e := range lit.Elts {
		field := e.(*ast.KeyValueExpr)
		text, _ := constant(field.Value)
		switch field.Key.(*ast.Ident).Name {
		case "Name":
			d.name = text
		case "Unit":
			d.unit = text
		case "Help":
			d.help = text
		case "Labels":
			value := field.Value
			if id, ok := value.(*ast.Ident); ok {
				value = lists[id.Name]
			}
			for _, l := range value.(*ast.CompositeLit).Elts {
				label, _ := constant(l)
				d.labels = append(d.labels, label)
			}
		}
	}
	return d
}
