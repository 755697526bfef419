package rules

import (
	"go/ast"
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

// withoutExample lists the problems that a line of a file cannot have, with the reason.
var withoutExample = map[string]string{
	"Cannot read the configuration":        "there is no file",
	"Cannot read the environment file":     "there is no file",
	"No configuration":                     "there is no file",
	"Unknown value":                        "it is not shown",
	"Port needs a privilege":               "only for users without it",
	"Cannot listen":                        "other errors than the usual ones",
	"Few descriptors":                      "only on machines with few",
	"Clock differs from the store's":       "only on machines with a wrong clock",
	"Invalid collector in the environment": "only with variables; TestTracingOfEnvironment has it",
	// Of files and receivers: TestFilesOfLogs and TestCheckReceivers.
	"File needs a right":                   "only for users without it",
	"Socket needs a right":                 "only for users without it",
	"File cannot be written":               "other errors than the usual ones",
	"Receiver of events cannot be reached": "it needs a receiver that is gone",
}

// TestEveryProblemHasAnExample looks for an example of each problem that a configuration can
// have: a line of a file below a testdata with the comment "# ERROR: summary" or
// "# WARNING: summary". Tests of those packages compare the comments with what is reported.
func TestEveryProblemHasAnExample(t *testing.T) {
	examples := problemExamples(t)
	fset, files := parse(t)
	found := 0
	for _, f := range files {
		// Problems of a line of a users file are not those of a configuration.
		if f.test || f.dir == "config/usersfile" || !within(f.dir, "config", "backends", "frontends", "events", "cmd/tidegate") {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			summary, ok := summaryIn(n)
			if !ok {
				return true
			}
			found++
			text, whole := constantPart(summary)
			has := slices.ContainsFunc(examples, func(example string) bool {
				return example == text || !whole && text != "" && strings.HasPrefix(example, text)
			})
			_, excepted := withoutExample[text]
			switch {
			case text == "":
			case has && excepted && whole:
				t.Errorf("%q has an example now: remove it from withoutExample", text)
			case !has && !excepted:
				t.Errorf("%s: no file in a testdata has a line with the comment # ERROR: %s (or WARNING)", fset.Position(n.Pos()), text)
			}
			return true
		})
	}
	if found < 100 {
		t.Errorf("%d problems were found, which are not all", found)
	}
}

// summaryIn returns the expression of a summary: the second argument of a function that
// makes a problem, or what is assigned to the summary of one.
func summaryIn(n ast.Node) (ast.Expr, bool) {
	switch n := n.(type) {
	case *ast.CallExpr:
		name := ""
		switch fun := n.Fun.(type) {
		case *ast.Ident:
			name = fun.Name
		case *ast.SelectorExpr:
			name = fun.Sel.Name
		}
		if slices.Contains([]string{"Problem", "Warning", "ProblemInCheck", "problem", "warn"}, name) && len(n.Args) >= 3 {
			return n.Args[1], true
		}
	case *ast.AssignStmt:
		if left, ok := n.Lhs[0].(*ast.SelectorExpr); ok && left.Sel.Name == "Summary" && len(n.Rhs) == 1 {
			return n.Rhs[0], true
		}
	case *ast.KeyValueExpr:
		// Problems of a file that is no configuration.
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Summary" {
			return n.Value, true
		}
	}
	return nil, false
}

// constantPart returns the text at the beginning of an expression, and whether it is all of
// it. It is empty for a variable: then another place has the text.
func constantPart(e ast.Expr) (text string, whole bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.BinaryExpr:
		text, _ := constantPart(e.X)
		return text, false
	}
	return "", false
}

var problemComment = regexp.MustCompile(`# (?:ERROR|WARNING): `)

// problemExamples returns the summaries in the comments of all files below a testdata.
func problemExamples(t *testing.T) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(filepath.ToSlash(path), "/testdata/") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			for _, summary := range problemComment.Split(line, -1)[1:] {
				summary, _, _ = strings.Cut(summary, "*/") // a comment in front of <<WORD
				all = append(all, strings.TrimSpace(summary))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
