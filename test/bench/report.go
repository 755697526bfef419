package main

import (
	"bytes"
	_ "embed" // for page.md
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/template"
	"time"
)

//go:embed page.md
var pageSource string

// page returns the whole report. docs/performance.md is one.
func (b *bench) page(m machine, begin time.Time, tables string) ([]byte, error) {
	t, err := template.New("page.md").Parse(pageSource)
	if err != nil {
		return nil, err
	}
	what := b.scale.what
	if b.only.String() != "" {
		what = strings.TrimSpace(what + fmt.Sprintf(" Only the rows that match `%s`.", b.only))
	}
	if b.cut != "" {
		what = strings.TrimSpace(what + fmt.Sprintf(" The run was interrupted: it has only the rows before `%s`.", b.cut))
	}
	var out bytes.Buffer
	err = t.Execute(&out, struct {
		Machine machine
		Date    string
		Took    time.Duration
		What    string
		Base    string
		Tables  string
	}{m, begin.UTC().Format("2006-01-02"), time.Since(begin).Round(time.Second), what, filepath.Base(b.base), tables})
	return out.Bytes(), err
}

// write writes the table in Markdown.
func (t *table) write(w io.Writer, lines [][]string) {
	fmt.Fprintf(w, "\n## %s\n\n", t.title)
	if t.note != "" {
		fmt.Fprintf(w, "%s\n\n", t.note)
	}
	fmt.Fprintf(w, "| %s |\n|%s\n", strings.Join(t.columns, " | "), strings.Repeat("---|", len(t.columns)))
	for _, cells := range lines {
		for len(cells) < len(t.columns) {
			cells = append(cells, "")
		}
		fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
	}
}
