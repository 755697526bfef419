package config

import (
	"bytes"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// blot returns a copy of a source in which literals that may be secrets are
// stars, each byte one, so that places stay what they are.
//
// It works on tokens, because a file with a syntax error has to be shown too.
// An argument or a key of a map is secret by its name, not by what decodes it:
// a misspelt one decodes as nothing. Only what a function call takes as a name
// is never secret: env("AZURE_STORAGE_KEY").
func blot(src []byte) []byte {
	out := bytes.Clone(src)
	tokens, _ := hclsyntax.LexConfig(src, "", hcl.InitialPos)

	// level is one pair of brackets that is open, or the top of the file.
	type level struct {
		secret bool // what stands in it is part of a secret argument
		names  bool // what stands in it names something outside
		key    bool // the current argument or key is secret
	}
	levels := []level{{}}
	var word string // the identifier or literal before the current token
	for _, t := range tokens {
		top := &levels[len(levels)-1]
		switch t.Type {
		case hclsyntax.TokenIdent:
			word = string(t.Bytes)
			continue
		case hclsyntax.TokenEqual, hclsyntax.TokenColon:
			top.key = secretName(word)
		case hclsyntax.TokenNewline, hclsyntax.TokenComma:
			top.key = false
		case hclsyntax.TokenOParen:
			levels = append(levels, level{secret: top.secret || top.key, names: word == "env" || word == "file"})
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			levels = append(levels, level{secret: top.secret || top.key})
		case hclsyntax.TokenCParen, hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenTemplateSeqEnd:
			if len(levels) > 1 {
				levels = levels[:len(levels)-1]
			}
		case hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit:
			word = string(t.Bytes)
			if (top.secret || top.key) && !top.names {
				stars(out[t.Range.Start.Byte:t.Range.End.Byte])
			}
			continue
		case hclsyntax.TokenOQuote, hclsyntax.TokenCQuote, hclsyntax.TokenOHeredoc, hclsyntax.TokenCHeredoc:
			continue
		}
		word = ""
	}
	return out
}

func stars(b []byte) {
	for i := range b {
		if b[i] != '\n' && b[i] != '\r' {
			b[i] = '*'
		}
	}
}

// secretName reports whether a name sounds like that of a secret.
func secretName(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"key", "secret", "pass", "hash", "token", "sas", "signature", "credential", "connection_string"},
		func(part string) bool { return strings.Contains(name, part) })
}
