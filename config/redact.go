package config

import (
	"bytes"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// literal is a part of a text in quotes, by byte offsets.
type literal struct {
	start, end int
	// secret is true when the name of the argument sounds like a secret's.
	secret bool
	// value is the value of the argument that the literal stands in, empty
	// outside of arguments.
	value struct{ start, end int }
	// element is true when it stands in a map there.
	element bool
}

// redact returns the bytes from start to end of a source with stars for
// literals that may be secrets, so that places stay what they are. Those are
// literals of arguments with a telling name, and of every argument whose value
// is not what the diagnostic is about: a misspelt name tells nothing. Of what is
// about a whole map, its keys are shown only, for the same reason.
//
// named shows the text of an argument whose name the diagnostic is about, because
// that name is nearly one of an argument which is no secret.
func redact(src []byte, literals []literal, start, end int, about hcl.Range, named bool) []byte {
	out := bytes.Clone(src[start:end])
	for _, lit := range literals {
		aside := lit.value.end > 0 && (about.End.Byte <= lit.value.start || about.Start.Byte >= lit.value.end) &&
			(!named || !shownByName(src, literals, lit, about))
		whole := lit.element && (about.Start.Byte <= lit.value.start+leading(src, lit.value.start) || about.End.Byte < lit.start || about.Start.Byte > lit.end)
		if from, to := max(lit.start, start), min(lit.end, end); from < to && (lit.secret || aside || whole) {
			stars := out[from-start : to-start]
			for i, b := range stars {
				if b != '\n' && b != '\r' {
					stars[i] = '*'
				}
			}
		}
	}
	return out
}

// maxShown is how long a text may be that is shown by its argument's name alone:
// keys and hashes are longer, names of accounts and containers seldom.
const maxShown = 24

// shownByName reports whether a literal is the value of the argument with the
// name, short, and not a secret somewhere else in the source.
func shownByName(src []byte, literals []literal, lit literal, name hcl.Range) bool {
	text := src[lit.start:lit.end]
	if name.End.Byte > lit.value.start || len(text) > maxShown ||
		len(bytes.Trim(src[name.End.Byte:lit.value.start], " \t=")) > 0 {
		return false
	}
	return !slices.ContainsFunc(literals, func(other literal) bool {
		return other.secret && bytes.Contains(src[other.start:other.end], text)
	})
}

// literalsOf finds the literals of a source. It works on tokens, because a file
// with a syntax error has to be shown too.
//
// What a function takes as a name is never secret: env("AZURE_STORAGE_KEY").
func literalsOf(src []byte) []literal {
	tokens, _ := hclsyntax.LexConfig(src, "", hcl.InitialPos)

	// level is one pair of brackets that is open, or the top of the file.
	type level struct {
		secret bool // what stands in it is part of a secret argument
		names  bool // what stands in it names something outside
		key    bool // the current argument or key is secret
		value  bool // what stands behind the current key of a map
	}
	levels := []level{{}}
	var all []literal
	var word string // the identifier or literal before the current token
	var argument struct {
		open         bool
		start, level int
		first        int // index in all
	}
	closeArgument := func(end int) {
		for i := argument.first; argument.open && i < len(all); i++ {
			all[i].value.start, all[i].value.end = argument.start, end
		}
		argument.open = false
	}
	for _, t := range tokens {
		top := &levels[len(levels)-1]
		switch t.Type {
		case hclsyntax.TokenIdent:
			// A key without an equals sign looks like a block with a label.
			word = string(t.Bytes)
			if !argument.open {
				top.key = secretName(word)
			}
			continue
		case hclsyntax.TokenEqual, hclsyntax.TokenColon:
			top.key, top.value = secretName(word), argument.open
			if !argument.open {
				argument.open, argument.start, argument.level, argument.first = true, t.Range.End.Byte, len(levels), len(all)
			}
		case hclsyntax.TokenNewline, hclsyntax.TokenComma, hclsyntax.TokenEOF:
			top.key, top.value = false, false
			if len(levels) <= argument.level && t.Type != hclsyntax.TokenComma || t.Type == hclsyntax.TokenEOF {
				closeArgument(t.Range.Start.Byte)
			}
		case hclsyntax.TokenOParen:
			levels = append(levels, level{secret: top.secret || top.key, value: top.value, names: word == "env" || word == "file"})
		case hclsyntax.TokenOBrace:
			// The brace of a block begins something new.
			levels = append(levels, level{secret: argument.open && (top.secret || top.key)})
		case hclsyntax.TokenOBrack, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			levels = append(levels, level{secret: top.secret || top.key, value: top.value})
		case hclsyntax.TokenCParen, hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenTemplateSeqEnd:
			if len(levels) > 1 {
				levels = levels[:len(levels)-1]
			}
			if len(levels) < argument.level {
				closeArgument(t.Range.Start.Byte)
			}
		case hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit:
			word = string(t.Bytes)
			all = append(all, literal{
				start: t.Range.Start.Byte, end: t.Range.End.Byte,
				secret: (top.secret || top.key) && !top.names, element: argument.open && top.value,
			})
			continue
		case hclsyntax.TokenComment:
			all = append(all, literal{start: t.Range.Start.Byte + 1, end: t.Range.End.Byte, secret: true})
			top.key, top.value = false, false
			if len(levels) <= argument.level {
				closeArgument(t.Range.Start.Byte)
			}
		case hclsyntax.TokenOQuote, hclsyntax.TokenCQuote, hclsyntax.TokenOHeredoc, hclsyntax.TokenCHeredoc:
			continue
		}
		word = ""
	}
	closeArgument(len(src))
	return all
}

// leading returns how much white space begins at start.
func leading(src []byte, start int) int {
	return len(src[start:]) - len(bytes.TrimLeft(src[start:], " \t\r\n"))
}

// secretName reports whether a name sounds like that of a secret.
func secretName(name string) bool {
	name = strings.ToLower(name)
	if strings.HasSuffix(name, "_file") || strings.HasSuffix(name, "_files") {
		return false
	}
	if name == "value" { // of auth "connection_string"
		return true
	}
	for _, part := range []string{
		"key", "secret", "pass", "pwd", "hash", "token", "sas", "sig", "cred", "connection", "conn_str", "private", "pin",
	} {
		if strings.Contains(name, part) && name != "passive" {
			return true
		}
	}
	return false
}
