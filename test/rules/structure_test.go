package rules

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"
)

const (
	maxFields  = 20
	maxMethods = 30
)

// largeTypes lists the types that have more fields or methods, with the reason.
// A block of the configuration and Options are no such types: they have a field for
// each thing that can be set.
var largeTypes = map[string]string{
	"backends/local.Backend":  "the operations of vfs.Backend, each with its steps; it has no state but the directory",
	"backends/rclone.Backend": "the operations of vfs.Backend, each with its steps; it has little state",
	"config.loader":           "reads the blocks of a configuration, a method for each kind",

	"frontends/sftp.conn":   "one SSH connection",
	"frontends/sftp.upload": "one open file that is written, in one of several modes, a method for each step of them",

	"frontends/status.Report": "what the process does at one moment, a field for each thing that it shows",
	"internal/observe.Event":  "what happened; each kind of event has some of the fields",

	"vfs.View": "the operations of a user, each with its checks; they share its mounts and rights",

	"internal/testing/azstub.Blob":    "what a test places and looks at, a field for each property",
	"internal/testing/azstub.Server":  "what a test sets and asks of the stub, a method for each",
	"internal/testing/azstub.call":    "the operations of the Blob service, a method for each",
	"frontends/frontendtest.Server":   "what tests of the suite ask for, a method for each",
	"internal/testing/ftpclient.Conn": "the commands of FTP, a method for each",
	"vfs/vfstest.env":                 "what tests of the suite ask for, a method for each",
}

// structure is the size of a type.
type structure struct {
	at              token.Pos
	fields, methods int
}

func TestTypesAreSmall(t *testing.T) {
	fset, files := parse(t)
	types := structures(files)
	for _, name := range slices.Sorted(maps.Keys(types)) {
		s := types[name]
		large := s.fields > maxFields || s.methods > maxMethods
		reason, listed := largeTypes[name]
		switch {
		case large && !listed:
			t.Errorf("%s: %s has %d fields and %d methods, more than %d or %d: it is more than one thing",
				fset.Position(s.at), name, s.fields, s.methods, maxFields, maxMethods)
		case large:
			t.Logf("%s has %d fields and %d methods: %s", name, s.fields, s.methods, reason)
		case listed:
			t.Errorf("%s is small now: remove it from largeTypes", name)
		}
	}
	for name := range largeTypes {
		if types[name] == nil {
			t.Errorf("there is no type %s any more: remove it from largeTypes", name)
		}
	}
}

// structures returns the types of the files without tests, by directory and name.
func structures(files []*file) map[string]*structure {
	all := map[string]*structure{}
	of := func(f *file, name string) *structure {
		key := f.dir + "." + name
		if all[key] == nil {
			all[key] = &structure{}
		}
		return all[key]
	}
	for _, f := range files {
		if f.test {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				s := of(f, n.Name.Name)
				s.at = n.Pos()
				if st, ok := n.Type.(*ast.StructType); ok && !isBlock(st) && !strings.HasSuffix(n.Name.Name, "Options") {
					for _, field := range st.Fields.List {
						s.fields += max(1, len(field.Names))
					}
				}
			case *ast.FuncDecl:
				if n.Recv != nil {
					of(f, receiver(n)).methods++
				}
			case *ast.BlockStmt:
				return false // types within functions are small
			}
			return true
		})
	}
	return all
}

// isBlock reports whether a type is a block of the configuration.
func isBlock(st *ast.StructType) bool {
	return slices.ContainsFunc(st.Fields.List, func(f *ast.Field) bool {
		return f.Tag != nil && strings.Contains(f.Tag.Value, `hcl:"`)
	})
}

// receiver returns the name of the type that a method is of.
func receiver(fn *ast.FuncDecl) string {
	typ := fn.Recv.List[0].Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.IndexListExpr:
			typ = t.X
		case *ast.Ident:
			return t.Name
		default:
			return fmt.Sprint(typ)
		}
	}
}

// The folders at the top are the program, the protocols, the stores, the tree, the
// configuration and the deployment; packages of other kinds are in internal, cmd/internal or
// test.
func TestFoldersAtTheTop(t *testing.T) {
	allowed := []string{"backends", "cmd", "config", "deploy", "frontends", "internal", "test", "vfs"}
	_, files := parse(t)
	for _, f := range files {
		if top, _, _ := strings.Cut(f.dir, "/"); !slices.Contains(allowed, top) {
			t.Errorf("%s: no package may be in %s", f.dir, top)
		}
	}
}
