package config

import (
	"bytes"
	"regexp"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// firstMistake returns the first of the syntax errors of a source. The others mostly follow
// from it: after an unclosed quote, the parser takes the code between two texts for a text.
func firstMistake(s Source, diags hcl.Diagnostics) hcl.Diagnostics {
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		if at, ok := unclosedQuote(s); ok && (d.Subject == nil || at.Start.Byte <= d.Subject.Start.Byte) {
			d = Problem(at, "Unclosed quote", `The text that begins here has no closing quote on its line. Write one, and \n for a line end inside.`)
		}
		return hcl.Diagnostics{d}
	}
	return nil
}

// unclosedQuote finds the first text in quotes that has no closing quote on its line.
func unclosedQuote(s Source) (hcl.Range, bool) {
	tokens, _ := hclsyntax.LexConfig(s.Bytes, s.Name, hcl.InitialPos)
	var open []hcl.Range // the quotes of texts, which templates may nest
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOQuote:
			open = append(open, t.Range)
		case hclsyntax.TokenCQuote:
			open = open[:max(len(open)-1, 0)]
		case hclsyntax.TokenQuotedLit, hclsyntax.TokenQuotedNewline, hclsyntax.TokenEOF:
			if len(open) > 0 && (t.Type != hclsyntax.TokenQuotedLit || bytes.ContainsAny(t.Bytes, "\r\n")) {
				return open[len(open)-1], true
			}
		}
	}
	return hcl.Range{}, false
}

// Of a line in a file with a syntax error these parts are shown: the type of a block or the
// name of an argument at its beginning, brackets and quotes. Everything else may be a
// secret.
var (
	blockLine    = regexp.MustCompile(`^\s*(node|transfers|log|backend|frontend|tenant|mount|user|path|auth|passive|tls|network)(\s+("[^"=]*"|[A-Za-z][\w-]*))*\s*\{\s*$`)
	argumentName = regexp.MustCompile(`^\s*[a-z][a-z0-9_]{0,30}\s*(=($|[^=])|\{)`)
)

// redactedLine returns a line of such a file with stars for everything that may be a
// secret. The length does not change.
func redactedLine(line []byte) []byte {
	if blockLine.Match(line) {
		return line
	}
	out := bytes.Clone(line)
	from := 0
	if name := argumentName.Find(line); name != nil {
		from = bytes.IndexAny(line, "={") + 1
	}
	for i := from; i < len(out); i++ {
		if !bytes.ContainsRune([]byte(" \t\r\n\"'{}[](),"), rune(out[i])) {
			out[i] = '*'
		}
	}
	return out
}
