package config

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// literal is a part of a text in quotes, by byte offsets.
type literal struct {
	start, end int
	// secret is true when the name of the argument looks like that of a secret.
	secret bool
	// value is the value of the argument that the literal stands in, empty
	// outside of arguments.
	value struct{ start, end int }
	// element is true when the literal is an element of a map.
	element bool
}

// redact returns the bytes from start to end of a source, with stars for literals that may be
// secrets, so that columns do not change. It redacts literals of arguments whose names look like
// names of secrets. It also redacts the literals of every argument whose value is not the
// subject of the diagnostic, because a misspelt name may be the name of a secret. If the subject
// is a whole map, it shows only the keys, for the same reason.
//
// If named is true, redact shows the text of an argument whose name is the subject of the
// diagnostic, because the name is a misspelling of an argument that is no secret.
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

// maxShown is the length of the longest text that is shown because of its argument's name
// alone: keys and hashes are longer, names of accounts and containers rarely.
const maxShown = 24

// shownByName reports whether a literal is the value of the argument with that name, is
// short, and is not a secret elsewhere in the source.
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

// literalsOf finds the literals of a source. It works on tokens, because it must also
// handle files with syntax errors.
//
// The name in the call of a function is never secret: env("AZURE_STORAGE_KEY").
func literalsOf(src []byte) []literal {
	tokens, _ := hclsyntax.LexConfig(src, "", hcl.InitialPos)

	// level is one open pair of brackets, or the top of the file.
	type level struct {
		secret bool // its content is part of a secret argument
		names  bool // its content is the name of a variable or a file
		key    bool // the current argument or key is secret
		value  bool // the next token belongs to the value of the current key of a map
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
			// A key without an equals sign looks like the header of a block.
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
			// The brace of a block begins a new body.
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
				secret: (top.secret || top.key) && !top.names || secretURL(word), element: argument.open && top.value,
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
	hideCopies(src, all)
	return all
}

// hideCopies marks every literal as secret that contains the text of a secret literal.
func hideCopies(src []byte, all []literal) {
	var secrets [][]byte
	for _, lit := range all {
		// The value of an argument, and no comment.
		if text := src[lit.start:lit.end]; lit.secret && lit.value.end > 0 && lit.start >= lit.value.start && lit.end <= lit.value.end && len(text) >= minSecret {
			secrets = append(secrets, text)
		}
	}
	for i := range all {
		lit := &all[i]
		lit.secret = lit.secret || slices.ContainsFunc(secrets, func(text []byte) bool { return bytes.Contains(src[lit.start:lit.end], text) })
	}
}

// leading returns the length of the white space at start.
func leading(src []byte, start int) int {
	return len(src[start:]) - len(bytes.TrimLeft(src[start:], " \t\r\n"))
}

// secretURL reports whether a text is a URL with a password, with a parameter that looks
// like a secret, as those of Azure Functions (code) and of shared access signatures (sig), or
// with an element of the path that looks like a token, as those of Slack, Teams and Logic Apps.
func secretURL(text string) bool {
	if !strings.Contains(text, "://") {
		return false
	}
	u, err := url.Parse(text)
	if err != nil {
		return strings.ContainsAny(text, "@?")
	}
	if _, has := u.User.Password(); has || slices.ContainsFunc(strings.Split(u.Path, "/"), looksRandom) {
		return true
	}
	for _, parameter := range strings.FieldsFunc(u.RawQuery, func(r rune) bool { return r == '&' || r == ';' }) {
		name, value, _ := strings.Cut(parameter, "=")
		if value != "" && (strings.EqualFold(name, "code") || secretName(name)) {
			return true
		}
	}
	return false
}

// leastToken is the length of the shortest word of a path that can be a token: names of
// hosts, tenants and collections are rarely as long and have digits among their letters.
const leastToken = 20

// looksRandom reports whether a text looks like a token: it has a part that is long, with
// letters and digits, and without what separates words.
func looksRandom(text string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("-_.~ ", r) }), looksRandomWord)
}

func looksRandomWord(text string) bool {
	return len(text) >= leastToken && strings.ContainsAny(text, "0123456789") &&
		strings.ContainsFunc(text, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
}

// secretName reports whether a name looks like that of a secret.
func secretName(name string) bool {
	name = strings.ToLower(name)
	if strings.HasSuffix(name, "_file") || strings.HasSuffix(name, "_files") {
		return false
	}
	if name == "value" || name == "headers" { // of auth "connection_string", and of tracing
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
