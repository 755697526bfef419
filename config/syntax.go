package config

import (
	"bytes"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// firstMistake returns the first of the syntax errors of a source. The others mostly follow
// from it: after an unclosed quote, the parser takes the code between two texts for a text.
func firstMistake(s Source, diags hcl.Diagnostics, names map[string]bool) hcl.Diagnostics {
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		if at, ok := unclosedQuote(s); ok && (d.Subject == nil || at.Start.Byte <= d.Subject.Start.Byte) {
			d = Problem(at, "Unclosed quote", `The text that begins here has no closing quote on its line. Write one, and \n for a line end inside.`)
			if s.Bytes[at.Start.Byte] == '<' {
				d = Problem(at, "Unclosed text", "The text that begins here does not end. Write its word after << alone on a line.")
			}
		}
		d.Detail = quotedWord.ReplaceAllStringFunc(d.Detail, func(quoted string) string {
			word, err := strconv.Unquote(quoted)
			if err == nil && (len(word) < 2 || names[word] || !bytes.Contains(s.Bytes, []byte(word))) {
				return quoted
			}
			return `"…"` // the parser quotes the source
		})
		d.Extra = brokenSource{names}
		return hcl.Diagnostics{d}
	}
	return nil
}

// quotedWord matches a quotation in a text of the parser.
var quotedWord = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// unclosedQuote finds the first text in quotes that has no closing quote on its line, or the
// text after << that does not end.
func unclosedQuote(s Source) (hcl.Range, bool) {
	tokens, _ := hclsyntax.LexConfig(s.Bytes, s.Name, hcl.InitialPos)
	var open []hcl.Range // the beginnings of texts, which templates may nest
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			open = append(open, t.Range)
		case hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			open = open[:max(len(open)-1, 0)]
		case hclsyntax.TokenQuotedLit, hclsyntax.TokenQuotedNewline, hclsyntax.TokenEOF:
			if len(open) > 0 && (t.Type != hclsyntax.TokenQuotedLit || bytes.ContainsAny(t.Bytes, "\r\n")) {
				return open[len(open)-1], true
			}
		}
	}
	return hcl.Range{}, false
}

// brokenSource marks the diagnostic about a file with a syntax error. Of its line only the
// structure and the names of known arguments and blocks are shown: everything else may be a
// secret.
type brokenSource struct{ names map[string]bool }

// firstWord matches the beginning of a line with an argument or a block.
var firstWord = regexp.MustCompile(`^\s*([a-z][a-z0-9_]*)\s*(?:=|\{|"|$)`)

// redactedLine returns a line of such a file with stars for everything that may be a
// secret. The length does not change.
func redactedLine(line []byte, known map[string]bool) []byte {
	out := bytes.Clone(line)
	from := 0
	if m := firstWord.FindSubmatchIndex(line); m != nil && known[string(line[m[2]:m[3]])] {
		from = m[3]
	}
	for i := from; i < len(out); i++ {
		if !bytes.ContainsRune([]byte(" \t\r\n=\"'{}[](),"), rune(out[i])) {
			out[i] = '*'
		}
	}
	return out
}

// knownNames returns the names of all arguments and blocks that a configuration can have.
func (r Registry) knownNames() map[string]bool {
	all := map[string]bool{}
	for _, b := range rootSchema().Blocks {
		all[b.Type] = true
	}
	for _, block := range []any{
		nodeBlock{}, startBlock{}, transfersBlock{}, logBlock{}, accessLogBlock{}, auditBlock{}, tracingBlock{}, eventBlock{}, defaultsBlock{}, tenantDefaultsBlock{}, tenantBlock{}, mountBlock{}, userBlock{},
	} {
		addNames(all, reflect.TypeOf(block))
	}
	for _, t := range slices.Concat(r.Backends, r.Frontends, r.Events) {
		if known, ok := t.(interface{ block() reflect.Type }); ok {
			addNames(all, known.block())
		}
	}
	return all
}

// addNames adds the names that a struct decodes, and those of its blocks.
func addNames(to map[string]bool, block reflect.Type) {
	for block.Kind() == reflect.Slice || block.Kind() == reflect.Pointer {
		block = block.Elem()
	}
	for i := range block.NumField() {
		name, kind, _ := strings.Cut(block.Field(i).Tag.Get("hcl"), ",")
		switch kind {
		case "", "attr", "optional":
			to[name] = true
		case "block":
			to[name] = true
			addNames(to, block.Field(i).Type)
		}
	}
}
