package rules

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

const (
	maxLines     = 500
	maxTestLines = 800
)

func TestFilesAreShort(t *testing.T) {
	_, files := parse(t)
	for _, f := range files {
		most := maxLines
		if f.test {
			most = maxTestLines
		}
		if f.lines > most {
			t.Errorf("%s has %d lines, more than %d: it holds more than one thing", f.name, f.lines, most)
		}
	}
}

func TestPackagesAreDocumented(t *testing.T) {
	_, files := parse(t)
	documented := map[string]bool{}
	for _, f := range files {
		if !f.test {
			documented[f.dir] = documented[f.dir] || f.syntax.Doc != nil
		}
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment: say in doc.go what it is and what it is not", dir)
		}
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "misc", "types"}, path.Base(dir)) {
			t.Errorf("%s: the name does not say what is in it", dir)
		}
	}
}

// rcloneEnvironment is the one package that may set a variable of the
// environment: rclone reads it before main.
const rcloneEnvironment = "backends/rclone/noconfig"

// startEnvironment is the package that reads and passes on what a service manager, or the
// process that is replaced, says in the environment.
const startEnvironment = "cmd/tidegate"

// places says where a function or type of the standard library may be used.
var places = []struct {
	names []string
	why   string
	where func(*file) bool
}{
	{
		names: []string{"os.Getenv", "os.LookupEnv", "os.Environ", "os.ExpandEnv"},
		why:   "the environment is read in config, by configurations that ask for it",
		where: func(f *file) bool {
			return f.test || f.dir == "config" || f.dir == rcloneEnvironment || f.dir == startEnvironment
		},
	},
	{
		names: []string{"os.Setenv", "os.Unsetenv", "os.Clearenv"},
		why:   "the environment belongs to the whole process",
		where: func(f *file) bool { return f.dir == rcloneEnvironment || f.dir == startEnvironment },
	},
	{
		names: []string{
			"os.Exit", "os/signal.Notify", "os/signal.NotifyContext", "os/signal.Ignore",
			"log.Fatal", "log.Fatalf", "log.Fatalln", "log.Panic", "log.Panicf", "log.Panicln",
		},
		why:   "the process belongs to the program, not to a package",
		where: func(f *file) bool { return f.test || f.syntax.Name.Name == "main" },
	},
	{
		names: []string{"time.Sleep"},
		why:   "wait for the event; in a test, or use testing/synctest",
		where: func(f *file) bool {
			// In a bubble of testing/synctest it moves the clock.
			synctest := false
			f.imports(func(p string, _ *ast.ImportSpec) { synctest = synctest || p == "testing/synctest" })
			return f.test && synctest
		},
	},
	{
		names: []string{"log/slog.Default", "log/slog.SetDefault", "log/slog.Info", "log/slog.Warn", "log/slog.Error", "log/slog.Debug"},
		why:   "log to the *slog.Logger that was handed in",
		where: func(*file) bool { return false },
	},
}

func TestPlaces(t *testing.T) {
	fset, files := parse(t)
	for _, f := range files {
		f.uses(func(name string, at token.Pos) {
			for _, p := range places {
				if slices.Contains(p.names, name) && !p.where(f) {
					t.Errorf("%s: %s: %s", fset.Position(at), name, p.why)
				}
			}
		})
	}
}

func TestNoInit(t *testing.T) {
	fset, files := parse(t)
	for _, f := range files {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: no init functions: whoever needs it calls it", fset.Position(fn.Pos()))
			}
		}
	}
}

// TestNolintIsExplained checks that each nolint comment has a reason. nolintlint checks only the
// comments about linters that it knows.
func TestNolintIsExplained(t *testing.T) {
	fset, files := parse(t)
	for _, f := range files {
		for _, group := range f.syntax.Comments {
			for _, c := range group.List {
				directive, explained := strings.CutPrefix(c.Text, "//nolint")
				if _, why, found := strings.Cut(directive, "//"); explained && (!found || strings.TrimSpace(why) == "") {
					t.Errorf("%s: nolint without a reason", fset.Position(c.Pos()))
				}
			}
		}
	}
}
