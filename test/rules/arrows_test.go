package rules

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"math"
	"path"
	"slices"
	"strings"
	"testing"
)

// mostBack is, for each package, the largest percentage of the arrows between its files
// that may lead to an earlier file in the best order of the files. For packages that are
// not listed, the test only reports it.
var mostBack = map[string]int{
	"backends/azblob":       8,
	"backends/local":        10,
	"config":                10,
	"frontends/ftp":         10,
	"frontends/ftp/control": 10,
	"frontends/ftp/data":    10,
	"frontends/ftp/engine":  10,
	"frontends/ftp/passive": 10,
	"frontends/ftp/socket":  10,
	"frontends/sftp":        5,
	"frontends/listen":      10,
	"frontends/sftp/wire":   10,
	"frontends/streams":     10,
	"internal/auth":         10,
	"vfs":                   10,
}

// arrow says that one file uses what another declares.
type arrow struct{ from, to string }

func (a arrow) String() string { return a.from + " → " + a.to }

// TestFilesReadTopToBottom looks for an order of the files of a package in which
// each uses only what later ones declare.
func TestFilesReadTopToBottom(t *testing.T) {
	fset, files := parse(t)
	packages := map[string][]*file{}
	for _, f := range files {
		if !f.test {
			packages[f.dir] = append(packages[f.dir], f)
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(packages)) {
		arrows := arrowsOf(fset, packages[dir])
		if len(arrows) == 0 {
			continue
		}
		back := backIn(arrows, order(arrows))
		slices.SortFunc(back, func(a, b arrow) int { return strings.Compare(a.String(), b.String()) })
		share := int(math.Ceil(100 * float64(len(back)) / float64(len(arrows))))
		t.Logf("%s: %d files, %d arrows, %d back (%d %%)", dir, len(packages[dir]), len(arrows), len(back), share)
		if most, bounded := mostBack[dir]; bounded && share > most {
			t.Errorf("%s: %d %% of the arrows between its files go back, more than %d %%: %v", dir, share, most, back)
		}
	}
	for dir := range mostBack {
		if packages[dir] == nil {
			t.Errorf("there is no package %s any more: remove it from mostBack", dir)
		}
	}
}

// arrowsOf returns the arrows between the files of a package. What the compiler
// knows only through other packages is left out.
func arrowsOf(fset *token.FileSet, files []*file) map[arrow]bool {
	var syntax []*ast.File
	for _, f := range files {
		syntax = append(syntax, f.syntax)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: empty{}, Error: func(error) {}}
	pkg, _ := conf.Check(files[0].dir, fset, syntax, info) // imports are not there: it has errors
	arrows := map[arrow]bool{}
	for ident, used := range info.Uses {
		if used.Pkg() != pkg || !used.Pos().IsValid() {
			continue
		}
		from, to := path.Base(fset.Position(ident.Pos()).Filename), path.Base(fset.Position(used.Pos()).Filename)
		if from != to {
			arrows[arrow{from, to}] = true
		}
	}
	return arrows
}

// empty imports packages without anything in them.
type empty struct{}

func (empty) Import(p string) (*types.Package, error) {
	pkg := types.NewPackage(p, path.Base(p))
	pkg.MarkComplete()
	return pkg, nil
}

// backIn returns the arrows that lead to an earlier file.
func backIn(arrows map[arrow]bool, order []string) []arrow {
	place := make(map[string]int, len(order))
	for i, f := range order {
		place[f] = i
	}
	var back []arrow
	for a := range arrows {
		if place[a.to] < place[a.from] {
			back = append(back, a)
		}
	}
	return back
}

// order returns the files in an order with few arrows back: that of Eades, Lin and
// Smyth (1993), then moved one by one while that makes them fewer.
func order(arrows map[arrow]bool) []string {
	left := map[string]bool{}
	for a := range arrows {
		left[a.from], left[a.to] = true, true
	}
	var first, last []string
	for len(left) > 0 {
		in, out := map[string]int{}, map[string]int{}
		for a := range arrows {
			if left[a.from] && left[a.to] {
				out[a.from]++
				in[a.to]++
			}
		}
		files := slices.Sorted(maps.Keys(left))
		if i := slices.IndexFunc(files, func(f string) bool { return out[f] == 0 }); i >= 0 {
			last = append(last, files[i])
			delete(left, files[i])
			continue
		}
		next := slices.MaxFunc(files, func(a, b string) int {
			if in[a] == 0 || in[b] == 0 {
				return in[b] - in[a]
			}
			return (out[a] - in[a]) - (out[b] - in[b])
		})
		first = append(first, next)
		delete(left, next)
	}
	slices.Reverse(last)
	return improved(arrows, append(first, last...))
}

// improved moves single files to better places until there are none.
func improved(arrows map[arrow]bool, order []string) []string {
	best := len(backIn(arrows, order))
	for again := true; again && best > 0; {
		again = false
		for i := range order {
			rest := slices.Delete(slices.Clone(order), i, i+1)
			for j := range order {
				moved := slices.Insert(slices.Clone(rest), j, order[i])
				if n := len(backIn(arrows, moved)); n < best {
					order, best, again = moved, n, true
					break
				}
			}
		}
	}
	return order
}

func TestOrder(t *testing.T) {
	arrows := map[arrow]bool{{"c", "b"}: true, {"b", "a"}: true, {"c", "a"}: true, {"a", "d"}: true}
	if back := backIn(arrows, order(arrows)); len(back) != 0 {
		t.Errorf("back in an order that needs none: %v", back)
	}
	arrows[arrow{"a", "c"}] = true
	if back := backIn(arrows, order(arrows)); len(back) != 1 || back[0].String() != "a → c" {
		t.Errorf("back in a circle: %v, want a → c", back)
	}
}
