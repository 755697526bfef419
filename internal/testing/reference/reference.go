package reference

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"reflect"
	"regexp"
	"strings"
)

// Row is one argument or block that a struct decodes.
type Row struct {
	Name string
	// Kind is "text", "number", "bool", "list", "map", "block" or "".
	Kind string
	// Default is what stands for an argument that is not written, "required",
	// or "" where nothing does.
	Default string
	// Meaning is the comment.
	Meaning string
}

// Rows reads the struct called name in the package at dir.
func Rows(root fs.FS, dir, name string) ([]Row, error) {
	paths, err := fs.Glob(root, dir+"/*.go")
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		src, err := fs.ReadFile(root, path)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, src, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		if s := find(file, name); s != nil {
			return rows(s)
		}
	}
	return nil, fmt.Errorf("reference: no struct %s in %s", name, dir)
}

func find(file *ast.File, name string) (found *ast.StructType) {
	ast.Inspect(file, func(n ast.Node) bool {
		if t, ok := n.(*ast.TypeSpec); ok && t.Name.Name == name {
			found, _ = t.Type.(*ast.StructType)
		}
		return found == nil
	})
	return found
}

func rows(s *ast.StructType) ([]Row, error) {
	var all []Row
	names := argumentNames(s)
	var before string // the comment of the row before
	for _, f := range s.Fields.List {
		if f.Tag == nil || len(f.Names) != 1 {
			continue
		}
		tag, kind, _ := strings.Cut(reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("hcl"), ",")
		row := Row{Name: tag, Kind: kindOf(f.Type)}
		switch kind {
		case "block":
			row.Kind = "block"
			_, pointer := f.Type.(*ast.StarExpr)
			_, slice := f.Type.(*ast.ArrayType)
			if !pointer && !slice {
				row.Default = "required"
			}
		case "", "attr":
			if _, pointer := f.Type.(*ast.StarExpr); !pointer && row.Kind != "" {
				row.Default = "required"
			}
		case "optional":
		default:
			continue // labels and ranges
		}
		comment := strings.Join(strings.Fields(f.Doc.Text()), " ")
		switch {
		case comment == "" && row.Kind == "block":
		case comment == "" && strings.Contains(before, f.Names[0].Name):
			comment = "See above." // one comment for two
		case comment == "":
			return nil, fmt.Errorf("reference: the argument %q has no comment", tag)
		default:
			before = comment
		}
		row.Meaning = inArguments(comment, names)
		row.Meaning, row.Default = split(row.Meaning, row.Default)
		all = append(all, row)
	}
	return all, nil
}

// inArguments writes a comment on fields as one on arguments. Inside of it an
// abbreviation is none of them: ALLO is the command and not the field.
func inArguments(comment string, names map[string]string) string {
	first := true
	return identifier.ReplaceAllStringFunc(comment, func(word string) string {
		leading := first && strings.HasPrefix(comment, word)
		first = false
		name, ok := names[word]
		if !ok || (!leading && word == strings.ToUpper(word)) {
			return word
		}
		return "`" + name + "`"
	})
}

// argumentNames maps the fields to the arguments that they decode: comments
// speak of the former.
func argumentNames(s *ast.StructType) map[string]string {
	names := map[string]string{}
	for _, f := range s.Fields.List {
		if f.Tag == nil || len(f.Names) != 1 {
			continue
		}
		tag, kind, _ := strings.Cut(reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("hcl"), ",")
		if tag != "" && (kind == "" || kind == "attr" || kind == "optional" || kind == "block") {
			names[f.Names[0].Name] = tag
		}
	}
	return names
}

var (
	defaultSentence  = regexp.MustCompile(` ?Default: ([^.]*(?:\.[^ ][^.]*)*)\.$`)
	identifier       = regexp.MustCompile(`\b[A-Z]\w*\b`)
	requiredSentence = regexp.MustCompile(` ?Required\.$`)
)

// split takes the last sentence of a comment for the default when it is one.
func split(text, otherwise string) (string, string) {
	if m := defaultSentence.FindStringSubmatch(text); m != nil {
		return strings.TrimSuffix(text, m[0]), m[1]
	}
	if m := requiredSentence.FindString(text); m != "" {
		return strings.TrimSuffix(text, m), "required"
	}
	return text, otherwise
}

func kindOf(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return kindOf(t.X)
	case *ast.ArrayType:
		return "list"
	case *ast.MapType:
		return "map"
	case *ast.SelectorExpr:
		if t.Sel.Name == "Secret" {
			return "text"
		}
	case *ast.Ident:
		switch t.Name {
		case "string", "Secret":
			return "text"
		case "int", "int64":
			return "number"
		case "bool":
			return "bool"
		}
	}
	return "" // an expression: its comment says what it is
}

// Table writes rows as a table of Markdown. defaults are the values of
// arguments whose comments have none.
func Table(rows []Row, defaults map[string]string) string {
	var b strings.Builder
	b.WriteString("| | kind | default | |\n|---|---|---|---|\n")
	for _, r := range rows {
		name := "`" + r.Name + "`"
		if r.Kind == "block" {
			name = "`" + r.Name + " {}`"
		}
		value := r.Default
		if d, ok := defaults[r.Name]; ok {
			value = "`" + d + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, r.Kind, value, strings.ReplaceAll(r.Meaning, "|", `\|`))
	}
	return b.String()
}

var table = regexp.MustCompile(`(?s)<!-- table: (\S+) (\S+) -->\n.*?<!-- end -->`)

// Fill returns the page with every table made anew. defaults returns what Table
// wants for a struct.
func Fill(root fs.FS, page string, defaults func(dir, name string) map[string]string) (string, error) {
	var failed error
	filled := table.ReplaceAllStringFunc(page, func(old string) string {
		m := table.FindStringSubmatch(old)
		rows, err := Rows(root, m[1], m[2])
		if err != nil {
			failed = err
			return old
		}
		return fmt.Sprintf("<!-- table: %s %s -->\n%s<!-- end -->", m[1], m[2], Table(rows, defaults(m[1], m[2])))
	})
	return filled, failed
}
