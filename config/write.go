package config

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// WriteDiagnostics prints diagnostics for people: the place, the summary, the line of the
// source with the place underlined, the detail.
//
//	tidegate.hcl:12:3: Unsupported argument
//	  12 |   acount = "contosoingest"
//	     |   ^^^^^^
//	  An argument named "acount" is not expected here. Did you mean "account"?
//
// It replaces hcl's own writer, which prints the values of variables and the literals of
// secrets.
func WriteDiagnostics(w io.Writer, sources []Source, diags hcl.Diagnostics) error {
	texts := make(map[string]*quoted, len(sources))
	for _, s := range sources {
		texts[s.Name] = &quoted{src: s.Bytes}
	}
	for _, d := range diags {
		var b strings.Builder
		if d.Subject != nil {
			fmt.Fprintf(&b, "%s: ", printable([]byte(place(*d.Subject))))
		}
		if d.Severity == hcl.DiagWarning {
			b.WriteString("warning: ")
		}
		b.WriteString(printable([]byte(d.Summary)) + "\n")
		if d.Subject != nil {
			broken, _ := d.Extra.(brokenSource)
			texts[d.Subject.Filename].write(&b, *d.Subject, harmlesslyMisspelt(d), broken.names)
		}
		fmt.Fprintf(&b, "  %s\n\n", printable([]byte(d.Detail)))
		if _, err := io.WriteString(w, b.String()); err != nil {
			return err
		}
	}
	return nil
}

// harmlesslyMisspelt reports whether a diagnostic is about a misspelt argument whose
// correct name does not look like that of a secret.
func harmlesslyMisspelt(d *hcl.Diagnostic) bool {
	written, known := misspeltName.FindStringSubmatch(d.Detail), suggested.FindStringSubmatch(d.Detail)
	return d.Summary == "Unsupported argument" && written != nil && known != nil && !secretName(known[1]) &&
		levenshtein.Distance(written[1], known[1], nil) <= max(1, len(known[1])/4)
}

// quoted is a source whose lines are shown.
type quoted struct {
	src      []byte
	lexed    bool
	wrong    bool // it has a syntax error
	literals []literal
}

// maxQuoted is how many bytes of a line are shown.
const maxQuoted = 400

// write prints the line on which the place begins, with the place underlined. It prints nothing
// without such a line, as for a file that could not be read, and nothing beyond maxQuoted. named
// is passed to redact, known to redactedLine.
func (q *quoted) write(b *strings.Builder, at hcl.Range, named bool, known map[string]bool) {
	if q == nil || len(q.src) == 0 || at.Start.Byte < 0 || at.Start.Byte > len(q.src) || at.End.Byte < at.Start.Byte {
		return
	}
	if !q.lexed {
		_, diags := hclsyntax.ParseConfig(q.src, "", hcl.InitialPos)
		q.literals, q.wrong, q.lexed = literalsOf(q.src), diags.HasErrors(), true
	}
	start := bytes.LastIndexByte(q.src[:at.Start.Byte], '\n') + 1
	end := len(q.src)
	if n := bytes.IndexByte(q.src[at.Start.Byte:], '\n'); n >= 0 {
		end = at.Start.Byte + n
	}
	if end = min(end, start+maxQuoted); at.Start.Byte > end {
		return
	}
	var line []byte
	if q.wrong {
		line = redactedLine(q.src[start:end], known)
	} else {
		line = redact(q.src, q.literals, start, end, at, named)
	}
	before := line[:at.Start.Byte-start]
	marked := line[len(before) : min(at.End.Byte, end)-start]

	number := fmt.Sprintf("  %d", at.Start.Line)
	fmt.Fprintf(b, "%s | %s\n", number, printable(line))
	fmt.Fprintf(b, "%*s | %s%s\n", len(number), "", blank(printable(before)),
		strings.Repeat("^", max(1, utf8.RuneCountInString(printable(marked)))))
}

// printable removes control characters, so that a source cannot control the terminal.
func printable(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && r != '\n' && !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, string(bytes.TrimSuffix(b, []byte("\r"))))
}

// blank returns white space with the width of the text.
func blank(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, text)
}
